"""Metrics beside judges' scores: what is compared, at three levels, for any weights of judges and images.

- `image`: within each image, over its candidates; then the mean over the images.
- `candidates`: all candidates of all images together, on one scale.
- `teams`: judges' scores of the teams beside the means of the metric.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy.stats import kendalltau
from scipy.stats import t as student

from analysis.metrics_against_judges.judged import JudgedScores
from analysis.metrics_against_judges.logistic import PARAMETERS, Fit, fit_logistic
from analysis.metrics_against_judges.ranks import FEWEST, agreement, weighted_pearson, weighted_srocc

Array = NDArray[Any]
Key = tuple[str, str]
"""Level and measure."""
LEVELS = ("image", "candidates", "teams")
RANKS = ("srocc", "krcc", "accuracy")
FITTED = ("plcc", "rmse", "outliers")
MEASURES = ("srocc", "krcc", "plcc", "rmse", "outliers", "accuracy")
_CHANCE = 0.975
_DRAWS_OF_ERRORS = 500


@dataclass(frozen=True)
class Metric:
    """A metric's values, turned so that higher is better.

    Attributes
    ----------
    name
    better
        "higher" or "lower", as computed.
    of
        "candidates", the very images that judges saw, or "pairs", the images with ground truth.
    values : (I, N) or (P, N) float
        NaN where there is none.
    """

    name: str
    better: str
    of: str
    values: Array


@dataclass(frozen=True)
class Weights:
    """How often judges (R, J), images (R, I) and pairs (R, P) count; one row stands for R equal ones."""

    judges: Array
    images: Array
    pairs: Array

    @property
    def rows(self) -> int:
        """R."""
        return max(len(self.judges), len(self.images), len(self.pairs))


@dataclass(frozen=True)
class Drawn:
    """Judges' scores by some weights.

    Attributes
    ----------
    weights
    candidates : (R or 1, I, N) float
    teams : (R, N) float
    of_images : dict of (R or 1, M, I) float
        Agreement within each image.
    """

    weights: Weights
    candidates: Array
    teams: Array
    of_images: Mapping[str, Array]

    def first(self, rows: int) -> "Drawn":
        """The first of the rows."""
        weights = Weights(*(w[:rows] for w in (self.weights.judges, self.weights.images, self.weights.pairs)))
        of_images = {name: values[:rows] for name, values in self.of_images.items()}
        return Drawn(weights, self.candidates[:rows], self.teams[:rows], of_images)

    @property
    def flat(self) -> Array:
        """(R, I * N) the candidates' scores."""
        shape = (self.weights.rows, *self.candidates.shape[1:])
        return np.broadcast_to(self.candidates, shape).reshape(shape[0], -1)

    @property
    def counts(self) -> Array:
        """(R, I * N) how often each candidate counts."""
        counts = np.repeat(self.weights.images, self.candidates.shape[2], axis=1)
        return np.broadcast_to(counts, (self.weights.rows, counts.shape[1]))


