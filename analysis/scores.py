"""A score for each team with its resamples, and the resulting ranks: for comparisons and ratings."""

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from analysis.resampling.intervals import percentile_interval
from analysis.resampling.ranks import rank_intervals, rank_probabilities, tie_groups
from analysis.rule.teams import ranks

Array = NDArray[Any]


@dataclass(frozen=True)
class Scores:
    """Scores of N teams; higher is better.

    Attributes
    ----------
    name : str
        What a rule calls it: bt, jod, mos.
    teams : (N,) object
    mean : (N,) float
        As observed; NaN for a team without one.
    draws : (R, N) float
        Resamples for other judges and images, as wide as the interval; no rows if these cannot be resampled.
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
        """(N, 2) percentiles of the resamples; NaN if there are none."""
        if not len(self.draws):
            return np.full((len(self.mean), 2), np.nan)
        return percentile_interval(self.draws, level=level)

    def part(self, teams: NDArray[np.bool_]) -> "Scores":
        """The scores of some of the teams."""
        return Scores(self.name, self.teams[teams], self.mean[teams], self.draws[:, teams])


def standing(scores: Scores, *, level: float = 0.95) -> dict[str, Any]:
    """Ranks, their probabilities and the groups that cannot be told apart, ready for JSON.

    Returns
    -------
    dict
        `teams`, a row for each, best first: team, rank, the score under its name, low, high, p_first,
        rank_low, rank_high, tie_groups (numbers, from 1). `p_rank` {teams, values}: row t, column r - 1.
        Empty if there are no resamples.
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


def _whole(value: Any) -> int | None:
    return None if np.isnan(value) else int(value)
