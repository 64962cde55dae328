"""Krippendorff's alpha for ordinal values, from coincidences: one small matrix for each image."""

import numpy as np

from analysis.errors import AnalysisError


def krippendorff_alpha(values: np.ndarray) -> float:
    """Return Krippendorff's alpha with the ordinal difference function.

    Parameters
    ----------
    values
        Shape (m, U): what each of m judges gave each of U units, NaN where missing. Here the units are the
        candidates (image, team) and the values mid-ranks. Units with fewer than two values do not count.

    Returns
    -------
    float
        1 for perfect agreement, 0 at chance; NaN if no unit has two values or all values are the same.

    Raises
    ------
    AnalysisError
        If `values` is not a matrix.

    References
    ----------
    Krippendorff (2018), Content analysis, 4th ed., chapter 12.

    Examples
    --------
    The data of Krippendorff (2011), Computing Krippendorff's alpha-reliability, part C: ordinal alpha 0.815.

    >>> nan = np.nan
    >>> values = np.array([[1, 2, 3, 3, 2, 1, 4, 1, 2, nan, nan, nan], [1, 2, 3, 3, 2, 2, 4, 1, 2, 5, nan, 3],
    ...                    [nan, 3, 3, 3, 2, 3, 4, 2, 2, 5, 1, nan], [1, 2, 3, 3, 2, 4, 4, 1, 2, 5, 1, nan]])
    >>> round(krippendorff_alpha(values), 3)
    0.815
    """
    values = np.asarray(values, dtype=float)
    if values.ndim != 2:
        raise AnalysisError(f"values have {values.ndim} dimensions; give a matrix, judges by units")
    levels = np.unique(values[~np.isnan(values)])
    return float(alpha_of_coincidences(coincidences(values, levels))) if len(levels) else np.nan


def coincidences(values: np.ndarray, levels: np.ndarray) -> np.ndarray:
    """Count the pairs of values in the same unit, each unit weighted by 1 / (its values - 1).

    Parameters
    ----------
    values
        Shape (m, U), NaN where missing.
    levels
        All V values that may occur, ascending.

    Returns
    -------
    ndarray
        Shape (V, V), symmetric. Matrices of different units add up.
    """
    judge, unit = np.nonzero(~np.isnan(values))
    level = np.searchsorted(levels, values[judge, unit])
    counts = np.bincount(unit * len(levels) + level, minlength=values.shape[1] * len(levels))
    return coincidences_of_counts(counts.reshape(-1, len(levels)))


def coincidences_of_counts(counts: np.ndarray) -> np.ndarray:
    """The same from how often each unit got each value, shape (U, V)."""
    counts = counts[counts.sum(axis=1) > 1].astype(float)
    weighted = counts / (counts.sum(axis=1, keepdims=True) - 1)
    return weighted.T @ counts - np.diag(weighted.sum(axis=0))


def alpha_of_coincidences(matrix: np.ndarray) -> np.ndarray:
    """Return ordinal alpha of coincidence matrices, shape (..., V, V); NaN where all values are the same."""
    n = matrix.sum(axis=-1)
    middle = n.cumsum(axis=-1) - n / 2
    difference = (middle[..., :, None] - middle[..., None, :]) ** 2
    total = n.sum(axis=-1)
    observed = (matrix * difference).sum(axis=(-2, -1)) * (total - 1)
    expected = (n[..., :, None] * n[..., None, :] * difference).sum(axis=(-2, -1))
    defined = expected > 1e-9
    ratio = np.divide(observed, expected, out=np.full(np.shape(expected), np.nan), where=defined)
    return 1 - ratio
