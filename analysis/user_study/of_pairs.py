"""Paired comparisons: Bradley-Terry worths, the share of comparisons won, JOD."""

from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass, replace
from functools import cached_property, partial
from typing import Any, ClassVar, Literal

import numpy as np
import pandas as pd

from analysis.models import thurstone
from analysis.models.bradley_terry import fit_bradley_terry, influence, refit_bradley_terry
from analysis.models.pair_counts import PairCounts
from analysis.models.pair_summary import linked_counts, with_prior
from analysis.pairs import Pairs
from analysis.resampling.draws import Resample
from analysis.resampling.pair_draws import Refit, calibrated_draws, pair_cells, worth_interval, worths_without
from analysis.resampling.two_way import Sampling
from analysis.texts import say
from analysis.user_study.base import Array, Generator, StudyDraws, Table, UserStudy, sorted_by

PRIOR = 0.1
"""Wins of every candidate over every other that `bt_prior` adds."""


@dataclass(frozen=True)
class _Score:
    """A score of the teams, how each comparison moved it, the same of other counts, and its bounds.

    `penalty` is what stands in for worths that are infinite, where some are.
    """

    value: Array
    influence: Array
    refit: Refit
    bounds: tuple[float, float] = (-np.inf, np.inf)
    penalty: float | None = None


@dataclass(frozen=True)
class PairStudy(UserStudy):
    """Comparisons; `further` names scores besides worth and win share that a rule takes."""

    pairs: Pairs
    further: tuple[str, ...] = ()

    table: ClassVar[Table] = "pairs"
    lead: ClassVar[str] = "bt"
    columns: ClassVar[tuple[str, ...]] = ("win_share", "bt", "bt_prior", "jod")
    file: ClassVar[str] = "worths.csv"
    answers_are: ClassVar[str] = "comparisons"
    usual_draws: ClassVar[int] = 2_000  # each is a fit

    @property
    def answers(self) -> Pairs:
        return self.pairs

    @property
    def asked(self) -> Pairs:
        return self.pairs

    @cached_property
    def fits(self) -> Mapping[str, _Score]:
        """The scores by name.

        Raises
        ------
        AnalysisError
            Where candidates were never compared with each other, or every comparison is a tie.
        """
        names = ["bt", "win_share", *(name for name in self.further if name in _FITS)]
        return {name: _FITS[name](self.pairs) for name in names}

    def score(self) -> Mapping[str, Array]:
        return {name: fit.value for name, fit in self.fits.items()}

    @property
    def bounds(self) -> tuple[float, float]:
        return self.fits[self.lead].bounds

    @property
    def remarks(self) -> tuple[str, ...]:
        penalty = self.fits["bt"].penalty
        said: list[str] = []
        if penalty is not None:
            said.append(
                say(
                    "some teams won every comparison with some others, so that no finite worth exists; a "
                    "penalty of %(penalty)s * sum(worth^2) pulls worths together",
                    penalty=format(penalty, "g"),
                )
            )
        met = self.pairs.counts.met()
        met = met[np.triu_indices(len(met), 1)]
        if met.min() < met.max():
            said.append(
                say(
                    "two teams met between %(fewest)s and %(most)s times, not all equally often: a win share "
                    "depends on whom a team met, so compare teams by their worths, which allow for that",
                    fewest=format(met.min(), "g"),
                    most=format(met.max(), "g"),
                )
            )
        return tuple(said)

    def scores_table(self) -> pd.DataFrame:
        counts = self.pairs.counts
        table = self.rows()
        table.insert(1, "comparisons", counts.met().sum(axis=1).astype(int))
        table.insert(2, "wins", counts.wins().sum(axis=1))
        return sorted_by(table, self.lead)

    def draw(self, *, draws: int, level: float, resample: Resample, generator: Generator) -> StudyDraws:
        sampling, cells = Sampling(draws, level, resample), pair_cells(self.pairs)
        lead = self.fits[self.lead]
        _, analytic = worth_interval(self.pairs, lead.value, lead.influence, level=level, resample=resample)
        if np.isnan(analytic).any():
            nothing = np.full((draws, len(self.teams)), np.nan)
            return StudyDraws(dict.fromkeys(self.fits, nothing), nothing, analytic)
        scores, plain = {}, {}
        for name, fit in self.fits.items():
            plain[name], drawn = calibrated_draws(
                self.pairs, cells, fit.value, fit.influence, fit.refit, sampling=sampling, rng=generator()
            )
            scores[name] = np.clip(drawn, *fit.bounds)
        scores["win_share"] = _unanimous_widened(scores["win_share"], self.pairs.counts, generator())
        return StudyDraws(scores, plain[self.lead], analytic)

    def without_each(self, what: Literal["judges", "images"]) -> Mapping[str, Array]:
        cells = pair_cells(self.pairs)
        return {name: worths_without(cells, fit.refit, what) for name, fit in self.fits.items()}

    def without(self, judges: Collection[str]) -> "PairStudy":
        return replace(self, pairs=self.pairs.without(judges))

    def renamed(self, *, judges: Mapping[str, str], teams: Mapping[str, str]) -> "PairStudy":
        return replace(self, pairs=self.pairs.renamed(judges=judges, teams=teams))


