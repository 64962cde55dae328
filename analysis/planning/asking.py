"""How simulated judges are asked, and whether a simulated study of part of them finds the truth.

All judges like candidate t on image i as u_jit = quality_t + a_it + b_jt + noise, with tastes of images and
judges in log units (`analysis.planning.simulation`): they pick or rank by it, compare by it, or say it on a
scale.
"""

from abc import ABC, abstractmethod
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import combinations
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray
from scipy.special import expit
from scipy.stats import t as student

from analysis.models.bradley_terry import fit_bradley_terry, refit_bradley_terry
from analysis.models.pair_counts import PairCounts
from analysis.planning.simulation import simulate_ranks, tastes

Array = NDArray[Any]
Kind = Literal["top_k", "ranking", "pairwise", "acr", "acr_hr", "dcr", "slider"]
PODIUM = 3
GUMBEL_SD = np.pi / np.sqrt(6)
STEP = 0.7
"""Of five, for a log unit: noise then spreads by 0.9 of a step, as in published tests of image quality."""


class Asking(ABC):
    """A way to ask."""

    @abstractmethod
    def simulate(
        self, quality: Array, *, judges: int, images: int, sds: tuple[float, float], studies: int, rng: Any
    ) -> Any:
        """Answers of whole studies; `sds` are those of the tastes of images and of judges."""

    @abstractmethod
    def found(self, answers: Any, judges: int, images: int) -> Array:
        """In how many studies of the first judges and images the best, the podium and a clear lead are found.

        Teams stand in the order of their true quality. NaN where one judge or image tells no lead.
        """

    @abstractmethod
    def answers(self, images: int, teams: int) -> int:
        """How many answers a judge gives."""


@dataclass(frozen=True)
class Picks(Asking):
    """The best few in order, or all of them, with points for the places."""

    points: Sequence[float]

    def simulate(
        self, quality: Array, *, judges: int, images: int, sds: tuple[float, float], studies: int, rng: Any
    ) -> Array:
        rank = simulate_ranks(
            quality,
            judges=judges,
            images=images,
            image_sd=sds[0],
            judge_sd=sds[1],
            places=len(self.points),
            studies=studies,
            rng=rng,
        )
        return np.array([0.0, *self.points], dtype=np.float32)[rank]

    def found(self, answers: Array, judges: int, images: int) -> Array:
        return _by_sums(answers[:, :judges, :images])

    def answers(self, images: int, teams: int) -> int:
        return images


@dataclass(frozen=True)
class Scores(Asking):
    """A score for each candidate, in `steps` from 1 to that, or anything from 0 to 100 where there are none.

    Attributes
    ----------
    steps
        Of the scale; None for a slider.
    unit, centre
        How much of the scale a log unit is, and where its middle lies; the usual ones where not given.
    """

    steps: int | None = 5
    unit: float | None = None
    centre: float | None = None

    def simulate(
        self, quality: Array, *, judges: int, images: int, sds: tuple[float, float], studies: int, rng: Any
    ) -> Array:
        n = len(quality)
        shape = (studies, judges, images, n)
        noise = (-np.log(rng.standard_exponential(shape, dtype=np.float32)) - np.euler_gamma).astype(
            np.float32
        )
        liking = noise + quality.astype(np.float32) + tastes(shape, sds, rng)
        low, high = (1.0, float(self.steps)) if self.steps else (0.0, 100.0)
        unit = STEP * (high - low) / 4 if self.unit is None else self.unit
        centre = (low + high) / 2 if self.centre is None else self.centre
        score = centre + unit * liking
        return np.clip(np.round(score) if self.steps else score, low, high)

    def found(self, answers: Array, judges: int, images: int) -> Array:
        return _by_sums(answers[:, :judges, :images])

    def answers(self, images: int, teams: int) -> int:
        return images * teams


@dataclass(frozen=True)
class Comparisons(Asking):
    """Which of two is better: all pairs of each image, or so many of them for each judge, drawn evenly."""

    each: int | None = None

    def simulate(
        self, quality: Array, *, judges: int, images: int, sds: tuple[float, float], studies: int, rng: Any
    ) -> tuple[Array, Array, Array]:
        """Pairs (P, 2), who won (S, J, I, P), and in which order a judge with a share is given them."""
        pairs = np.array(list(combinations(range(len(quality)), 2)))
        shape = (studies, judges, images, len(quality))
        liking = quality.astype(np.float32) + tastes(shape, sds, rng)
        distance = liking[..., pairs[:, 0]] - liking[..., pairs[:, 1]]
        won = rng.random(distance.shape, dtype=np.float32) < expit(distance)
        order = rng.random(distance.shape, dtype=np.float32) if self.each else np.zeros(())
        return pairs, won, order

    def found(self, answers: tuple[Array, Array, Array], judges: int, images: int) -> Array:
        pairs, won, order = answers
        won = won[:, :judges, :images]
        given = self._given(order[:, :judges, :images], won.shape) if self.each else np.ones(won.shape, bool)
        n = int(pairs.max()) + 1
        counts = _counts(pairs, (won & given).sum((1, 2)), (~won & given).sum((1, 2)), n)
        if not _every_side_wins(counts):  # nothing to start from
            return np.array([0.0, 0.0, np.nan])
        start = fit_bradley_terry(PairCounts(*(part.sum(axis=0) for part in _parts(counts))), ties="half")
        worth, _ = refit_bradley_terry(counts, start, ties="half")
        best, podium = _order(worth)
        return np.array([best, podium, _clear_lead(pairs, won, given, worth)])

    def answers(self, images: int, teams: int) -> int:
        every = images * teams * (teams - 1) // 2
        return min(self.each, every) if self.each else every

    def _given(self, order: Array, shape: tuple[int, ...]) -> Array:
        """Which comparisons each judge makes."""
        flat = order.reshape(*shape[:2], -1)
        most = min(self.each or flat.shape[-1], flat.shape[-1])
        bound = np.partition(flat, most - 1, axis=-1)[..., [most - 1]]
        return (flat <= bound).reshape(shape)


