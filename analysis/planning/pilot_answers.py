"""Tastes of judges and images from a pilot that compared pairs or rated."""

from functools import partial
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy.special import expit

from analysis.amounts import how_many
from analysis.errors import AnalysisError
from analysis.models.bradley_terry import fit_bradley_terry, influence
from analysis.models.pair_summary import linked_counts
from analysis.pairs import Pairs
from analysis.planning.asking import GUMBEL_SD
from analysis.planning.pilot import Pilot
from analysis.ratings import Ratings
from analysis.resampling.pair_draws import worth_interval
from analysis.resampling.rating_draws import two_way_mos

Array = NDArray[Any]
_LOGISTIC = (16 * np.sqrt(3) / (15 * np.pi)) ** 2  # logistic for normal (Zeger, Liang and Albert 1988)
_MOST = 0.75


def pair_pilot(pairs: Pairs) -> Pilot:
    """Log worths and tastes of a pilot that compared pairs.

    What a team won on an image beyond what its worth explains, against what chance alone would spread it: the
    excess is the variance of tastes (a moment estimator after DerSimonian and Laird 1986, one step from the
    worths of all). The same for judges.

    Raises
    ------
    AnalysisError
        With fewer than two judges or images, or where candidates were never compared with each other.
    """
    _refuse_few(len(pairs.judges), len(pairs.images), len(pairs.teams))
    fit = fit_bradley_terry(linked_counts(pairs, 0.0), ties="half")
    moved = influence(fit, pairs.first, pairs.second, pairs.outcome)
    error, _ = worth_interval(pairs, fit.log_worth, moved)
    chance = expit(fit.log_worth[pairs.first] - fit.log_worth[pairs.second])
    excess = partial(_excess, pairs, pairs.outcome - chance, chance * (1 - chance))
    shrinkage = _shrinkage(fit.log_worth, error)
    variance = [excess(pairs.image, len(pairs.images)), excess(pairs.judge, len(pairs.judges))]
    # Worths of all are nearer to each other than anybody's own, by what tastes differ.
    wider = 1 / np.sqrt(1 - min(2 * _LOGISTIC * sum(variance), _MOST))
    image_sd, judge_sd = (float(wider * np.sqrt(value)) for value in variance)
    return Pilot(pairs.teams, shrinkage * wider * fit.log_worth, image_sd, judge_sd, shrinkage)


def rating_pilot(ratings: Ratings) -> tuple[Pilot, float, float]:
    """Qualities and tastes of a pilot that rated, in log units; how much of the scale one is, and its middle.

    A log unit is such that what is left of a score, beside tastes, spreads as the noise of choices does.

    Raises
    ------
    AnalysisError
        With fewer than two judges, images or teams, or where nothing is left to compare with.
    """
    ratings = ratings.of_teams
    judges, images, n = len(ratings.judges), len(ratings.images), len(ratings.teams)
    _refuse_few(judges, images, n)
    mean, variance, _ = two_way_mos(ratings)
    left = _within(ratings.judge.astype(np.int64) * images + ratings.image, ratings.score)
    left = left - _means(ratings.team, left, n)[ratings.team]
    of_image, seen_by = _cells(ratings.image, ratings.team, left, (images, n))
    of_judge, seen_on = _cells(ratings.judge, ratings.team, left, (judges, n))
    rest = left - of_image[ratings.image, ratings.team] - of_judge[ratings.judge, ratings.team]
    freedom = max(
        ratings.size - (images + judges) * (n - 1) - len(np.unique(ratings.judge * images + ratings.image)), 1
    )
    noise = float((rest**2).sum() / freedom)
    if noise <= 0:
        raise AnalysisError(
            "a pilot whose judges never differ says nothing about their tastes; use one with more answers"
        )
    unit = np.sqrt(noise) / GUMBEL_SD
    found = [
        max(
            0.0, float((cells**2).sum() / ((size - 1) * (n - 1))) - noise * float(np.mean(1 / seen[seen > 0]))
        )
        for cells, seen, size in ((of_image, seen_by, images), (of_judge, seen_on, judges))
    ]
    shrinkage = _shrinkage(mean, np.sqrt(variance))
    quality = shrinkage * (mean - mean.mean()) / unit
    sds = [float(np.sqrt(value) / unit) for value in found]
    return Pilot(ratings.teams, quality, sds[0], sds[1], shrinkage), float(unit), float(mean.mean())


def _refuse_few(judges: int, images: int, teams: int) -> None:
    if min(judges, images, teams) < 2:
        raise AnalysisError(
            f"a pilot of {how_many(judges, 'judges')}, {how_many(images, 'images')} and "
            f"{how_many(teams, 'teams')} says nothing about tastes; it needs two of each"
        )


def _excess(pairs: Pairs, left: Array, weight: Array, group: Array, groups: int) -> float:
    """Variance of tastes of groups for teams, beyond chance."""
    n = len(pairs.teams)
    sums, information = np.zeros(groups * n), np.zeros(groups * n)
    for side, sign in ((pairs.first, 1), (pairs.second, -1)):
        cell = group.astype(np.int64) * n + side
        sums += np.bincount(cell, sign * left, groups * n)
        information += np.bincount(cell, weight, groups * n)
    some = information > 0
    chance = (left**2).sum() / weight.sum()  # below 1 where ties make answers spread less
    spread = (sums[some] ** 2 / information[some]).sum() - chance * some.sum()
    # A team's opponents have tastes of their own, which a comparison shows as well.
    return max(0.0, float(spread / information[some].sum())) * (n - 1) / n


def _cells(group: Array, team: Array, values: Array, shape: tuple[int, int]) -> tuple[Array, Array]:
    """Mean and number of the values of each group and team."""
    cell = group.astype(np.int64) * shape[1] + team
    seen = np.bincount(cell, minlength=shape[0] * shape[1])
    total = np.bincount(cell, values, shape[0] * shape[1])
    return (total / np.maximum(seen, 1)).reshape(shape), seen.reshape(shape)


def _within(cell: Array, values: Array) -> Array:
    """Values less the mean of their cell."""
    _, code = np.unique(cell, return_inverse=True)
    return values - _means(code, values, int(code.max()) + 1)[code]


def _means(code: Array, values: Array, size: int) -> Array:
    return np.bincount(code, values, size) / np.maximum(np.bincount(code, minlength=size), 1)


def _shrinkage(value: Array, error: Array) -> float:
    """Share of the spread of scores that is not sampling error."""
    spread = value.var(ddof=1)
    return float(np.clip(1 - (error**2).mean() / spread, 0, 1)) if spread > 0 else 0.0
