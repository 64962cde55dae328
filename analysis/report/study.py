"""Everything that the sections of a report use, computed once."""

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from analysis.agreement.summary import agreement_summary
from analysis.conclusions import conclusions
from analysis.errors import AnalysisError
from analysis.models.pair_summary import pair_summary
from analysis.models.summary import model_summary
from analysis.opinion.summary import rating_summary
from analysis.pairs import Pairs
from analysis.parts import Parts
from analysis.points import image_points, judge_points
from analysis.ranking import Ranking, join_scores, rank_teams
from analysis.ratings import REFERENCE, Ratings
from analysis.resampling.joint import JointDraws
from analysis.resampling.summary import any_apart, bootstrap_summary, lead_title
from analysis.resampling.two_way import Sampling
from analysis.rule import Rule
from analysis.screening.summary import screening_summary
from analysis.study_notes import StudyNotes
from analysis.user_study.base import UserStudy
from analysis.user_study.of_pairs import PairStudy
from analysis.user_study.of_ratings import RatingStudy
from analysis.user_study.of_votes import VoteStudy
from analysis.votes import BallotArrays, Votes

_DRAWS = 1_000
"""Scores shown next to the ranking's."""

_MODELS: tuple[dict[str, Any], ...] = ({"order_effect": True}, {}, {"ties": "half"})
"""Models for pairs, the fullest first."""


