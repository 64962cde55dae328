"""Krippendorff's alpha from coincidences: one small matrix for each image."""

from typing import Literal

import numpy as np
import pandas as pd
from scipy import sparse

from analysis.errors import AnalysisError

Level = Literal["nominal", "ordinal", "interval", "ratio"]
LEVELS: tuple[Level, ...] = ("nominal", "ordinal", "interval", "ratio")
_DENSE = 20_000_000  # counts of units times levels that are held in memory
_MOST_LEVELS = 10_000  # their square is held in memory


def krippendorff_alpha(values: np.ndarray, *, level: Level = "ordinal") -> float:
    """Return Krippendorff's alpha.

    Parameters
    ----------
    values
        Shape (m, U): what each of m judges gave each of U units, NaN where missing. Here the units are the
        candidates (image, team) and the values mid-ranks. Units with fewer than two values do not count.
    level
        What a difference between two values c and k is: 1 unless they are equal (nominal), the values given
        from the one to the other (ordinal), (c - k)^2 (interval), ((c - k)/(c + k))^2 (ratio).

    Returns
    -------
    float
        1 for perfect agreement, 0 at chance; NaN if no unit has two values or all values are the same.

    Raises
    ------
    AnalysisError
        If `values` is not a matrix, and for a ratio of negative values.

    References
    ----------
    Krippendorff (2018), Content analysis, 4th ed., chapter 12.

    Examples
    --------
    The data of Krippendorff (2011), Computing Krippendorff's alpha-reliability, part C: nominal alpha 0.743,
    ordinal 0.815, interval 0.849, ratio 0.797.

    >>> nan = np.nan
    >>> values = np.array([[1, 2, 3, 3, 2, 1, 4, 1, 2, nan, nan, nan], [1, 2, 3, 3, 2, 2, 4, 1, 2, 5, nan, 3],
    ...                    [nan, 3, 3, 3, 2, 3, 4, 2, 2, 5, 1, nan], [1, 2, 3, 3, 2, 4, 4, 1, 2, 5, 1, nan]])
    >>> [round(krippendorff_alpha(values, level=level), 3) for level in LEVELS]
    [0.743, 0.815, 0.849, 0.797]
    """
    values = np.asarray(values, dtype=float)
    if values.ndim != 2:
        raise AnalysisError(f"values have the shape {values.shape}; give a matrix, judges by units")
    judge, unit = np.nonzero(~np.isnan(values))
    return alpha_of_rows(unit, values[judge, unit], level=level)


def alpha_of_rows(unit: np.ndarray, value: np.ndarray, *, level: Level = "ordinal") -> float:
    """Return Krippendorff's alpha of a long table: a row for each value, whoever gave it.

    Parameters
    ----------
    unit
        Codes of what was valued, shape (C,).
    value
        Shape (C,), without NaN.
    level
        As in `krippendorff_alpha`.

    Raises
    ------
    AnalysisError
        For a ratio of negative values, and for more different values than any scale has.
    """
    code, levels = pd.factorize(value, sort=True)
    if not len(levels):
        return np.nan
    if len(levels) > _MOST_LEVELS:
        raise AnalysisError(
            f"{len(levels):,} different values are too many; round them to at most {_MOST_LEVELS:,}"
        )
    if level == "ratio" and levels[0] < 0:
        raise AnalysisError(
            f"value {levels[0]:g}: a ratio needs values of at least 0; use the level interval"
        )
    units = int(unit.max()) + 1
    if units * len(levels) <= _DENSE:
        counts = np.bincount(unit * len(levels) + code, minlength=units * len(levels))
        matrix = coincidences_of_counts(counts.reshape(units, -1))
    else:
        matrix = _sparse_coincidences(unit, code, len(levels))
    return float(alpha_of_coincidences(matrix, fixed_difference(levels, level)))


def _sparse_coincidences(unit: np.ndarray, code: np.ndarray, levels: int) -> np.ndarray:
    """`coincidences_of_counts` where few of the units times levels occur."""
    rows = np.unique(unit, return_inverse=True)[1]
    counts = sparse.csr_array((np.ones(len(code)), (rows, code)), shape=(int(rows.max()) + 1, levels))
    given = counts.sum(axis=1)
    scale = np.divide(1.0, given - 1, out=np.zeros(len(given)), where=given > 1)
    weighted = counts * scale[:, None]
    return (weighted.T @ counts).toarray() - np.diag(weighted.sum(axis=0))


def fixed_difference(levels: np.ndarray, level: Level) -> np.ndarray | None:
    """Squared differences (V, V) between values at a level; None for ordinal: there the data decide."""
    apart = levels[:, None] - levels
    if level == "nominal":
        return (apart != 0).astype(float)
    if level == "interval":
        return apart**2
    if level == "ratio":
        together = levels[:, None] + levels
        return np.divide(apart, together, out=np.zeros_like(apart), where=together > 0) ** 2
    return None


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


def alpha_of_coincidences(matrix: np.ndarray, difference: np.ndarray | None = None) -> np.ndarray:
    """Return alpha of coincidence matrices, shape (..., V, V); NaN where all values are the same.

    `difference` is from `fixed_difference`; None is ordinal.
    """
    n = matrix.sum(axis=-1)
    if difference is None:
        middle = n.cumsum(axis=-1) - n / 2
        difference = (middle[..., :, None] - middle[..., None, :]) ** 2
    total = n.sum(axis=-1)
    observed = (matrix * difference).sum(axis=(-2, -1)) * (total - 1)
    expected = (n[..., :, None] * n[..., None, :] * difference).sum(axis=(-2, -1))
    defined = expected > 1e-9
    ratio = np.divide(observed, expected, out=np.full(np.shape(expected), np.nan), where=defined)
    return 1 - ratio