def asking(kind: Kind, *, points: Sequence[float], teams: int, pairs_per_judge: int | None = None) -> Asking:
    """Return how a protocol of study.yaml asks.

    Parameters
    ----------
    points
        Of the places of `top_k`; a ranking of all gives as many points as teams that stand below, and one.
    """
    if kind == "pairwise":
        return Comparisons(pairs_per_judge)
    if kind == "slider":
        return Scores(None)
    if kind in ("acr", "acr_hr", "dcr"):
        return Scores()
    return Picks(points if kind == "top_k" else tuple(range(teams, 0, -1)))


def _by_sums(earned: Array) -> Array:
    """What is found by the sums of points or scores (S, J, I, N)."""
    total = earned.sum(axis=(1, 2), dtype=float)
    difference = earned[..., 0].astype(float) - earned[..., 1]
    return np.array([*_order(total), _clear(difference)])


def _order(total: Array) -> tuple[float, float]:
    """How many studies find the best (ties count by shares), and the podium in order."""
    top = total == total.max(axis=1, keepdims=True)
    best = (top[:, 0] / top.sum(axis=1)).sum()
    podium = min(PODIUM, total.shape[1] - 1)
    order = np.ones(len(total), dtype=bool)
    for place in range(podium):
        order &= total[:, place] > total[:, place + 1 :].max(axis=1)
    return float(best), float(order.sum())


def _clear(difference: Array) -> float:
    """In how many studies the two-way 95 % interval of a (S, J, I) difference lies above zero."""
    _, judges, images = difference.shape
    if min(judges, images) < 2:
        return float("nan")
    mean = difference.mean(axis=(1, 2))
    of_judge, of_image = difference.mean(axis=2), difference.mean(axis=1)
    rest = difference - of_judge[:, :, None] - of_image[:, None, :] + mean[:, None, None]
    parts = [
        of_judge.var(axis=1, ddof=1) / judges,
        of_image.var(axis=1, ddof=1) / images,
        (rest**2).sum(axis=(1, 2)) / ((judges - 1) * (images - 1) * judges * images),
    ]
    return _above_zero(mean, parts, (judges - 1, images - 1, (judges - 1) * (images - 1)))


def _clear_lead(pairs: Array, won: Array, given: Array, worth: Array) -> float:
    """The same of the difference of the first two worths, from the influence of each comparison."""
    studies, judges, images, _ = won.shape
    if min(judges, images) < 2:
        return float("nan")
    chance = expit(worth[:, pairs[:, 0]] - worth[:, pairs[:, 1]])
    made = given.sum(axis=(1, 2))
    n = worth.shape[1]
    weight = made * chance * (1 - chance)
    information = np.zeros((studies, n, n))
    for p, (a, b) in enumerate(pairs):
        information[:, [a, b], [b, a]] -= weight[:, [p]]
        information[:, [a, b], [a, b]] += weight[:, [p]]
    contrast = np.zeros(n)
    contrast[:2] = 1, -1
    moved = np.linalg.pinv(information) @ contrast
    pull = moved[:, pairs[:, 0]] - moved[:, pairs[:, 1]]
    influence = (won - chance[:, None, None]) * given * pull[:, None, None]
    cell = influence.sum(axis=-1)
    parts = [
        judges / (judges - 1) * (cell.sum(axis=2) ** 2).sum(axis=1),
        images / (images - 1) * (cell.sum(axis=1) ** 2).sum(axis=1),
        (cell**2).sum(axis=(1, 2)),
    ]
    freedom = (judges - 1, images - 1, max(judges * images - judges - images + 1, 1))
    return _above_zero(worth[:, 0] - worth[:, 1], parts, freedom)


def _above_zero(mean: Array, parts: Sequence[Array], freedom: Sequence[int]) -> float:
    """How many t intervals of two-way variances lie above zero."""
    variance = np.maximum(parts[0] + parts[1] - parts[2], np.maximum(parts[0], parts[1]))
    spread = variance > 0
    df = variance[spread] ** 2 / sum(p[spread] ** 2 / d for p, d in zip(parts, freedom, strict=True))
    clear = mean[spread] > student.ppf(0.975, df) * np.sqrt(variance[spread])
    return float(clear.sum() + (mean[~spread] > 0).sum())


def _counts(pairs: Array, won: Array, lost: Array, n: int) -> PairCounts:
    """Counts of studies from those by pair, (S, P)."""
    first, second = np.zeros((2, len(won), n, n))
    first[:, pairs[:, 0], pairs[:, 1]] = won
    second[:, pairs[:, 0], pairs[:, 1]] = lost
    return PairCounts(first, second, np.zeros_like(first))


def _parts(counts: PairCounts) -> tuple[Array, Array, Array]:
    return counts.first_wins, counts.second_wins, counts.ties


def _every_side_wins(counts: PairCounts) -> bool:
    return bool((counts.first_wins.sum() + counts.second_wins.sum()) > 0)