@dataclass(frozen=True)
class Study:
    """Resamples of a study, and what else the report says about it.

    Attributes
    ----------
    drawn
        Votes, other parts, rule and resamples.
    about
        Formula and definitions of the paired scores, as `studyapp score` writes them; may be empty.
    inputs
        SHA-256 of each input by its name.
    notes
        What is known about the study besides its votes.
    reasons
        What judges said about candidates, as read by `analysis.reasons.reading`.
    metrics
        How they agree with the judges, from `analysis.metrics_against_judges.summary.metrics_summary`.
    pictures
        The file of each candidate by image and team, where candidates may be shown.
    input_pictures
        The file of the input by image, where candidates may be shown.
    looking
        Where judges looked, as read by `analysis.looking.reading.read_maps`.
    declared
        By Recommendation on subjective tests, how many of its points are met.
    conditions
        How each judge looked, as read by `analysis.viewing.reading`.
    """

    drawn: JointDraws
    about: Mapping[str, Any]
    title: str
    simulated: bool
    inputs: Mapping[str, str]
    notes: StudyNotes = field(default_factory=StudyNotes)
    reasons: pd.DataFrame | None = None
    metrics: Mapping[str, Any] | None = None
    pictures: Mapping[tuple[str, str], Path] = field(default_factory=dict)
    input_pictures: Mapping[str, Path] = field(default_factory=dict)
    looking: pd.DataFrame | None = None
    declared: Mapping[str, str] = field(default_factory=dict)
    conditions: pd.DataFrame | None = None

    @property
    def user(self) -> UserStudy:
        """What the judges answered."""
        return self.drawn.study.user

    @property
    def votes(self) -> Votes:
        """The answers of a study that votes."""
        assert isinstance(self.user, VoteStudy)
        return self.user.votes

    @property
    def pairs(self) -> Pairs:
        """The answers of a study that compares pairs."""
        assert isinstance(self.user, PairStudy)
        return self.user.pairs

    @property
    def ratings(self) -> Ratings:
        """The answers of a study that rates, including those about the hidden reference and anchor."""
        assert isinstance(self.user, RatingStudy)
        return self.user.ratings

    @property
    def parts(self) -> Parts:
        """Where S2 and EScore come from."""
        return self.drawn.study.sources

    @property
    def rule(self) -> Rule:
        """Points for places, the final, awards."""
        return self.drawn.study.rule

    @property
    def seed(self) -> int:
        return self.drawn.seed

    @property
    def arrays(self) -> BallotArrays:
        return self.votes.ballots

    @cached_property
    def scores(self) -> pd.DataFrame | None:
        """team, s2, escore and whatever else the rule needs, as far as available."""
        return self.parts.of(self.drawn.study.teams, self.rule)

    @cached_property
    def table(self) -> pd.DataFrame:
        """A row per team: points, s3 and s3n for votes; their equivalents for pairs and ratings."""
        return self.user.scores_table()

    @cached_property
    def ranking(self) -> Ranking:
        return self.ranking_of(self.user)

    def ranking_of(self, user: UserStudy) -> Ranking:
        """The ranking that results from some of the answers."""
        known = None if self.scores is None else self.scores[self.scores["team"].isin(user.teams)]
        table = join_scores(user.scores_table(), known, self.rule)
        return rank_teams(table, self.rule, self.parts.images(self.rule, list(table["team"])))

    @cached_property
    def conclusions(self) -> tuple[str, ...]:
        """What the ranking alone does not show."""
        return conclusions(self.ranking, self.drawn)

    @cached_property
    def none_apart(self) -> bool:
        """Whether the study tells no two teams apart."""
        return any_apart(self.drawn) is False

    @cached_property
    def teams(self) -> list[str]:
        """Names in the order of the final ranking."""
        return [str(team) for team in self.ranking.table["team"]]

    @cached_property
    def order(self) -> np.ndarray:
        """Codes of the teams in the order of the final ranking."""
        place = {team: code for code, team in enumerate(self.user.teams)}
        return np.array([place[team] for team in self.teams])

    @cached_property
    def places(self) -> np.ndarray:
        """How often each team took each place, shape (N, places), in the order of the final ranking."""
        counts = np.zeros((len(self.arrays.teams), self.arrays.places), dtype=np.int64)
        arrays = self.arrays
        placed = arrays.rank > 0
        np.add.at(counts, (arrays.team[placed], arrays.rank[placed] - 1), 1)
        return counts[self.order]

    @cached_property
    def by_image(self) -> np.ndarray:
        """Mean points by image and team, teams in the order of the final ranking."""
        return image_points(self.arrays, points=self.rule.points)[:, self.order]

    @cached_property
    def by_judge(self) -> np.ndarray:
        """Mean points by judge and team, teams in the order of the final ranking."""
        return judge_points(self.arrays, points=self.rule.points)[:, self.order]

    @cached_property
    def agreement(self) -> dict[str, Any]:
        return agreement_summary(self.votes, rng=self.rng(1))

    @property
    def with_the_others(self) -> pd.Series:
        """How far each judge agrees with the others, by judge, as the section on judges says it."""
        if self.user.table == "votes":
            rows = self.agreement["judges"]
            return pd.Series([row["loo_spearman"] for row in rows], index=self.arrays.judges, dtype=float)
        rows, name = (
            (self.comparisons["judges"], "loglik")
            if self.user.table == "pairs"
            else (self.opinions["judges"], "correlation")
        )
        return pd.Series([row[name] for row in rows], index=[row["judge"] for row in rows], dtype=float)

    @cached_property
    def bootstrap(self) -> dict[str, Any]:
        return bootstrap_summary(self.drawn)

    @cached_property
    def model(self) -> dict[str, Any]:
        return model_summary(self.votes)

    @cached_property
    def screening(self) -> dict[str, Any]:
        return screening_summary(self.user.answers, rule=self.rule, scores=self.scores, rng=self.rng(3))

    @cached_property
    def comparisons(self) -> dict[str, Any]:
        """Everything computed from a table of pairs, except the intervals of the ranking.

        Uses the fullest model that has an estimate; `order_undefined` says why it has no effect of the side.
        """
        sampling, why = Sampling(_DRAWS, self.drawn.level), None
        for model in _MODELS[:-1]:
            try:
                found = pair_summary(self.pairs, sampling=sampling, rng=self.rng(4), **model)
                return found | {"order_undefined": why}
            except AnalysisError as error:
                why = why or str(error)
        found = pair_summary(self.pairs, sampling=sampling, rng=self.rng(4), **_MODELS[-1])
        return found | {"order_undefined": why}

    @cached_property
    def opinions(self) -> dict[str, Any]:
        """Everything computed from a table of ratings."""
        return rating_summary(
            self.ratings,
            reference=REFERENCE if REFERENCE in self.ratings.teams else None,
            sampling=Sampling(_DRAWS, self.drawn.level),
            rng=self.rng(5),
        )

    @property
    def lead(self) -> str:
        """What people call the score that ranks the user study."""
        return lead_title(self.drawn)

    @property
    def compared(self) -> str:
        """The score whose differences separate teams: the user study's if it alone decides."""
        return self.lead if self.rule.user_study_alone else "final"

    def rng(self, stream: int) -> np.random.Generator:
        """A generator for one part of the report; its numbers do not depend on the other parts."""
        return np.random.default_rng([self.seed, stream])


