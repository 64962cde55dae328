"""A study's scores as observed, and draws of all its parts together: what every interval rests on."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from itertools import islice, product
from typing import Any, Literal, TypeVar

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from analysis.amounts import how_many
from analysis.efficiency.measures import RANKED
from analysis.errors import AnalysisError
from analysis.parts import Parts
from analysis.ranking import join_scores, outcome_of, rule_columns
from analysis.resampling.draws import Resample
from analysis.resampling.ends import interval_over_ends, possible_ends
from analysis.resampling.influence import rank_changes
from analysis.resampling.intervals import percentile_interval
from analysis.resampling.parts import part_draws
from analysis.resampling.replication import new_study_draws, truth_draws
from analysis.rule import FINAL, Outcome, Rule, minmax
from analysis.rule.teams import Ends
from analysis.user_study.base import COLUMN, UserStudy
from analysis.user_study.read import Answers, user_study

Array = NDArray[Any]
LEVEL = 0.95
PARTS = ("s2", "escore")
STREAMS = ("answers", "model", "s2", "escore", "new_study")
_MOST_ENDS = 400  # choices of lowest and highest teams, where a rule compares several scores
Choice = TypeVar("Choice")


@dataclass(frozen=True)
class Observed:
    """A study's scores by team and the rule that joins them.

    Attributes
    ----------
    user
        What the judges answered.
    sources
        Where the parts besides the user study come from.
    parts
        Those that there are, by team: s2, escore, and what else the rule needs.
    images
        What the rule counts in images, (I, N) each.
    outcome
        Finals and ranks.
    """

    user: UserStudy
    sources: Parts
    rule: Rule
    parts: Mapping[str, Array]
    images: Mapping[str, Array]
    outcome: Outcome

    @property
    def teams(self) -> list[str]:
        """Names, in the order of every array."""
        return self.user.teams

    @property
    def lead(self) -> Array:
        """The score that the user study ranks by, (N,)."""
        return self.user.observed[self.user.lead]

    @property
    def final(self) -> Array:
        """Final scores, (N,)."""
        return self.outcome.final

    @property
    def columns(self) -> dict[str, Array]:
        """Everything that formulas may take, by name."""
        return {**self.parts, **self.user.observed}

    def drawn(self, scores: Mapping[str, Array], parts: Mapping[str, Array] | None = None) -> Outcome:
        """Finals and ranks of draws of the answers' scores, (R, N) each, other parts as observed or drawn."""
        columns = {**self.columns, **(parts or {}), **scores}
        outcome = self.rule.outcome(columns, teams=self.teams, images=self.images)
        # A final that nothing drawn goes into is the same in every draw.
        shape = scores[self.user.lead].shape
        return Outcome(np.broadcast_to(outcome.final, shape), np.broadcast_to(outcome.rank, shape))

    def finals(
        self, scores: Mapping[str, Array], parts: Mapping[str, Array], ends: Mapping[str, Ends] | None = None
    ) -> Array:
        """Finals alone, with teams taken for the highest and the lowest."""
        columns = {**self.columns, **parts, **scores}
        final = self.rule.values(FINAL, columns, teams=self.teams, images=self.images, ends=ends)
        return np.broadcast_to(final, scores[self.user.lead].shape)

    def without_each(self) -> dict[str, list[dict[str, Any]]]:
        """Rank changes without each judge and without each image, as `rank_changes` lists them.

        Empty where there is only one.
        """
        labels: dict[Literal["judges", "images"], list[str]] = {
            "judges": self.user.judges,
            "images": self.user.images,
        }
        return {
            what: rank_changes(
                names, self.teams, self.outcome.rank, self.drawn(self.user.without_each(what)).rank
            )
            if len(names) > 1
            else []
            for what, names in labels.items()
        }


