"""A study's scores as observed, and draws of all its parts together: what every interval rests on."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from analysis.parts import Parts
from analysis.points import POINTS, image_points, summed
from analysis.ranking import Weights, final_scores, join_scores
from analysis.resampling.draws import points_table, s3_draws
from analysis.resampling.intervals import analytic_interval, calibrated, percentile_interval
from analysis.resampling.parts import part_draws
from analysis.resampling.ranks import final_draws
from analysis.votes import BallotArrays, ballot_arrays

Array = NDArray[Any]
PARTS = ("s2", "escore")


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

    def finals(self, s3: Array, parts: Mapping[str, Array] | None = None) -> Array:
        """Final scores of draws of S3, (R, N), the other parts as observed or as drawn."""
        return final_draws(s3, {**self.parts, **(parts or {})}, preset=self.preset, weights=self.weights)


@dataclass(frozen=True)
class JointDraws:
    """Draws of S3, of the final, and of the parts that have something to draw from, (R, N) each.

    `pigeonhole` are the draws of S3 before they get their width, `analytic` the interval they get it from.
    """

    s3: Array
    final: Array
    parts: Mapping[str, Array]
    pigeonhole: Array
    analytic: Array


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
) -> JointDraws:
    """Draw judges, images, pairs and times, each independently of the others, and join them by the rule."""
    ballots, points = study.ballots, study.points
    pigeonhole = s3_draws(points_table(ballots, points=points), draws=draws, rng=rng)
    _, analytic = analytic_interval(ballots, points=points, level=level)
    s3 = calibrated(pigeonhole, study.s3, analytic, level=level, highest=points[0] * len(ballots.images))
    teams = [str(team) for team in ballots.teams]
    drawn = part_draws(parts, teams, draws=draws, level=level, rngs=part_rngs)
    return JointDraws(s3, study.finals(s3, drawn), drawn, pigeonhole, analytic)


def part_intervals(
    votes: pd.DataFrame,
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

    The numbers are those of `bootstrap_summary` with the same generator.

    Raises
    ------
    AnalysisError
        As `ballot_arrays` and `observe`.
    """
    study = observe(ballot_arrays(votes), parts, preset=preset, weights=weights, points=points)
    score_rng, _, *part_rngs = rng.spawn(4)
    drawn = joint_draws(study, parts, draws=draws, level=level, rng=score_rng, part_rngs=part_rngs)
    table = pd.DataFrame({"team": [str(team) for team in study.ballots.teams]})
    for name, values in {"s3": drawn.s3, "final": drawn.final, **drawn.parts}.items():
        table[f"{name}_low"], table[f"{name}_high"] = percentile_interval(values, level=level).T
    return table
