"""Intervals for scores that are measured against the highest and the lowest team.

A resample names its own highest and lowest team and gives them 1 and 0, however close the others are: its
percentiles are too short, and most of all for the team observed first. Here the highest and the lowest may
be any team that is not shown to stand below, or above, another; each choice gives an interval, and all of
these together are the interval.
"""

from collections.abc import Callable, Sequence
from typing import Any, TypeVar

import numpy as np
from numpy.typing import NDArray

from analysis.resampling.intervals import percentile_interval
from analysis.resampling.ranks import tie_groups

Array = NDArray[Any]
Choice = TypeVar("Choice")
_FEW = 30
_ENOUGH = 1000
_LEVEL = 0.2  # with it the union covers 96 to 99 %, see docs/statistics.md; with .95 it covers 99.5 %


def possible_ends(values: Array, draws: Array, *, level: float = _LEVEL) -> list[tuple[int, int]]:
    """Pairs (lowest, highest) of teams that may truly be the ends, by simultaneous intervals of differences.

    Parameters
    ----------
    values : (N,) float
        Observed; NaN for a team that is not compared.
    draws : (R, N) float
    level : float
    """
    _, critical, error = tie_groups(values, draws, level=level)
    margin = critical * error + 1e-9
    with np.errstate(invalid="ignore"):
        below = values[None, :] - values[:, None] > margin
    known = ~np.isnan(values)
    highest = np.flatnonzero(known & ~below.any(axis=1))
    lowest = np.flatnonzero(known & ~below.any(axis=0))
    return [(int(low), int(high)) for low in lowest for high in highest if low != high]


def interval_over_ends(
    score: Callable[[Array, Choice], Array],
    draws: Array,
    ends: Sequence[Choice],
    *,
    level: float = 0.95,
) -> Array:
    """(N, 2) the union of the percentile intervals under every choice of the ends.

    Parameters
    ----------
    score : callable
        From draws (indices into them, (r,)) and ends to scores (r, N).
    draws : (R,) int
        Indices of the draws; with many choices of ends the first thousand serve.
    ends : sequence
        What `score` takes: (lowest, highest), or one such pair for each score that is compared.
    level : float
    """
    used = draws if len(ends) <= _FEW else draws[:_ENOUGH]
    limits = np.array([percentile_interval(score(used, pair), level=level) for pair in ends])
    low, high = np.fmin.reduce(limits[..., 0]), np.fmax.reduce(limits[..., 1])
    return np.column_stack([low, high])