@dataclass(frozen=True)
class JointDraws:
    """Draws of a study, made once for whatever is said of it: its intervals, its report, its table of ranks.

    The scores of the answers by name, the final, and the parts that have something to draw from are (R, N)
    each. `pigeonhole` are the draws of the leading score before they get their width, `analytic` the interval
    they get it from. Of one judge, or one image (of what is resampled), all draws of the scores are NaN:
    nothing is known of others.

    Attributes
    ----------
    study
        What was drawn from.
    level
        Of the intervals: scores and S2 have the width of this level.
    resample
        What a new study would have others of.
    seed
        Of all random numbers.
    """

    study: Observed
    scores: Mapping[str, Array]
    final: Array
    parts: Mapping[str, Array]
    pigeonhole: Array
    analytic: Array
    level: float
    resample: Resample
    seed: int

    def __len__(self) -> int:
        return len(self.lead)

    @property
    def lead(self) -> Array:
        """Draws of the score that the user study ranks by, (R, N)."""
        return self.scores[self.study.user.lead]

    @property
    def normalised_interval(self) -> Array:
        """(N, 2) of the leading score from 0 to 1, whichever teams are truly the highest and the lowest."""
        ends = possible_ends(self.study.lead, self.lead) if self.known else []
        return self._over(ends, lambda rows, pair: minmax(self.lead[rows], pair))

    @property
    def final_interval(self) -> Array:
        """(N, 2) of the final, whichever teams are truly the highest and the lowest in what is compared."""
        study = self.study
        columns = study.columns
        compared = study.rule.compared(columns)
        if not compared:
            return percentile_interval(self.final, level=self.level)
        drawn = {**columns, **self.parts, **self.scores}
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
            scores, parts = (
                {name: values[rows] for name, values in drawn.items()} for drawn in (self.scores, self.parts)
            )
            return study.finals(scores, parts, chosen)

        return self._over(choices, final)

    @cached_property
    def new_study(self) -> tuple[Outcome, Outcome]:
        """Outcomes of the truth, and of new studies with other judges, images and pairs, (R, N) each.

        The leading score is drawn as `analysis.resampling.replication` says, other scores of the answers as
        much as they go with it. The other parts are not drawn towards each other; a new study measures S2 on
        its own pairs, and EScore on the same models.
        """
        study, rng = self.study, self.generator("new_study")
        if not self.known:
            outcome = study.drawn(self.scores, self.parts)
            return outcome, outcome
        errors = self.lead - study.lead
        truth = truth_draws(study.lead, errors, size=len(errors), rng=rng)
        new = new_study_draws(truth, errors, bounds=study.user.bounds, rng=rng)
        parts = dict(self.parts)
        paired = [name for name in parts if name not in ("escore", *RANKED)]
        order = rng.permutation(len(new)) if paired else None
        for name in paired:
            parts[name] = parts[name] + parts[name][order] - study.parts[name]
        return study.drawn(self._beside(truth), self.parts), study.drawn(self._beside(new), parts)

    def _beside(self, lead: Array) -> dict[str, Array]:
        """All scores of the answers, where the leading one is so: others move as in resamples."""
        found = {self.study.user.lead: lead}
        for name, draws in self.scores.items():
            if name not in found:
                errors, own = self.lead - self.study.lead, draws - self.study.user.observed[name]
                slope = np.nansum(errors * own, axis=0) / np.maximum(np.nansum(errors**2, axis=0), 1e-300)
                moved = self.study.user.observed[name] + slope * (lead - self.study.lead)
                found[name] = np.where(np.isnan(own).all(axis=0), np.nan, moved)
        return found

    @property
    def known(self) -> bool:
        """Whether the answers have draws at all."""
        return bool(np.isfinite(self.lead).any())

    def generator(self, stream: str) -> np.random.Generator:
        """A new generator for one of `STREAMS`."""
        return _generators(self.seed)[stream]

    def renamed(
        self, *, judges: Mapping[str, str] | None = None, teams: Mapping[str, str] | None = None
    ) -> "JointDraws":
        """Return the same draws under other names."""
        user = self.study.user.renamed(judges=judges or {}, teams=teams or {})
        sources, rule = self.study.sources.renamed(teams or {}), self.study.rule.renamed(teams or {})
        return replace(self, study=replace(self.study, user=user, sources=sources, rule=rule))

    def _over(self, ends: Sequence[Choice], score: Callable[[Array, Choice], Array]) -> Array:
        if not ends:
            return np.full((self.lead.shape[1], 2), np.nan)
        return interval_over_ends(score, np.arange(len(self.lead)), ends, level=self.level)


def observe(answers: Answers, parts: Parts, rule: Rule) -> Observed:
    """Score a study without resampling.

    Parameters
    ----------
    answers : Votes, Pairs or Ratings
        Only main trials count.
    parts : Parts
        Where the other parts come from.
    rule : Rule
        Points of the places, the final, awards.

    Raises
    ------
    AnalysisError
        As `Votes.ballots`, `join_scores` and `outcome_of`; for comparisons that leave candidates apart.
    """
    user = user_study(answers, rule)
    teams = user.teams
    table = join_scores(user.rows(), parts.of(teams, rule), rule)
    found = {name: values for name, values in rule_columns(table).items() if name not in user.observed}
    images = parts.images(rule, teams)
    return Observed(user, parts, rule, found, images, outcome_of(table, rule, images))


def joint_draws(
    study: Observed,
    *,
    draws: int | None = None,
    level: float = LEVEL,
    resample: Resample = "both",
    seed: int,
) -> JointDraws:
    """Draw judges, images, pairs and times, each independently of the others, and join them by the rule.

    Parameters
    ----------
    study : Observed
    draws : int, optional
        100 at least; 2,000 or more for intervals. Absent: 10,000, of pairs 2,000.
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
    draws = study.user.usual_draws if draws is None else draws
    if draws < 100:
        raise AnalysisError(f"{how_many(draws, 'resamples')} are too few for an interval; use 2000 or more")
    rngs = _generators(seed)
    user = study.user.draw(
        draws=draws, level=level, resample=resample, generator=lambda: _generators(seed)["answers"]
    )
    streams = (rngs["s2"], rngs["escore"])
    drawn = part_draws(study.sources, study.rule, study.teams, draws=draws, level=level, rngs=streams)
    final = study.finals(user.scores, drawn)
    return JointDraws(study, user.scores, final, drawn, user.plain, user.analytic, level, resample, seed)


def part_intervals(drawn: JointDraws) -> pd.DataFrame:
    """Return team and low and high of the answers' scores, the final, and each part that can be drawn.

    One judge, or one image, is nothing to draw from, so that these scores and the final have no interval.
    """
    table = pd.DataFrame({"team": drawn.study.teams})
    parts = {name: drawn.parts[name] for name in PARTS if name in drawn.parts}
    limits = {name: percentile_interval(values, level=drawn.level) for name, values in parts.items()}
    if drawn.known:
        for name, values in drawn.scores.items():
            limits[COLUMN.get(name, name)] = percentile_interval(values, level=drawn.level)
        limits["final"] = drawn.final_interval
    for name, values in limits.items():
        table[f"{name}_low"], table[f"{name}_high"] = values.T
    return table


def _generators(seed: int) -> dict[str, np.random.Generator]:
    """A generator for each of `STREAMS`, so that none depends on whether another is drawn from."""
    # 2: the permutation tests of a report draw from other streams of the same seed.
    return dict(zip(STREAMS, np.random.default_rng([seed, 2]).spawn(len(STREAMS)), strict=True))
