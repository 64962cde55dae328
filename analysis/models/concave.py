"""Newton's method for concave log-likelihoods of few parameters: one, with every failure explained,
or a thousand resamples at once."""

from collections.abc import Callable
from typing import Any

import numpy as np
from numpy.typing import NDArray

Array = NDArray[Any]
Derivatives = tuple[Any, Array, Array]
MAX_ITERATIONS = 60
_LONGEST_STEP = 3.0
_LARGEST = 60.0  # no data hold so many votes that a worth of exp(60) is an estimate
_FAR = 8.0  # where the curvature is lost this far out, a parameter is on its way to infinity
_TOLERANCE = 1e-7
_ENOUGH = 1e-5  # of a resample, whose scatter is a thousand times larger; the next step would be about 1e-10


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
        curvature = np.linalg.eigvalsh(penalised)
        if curvature[0] * 1e10 < curvature[-1]:
            raise NoEstimateError("infinite" if np.abs(parameters).max() > _FAR else "unidentified")
        step = np.linalg.solve(penalised, gradient)
        step *= min(1.0, _LONGEST_STEP / max(float(np.abs(step).max()), 1e-300))
        parameters, current = _climb(derivatives, parameters, step, current[0])
        if np.abs(parameters).max() > _LARGEST:
            raise NoEstimateError("infinite")
        if np.abs(step).max() < _TOLERANCE:
            return current[0], parameters, current[2]
    raise NoEstimateError("unconverged")


def maximise_many(
    derivatives: Callable[[Array, Array], Derivatives], start: Array, *, flat: Array
) -> tuple[Array, NDArray[np.bool_]]:
    """Maximise R concave functions at once.

    Parameters
    ----------
    derivatives : callable
        From parameters (r, P) and which of the functions they belong to (r,) to the values (r,), gradients
        (r, P) and negative Hessians (r, P, P).
    start : (R, P) float
        The nearer to the maxima, the fewer steps: the estimate from all data is a good start of resamples.
    flat : (P, P) float
        As in `maximise`.

    Returns
    -------
    parameters : (R, P) float
    found : (R,) bool
        Whether a maximum was reached; False where a parameter ran away.
    """
    parameters, running = np.array(start, dtype=float), np.arange(len(start))
    found = np.zeros(len(start), dtype=bool)
    current = derivatives(parameters, running)
    for _ in range(MAX_ITERATIONS):
        value, gradient, information = current
        scale = np.maximum(1.0, information.trace(axis1=1, axis2=2) / start.shape[1])
        step = _solved(information + scale[:, None, None] * flat, gradient)
        step *= np.minimum(1.0, _LONGEST_STEP / np.maximum(np.abs(step).max(axis=1), 1e-300))[:, None]
        parameters[running], current = _climb_many(derivatives, parameters[running], step, value, running)
        length = np.abs(step).max(axis=1)
        found[running] = length < _ENOUGH
        going = ~found[running] & (np.abs(parameters[running]).max(axis=1) < _LARGEST)
        running = running[going]
        if not len(running):
            break
        current = (current[0][going], current[1][going], current[2][going])
    return parameters, found


def _solved(matrix: Array, gradient: Array) -> Array:
    try:
        return np.linalg.solve(matrix, gradient[:, :, None])[:, :, 0]
    except np.linalg.LinAlgError:  # one of them is singular, and numpy says no more
        return np.einsum("rpq,rq->rp", np.linalg.pinv(matrix, hermitian=True), gradient)


def _climb_many(
    derivatives: Callable[[Array, Array], Derivatives],
    parameters: Array,
    step: Array,
    value: Array,
    which: Array,
) -> tuple[Array, tuple[Any, Array, Array]]:
    """Take each step, halved until no function falls."""
    moved = parameters + step
    new = derivatives(moved, which)
    length = np.ones((len(step), 1))
    for _ in range(30):
        fell = new[0] < value - 1e-9 * np.abs(value)
        if not fell.any():
            break
        length[fell] /= 2
        moved = parameters + length * step
        new = derivatives(moved, which)
    return moved, new


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
