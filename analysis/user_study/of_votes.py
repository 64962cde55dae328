"""Ballots that pick or rank candidates: S3, the mean points."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import ClassVar, Literal

import numpy as np
import pandas as pd

from analysis.points import image_points, summed, team_points
from analysis.resampling.draws import Resample, points_table, s3_draws
from analysis.resampling.influence import s3_without_images, s3_without_judges
from analysis.resampling.intervals import analytic_interval, calibrated, widened_where_few
from analysis.user_study.base import Array, Generator, StudyDraws, Table, UserStudy
from analysis.votes import BallotArrays, Votes


@dataclass(frozen=True)
class VoteStudy(UserStudy):
    """Votes, and what each place is worth."""

    votes: Votes
    points: Sequence[float]

    table: ClassVar[Table] = "votes"
    lead: ClassVar[str] = "u"
    columns: ClassVar[tuple[str, ...]] = ("points", "s3", "s3n")
    file: ClassVar[str] = "points.csv"
    answers_are: ClassVar[str] = "ballots"

    @property
    def answers(self) -> Votes:
        return self.votes

    @property
    def asked(self) -> BallotArrays:
        return self.votes.ballots

    @property
    def ballots(self) -> BallotArrays:
        """The ballots that count."""
        return self.asked

    def score(self) -> Mapping[str, Array]:
        return {"u": summed(image_points(self.ballots, points=self.points))}

    @property
    def bounds(self) -> tuple[float, float]:
        return 0.0, self.points[0] * len(self.ballots.images)

    def scores_table(self) -> pd.DataFrame:
        return team_points(self.votes, points=self.points)

    def draw(self, *, draws: int, level: float, resample: Resample, generator: Generator) -> StudyDraws:
        ballots, rng, s3 = self.ballots, generator(), self.observed["u"]
        table = points_table(ballots, points=self.points)
        plain = s3_draws(table, draws=draws, rng=rng, resample=resample)
        _, analytic = analytic_interval(ballots, points=self.points, level=level, resample=resample)
        if not self.enough(resample):
            nothing = np.full_like(plain, np.nan)
            return StudyDraws({"u": nothing}, nothing, analytic)
        drawn = calibrated(plain, s3, analytic, level=level, highest=self.bounds[1])
        drawn = widened_where_few(drawn, ballots, points=self.points, rng=rng)
        return StudyDraws({"u": drawn}, plain, analytic)

    def without_each(self, what: Literal["judges", "images"]) -> Mapping[str, Array]:
        left_out = s3_without_judges if what == "judges" else s3_without_images
        return {"u": left_out(self.ballots, points=self.points)}

    def without(self, judges: Collection[str]) -> "VoteStudy":
        return replace(self, votes=self.votes.without(judges))

    def renamed(self, *, judges: Mapping[str, str], teams: Mapping[str, str]) -> "VoteStudy":
        return replace(self, votes=self.votes.renamed(judges=judges, teams=teams))
