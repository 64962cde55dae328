"""Ratings: mean opinion scores, and differences to the hidden reference."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass, replace
from functools import cached_property
from typing import ClassVar, Literal

import numpy as np
import pandas as pd

from analysis.ratings import REFERENCE, Ratings
from analysis.resampling.draws import Resample
from analysis.resampling.rating_draws import calibrated_draws, mean_without, two_way_interval, two_way_mos
from analysis.resampling.two_way import Sampling
from analysis.texts import say
from analysis.user_study.base import Array, Generator, StudyDraws, Table, UserStudy, sorted_by


@dataclass(frozen=True)
class RatingStudy(UserStudy):
    """Ratings, those of the hidden reference and anchor with them: they are not ranked."""

    ratings: Ratings

    table: ClassVar[Table] = "ratings"
    lead: ClassVar[str] = "mos"
    columns: ClassVar[tuple[str, ...]] = ("mos", "dmos")
    file: ClassVar[str] = "opinions.csv"
    answers_are: ClassVar[str] = "ratings"

    @property
    def answers(self) -> Ratings:
        return self.ratings

    @property
    def asked(self) -> Ratings:
        """Without hidden reference and anchor."""
        return self.ratings.of_teams

    @cached_property
    def differences(self) -> Ratings | None:
        """Scores less the same judge's score of the hidden reference; None where nobody rated it."""
        if REFERENCE not in self.ratings.teams:
            return None
        return self.ratings.against(REFERENCE).of_teams

    @property
    def _tables(self) -> Mapping[str, Ratings]:
        own = {"mos": self.asked}
        return own if self.differences is None else own | {"dmos": self.differences}

    def score(self) -> Mapping[str, Array]:
        return {name: self._lined(two_way_mos(table)[0], table) for name, table in self._tables.items()}

    @property
    def bounds(self) -> tuple[float, float]:
        return self.ratings.scale

    @property
    def remarks(self) -> tuple[str, ...]:
        if not self.enough():
            return ()  # there is no interval at all
        table = self.asked
        low, high = (np.full(len(self.teams), end) for end in (np.inf, -np.inf))
        np.minimum.at(low, table.team, table.score)
        np.maximum.at(high, table.team, table.score)
        return tuple(
            say(
                "every rating of %(team)s is %(score)s, so its interval of MOS has no width: "
                "nothing varied that "
                "could be resampled, and other judges or images may still differ",
                team=self.teams[team],
                score=format(low[team], "g"),
            )
            for team in np.flatnonzero(low == high)
        )

    def scores_table(self) -> pd.DataFrame:
        table = self.rows()
        table.insert(1, "ratings", np.bincount(self.asked.team, minlength=len(self.teams)))
        return sorted_by(table, self.lead)

    def draw(self, *, draws: int, level: float, resample: Resample, generator: Generator) -> StudyDraws:
        sampling = Sampling(draws, level, resample)
        analytic = two_way_interval(self.asked, sampling=sampling)
        nothing = np.full((draws, len(self.teams)), np.nan)
        if np.isnan(analytic).any():
            return StudyDraws(dict.fromkeys(self._tables, nothing), nothing, analytic)
        scores, plain = {}, {}
        for name, table in self._tables.items():
            found = calibrated_draws(table, sampling=sampling, rng=generator())
            plain[name], scores[name] = (
                (nothing, nothing) if found is None else (self._lined(drawn, table) for drawn in found)
            )
        return StudyDraws(scores, plain[self.lead], analytic)

    def without_each(self, what: Literal["judges", "images"]) -> Mapping[str, Array]:
        return {name: self._lined(mean_without(table, what), table) for name, table in self._tables.items()}

    def without(self, judges: Collection[str]) -> "RatingStudy":
        return replace(self, ratings=self.ratings.without(judges))

    def renamed(self, *, judges: Mapping[str, str], teams: Mapping[str, str]) -> "RatingStudy":
        return replace(self, ratings=self.ratings.renamed(judges=judges, teams=teams))

    def _lined(self, values: Array, table: Ratings) -> Array:
        """Columns in the order of `teams`, NaN for a team without such a score."""
        place = {team: column for column, team in enumerate(table.teams)}
        columns = np.array([place.get(team, -1) for team in self.teams], dtype=np.int64)
        return np.where(columns >= 0, values[..., columns], np.nan)
