"""A score compared with the others': ranks, min-max, points for ranks. Teams are along the last axis.

Observed scores (N,), resamples (R, N) and grids of weights (G, N) use the same functions. NaN is a team
without a value: it has no rank and is not counted.
"""

from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray

Array = NDArray[Any]
Better = Literal["higher", "lower"]
Ends = tuple[int, int]
"""Codes of the teams to use as lowest and highest, instead of each row's own."""

TIE = 9
"""Decimals that decide: values that differ by less are tied, so that the order of additions breaks no tie."""
_ROUNDED = 1e15  # a larger float has no ninth decimal, and rounding it would overflow


def ranks(values: Array, better: Better = "higher") -> Array:
    """Return competition ranks (1, 2, 2, 4) along the last axis; 0 for a team without a value.

    Parameters
    ----------
    values : (..., N) float

    Returns
    -------
    (..., N) int16

    Examples
    --------
    >>> ranks(np.array([5.0, 9.0, 5.0, np.nan, 1.0])).tolist()
    [2, 1, 2, 0, 4]
    """
    values = rounded(values if better == "higher" else -np.asarray(values, dtype=float))
    missing = np.isnan(values)
    values = np.where(missing, -np.inf, values)
    rank = np.ones(values.shape, dtype=np.int16)
    for team in range(values.shape[-1]):
        rank += values[..., team, None] > values
    return np.where(missing, np.int16(0), rank)


def rounded(values: Array) -> Array:
    """Round to the decimals that decide."""
    values = np.asarray(values, dtype=float)
    small = np.abs(values) < _ROUNDED
    return np.where(small, np.round(np.where(small, values, 0), TIE), values)


def lexicographic(orders: list[tuple[Array, Better]]) -> Array:
    """Ranks by the first order; teams tied there by the second, and so on; 0 where any is missing."""
    values, better = orders[0]
    rank = ranks(values, better)
    for values, better in orders[1:]:
        inner = ranks(values, better)
        key = rank.astype(float) * (values.shape[-1] + 1) + inner
        rank = ranks(np.where((rank > 0) & (inner > 0), key, np.nan), "lower")
    return rank


def minmax(values: Array, ends: Ends | None = None) -> Array:
    """Min-max normalise to 0 to 1, by each row's own ends or by two teams'; NaN if these are equal."""
    if ends is None:
        low, high = lowest(values), highest(values)
    else:
        low, high = values[..., [ends[0]]], values[..., [ends[1]]]
    spread = np.where(high - low > 1e-12 * np.maximum(1, np.abs(high)), high - low, np.nan)
    return np.clip((values - low) / spread, 0, 1)


def highest(values: Array, ends: Ends | None = None) -> Array:
    """Return the highest value; with ends, the larger of one's own and that of the team used as highest."""
    if ends is None:
        return np.fmax.reduce(values, axis=-1, keepdims=True)
    return np.maximum(values, values[..., [ends[1]]])


def lowest(values: Array, ends: Ends | None = None) -> Array:
    """Return the lowest value; with ends, the smaller of one's own and that of the team used as lowest."""
    if ends is None:
        return np.fmin.reduce(values, axis=-1, keepdims=True)
    return np.minimum(values, values[..., [ends[0]]])


def average(values: Array) -> Array:
    """Return the mean of the values that are present."""
    there = ~np.isnan(values)
    count = there.sum(axis=-1, keepdims=True)
    total = np.where(there, values, 0).sum(axis=-1, keepdims=True)
    return np.divide(total, count, out=np.full(total.shape, np.nan), where=count > 0)


def rank_points(values: Array, better: Better, most: float) -> Array:
    """Return points for ranks: the best gets `most`, each further rank most / (N - 1) less; ties are equal.

    A team without a value gets NaN and is not counted in N; a single team gets `most`.

    Examples
    --------
    >>> rank_points(np.array([1.0, 2.0, 2.0, 9.0]), "lower", 10).round(2).tolist()
    [10.0, 6.67, 6.67, 0.0]
    """
    rank = ranks(values, better)
    count = (rank > 0).sum(axis=-1, keepdims=True)
    step = np.divide(most, count - 1, out=np.zeros(count.shape), where=count > 1)
    return np.where(rank > 0, most - step * (rank - 1.0), np.nan)
