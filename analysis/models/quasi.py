"""Quasi-variances: one number for each team, from which the error of any difference can be worked out."""

from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy.optimize import least_squares

from analysis.errors import AnalysisError

Array = NDArray[Any]
_TINY = 1e-12


def contrast_variances(covariance: Array) -> Array:
    """(N, N) variances of all differences, V_ii + V_jj - 2 V_ij, of a covariance (N, N)."""
    own = np.diag(covariance)
    return own[:, None] + own - 2 * covariance


def quasi_variances(contrasts: Array) -> tuple[Array, float]:
    """Return q with q_i + q_j as near as can be to the variance of every difference i - j.

    Standard errors of worths that sum to zero do not tell whether two teams differ: their errors go
    together. With q, the error of a difference is sqrt(q_i + q_j), as if the worths were independent.

    Parameters
    ----------
    contrasts : (N, N) float
        Variances of the differences, for example from `contrast_variances`; above 0 off the diagonal.

    Returns
    -------
    q : (N,) float
        Least squares of log(q_i + q_j) - log(v_ij) over the pairs. Exact for three teams; one may then be
        negative, which is no mistake: only sums mean something. NaN for two teams or fewer, of which any
        split of their one variance would do.
    worst : float
        The largest relative error of a standard error sqrt(q_i + q_j).

    Raises
    ------
    AnalysisError
        For a difference without variance.

    References
    ----------
    Firth & de Menezes (2004), Quasi-variances, Biometrika 91.

    Examples
    --------
    Independent errors have their own variances:

    >>> q, worst = quasi_variances(contrast_variances(np.diag([1.0, 2.0, 3.0, 4.0])))
    >>> q.round(6).tolist(), round(worst, 6)
    ([1.0, 2.0, 3.0, 4.0], 0.0)
    """
    n = len(contrasts)
    if n < 3:
        return np.full(n, np.nan), np.nan
    a, b = np.triu_indices(n, 1)
    variance = contrasts[a, b]
    if not (variance > _TINY).all():
        raise AnalysisError("a difference without variance has no quasi-variance")
    design = np.zeros((len(a), n))
    design[np.arange(len(a)), a] = design[np.arange(len(a)), b] = 1
    start = np.linalg.lstsq(design / variance[:, None], np.ones(len(a)), rcond=None)[0]

    def misfit(q: Array) -> Array:
        return np.log(np.maximum(design @ q, _TINY * variance) / variance)

    if (design @ start <= 0).any():
        start = np.full(n, variance.mean() / 2)

    def slope(q: Array) -> Array:
        return design / np.maximum(design @ q, _TINY * variance)[:, None]

    tight = {"xtol": 1e-14, "ftol": 1e-14, "gtol": 1e-14}
    q = least_squares(misfit, start, jac=slope, x_scale=float(variance.mean()), **tight).x  # pyright: ignore[reportArgumentType]
    return q, float(np.abs(np.expm1(misfit(q) / 2)).max())
