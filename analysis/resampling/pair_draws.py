"""Resamples of paired comparisons: judges and images resampled, worths fitted again, intervals as wide as
they should be.

The comparisons are counted once by judge and by image and cell (who stood first, second, and the answer). A
draw then weighs the counts of a judge by how often the judge was drawn, and likewise those of an image; no
row is copied.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray
from scipy import sparse
from scipy.stats import t as student

from analysis.models.pair_counts import PairCounts
from analysis.pairs import Pairs
from analysis.resampling.draws import Resample, two_way_weights
from analysis.resampling.two_way import Sampling, stretched, two_way_variance

Array = NDArray[Any]
Refit = Callable[[PairCounts], tuple[Array, NDArray[np.bool_]]]
_CELLS = 4_000_000  # numbers held at once


@dataclass(frozen=True)
class PairCells:
    """Comparisons counted for resampling.

    Attributes
    ----------
    table : (J, U) sparse
        How often each judge gave each of the U answers that occur: an image, an ordered pair, an outcome.
    image : (U,) int
    outcome, first, second : (U,) int
        Outcome 0, 1, 2: the second won, neither, the first won.
    n_images, n_teams : int
    """

    table: Any
    image: Array
    outcome: Array
    first: Array
    second: Array
    n_images: int
    n_teams: int

    @property
    def n_judges(self) -> int:
        return self.table.shape[0]

    def counts(self, judge_weights: Array, image_weights: Array) -> PairCounts:
        """The counts of R resamples in which judge j counts w_j and image i counts v_i times.

        Parameters
        ----------
        judge_weights, image_weights : (R, J) and (R, I) float
        """
        weighted = (self.table.T @ judge_weights.T).T * image_weights[:, self.image]
        return self._counted(weighted, np.zeros_like(self.image), 1)

    def counts_by_image(self, judge_weights: Array) -> PairCounts:
        """(R * I, N, N) the counts on each image of R resamples, those of a resample one after the other.

        Parameters
        ----------
        judge_weights : (R, J) float
        """
        return self._counted((self.table.T @ judge_weights.T).T, self.image, self.n_images)

    def _counted(self, weighted: Array, group: Array, groups: int) -> PairCounts:
        n = self.n_teams
        cell = ((group * 3 + self.outcome) * n + self.first) * n + self.second
        used, place = np.unique(cell, return_inverse=True)
        sums = sparse.csr_array((np.ones(len(place)), (place, np.arange(len(place)))))
        counts = np.zeros((len(weighted), groups * 3 * n * n))
        counts[:, used] = (sums @ weighted.T).T
        back, ties, won = counts.reshape(-1, 3, n, n).swapaxes(0, 1)
        return PairCounts(won, back, ties)


def pair_cells(pairs: Pairs) -> PairCells:
    """Count comparisons for resampling."""
    n = len(pairs.teams)
    outcome = (2 * pairs.outcome).astype(np.int64)
    code = ((pairs.image.astype(np.int64) * 3 + outcome) * n + pairs.first) * n + pairs.second
    used, place = np.unique(code, return_inverse=True)
    shape = (len(pairs.judges), len(used))
    table = sparse.csr_array((np.ones(len(place)), (pairs.judge, place)), shape=shape)
    table.sum_duplicates()
    rest, second = np.divmod(used, n)
    rest, first = np.divmod(rest, n)
    image, outcome = np.divmod(rest, 3)
    return PairCells(table, image, outcome, first, second, len(pairs.images), n)


def worth_draws(
    cells: PairCells,
    refit: Refit,
    *,
    draws: int,
    rng: np.random.Generator,
    resample: Resample = "both",
) -> tuple[Array, int]:
    """Worths refitted to resamples of judges and images, or of one of them.

    Parameters
    ----------
    cells : PairCells
        From `pair_cells`.
    refit : callable
        From the counts of R resamples to worths (R, N) and whether each was finite, such as
        `analysis.models.bradley_terry.refit_bradley_terry` with a fit to all comparisons.
    draws : int
        1,000 or more.
    rng : numpy.random.Generator
    resample : {"both", "judges", "images"}

    Returns
    -------
    worth : (draws, N) float
    penalised : int
        How many resamples have no finite estimate and were fitted with the default penalty.
    """
    weights = two_way_weights(
        cells.n_judges, cells.n_images, draws=draws, chunk=_chunk(cells), rng=rng, resample=resample
    )
    fits = [refit(cells.counts(*part)) for part in weights]
    penalised = sum(int((~finite).sum()) for _, finite in fits)
    return np.concatenate([worth for worth, _ in fits]), penalised


def worths_without(cells: PairCells, refit: Refit, what: Literal["judges", "images"]) -> Array:
    """(J, N) or (I, N) worths refitted without each judge, or each image."""
    sizes = {"judges": cells.n_judges, "images": cells.n_images}
    rows = np.arange(sizes[what])
    found = []
    for part in np.array_split(rows, max(1, -(-len(rows) // _chunk(cells)))):
        weights = {name: np.ones((len(part), size)) for name, size in sizes.items()}
        weights[what][np.arange(len(part)), part] = 0.0
        found.append(refit(cells.counts(weights["judges"], weights["images"]))[0])
    return np.concatenate(found)


def calibrated_draws(
    pairs: Pairs,
    cells: PairCells,
    worth: Array,
    influence: Array,
    refit: Refit,
    *,
    sampling: Sampling,
    rng: np.random.Generator,
) -> tuple[Array, Array]:
    """Refitted worths (R, N), as they are and as wide as their two-way interval.

    None of either (R = 0) where there is no interval, or no draws are asked for.
    """
    level, resample = sampling.level, sampling.resample
    _, interval = worth_interval(pairs, worth, influence, level=level, resample=resample)
    if np.isnan(interval).any() or not sampling.draws:
        return np.empty((0, len(worth))), np.empty((0, len(worth)))
    found, _ = worth_draws(cells, refit, draws=sampling.draws, rng=rng, resample=resample)
    return found, stretched(found, worth, (interval[:, 1] - interval[:, 0]) / 2, level=level)


def _chunk(cells: PairCells) -> int:
    """How many resamples are held at once."""
    return max(1, _CELLS // max(len(cells.image), cells.n_judges, 6 * cells.n_teams**2))


def worth_interval(
    pairs: Pairs, worth: Array, influence: Array, *, level: float = 0.95, resample: Resample = "both"
) -> tuple[Array, Array]:
    """Standard error and t interval of worths with judges and images both taken as samples, or one of them.

    The influence of each comparison on the worths, summed by judge and by image, gives the variance that
    belongs to either; what both share is taken off once.

    Parameters
    ----------
    pairs : Pairs
    worth : (N,) float
    influence : (C, N) float
        From `influence` of the model that was fitted.

    Returns
    -------
    se : (N,) float
        NaN with fewer than two of what is taken as a sample.
    interval : (N, 2) float

    References
    ----------
    Cameron, Gelbach & Miller (2011), Robust inference with multiway clustering, Journal of Business &
    Economic Statistics 29.
    """
    sizes = (len(pairs.judges), len(pairs.images))
    variance, freedom = two_way_variance(influence, pairs.judge, pairs.image, sizes, resample=resample)
    se = np.sqrt(variance)
    half = se * student.ppf((1 + level) / 2, freedom)
    return se, np.column_stack([worth - half, worth + half])
