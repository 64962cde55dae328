"""What judges say of single candidates and of teams, when judges and images count more or less often."""

from collections.abc import Callable
from dataclasses import dataclass, replace
from functools import partial
from typing import Any, Literal

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from analysis.errors import AnalysisError
from analysis.models.bradley_terry import fit_bradley_terry, refit_bradley_terry
from analysis.models.choices import choices_of_ballots
from analysis.models.pair_summary import linked_counts, with_prior
from analysis.models.plackett_luce import refit_plackett_luce
from analysis.pairs import Pairs
from analysis.resampling.draws import points_table
from analysis.resampling.pair_draws import pair_cells
from analysis.resampling.rating_draws import ratings_table
from analysis.user_study.base import UserStudy
from analysis.user_study.of_pairs import PRIOR, PairStudy
from analysis.user_study.of_ratings import RatingStudy
from analysis.user_study.of_votes import VoteStudy
from analysis.user_study.read import Answers, name_of, validate_answers

Array = NDArray[Any]
By = Literal["points", "worths"]
_NUMBERS = 4_000_000
"""Held at once."""


@dataclass(frozen=True)
class JudgedScores:
    """Scores as functions of how often judges and images count.

    Attributes
    ----------
    user
        The answers.
    unit
        What a score is, in plain language.
    candidates
        Judge weights (R, J) -> (R, I, N) scores on each image; NaN where nobody who counts saw the candidate.
    teams
        Judge weights (R, J) and image weights (R, I) -> (R, N).
    """

    user: UserStudy
    unit: str
    candidates: Callable[[Array], Array]
    teams: Callable[[Array, Array], Array]

    @property
    def size(self) -> tuple[int, int, int]:
        """Judges, images, teams."""
        return len(self.user.judges), len(self.user.images), len(self.user.teams)


def judged_scores(user: UserStudy, by: By = "points") -> JudgedScores:
    """Return the scores of a study.

    Parameters
    ----------
    by
        Of votes: the points of the places, or Plackett-Luce worths. Comparisons have Bradley-Terry worths and
        ratings mean opinion scores.

    Raises
    ------
    AnalysisError
        For worths of a study that rates; for comparisons that leave candidates apart.
    """
    if isinstance(user, VoteStudy):
        return _worths_of_votes(user) if by == "worths" else _points(user)
    if isinstance(user, PairStudy):
        return _worths_of_pairs(user)
    assert isinstance(user, RatingStudy)
    if by == "worths":
        raise AnalysisError("ratings have no worths; leave out --by to compare them by their mean")
    return _opinions(user)


def _points(user: VoteStudy) -> JudgedScores:
    table = points_table(user.ballots, points=user.points)
    return JudgedScores(user, "mean points", _in_chunks(table.by_image), _in_chunks(table.s3))


def _opinions(user: RatingStudy) -> JudgedScores:
    table, images = ratings_table(user.asked)
    teams = _in_chunks(lambda judges, of_images: table.s3(judges, of_images) / images)
    return JudgedScores(user, "mean opinion score", _in_chunks(table.by_image), teams)


def _worths_of_pairs(user: PairStudy) -> JudgedScores:
    cells, shape = pair_cells(user.pairs), (len(user.images), len(user.teams))
    fit = fit_bradley_terry(linked_counts(user.pairs, PRIOR), ties="half")
    refit = with_prior(partial(refit_bradley_terry, fit=fit, ties="half"), PRIOR)

    def candidates(judges: Array) -> Array:
        counts = cells.counts_by_image(judges)
        worth = np.where(counts.met().sum(axis=2) > 0, refit(counts)[0], np.nan)
        return worth.reshape(len(judges), *shape)

    of_teams = user.fits["bt"].refit
    unit = f"Bradley-Terry worth (on single images with {PRIOR:g} wins added for each over every other)"
    wide = 6 * shape[0] * shape[1] ** 2
    return JudgedScores(
        user,
        unit,
        _in_chunks(candidates, wide),
        _in_chunks(lambda judges, images: of_teams(cells.counts(judges, images))[0], len(cells.image)),
    )


def _worths_of_votes(user: VoteStudy) -> JudgedScores:
    ballots, places = user.ballots, {team: code for code, team in enumerate(user.teams)}
    counted = user.votes.counted
    by_image = []
    for image in user.images:
        own = replace(user.votes, table=counted[counted["image"] == image]).ballots
        judges = np.searchsorted(ballots.judges.astype(str), own.judges.astype(str))[own.judge]
        by_image.append((choices_of_ballots(own), judges, [places[str(team)] for team in own.teams]))
    whole = choices_of_ballots(ballots)

    def candidates(judges: Array) -> Array:
        found = np.full((len(judges), len(by_image), len(places)), np.nan)
        for image, (choices, judge, teams) in enumerate(by_image):
            found[:, image, teams] = refit_plackett_luce(choices, judges[:, judge])[0]
        return found

    def teams(judges: Array, images: Array) -> Array:
        return refit_plackett_luce(whole, judges[:, ballots.judge] * images[:, ballots.image])[0]

    unit = "Plackett-Luce worth (with a penalty if no finite one exists)"
    return JudgedScores(user, unit, _in_chunks(candidates), _in_chunks(teams, ballots.size))


def _in_chunks(score: Callable[..., Array], wide: int = 20_000) -> Callable[..., Array]:
    """Scores of many rows of weights, some at a time."""
    step = max(1, _NUMBERS // wide)

    def scored(*weights: Array) -> Array:
        rows = len(weights[0])
        return np.concatenate(
            [score(*(w[start : start + step] for w in weights)) for start in range(0, rows, step)]
        )

    return scored


def asked_twice(answers: Answers) -> tuple[Answers, Answers] | None:
    """The first and the second answers of hidden repeats; None where there are none."""
    table = answers.table
    if "kind" not in table or not (table["kind"] == "repeat").any():
        return None
    by = ["judge", "image"]
    if isinstance(answers, Pairs):
        sides = table[["team_a", "team_b"]].astype(str)
        table = table.assign(_low=sides.min(axis=1), _high=sides.max(axis=1))
        by += ["_low", "_high"]
    keys = pd.MultiIndex.from_frame(table[by].astype(str))
    kind = table["kind"].astype(str).to_numpy()
    again = keys.isin(keys[kind == "repeat"])
    found = [table[(kind == "main") & again], table[kind == "repeat"]]
    if not all(len(rows) for rows in found):
        return None
    scale = getattr(answers, "scale", None)
    kept = [name for name in answers.table if name not in ("kind", "trial", "position", "revision", "at")]
    first, second = (validate_answers(name_of(answers), rows[kept], scale=scale) for rows in found)
    return first, second
