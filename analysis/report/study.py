"""Everything that the sections of a report draw on, computed once."""

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

import numpy as np
import pandas as pd

from analysis.agreement.summary import agreement_summary
from analysis.errors import AnalysisError
from analysis.models.summary import model_summary
from analysis.parts import Parts
from analysis.points import image_points, judge_points, team_points
from analysis.ranking import Ranking, join_scores, rank_teams
from analysis.resampling.joint import JointDraws
from analysis.resampling.summary import bootstrap_summary
from analysis.rule import Rule
from analysis.screening.summary import screening_summary
from analysis.study_notes import StudyNotes
from analysis.votes import BallotArrays, Votes


@dataclass(frozen=True)
class Study:
    """Draws of a study, and what the report says of it besides.

    Attributes
    ----------
    drawn
        Votes, other parts, rule and resamples.
    about
        Formula and definitions of the paired scores, as `studyapp score` writes them; may be empty.
    inputs
        SHA-256 of each input by its name.
    notes
        What is known of the study besides its votes.
    """

    drawn: JointDraws
    about: Mapping[str, Any]
    title: str
    simulated: bool
    inputs: Mapping[str, str]
    notes: StudyNotes = field(default_factory=StudyNotes)

    @property
    def votes(self) -> Votes:
        return self.drawn.study.votes

    @property
    def parts(self) -> Parts:
        """Where S2 and EScore come from."""
        return self.drawn.study.sources

    @property
    def rule(self) -> Rule:
        """Points of the places, the final, awards."""
        return self.drawn.study.rule

    @property
    def seed(self) -> int:
        return self.drawn.seed

    @property
    def arrays(self) -> BallotArrays:
        return self.votes.ballots

    @cached_property
    def scores(self) -> pd.DataFrame | None:
        """team, s2, escore and what else the rule needs, as far as there is any."""
        return self.parts.of(self.drawn.study.teams, self.rule)

    @cached_property
    def table(self) -> pd.DataFrame:
        """team, points, s3, s3n."""
        return team_points(self.votes, points=self.rule.points)

    @cached_property
    def ranking(self) -> Ranking:
        return self.ranking_of(self.votes)

    def ranking_of(self, votes: Votes) -> Ranking:
        """The ranking by some of the votes."""
        table = join_scores(team_points(votes, points=self.rule.points), self.known_scores(votes), self.rule)
        return rank_teams(table, self.rule, self.parts.images(self.rule, list(table["team"])))

    @cached_property
    def teams(self) -> list[str]:
        """Names in the order of the final ranking."""
        return [str(team) for team in self.ranking.table["team"]]

    @cached_property
    def order(self) -> np.ndarray:
        """Codes of the teams in the order of the final ranking."""
        place = {team: code for code, team in enumerate(self.arrays.teams)}
        return np.array([place[team] for team in self.teams])

    @cached_property
    def places(self) -> np.ndarray:
        """How often each team took each place, shape (N, places), in the order of the final ranking."""
        counts = np.zeros((len(self.arrays.teams), self.arrays.places), dtype=np.int64)
        for place in range(self.arrays.places):
            picked = self.arrays.picks[:, place]
            counts[:, place] = np.bincount(picked[picked >= 0], minlength=len(counts))
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

    @cached_property
    def bootstrap(self) -> dict[str, Any]:
        return bootstrap_summary(self.drawn)

    @cached_property
    def model(self) -> dict[str, Any]:
        return model_summary(self.votes)

    @cached_property
    def screening(self) -> dict[str, Any]:
        return screening_summary(self.votes, rule=self.rule, scores=self.scores, rng=self.rng(3))

    def known_scores(self, votes: Votes) -> pd.DataFrame | None:
        """The other parts of the teams that appear in these votes."""
        if self.scores is None:
            return None
        return self.scores[self.scores["team"].isin(set(votes.table["team"]))]

    @property
    def compared(self) -> str:
        """The score whose differences tell teams apart: S3 where it alone decides, else the final."""
        return "S3" if self.rule.user_study_alone else "final"

    def rng(self, stream: int) -> np.random.Generator:
        """A generator for one part of the report, the same whatever the other parts draw."""
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
) -> Study:
    """Gather the options; votes marked as simulated make a simulated study."""
    votes, about, notes = drawn.study.votes, about or {}, notes or StudyNotes()
    hashes = inputs or {"votes (as canonical CSV)": _sha256(votes.table)}
    if anonymous:
        numbers = _numbers(votes)
        notes, drawn = notes.numbered(numbers), drawn.renamed(judges=numbers)
    if team_names:
        _refuse_unnamed(votes, team_names)
        notes, drawn = notes.renamed(team_names), drawn.renamed(teams=team_names)
        about = _renamed(about, team_names)
    return Study(
        drawn=drawn,
        about=about,
        title=title,
        simulated=simulated or votes.simulated,
        inputs=hashes,
        notes=notes,
    )


def _numbers(votes: Votes) -> dict[str, str]:
    """Numbers for the judges' names, in the order of the names."""
    names = votes.table["judge"].cat.categories
    width = len(str(len(names)))
    return {name: f"judge {index:0{width}}" for index, name in enumerate(names, start=1)}


def _refuse_unnamed(votes: Votes, names: Mapping[str, str]) -> None:
    without = sorted(set(votes.table["team"].cat.categories) - set(names))
    if without:
        raise AnalysisError(f"team_names: none for {', '.join(without)}; give one for each team of the votes")


def _renamed(about: Mapping[str, Any], names: Mapping[str, str]) -> dict[str, Any]:
    """What is said of the paired scores, with the names of the teams in its problems."""
    problems = [{**row, "team": names.get(row["team"], row["team"])} for row in about.get("problems", [])]
    return {**about, "problems": problems}


def _sha256(votes: pd.DataFrame) -> str:
    return hashlib.sha256(votes.to_csv(index=False, lineterminator="\n").encode()).hexdigest()
