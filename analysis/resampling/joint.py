"""A study's scores as observed, and draws of all its parts together: what every interval rests on."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from itertools import islice, product
from typing import Any, TypeVar

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from analysis.efficiency.measures import RANKED
from analysis.errors import AnalysisError
from analysis.parts import Parts
from analysis.points import image_points, summed
from analysis.ranking import join_scores, outcome_of, rule_columns
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
from analysis.resampling.replication import new_study_draws, truth_draws
from analysis.rule import FINAL, Outcome, Rule, minmax
from analysis.rule.teams import Ends
from analysis.votes import BallotArrays, Votes

Array = NDArray[Any]
DRAWS, LEVEL = 10_000, 0.95
PARTS = ("s2", "escore")
STREAMS = ("s3", "model", "s2", "escore", "new_study")
_MOST_ENDS = 400  # choices of lowest and highest teams, where a rule compares several scores
Choice = TypeVar("Choice")


@dataclass(frozen=True)
class Observed:
    """A study's scores by team and the rule that joins them.

    Attributes
    ----------
    sources
        Where the parts besides the user study come from.
    parts
        Those that there are, by team: s2, escore, and what else the rule needs.
    images
        What the rule counts in images, (I, N) each.
    outcome
        Finals and ranks.
    """

    votes: Votes
    sources: Parts
    rule: Rule
    s3: Array
    parts: Mapping[str, Array]
    images: Mapping[str, Array]
    outcome: Outcome

    @property
    def ballots(self) -> BallotArrays:
        """The ballots that count."""
        return self.votes.ballots

    @property
    def teams(self) -> list[str]:
        """Names, in the order of the codes."""
        return [str(team) for team in self.ballots.teams]

    @property
    def final(self) -> Array:
        """Final scores, (N,)."""
        return self.outcome.final

    def drawn(self, s3: Array, parts: Mapping[str, Array] | None = None) -> Outcome:
        """Finals and ranks of draws of S3, (R, N), the other parts as observed or as drawn."""
        columns = {**self.parts, **(parts or {}), "u": s3}
        outcome = self.rule.outcome(columns, teams=self.teams, images=self.images)
        # A final that nothing drawn goes into is the same in every draw.
        return Outcome(np.broadcast_to(outcome.final, s3.shape), np.broadcast_to(outcome.rank, s3.shape))

    def finals(self, s3: Array, parts: Mapping[str, Array], ends: Mapping[str, Ends] | None = None) -> Array:
        """Finals alone, with teams taken for the highest and the lowest."""
        columns = {**self.parts, **parts, "u": s3}
        final = self.rule.values(FINAL, columns, teams=self.teams, images=self.images, ends=ends)
        return np.broadcast_to(final, s3.shape)

    @property
    def highest(self) -> float:
        """The largest S3 that a team can have."""
        return self.rule.points[0] * len(self.ballots.images)


@dataclass(frozen=True)
class JointDraws:
    """Draws of a study, made once for whatever is said of it: its intervals, its report, its table of ranks.

    S3, the final, and the parts that have something to draw from are (R, N) each. `pigeonhole` are the draws
    of S3 before they get their width, `analytic` the interval they get it from. Of one judge, or one image
    (of what is resampled), all draws of S3 are NaN: nothing is known of others.

    Attributes
    ----------
    study
        What was drawn from.
    level
        Of the intervals: S3 and S2 have the width of this level.
    resample
        What a new study would have others of.
    seed
        Of all random numbers.
    """

    study: Observed
    s3: Array
    final: Array
    parts: Mapping[str, Array]
    pigeonhole: Array
    analytic: Array
    level: float
    resample: Resample
    seed: int

    def __len__(self) -> int:
        return len(self.s3)

    @property
    def s3n_interval(self) -> Array:
        """(N, 2) of S3n, whichever teams are truly the highest and the lowest."""
        ends = possible_ends(self.study.s3, self.s3) if self.known else []
        return self._over(ends, lambda rows, pair: minmax(self.s3[rows], pair))

    @property
    def final_interval(self) -> Array:
        """(N, 2) of the final, whichever teams are truly the highest and the lowest in what is compared."""
        study = self.study
        columns = {**study.parts, "u": study.s3}
        compared = study.rule.compared(columns)
        if not compared:
            return percentile_interval(self.final, level=self.level)
        drawn = {**columns, **self.parts, "u": self.s3}
        ends = [
            possible_ends(
                study.rule.evaluate(formula, columns, teams=study.teams),
                study.rule.evaluate(formula, drawn, teams=study.teams),
            )
            if self.known
            else []
            for formula in compared
        ]
        names = [formula.text for formula in compared]
        choices = [dict(zip(names, pairs, strict=True)) for pairs in islice(product(*ends), _MOST_ENDS)]

        def final(rows: Array, chosen: Mapping[str, Ends]) -> Array:
            return study.finals(
                self.s3[rows], {name: part[rows] for name, part in self.parts.items()}, chosen
            )

        return self._over(choices, final)

    @cached_property
    def new_study(self) -> tuple[Outcome, Outcome]:
        """Outcomes of the truth, and of new studies with other judges, images and pairs, (R, N) each.

        S3 is drawn as `analysis.resampling.replication` says. The other parts are not drawn towards each
        other; a new study measures S2 on pairs of its own, and EScore on the same models.
        """
        study, rng = self.study, self.generator("new_study")
        if not self.known:
            outcome = study.drawn(self.s3, self.parts)
            return outcome, outcome
        errors = self.s3 - study.s3
        truth = truth_draws(study.s3, errors, size=len(errors), rng=rng)
        new = new_study_draws(truth, errors, highest=study.highest, rng=rng)
        parts = dict(self.parts)
        paired = [name for name in parts if name not in ("escore", *RANKED)]
        order = rng.permutation(len(new)) if paired else None
        for name in paired:
            parts[name] = parts[name] + parts[name][order] - study.parts[name]
        return study.drawn(truth, self.parts), study.drawn(new, parts)

    @property
    def known(self) -> bool:
        """Whether S3 has draws at all."""
        return bool(np.isfinite(self.s3).any())

    def generator(self, stream: str) -> np.random.Generator:
        """A new generator for one of `STREAMS`."""
        return _generators(self.seed)[stream]

    def renamed(
        self, *, judges: Mapping[str, str] | None = None, teams: Mapping[str, str] | None = None
    ) -> "JointDraws":
        """Return the same draws under other names."""
        votes = self.study.votes.renamed(judges=judges, teams=teams)
        sources, rule = self.study.sources.renamed(teams or {}), self.study.rule.renamed(teams or {})
        return replace(self, study=replace(self.study, votes=votes, sources=sources, rule=rule))

    def _over(self, ends: Sequence[Choice], score: Callable[[Array, Choice], Array]) -> Array:
        if not ends:
            return np.full((self.s3.shape[1], 2), np.nan)
        return interval_over_ends(score, np.arange(len(self.s3)), ends, level=self.level)


def observe(votes: Votes, parts: Parts, rule: Rule) -> Observed:
    """Score a study as it is.

    Parameters
    ----------
    votes : Votes
        Only main trials count.
    parts : Parts
        Where the other parts come from.
    rule : Rule
        Points of the places, the final, awards.

    Raises
    ------
    AnalysisError
        As `Votes.ballots`, `join_scores` and `outcome_of`.
    """
    ballots, teams = votes.ballots, [str(team) for team in votes.ballots.teams]
    s3 = summed(image_points(ballots, points=rule.points))
    table = join_scores(pd.DataFrame({"team": teams, "s3": s3}), parts.of(teams, rule), rule)
    found = {name: values for name, values in rule_columns(table).items() if name != "u"}
    images = parts.images(rule, teams)
    return Observed(votes, parts, rule, s3, found, images, outcome_of(table, rule, images))


def joint_draws(
    study: Observed,
    *,
    draws: int = DRAWS,
    level: float = LEVEL,
    resample: Resample = "both",
    seed: int,
) -> JointDraws:
    """Draw judges, images, pairs and times, each independently of the others, and join them by the rule.

    Parameters
    ----------
    study : Observed
    draws : int
        100 at least; 2,000 or more for intervals, 10,000 for probabilities of ranks.
    level : float
        Confidence of every interval.
    resample : {"both", "judges", "images"}
        "judges" asks what other judges would say of these images, "images" what these judges would say of
        others; a "new study" is then one with the same images, or judges. Only "both" speaks of a new study.
    seed : int

    Raises
    ------
    AnalysisError
        For fewer than 100 draws.
    """
    if draws < 100:
        raise AnalysisError(f"{draws} draws are too few for an interval; use 2000 or more")
    ballots, points, rngs = study.ballots, study.rule.points, _generators(seed)
    table = points_table(ballots, points=points)
    pigeonhole = s3_draws(table, draws=draws, rng=rngs["s3"], resample=resample)
    _, analytic = analytic_interval(ballots, points=points, level=level, resample=resample)
    s3 = calibrated(pigeonhole, study.s3, analytic, level=level, highest=study.highest)
    if not enough_to_draw(ballots, resample):
        s3 = pigeonhole = np.full_like(s3, np.nan)
    else:
        s3 = widened_where_few(s3, ballots, points=points, rng=rngs["s3"])
    streams = (rngs["s2"], rngs["escore"])
    drawn = part_draws(study.sources, study.rule, study.teams, draws=draws, level=level, rngs=streams)
    final = study.finals(s3, drawn)
    return JointDraws(study, s3, final, drawn, pigeonhole, analytic, level, resample, seed)


def part_intervals(drawn: JointDraws) -> pd.DataFrame:
    """Return team and low and high of s3, final, and each part that has something to draw from.

    One judge, or one image, is nothing to draw S3 from, so that s3 and final have no interval.
    """
    table = pd.DataFrame({"team": drawn.study.teams})
    parts = {name: drawn.parts[name] for name in PARTS if name in drawn.parts}
    limits = {name: percentile_interval(values, level=drawn.level) for name, values in parts.items()}
    if drawn.known:
        limits["s3"] = percentile_interval(drawn.s3, level=drawn.level)
        limits["final"] = drawn.final_interval
    for name, values in limits.items():
        table[f"{name}_low"], table[f"{name}_high"] = values.T
    return table


def _generators(seed: int) -> dict[str, np.random.Generator]:
    """A generator for each of `STREAMS`, so that none depends on whether another is drawn from."""
    # 2: the permutation tests of a report draw from other streams of the same seed.
    return dict(zip(STREAMS, np.random.default_rng([seed, 2]).spawn(len(STREAMS)), strict=True))