@dataclass(frozen=True)
class Scene:
    """Judges' scores and metrics of the same teams in the same order."""

    judged: JudgedScores
    metrics: Sequence[Metric]

    @cached_property
    def once(self) -> Weights:
        """Everything counts once."""
        judges, images, _ = self.judged.size
        return Weights(np.ones((1, judges)), np.ones((1, images)), np.ones((1, self.n_pairs)))

    @property
    def n_pairs(self) -> int:
        """Images with ground truth."""
        return next((len(metric.values) for metric in self.metrics if metric.of == "pairs"), 0)

    @cached_property
    def fits(self) -> Mapping[tuple[str, int], Fit]:
        """The logistic of each metric at the levels `candidates` and `teams`."""
        found = {}
        for number, metric in enumerate(self.metrics):
            if metric.of == "candidates":
                found["candidates", number] = fit_logistic(metric.values.ravel(), self.observed.flat[0])
            found["teams", number] = fit_logistic(self.means(metric, self.once), self.observed.teams)
        return found

    @cached_property
    def errors(self) -> Mapping[str, Array]:
        """How far chance takes a score: half its 95 % interval, by resampling judges.

        Where all judges agree no resample differs; the smallest interval that is not 0 is used.
        """
        rng = np.random.default_rng(0)
        judges, images, teams = self.judged.size
        if judges < 2:
            return {"candidates": np.full((images, teams), np.nan), "teams": np.full(teams, np.nan)}
        drawn = rng.multinomial(judges, np.full(judges, 1 / judges), size=_DRAWS_OF_ERRORS).astype(float)
        factor = float(student.ppf(_CHANCE, judges - 1)) * np.sqrt(judges / (judges - 1))
        found = {}
        for level, scores in (
            ("candidates", self.judged.candidates(drawn)),
            ("teams", self.judged.teams(drawn, np.ones((len(drawn), images)))),
        ):
            half = factor * np.sqrt(_mean(np.square(scores - _mean(scores)), axis=0))
            least = half[half > 1e-9].min(initial=np.inf)
            found[level] = np.where(half > 1e-9, half, least if np.isfinite(least) else np.nan)
        return found

    def means(self, metric: Metric, weights: Weights) -> Array:
        """(R, N) means of a metric over the images on which every team that has it at all has it."""
        own = weights.images if metric.of == "candidates" else weights.pairs
        known = np.isfinite(metric.values)
        ever = known.any(axis=0)
        whole = (known | ~ever).all(axis=1) & known.any(axis=1)
        total = own[:, whole].sum(axis=1, keepdims=True)
        with np.errstate(invalid="ignore", divide="ignore"):
            found = own[:, whole] @ np.where(known, metric.values, 0.0)[whole] / total
        return np.where(ever, found, np.nan)

    def drawn(self, weights: Weights, like: Drawn | None = None) -> Drawn:
        """Score the study by some weights; `like` has the same weights of judges already."""
        judges, images = (
            np.broadcast_to(w, (weights.rows, w.shape[1])) for w in (weights.judges, weights.images)
        )
        teams = self.judged.teams(judges, images)
        if like is not None:
            return Drawn(weights, like.candidates, teams, like.of_images)
        candidates = self.judged.candidates(weights.judges)
        return Drawn(weights, candidates, teams, self._by_image(candidates))

    @cached_property
    def observed(self) -> Drawn:
        """The study itself, not resampled."""
        return self.drawn(self.once)

    def measured(self, drawn: Drawn) -> dict[Key, Array]:
        """Return the measures of ranks, (R, M) each; NaN where one is undefined or does not apply."""
        weights = drawn.weights
        found = {
            ("image", name): mean_over(values, weights.images) for name, values in drawn.of_images.items()
        }
        means = np.stack(
            [self._rows(self.means(metric, weights), weights) for metric in self.metrics], axis=1
        )
        for name, values in agreement(drawn.teams[:, None], means).items():
            found["teams", name] = values
        of_candidates = np.full((weights.rows, len(self.metrics)), np.nan)
        own = [number for number, metric in enumerate(self.metrics) if metric.of == "candidates"]
        if own:
            values = np.stack([self.metrics[number].values.ravel() for number in own])
            of_candidates[:, own] = weighted_srocc(drawn.flat, values, drawn.counts)
        return found | {("candidates", "srocc"): of_candidates}

    def _rows(self, values: Array, weights: Weights) -> Array:
        return np.broadcast_to(values, (weights.rows, values.shape[1]))

    def _by_image(self, candidates: Array) -> dict[str, Array]:
        """(R, M, I) agreement within each image; NaN for a metric of pairs."""
        shape = (len(candidates), len(self.metrics), candidates.shape[1])
        found = {name: np.full(shape, np.nan) for name in RANKS}
        for number, metric in enumerate(self.metrics):
            if metric.of == "candidates":
                for name, values in agreement(candidates, metric.values).items():
                    found[name][:, number] = values
        return found

    def fitted(self, drawn: Drawn) -> dict[Key, Array]:
        """Return what takes a fit, or counts every pair of candidates, (R, M) each."""
        weights = drawn.weights
        keys = [("image", "plcc"), ("candidates", "krcc")]
        keys += [(level, name) for level in ("candidates", "teams") for name in FITTED]
        found = {key: np.full((weights.rows, len(self.metrics)), np.nan) for key in keys}
        scores, counts = drawn.flat, drawn.counts
        for number, metric in enumerate(self.metrics):
            means = self._rows(self.means(metric, weights), weights)
            fit = fit_logistic(means, drawn.teams, near=self._near("teams", number, weights))
            self._take(found, "teams", number, fit, (means, drawn.teams, np.ones_like(means)))
            if metric.of != "candidates":
                continue
            x = metric.values.ravel()
            fit = fit_logistic(x, scores, counts, near=self._near("candidates", number, weights))
            self._take(found, "candidates", number, fit, (x, scores, counts))
            found["candidates", "krcc"][:, number] = _krcc(x, scores, counts)
            found["image", "plcc"][:, number] = self._plcc_by_image(fit, metric, scores, weights.images)
        return found

    def _near(self, level: str, number: int, weights: Weights) -> Fit | None:
        """Resamples start from the fit to all data."""
        return self.fits[level, number] if weights.rows > 1 else None

    def _take(
        self, found: dict[Key, Array], level: str, number: int, fit: Fit, data: tuple[Array, Array, Array]
    ) -> None:
        x, y, counts = data
        known = np.isfinite(x) & np.isfinite(y) & (counts > 0)
        counts = np.where(known, counts, 0.0)
        error = np.where(known, y, 0.0) - fit(np.where(known, x, 0.0))
        total = counts.sum(axis=1)
        limit = self.errors[level].ravel()
        with np.errstate(invalid="ignore", divide="ignore"):
            squares = (counts * error**2).sum(axis=1) / (total - PARAMETERS)
            outside = (counts * (np.abs(error) > np.nan_to_num(limit, nan=np.inf))).sum(axis=1) / total
        defined = np.isfinite(fit.plcc)
        found[level, "plcc"][:, number] = fit.plcc
        found[level, "rmse"][:, number] = np.where(defined, np.sqrt(np.maximum(squares, 0)), np.nan)
        found[level, "outliers"][:, number] = np.where(defined & np.isfinite(limit).any(), outside, np.nan)

    def _plcc_by_image(self, fit: Fit, metric: Metric, scores: Array, images: Array) -> Array:
        shape = (len(scores), *metric.values.shape)
        mapped = fit(np.nan_to_num(metric.values.ravel())).reshape(shape)
        known = np.isfinite(metric.values) & np.isfinite(scores.reshape(shape))
        y = np.where(known, scores.reshape(shape), 0.0)
        # Mapped falling, b < 0, a metric that goes the wrong way keeps its sign.
        plcc = np.sign(fit.b)[:, None] * weighted_pearson(np.nan_to_num(mapped), y, known.astype(float))
        plcc[known.sum(axis=2) < FEWEST] = np.nan
        return mean_over(plcc[:, None], images)[:, 0]


