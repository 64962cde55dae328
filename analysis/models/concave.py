"""Newton's method for a concave log-likelihood of few parameters, with every way to fail said in words."""

from collections.abc import Callable
from typing import Any

import numpy as np
from numpy.typing import NDArray

Array = NDArray[Any]
Derivatives = tuple[float, Array, Array]
MAX_ITERATIONS = 60
_LONGEST_STEP = 3.0
_LARGEST = 60.0  # no data hold so many votes that a worth of exp(60) is an estimate
_FAR = 8.0  # where the curvature is lost this far out, a parameter is on its way to infinity
_TOLERANCE = 1e-7


class NoEstimateError(Exception):
    """Why there is no estimate: `infinite`, `unidentified` or `unconverged`."""


def maximise(
    derivatives: Callable[[Array], Derivatives], start: Array, *, flat: Array
) -> tuple[float, Array, Array]:
    """Maximise a concave function that does not change along some directions.

    Parameters
    ----------
    derivatives : callable
        From parameters (P,) to the value, the gradient (P,) and the negative Hessian (P, P).
    start : (P,) float
    flat : (P, P) float
        Projections on the directions along which the function is flat; the estimate has no part in them
        beyond that of `start`.

    Returns
    -------
    value : float
    parameters : (P,) float
    information : (P, P) float
        The negative Hessian at the maximum; its pseudo-inverse is the covariance.

    Raises
    ------
    NoEstimateError
        "infinite": a parameter runs away; "unidentified": parameters cannot be told apart; "unconverged".
    """
    parameters = np.array(start, dtype=float)
    current = derivatives(parameters)
    for _ in range(MAX_ITERATIONS):
        _, gradient, information = current
        penalised = information + max(1.0, float(np.trace(information)) / len(start)) * flat
        if np.linalg.cond(penalised) > 1e10:
            raise NoEstimateError("infinite" if np.abs(parameters).max() > _FAR else "unidentified")
        step = np.linalg.solve(penalised, gradient)
        step *= min(1.0, _LONGEST_STEP / max(float(np.abs(step).max()), 1e-300))
        parameters, current = _climb(derivatives, parameters, step, current[0])
        if np.abs(parameters).max() > _LARGEST:
            raise NoEstimateError("infinite")
        if np.abs(step).max() < _TOLERANCE:
            return current[0], parameters, current[2]
    raise NoEstimateError("unconverged")


def covariance_of(information: Array) -> Array:
    """Pseudo-inverse of an information matrix with flat directions."""
    return np.linalg.pinv(information, rcond=1e-9, hermitian=True)


def _climb(
    derivatives: Callable[[Array], Derivatives], parameters: Array, step: Array, value: float
) -> tuple[Array, Derivatives]:
    """Take the step, halved until the function does not fall."""
    new = derivatives(parameters + step)
    for _ in range(30):
        if new[0] >= value - 1e-9 * abs(value):
            break
        step = step / 2
        new = derivatives(parameters + step)
    return parameters + step, new
