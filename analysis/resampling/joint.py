"""A study's scores as observed, and draws of all its parts together: what every interval rests on."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from analysis.parts import Parts
from analysis.points import POINTS, image_points, summed
from analysis.ranking import Weights, final_scores, join_scores
from analysis.resampling.draws import Resample, points_table, s3_draws
from analysis.resampling.ends import interval_over_ends, possible_ends
from analysis.resampling.intervals import (
    analytic_interval,
    calibrated,
    enough_to_draw,
    percentile_interval,
    widened_where_few,
)
from analysis.resampling.parts import part_draws
from analysis.resampling.ranks import final_draws, normalised_rows
from analysis.resampling.replication import new_study_draws, truth_draws
from analysis.votes import BallotArrays, Votes

Array = NDArray[Any]
PARTS = ("s2", "escore")
Ends = tuple[int, int]
"""Codes of the lowest and the highest team."""


@dataclass(frozen=True)
class Observed:
    """A study's scores by team and the rule that joins them."""

    ballots: BallotArrays
    s3: Array
    final: Array
    parts: Mapping[str, Array]
    preset: str
    weights: Weights | None
    points: Sequence[float]

    def finals(self, s3: Array, parts: Mapping[str, Array] | None = None, ends: Ends | None = None) -> Array:
        """Final scores of draws of S3, (R, N), the other parts as observed or as drawn."""
        parts = {**self.parts, **(parts or {})}
        return final_draws(s3, parts, preset=self.preset, weights=self.weights, ends=ends)

    @property
    def highest(self) -> float:
        """The largest S3 that a team can have."""
        return self.points[0] * len(self.ballots.images)


@dataclass(frozen=True)
class JointDraws:
    """Draws of S3, of the final, and of the parts that have something to draw from, (R, N) each.

    `pigeonhole` are the draws of S3 before they get their width, `analytic` the interval they get it from.
    Of one judge, or one image (of what is resampled), all draws of S3 are NaN: nothing is known of others.
    """

    s3: Array
    final: Array
    parts: Mapping[str, Array]
    pigeonhole: Array
    analytic: Array

    def s3n_interval(self, study: Observed, *, level: float) -> Array:
        """(N, 2) of S3n, whichever teams are truly the highest and the lowest."""
        ends = possible_ends(study.s3, self.s3) if self.known else []
        return self._over(ends, lambda rows, pair: normalised_rows(self.s3[rows], pair), level)

    def final_interval(self, study: Observed, *, level: float) -> Array:
        """(N, 2) of the final, whichever teams are truly the highest and the lowest in what is normalised."""
        if study.weights is not None and not study.weights.s3:
            return percentile_interval(self.final, level=level)
        against, drawn = study.s3, self.s3
        if study.preset == "raim-2025-as-written":
            against = against + study.parts["escore"]
            drawn = drawn + self.parts.get("escore", study.parts["escore"])
        ends = possible_ends(against, drawn) if self.known else []

        def final(rows: Array, pair: Ends) -> Array:
            return study.finals(self.s3[rows], {name: part[rows] for name, part in self.parts.items()}, pair)

        return self._over(ends, final, level)

    def new_study(self, study: Observed, rng: np.random.Generator) -> tuple[Array, Array]:
        """Finals of the truth, and of new studies with other judges, images and pairs, (R, N) each.

        S3 is drawn as `analysis.resampling.replication` says. The other parts are not drawn towards each
        other; a new study measures S2 on pairs of its own, and EScore on the same models.
        """
        if not self.known:
            return self.final, self.final
        errors = self.s3 - study.s3
        truth = truth_draws(study.s3, errors, size=len(errors), rng=rng)
        new = new_study_draws(truth, errors, highest=study.highest, rng=rng)
        parts = dict(self.parts)
        if "s2" in parts:
            parts["s2"] = parts["s2"] + parts["s2"][rng.permutation(len(new))] - study.parts["s2"]
        return study.finals(truth, self.parts), study.finals(new, parts)

    @property
    def known(self) -> bool:
        """Whether S3 has draws at all."""
        return bool(np.isfinite(self.s3).any())

    def _over(
        self, ends: list[tuple[int, int]], score: Callable[[Array, tuple[int, int]], Array], level: float
    ) -> Array:
        if not ends:
            return np.full((self.s3.shape[1], 2), np.nan)
        return interval_over_ends(score, np.arange(len(self.s3)), ends, level=level)


def observe(
    ballots: BallotArrays,
    parts: Parts,
    *,
    preset: str = "user-study",
    weights: Weights | None = None,
    points: Sequence[float] = POINTS,
) -> Observed:
    """Score a study as it is.

    Raises
    ------
    AnalysisError
        As `join_scores` and `final_scores`.
    """
    s3 = summed(image_points(ballots, points=points))
    others = parts.of(str(team) for team in ballots.teams)
    table = join_scores(pd.DataFrame({"team": ballots.teams, "s3": s3}), others)
    final = final_scores(table, preset=preset, weights=weights)
    found = {name: table[name].to_numpy(dtype=float) for name in PARTS if name in table}
    return Observed(ballots, s3, final, found, preset, weights, points)


def joint_draws(
    study: Observed,
    parts: Parts,
    *,
    draws: int,
    level: float,
    rng: np.random.Generator,
    part_rngs: Sequence[np.random.Generator],
    resample: Resample = "both",
) -> JointDraws:
    """Draw judges, images, pairs and times, each independently of the others, and join them by the rule.

    `resample` may keep the judges, or the images, of S3 as they are.
    """
    ballots, points = study.ballots, study.points
    pigeonhole = s3_draws(points_table(ballots, points=points), draws=draws, rng=rng, resample=resample)
    _, analytic = analytic_interval(ballots, points=points, level=level, resample=resample)
    s3 = calibrated(pigeonhole, study.s3, analytic, level=level, highest=study.highest)
    if not enough_to_draw(ballots, resample):
        s3 = pigeonhole = np.full_like(s3, np.nan)
    else:
        s3 = widened_where_few(s3, ballots, points=points, rng=rng)
    teams = [str(team) for team in ballots.teams]
    drawn = part_draws(parts, teams, draws=draws, level=level, rngs=part_rngs)
    return JointDraws(s3, study.finals(s3, drawn), drawn, pigeonhole, analytic)


def part_intervals(
    votes: Votes,
    parts: Parts,
    *,
    preset: str = "user-study",
    weights: Weights | None = None,
    points: Sequence[float] = POINTS,
    draws: int = 10_000,
    level: float = 0.95,
    rng: np.random.Generator,
) -> pd.DataFrame:
    """Return team and low and high of s3, final, and each part that has something to draw from.

    One judge, or one image, is nothing to draw S3 from, so that s3 and final have no interval.
    The numbers are those of `bootstrap_summary` with the same generator.

    Raises
    ------
    AnalysisError
        As `Votes.ballots` and `observe`.
    """
    study = observe(votes.ballots, parts, preset=preset, weights=weights, points=points)
    score_rng, _, *part_rngs = rng.spawn(4)
    drawn = joint_draws(study, parts, draws=draws, level=level, rng=score_rng, part_rngs=part_rngs)
    table = pd.DataFrame({"team": [str(team) for team in study.ballots.teams]})
    limits = {name: percentile_interval(values, level=level) for name, values in drawn.parts.items()}
    if drawn.known:
        limits["s3"] = percentile_interval(drawn.s3, level=level)
        limits["final"] = drawn.final_interval(study, level=level)
    for name, values in limits.items():
        table[f"{name}_low"], table[f"{name}_high"] = values.T
    return table