def make_study(
    drawn: JointDraws,
    *,
    about: Mapping[str, Any] | None = None,
    title: str = "User study",
    team_names: Mapping[str, str] | None = None,
    simulated: bool = False,
    anonymous: bool = False,
    inputs: Mapping[str, str] | None = None,
    notes: StudyNotes | None = None,
    reasons: pd.DataFrame | None = None,
    metrics: Mapping[str, Any] | None = None,
    pictures: Mapping[tuple[str, str], Path] | None = None,
    input_pictures: Mapping[str, Path] | None = None,
    looking: pd.DataFrame | None = None,
    declared: Mapping[str, str] | None = None,
    conditions: pd.DataFrame | None = None,
) -> Study:
    """Gather the options; votes marked as simulated make a simulated study."""
    user, about, notes = drawn.study.user, about or {}, notes or StudyNotes()
    table = user.answers.table
    hashes = inputs or {f"{user.table} (as canonical CSV)": _sha256(table)}
    if anonymous:
        numbers = _numbers(table)
        notes, drawn = notes.numbered(numbers), drawn.renamed(judges=numbers)
        conditions = None if conditions is None else conditions.rename(index=numbers)
        if reasons is not None:
            reasons = reasons.assign(judge=[numbers.get(str(name), "a judge") for name in reasons["judge"]])
    if team_names:
        _refuse_unnamed(user.teams, team_names)
        notes, drawn = notes.renamed(team_names), drawn.renamed(teams=team_names)
        about = _renamed(about, team_names)
        if reasons is not None:
            reasons = reasons.assign(team=reasons["team"].astype(str).replace(dict(team_names)))
        metrics = metrics and _metrics_renamed(metrics, team_names)
        shown = (pictures or {}).items()
        pictures = {(image, team_names.get(team, team)): path for (image, team), path in shown}
    return Study(
        drawn=drawn,
        about=about,
        title=title,
        simulated=simulated or user.simulated,
        inputs=hashes,
        notes=notes,
        reasons=reasons,
        metrics=metrics,
        pictures=pictures or {},
        input_pictures=input_pictures or {},
        looking=looking,
        declared=declared or {},
        conditions=conditions,
    )


def _metrics_renamed(metrics: Mapping[str, Any], names: Mapping[str, str]) -> dict[str, Any]:
    places = ("judges_prefer", "metric_prefers")
    worst = [{**row, **{at: names.get(row[at], row[at]) for at in places}} for row in metrics["worst"]]
    return {**metrics, "worst": worst}


def _numbers(table: pd.DataFrame) -> dict[str, str]:
    """Numbers for the judges' names, in the order of the names."""
    names = table["judge"].cat.categories
    width = len(str(len(names)))
    return {name: f"judge {index:0{width}}" for index, name in enumerate(names, start=1)}


def _refuse_unnamed(teams: Sequence[str], names: Mapping[str, str]) -> None:
    without = sorted(set(teams) - set(names))
    if without:
        raise AnalysisError(f"team_names: no name for {', '.join(without)}; give one name per team")


def _renamed(about: Mapping[str, Any], names: Mapping[str, str]) -> dict[str, Any]:
    """What is said of the paired scores, with the names of the teams in its problems."""
    problems = [{**row, "team": names.get(row["team"], row["team"])} for row in about.get("problems", [])]
    return {**about, "problems": problems}


def _sha256(table: pd.DataFrame) -> str:
    return hashlib.sha256(table.to_csv(index=False, lineterminator="\n").encode()).hexdigest()
