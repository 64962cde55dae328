"""Which candidate of an image is best, worst and most disputed, by answers of any kind (docs/analysis.md)."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from analysis.metrics_against_judges.judged import judged_scores
from analysis.points import row_points
from analysis.user_study.base import UserStudy
from analysis.user_study.of_pairs import PairStudy
from analysis.user_study.of_ratings import RatingStudy
from analysis.user_study.of_votes import VoteStudy

Array = NDArray[np.float64]
_SAME = 1e-6
"""Scores that differ by less are equal; worths are found by iteration."""


@dataclass(frozen=True)
class Role:
    """The candidates that share a place.

    Attributes
    ----------
    teams
        In the order of the final ranking; of the worst, from its end.
    value
        Their score, or how far judges differ.
    n
        Answers behind the value, of each of `teams`.
    """

    teams: tuple[str, ...]
    value: float
    n: tuple[int, ...]


@dataclass(frozen=True)
class ImageChoice:
    """The candidates of an image that stand out.

    Attributes
    ----------
    best, worst
        None if all candidates score alike, or there are fewer than two.
    disputed
        None if no two judges could differ, or none did.
    """

    image: str
    best: Role | None
    worst: Role | None
    disputed: Role | None

    @property
    def shown(self) -> dict[str, list[str]]:
        """Roles by team, one team for each role: the first of those that share it."""
        roles: dict[str, list[str]] = {}
        for name, role in (("best", self.best), ("worst", self.worst), ("most disputed", self.disputed)):
            if role is not None:
                roles.setdefault(role.teams[0], []).append(name)
        return roles


def choices(user: UserStudy, order: Sequence[str]) -> list[ImageChoice]:
    """Return what stands out on each image, by name.

    Best and worst have the highest and the lowest score of the image: of votes the mean points, of pairs the
    Bradley-Terry worth from this image's comparisons alone, of ratings the mean score; n is the number of
    ballots that showed the candidate, of its comparisons, of its ratings. Most disputed is the candidate
    whose answers have the largest standard deviation between judges: of points, of scores, and of pairs of
    the outcomes (1 won, 0.5 tie, 0 lost) against the same opponents.

    Parameters
    ----------
    order
        The teams in the order of the final ranking.
    """
    scores = judged_scores(user).candidates(np.ones((1, len(user.judges))))[0]
    n, spread = answers_of(user)
    place = {team: row for row, team in enumerate(order)}
    columns = np.array(sorted(range(len(user.teams)), key=lambda team: place[user.teams[team]]))
    found = []
    for row, image in enumerate(user.images):
        score, own_n, own_spread = scores[row, columns], n[row, columns], spread[row, columns]
        known = score[np.isfinite(score)]
        best = worst = None
        if len(known) > 1 and known.max() - known.min() > _SAME:
            best = _role(order, score, own_n, known.max())
            worst = _role(order, score, own_n, known.min(), from_the_end=True)
        most = np.nanmax(own_spread, initial=0.0) if np.isfinite(own_spread).any() else 0.0
        disputed = _role(order, own_spread, own_n, most) if most > _SAME else None
        found.append(ImageChoice(image, best, worst, disputed))
    return found


def answers_of(user: UserStudy) -> tuple[NDArray[np.int64], Array]:
    """Return how many answers each candidate has, and the standard deviation of them, (I, N) each.

    NaN where no two judges answered about the same (of pairs: compared the candidate with the same opponent).
    """
    images, teams = len(user.images), len(user.teams)
    if isinstance(user, VoteStudy):
        ballots = user.ballots
        cell = ballots.image[ballots.ballot] * teams + ballots.team
        groups, values = cell, row_points(ballots, points=user.points)
    elif isinstance(user, PairStudy):
        pairs = user.pairs
        cell = np.concatenate([pairs.image * teams + pairs.first, pairs.image * teams + pairs.second])
        opponent = np.concatenate([pairs.second, pairs.first])
        groups, values = cell * teams + opponent, np.concatenate([pairs.outcome, 1 - pairs.outcome])
    else:
        assert isinstance(user, RatingStudy)
        rated = user.asked
        place = np.array([user.teams.index(str(team)) for team in rated.teams])
        cell = rated.image * teams + place[rated.team]
        groups, values = cell, rated.score
    n = np.bincount(cell, minlength=images * teams)
    return n.reshape(images, teams), _pooled(cell, groups, values, images * teams).reshape(images, teams)


def _pooled(cell: NDArray[np.int64], groups: NDArray[np.int64], values: Array, cells: int) -> Array:
    """Standard deviation within groups, pooled over those of a cell; NaN without two of any group."""
    _, first, group, size = np.unique(groups, return_index=True, return_inverse=True, return_counts=True)
    mean = np.bincount(group, weights=values) / size
    squares = np.bincount(cell, weights=(values - mean[group]) ** 2, minlength=cells)
    freedom = np.bincount(cell[first], weights=size - 1, minlength=cells)
    return np.sqrt(np.divide(squares, freedom, out=np.full(cells, np.nan), where=freedom > 0))


def _role(
    order: Sequence[str], values: Array, n: NDArray[np.int64], value: float, *, from_the_end: bool = False
) -> Role:
    rows = np.flatnonzero(np.abs(values - value) <= _SAME)
    if from_the_end:
        rows = rows[::-1]
    return Role(tuple(order[int(row)] for row in rows), float(value), tuple(int(n[row]) for row in rows))
