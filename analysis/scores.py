"""A score for each team with its resamples, whatever judges were asked: what a final rule takes and ranks."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from analysis.resampling.intervals import percentile_interval
from analysis.resampling.ranks import rank_intervals, rank_probabilities, tie_groups
from analysis.rule import Rule
from analysis.rule.teams import ranks

Array = NDArray[Any]


@dataclass(frozen=True)
class Scores:
    """Scores of N teams; higher is better.

    Attributes
    ----------
    name : str
        What a rule calls it: points, u, bt, mos.
    teams : (N,) object
    mean : (N,) float
        As observed; NaN for a team without one.
    draws : (R, N) float
        Of other judges and images, as wide as the interval; no row where nothing is known of others.
    """

    name: str
    teams: Array
    mean: Array
    draws: Array

    @property
    def ranks(self) -> Array:
        """(N,) competition ranks; 0 for a team without a score."""
        return ranks(self.mean)

    def interval(self, level: float = 0.95) -> Array:
        """(N, 2) percentiles of the draws; NaN where there are none."""
        if not len(self.draws):
            return np.full((len(self.mean), 2), np.nan)
        return percentile_interval(self.draws, level=level)

    def of(self, teams: Sequence[str]) -> "Scores":
        """The same for these teams, in their order; a team without a score has NaN."""
        place = {team: column for column, team in enumerate(self.teams)}
        columns = np.array([place.get(team, -1) for team in teams], dtype=np.int64)
        mean = np.where(columns >= 0, self.mean[columns], np.nan)
        draws = np.where(columns >= 0, self.draws[:, columns], np.nan)
        return Scores(self.name, np.array(teams, dtype=object), mean, draws)


def standing(scores: Scores, *, level: float = 0.95) -> dict[str, Any]:
    """Ranks, their probabilities and the groups that cannot be told apart, ready for JSON.

    Returns
    -------
    dict
        `teams`, a row for each, best first: team, rank, the score under its name, low, high, p_first,
        rank_low, rank_high, tie_groups (numbers, from 1). `p_rank` {teams, values}: row t, column r - 1.
        Empty where there are no draws.
    """
    names = [str(team) for team in scores.teams]
    interval, rank = scores.interval(level), scores.ranks
    groups, critical, error = tie_groups(scores.mean, scores.draws, level=level)
    low, high = rank_intervals(scores.mean, critical, error)
    some = len(scores.draws) > 0
    p_rank = rank_probabilities(ranks(scores.draws)) if some else np.full((len(names), len(names)), np.nan)
    order = np.lexsort([np.array(names), -np.nan_to_num(scores.mean, nan=-np.inf)])
    member = {
        team: [n for n, group in enumerate(groups, start=1) if team in group] for team in range(len(names))
    }
    rows = [
        {
            "team": names[t],
            "rank": int(rank[t]) or None,
            scores.name: float(scores.mean[t]),
            "low": float(interval[t, 0]),
            "high": float(interval[t, 1]),
            "p_first": float(p_rank[t, 0]),
            "rank_low": _whole(low[t]) if some else None,
            "rank_high": _whole(high[t]) if some else None,
            "tie_groups": " ".join(map(str, member[int(t)])) if some else "",
        }
        for t in order
    ]
    return {
        "teams": rows,
        "p_rank": {"teams": names, "values": p_rank.tolist()},
        "tie_groups": [[names[t] for t in group] for group in groups] if some else [],
    }


def ranked(rule: Rule, scores: Sequence[Scores], *, level: float = 0.95) -> list[dict[str, Any]]:
    """Finals and ranks by a rule whose names are those of the scores, best first, ready for JSON.

    Parameters
    ----------
    rule : Rule
    scores : sequence of Scores
        One for each name of the user study that the rule has, drawn independently of each other.
    level : float

    Returns
    -------
    list of dict
        team, rank, the scores by name, final with low and high, p_first (how often the rule ranks the team
        first in the draws), reason (why it has no rank). Without draws of each score, low, high and p_first
        are NaN.

    Raises
    ------
    AnalysisError
        For a name of the rule that is none of the scores.
    """
    teams = sorted({str(team) for score in scores for team in score.teams})
    lined = [score.of(teams) for score in scores]
    found = rule.outcome({score.name: score.mean for score in lined}, teams=teams)
    size = min(len(score.draws) for score in lined)
    drawn = rule.outcome({score.name: score.draws[:size] for score in lined}, teams=teams) if size else None
    empty = np.full(len(teams), np.nan)
    interval = percentile_interval(drawn.final, level=level) if drawn else np.column_stack([empty, empty])
    first = (drawn.rank == 1).mean(axis=0) if drawn else empty
    order = np.lexsort([np.array(teams), np.where(found.rank > 0, found.rank, len(teams) + 1)])
    return [
        {
            "team": teams[t],
            "rank": int(found.rank[t]) or None,
            **{score.name: float(score.mean[t]) for score in lined},
            "final": float(found.final[t]),
            "low": float(interval[t, 0]),
            "high": float(interval[t, 1]),
            "p_first": float(first[t]),
            "reason": found.reasons[t],
        }
        for t in order
    ]


def _whole(value: Any) -> int | None:
    return None if np.isnan(value) else int(value)
