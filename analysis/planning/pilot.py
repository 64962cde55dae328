"""Tastes of judges and images estimated from a pilot's votes, by matching simulated studies to it.

The pilot's mean points and its judge x team and image x team variance components (of points, unbiased
mean-square estimates) are compared with those of simulated studies of the same size; log worths and
standard deviations are moved until they agree. All steps use the same random numbers, so that the search
settles.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from analysis.amounts import how_many
from analysis.errors import AnalysisError
from analysis.planning.simulation import simulate_ranks
from analysis.points import image_points, summed
from analysis.resampling.intervals import analytic_interval, variance_parts
from analysis.votes import BallotArrays

Array = NDArray[Any]
_STEPS = 14
_CELLS = 600_000
_LARGEST_SD = 3.0


@dataclass(frozen=True)
class Pilot:
    """What a pilot study says of the next one.

    Attributes
    ----------
    teams : (N,) text
    quality : (N,) float
        Log worths, shrunk towards each other by `shrinkage`, sum zero.
    image_sd, judge_sd : float
        Standard deviations of the image x team and judge x team tastes, in log units.
    shrinkage : float
        Share of the spread of the teams' S3 that is not sampling error; without shrinking, differences
        between teams of a small pilot would be taken for larger than they are.
    """

    teams: Array
    quality: Array
    image_sd: float
    judge_sd: float
    shrinkage: float


def pilot_components(ballots: BallotArrays, *, points: Sequence[float], rng: np.random.Generator) -> Pilot:
    """Log worths and tastes that reproduce a pilot's points.

    Parameters
    ----------
    ballots : BallotArrays
        At least two judges and two images. Missing ballots are allowed; the simulated studies are complete.
    points : sequence of float
    rng : numpy.random.Generator

    Raises
    ------
    AnalysisError
        With fewer than two judges, images or teams.
    """
    n_judges, n_images, n_teams = len(ballots.judges), len(ballots.images), len(ballots.teams)
    if min(n_judges, n_images, n_teams) < 2:
        raise AnalysisError(
            f"a pilot of {how_many(n_judges, 'judges')}, {how_many(n_images, 'images')} and "
            f"{how_many(n_teams, 'teams')} says nothing about tastes; it needs two of each"
        )
    target = _observed(ballots, points)
    seed = int(rng.integers(2**63))
    studies = max(4, _CELLS // (n_judges * n_images * n_teams))
    quality = np.log(target.mean + 0.02)
    sd = np.array([0.5, 0.5])
    for _ in range(_STEPS):
        rank = simulate_ranks(
            quality,
            judges=n_judges,
            images=n_images,
            image_sd=sd[0],
            judge_sd=sd[1],
            places=ballots.places,
            studies=studies,
            rng=np.random.default_rng(seed),
        )
        found = _simulated(np.array([0.0, *points], dtype=np.float32)[rank])
        quality = quality + np.log((target.mean + 0.02) / (found.mean + 0.02))
        quality = np.clip(quality - quality.mean(), -6, 6)
        ratio = np.clip(target.variance / np.maximum(found.variance, 1e-9), 0, 4)
        sd = np.clip(sd * np.sqrt(ratio), 0, _LARGEST_SD)
        sd[target.variance <= 0] = 0.0
    shrinkage = _shrinkage(ballots, points)
    return Pilot(ballots.teams, shrinkage * quality, float(sd[0]), float(sd[1]), shrinkage)


@dataclass(frozen=True)
class _Moments:
    """Mean points of each team for one ballot, (N,), and variance of (image x team, judge x team) points."""

    mean: Array
    variance: Array


def _observed(ballots: BallotArrays, points: Sequence[float]) -> _Moments:
    n_judges, n_images = len(ballots.judges), len(ballots.images)
    by_judge, by_image, rest = variance_parts(ballots, points=points)[0]
    image = (by_image - rest).mean() / n_images
    judge = (by_judge - rest).mean() * n_judges / n_images**2
    return _Moments(summed(image_points(ballots, points=points)) / n_images, np.array([image, judge]))


def _simulated(earned: Array) -> _Moments:
    """Of points (S, J, I, N), averaged over the studies."""
    _, judges, images, _ = earned.shape
    mean = earned.mean(axis=(1, 2), keepdims=True, dtype=float)
    of_judge, of_image = earned.mean(axis=2, keepdims=True), earned.mean(axis=1, keepdims=True)
    rest = ((earned - of_judge - of_image + mean) ** 2).sum(axis=(1, 2)) / ((judges - 1) * (images - 1))
    image = of_image.var(axis=2, ddof=1)[:, 0] - rest / judges
    judge = of_judge.var(axis=1, ddof=1)[:, 0] - rest / images
    return _Moments(mean.mean(axis=0).ravel(), np.array([image.mean(), judge.mean()]))


def _shrinkage(ballots: BallotArrays, points: Sequence[float]) -> float:
    s3 = summed(image_points(ballots, points=points))
    error = analytic_interval(ballots, points=points)[0]
    spread = s3.var(ddof=1)
    if spread <= 0:
        return 0.0
    return float(np.clip(1 - (error**2).mean() / spread, 0, 1))