def mean_over(values: Array, images: Array) -> Array:
    """(R, M) means of (R, M, I) over the images on which there is a value, weighted (R, I)."""
    known = np.isfinite(values)
    weights = np.where(known, images[:, None], 0.0)
    total = weights.sum(axis=2)
    with np.errstate(invalid="ignore", divide="ignore"):
        return (np.where(known, values, 0.0) * weights).sum(axis=2) / np.where(total > 0, total, np.nan)


def _mean(values: Array, axis: int = 0) -> Array:
    known = np.isfinite(values)
    with np.errstate(invalid="ignore", divide="ignore"):
        return np.where(known, values, 0.0).sum(axis=axis) / known.sum(axis=axis)


def _krcc(x: Array, scores: Array, counts: Array) -> Array:
    """tau-b of candidates that stand as often as they count."""
    found = np.full(len(scores), np.nan)
    for row, (y, often) in enumerate(zip(scores, counts, strict=True)):
        known = np.isfinite(x) & np.isfinite(y) & (often > 0)
        if known.sum() >= FEWEST and np.ptp(x[known]) > 0 and np.ptp(y[known]) > 0:
            standing = np.repeat(np.flatnonzero(known), often[known].astype(np.int64))
            found[row] = kendalltau(x[standing], np.round(y[standing], 9))[0]
    return found
