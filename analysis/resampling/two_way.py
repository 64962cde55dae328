"""The variance of an estimate when judges and images are both samples, from the influence of each answer."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy.stats import norm

from analysis.resampling.draws import Resample

Array = NDArray[Any]


@dataclass(frozen=True)
class Sampling:
    """What intervals are about.

    Attributes
    ----------
    draws
        Resamples; 0 for none. 2,000 are enough for intervals and ranks.
    level
        Confidence.
    resample
        What another study would have others of.
    """

    draws: int = 2_000
    level: float = 0.95
    resample: Resample = "both"


TWO_WAY = Sampling()


def two_way_variance(
    influence: Array, judge: Array, image: Array, sizes: tuple[int, int], *, resample: Resample = "both"
) -> tuple[Array, Array]:
    """Variance and degrees of freedom of N estimates.

    Parameters
    ----------
    influence : (C, N) float
        How far each answer moved each estimate from what it would be without what is particular in it; the
        sum over all answers is 0.
    judge, image : (C,) int
    sizes : (J, I)
    resample : {"both", "judges", "images"}
        "judges": other judges, these images; "images": other images, these judges.

    Returns
    -------
    variance : (N,) float
        V_judges + V_images - V_both, never below the larger of its first two parts; NaN with fewer than two
        of what is taken as a sample.
    freedom : (N,) float
        Satterthwaite's.
    """
    cell = np.unique(judge.astype(np.int64) * sizes[1] + image, return_inverse=True)[1]
    cells = int(cell.max()) + 1
    parts = [
        _clustered(influence, code, groups)
        for code, groups in ((judge, sizes[0]), (image, sizes[1]), (cell, cells))
    ]
    freedom = (sizes[0] - 1, sizes[1] - 1, max(cells - sum(sizes) + 1, 1))
    return combined_variance(parts, freedom, resample=resample)


def combined_variance(
    parts: Sequence[Array], freedom: Sequence[float], *, resample: Resample = "both"
) -> tuple[Array, Array]:
    """Variance and degrees of freedom of N estimates from what judges, images and both together contribute.

    Parameters
    ----------
    parts : three of (N,) float
        V_judges, V_images, V_both.
    freedom : three of float
        Their degrees of freedom; 0 for one judge, or one image.
    resample : {"both", "judges", "images"}

    Returns
    -------
    variance, freedom : (N,) float
        As `two_way_variance`.
    """
    place = {"judges": 0, "images": 1}
    taken = [0, 1] if resample == "both" else [place[resample]]
    if min(freedom[at] for at in taken) < 1:
        return np.full(len(parts[0]), np.nan), np.full(len(parts[0]), np.nan)
    if resample != "both":
        return parts[taken[0]], np.full(len(parts[0]), float(freedom[taken[0]]))
    judges, images, shared = parts
    variance = np.maximum(judges + images - shared, np.maximum(judges, images))
    with np.errstate(invalid="ignore", divide="ignore"):
        spread = sum(part**2 / d for part, d in zip(parts, freedom, strict=True))
        return variance, np.where(variance > 0, variance**2 / spread, 1.0)


def sums_by(group: Array, column: Array, values: Array, shape: tuple[int, int]) -> Array:
    """Sums of values (C,) by their group and column, of the given shape."""
    return np.bincount(group * shape[1] + column, values, shape[0] * shape[1]).reshape(shape)


def stretched(draws: Array, estimate: Array, half: Array, *, level: float = 0.95) -> Array:
    """Draws (R, N) about the estimate (N,), as wide as its interval of half width `half`, column by column.

    The pigeonhole bootstrap counts the variance that belongs to neither judge nor image alone three times
    over; its draws keep their shape here and get the right width. Columns without a width stay as they are.
    """
    centre = np.nanmean(draws, axis=0)
    spread = norm.ppf((1 + level) / 2) * np.sqrt(np.nanmean((draws - centre) ** 2, axis=0))
    usable = np.isfinite(half) & (spread > 0)
    factor = np.where(usable, half / np.where(usable, spread, 1), 1)
    return estimate + (draws - np.where(usable, centre, estimate)) * factor


def _clustered(influence: Array, code: Array, groups: int) -> Array:
    sums = np.stack([np.bincount(code, column, groups) for column in influence.T], axis=1)
    return groups / max(groups - 1, 1) * (sums**2).sum(axis=0)