def _worth(pairs: Pairs, prior: float = 0.0) -> _Score:
    fit = fit_bradley_terry(linked_counts(pairs, prior), ties="half")
    moved = influence(fit, pairs.first, pairs.second, pairs.outcome)
    refit = partial(refit_bradley_terry, fit=fit, ties="half")
    penalty = None if fit.finite else fit.penalty
    return _Score(fit.log_worth, moved, with_prior(refit, prior), penalty=penalty)


def _jod(pairs: Pairs) -> _Score:
    fit = thurstone.fit_thurstone(linked_counts(pairs, 0.0))
    moved = thurstone.influence(fit, pairs.first, pairs.second, pairs.outcome)
    return _Score(fit.jod, moved, partial(thurstone.refit_thurstone, fit=fit))


def _share(pairs: Pairs) -> _Score:
    rows = np.arange(pairs.size)
    share, met = _shares(pairs.counts)[0], pairs.counts.met().sum(axis=1)
    moved = np.zeros((pairs.size, len(share)))
    for side, won in ((pairs.first, pairs.outcome), (pairs.second, 1 - pairs.outcome)):
        moved[rows, side] = (won - share[side]) / met[side]
    return _Score(share, moved, _shares, (0, 1))


def _shares(counts: PairCounts) -> tuple[Array, Any]:
    won, met = counts.wins().sum(axis=-1), counts.met().sum(axis=-1)
    share = np.divide(won, met, out=np.full(won.shape, 0.5), where=met > 0)
    return share, np.ones(share.shape[:-1], dtype=bool)


def _unanimous_widened(drawn: Array, counts: PairCounts, rng: np.random.Generator) -> Array:
    """Shares of teams that won all or nothing, between the exact ends of such a count.

    Resamples of nothing are nothing: a team that won 12 of 12 would have the interval [1, 1]. Half of its
    draws are from Beta(wins + 1, losses), half from Beta(wins, losses + 1), as Clopper and Pearson take the
    ends; so the 95 % interval goes down to the rule of three, 1 - 3/12.
    """
    won, met = counts.wins().sum(axis=1), counts.met().sum(axis=1)
    drawn, (half, other) = drawn.copy(), np.array_split(rng.permutation(len(drawn)), 2)
    for team in np.flatnonzero((met > 0) & ((won == 0) | (won == met))):
        lost = met[team] - won[team]
        drawn[half, team] = rng.beta(won[team] + 1, lost, len(half)) if lost else 1.0
        drawn[other, team] = rng.beta(won[team], lost + 1, len(other)) if won[team] else 0.0
    return drawn


_FITS: Mapping[str, Callable[[Pairs], _Score]] = {
    "bt": _worth,
    "win_share": _share,
    "bt_prior": partial(_worth, prior=PRIOR),
    "jod": _jod,
}
