"""Paired comparisons counted by ordered pair: who stood first, who won, who tied."""

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from analysis.errors import AnalysisError

Array = NDArray[Any]


@dataclass(frozen=True)
class PairCounts:
    """Comparisons of N candidates; cell [a, b] counts those that showed a first.

    Attributes
    ----------
    first_wins, second_wins, ties : (N, N) float
        The first won, the second won, neither won.
    """

    first_wins: Array
    second_wins: Array
    ties: Array

    @property
    def n_teams(self) -> int:
        return len(self.ties)

    def beats(self) -> NDArray[np.bool_]:
        """(N, N) whether a won against b at least once; a tie counts for both."""
        tied = self.ties + self.ties.T
        return (self.first_wins + self.second_wins.T + tied) > 0

    def with_half_wins(self) -> "PairCounts":
        """The same comparisons with each tie as half a win for either side."""
        half = self.ties / 2
        return PairCounts(self.first_wins + half, self.second_wins + half, np.zeros_like(half))

    def without_order(self) -> "PairCounts":
        """The same comparisons with the order forgotten: all in the upper triangle."""
        return PairCounts(
            np.triu(self.first_wins + self.second_wins.T, 1),
            np.triu(self.second_wins + self.first_wins.T, 1),
            np.triu(self.ties + self.ties.T, 1),
        )


def count_pairs(first: Array, second: Array, outcome: Array, n_teams: int) -> PairCounts:
    """Count comparisons.

    Parameters
    ----------
    first, second : (C,) int
        The candidate shown first (left) and second of each comparison.
    outcome : (C,) float
        1 where the first won, 0 where the second won, 0.5 for a tie.
    n_teams : int

    Raises
    ------
    AnalysisError
        For a candidate compared with itself, a code outside 0..n_teams-1, another outcome.

    Examples
    --------
    >>> import numpy as np
    >>> c = count_pairs(np.array([0, 1, 0]), np.array([1, 0, 1]), np.array([1, 1, 0.5]), 2)
    >>> c.first_wins.tolist(), c.ties.tolist()
    ([[0.0, 1.0], [1.0, 0.0]], [[0.0, 1.0], [0.0, 0.0]])
    """
    first, second, outcome = np.asarray(first), np.asarray(second), np.asarray(outcome, dtype=float)
    if len(first) == 0:
        raise AnalysisError("no comparisons; at least one is needed")
    both = np.concatenate([first, second])
    if both.min() < 0 or both.max() >= n_teams:
        raise AnalysisError(
            f"candidate code {both[(both < 0) | (both >= n_teams)][0]}; use 0 to {n_teams - 1}"
        )
    if (first == second).any():
        raise AnalysisError(f"candidate {first[first == second][0]} is compared with itself")
    unknown = ~np.isin(outcome, (0, 0.5, 1))
    if unknown.any():
        raise AnalysisError(
            f"outcome {outcome[unknown][0]:g}; use 1 (first wins), 0 (second wins) or 0.5 (tie)"
        )
    cell = first.astype(np.int64) * n_teams + second
    counts = [np.bincount(cell, outcome == value, n_teams**2).reshape(n_teams, -1) for value in (1, 0, 0.5)]
    return PairCounts(*counts)
