"""Paired comparisons counted by ordered pair: who stood first, who won, who tied."""

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy.sparse.csgraph import connected_components

from analysis.errors import AnalysisError

Array = NDArray[Any]


@dataclass(frozen=True)
class PairCounts:
    """Comparisons of N candidates; cell [a, b] counts those that showed a first.

    Attributes
    ----------
    first_wins, second_wins, ties : (..., N, N) float
        The first won, the second won, neither won. Leading axes are data sets of their own (resamples).
    """

    first_wins: Array
    second_wins: Array
    ties: Array

    @property
    def n_teams(self) -> int:
        return self.ties.shape[-1]

    def beats(self) -> NDArray[np.bool_]:
        """(..., N, N) whether a won against b at least once; a tie counts for both."""
        tied = self.ties + self.ties.swapaxes(-1, -2)
        return (self.first_wins + self.second_wins.swapaxes(-1, -2) + tied) > 0

    def wins(self) -> Array:
        """(..., N, N) how often the row was preferred to the column; a tie is half a win for each."""
        half = (self.ties + self.ties.swapaxes(-1, -2)) / 2
        return self.first_wins + self.second_wins.swapaxes(-1, -2) + half

    def met(self) -> Array:
        """(..., N, N) how often two candidates were compared, symmetric."""
        one_way = self.first_wins + self.second_wins + self.ties
        return one_way + one_way.swapaxes(-1, -2)

    def with_half_wins(self) -> "PairCounts":
        """The same comparisons with each tie as half a win for either side."""
        half = self.ties / 2
        return PairCounts(self.first_wins + half, self.second_wins + half, np.zeros_like(half))

    def with_prior(self, wins: float) -> "PairCounts":
        """The same comparisons and `wins` more of every candidate over every other, half of them shown
        first."""
        more = wins / 2 * (1 - np.eye(self.n_teams))
        return PairCounts(self.first_wins + more, self.second_wins + more, self.ties)

    def without_order(self) -> "PairCounts":
        """The same comparisons with the order forgotten: all in the upper triangle."""
        turned = [counts.swapaxes(-1, -2) for counts in (self.second_wins, self.first_wins, self.ties)]
        return PairCounts(
            np.triu(self.first_wins + turned[0], 1),
            np.triu(self.second_wins + turned[1], 1),
            np.triu(self.ties + turned[2], 1),
        )

    def part(self, which: Array) -> "PairCounts":
        """Some of the data sets along the first axis."""
        return PairCounts(self.first_wins[which], self.second_wins[which], self.ties[which])


def separate_groups(met: Array) -> list[list[int]]:
    """Candidates that comparisons link, directly or through others; one list if all hang together.

    Between two lists nothing was ever compared, so no model can say which is better.

    Examples
    --------
    >>> separate_groups(np.array([[0, 2, 0], [2, 0, 0], [0, 0, 0]]))
    [[0, 1], [2]]
    """
    count, label = connected_components(met > 0, directed=False)
    return [np.flatnonzero(label == group).tolist() for group in range(count)]


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
        raise AnalysisError("there are no comparisons; give at least one")
    for codes in (first, second):
        if codes.min() < 0 or codes.max() >= n_teams:
            wrong = codes[(codes < 0) | (codes >= n_teams)][0]
            raise AnalysisError(f"candidate code {wrong}; use 0 to {n_teams - 1}")
    halves = np.nan_to_num(2 * outcome, nan=-1).astype(np.int64)
    unknown = (halves != 2 * outcome) | (halves < 0) | (halves > 2)
    if unknown.any():
        raise AnalysisError(
            f"outcome {outcome[unknown][0]:g}; use 1 (first wins), 0 (second wins) or 0.5 (tie)"
        )
    cell = (halves * n_teams + first) * n_teams + second
    counts = np.bincount(cell, minlength=3 * n_teams**2).reshape(3, n_teams, n_teams).astype(float)
    itself = counts.diagonal(axis1=1, axis2=2).sum(axis=0)
    if itself.any():
        raise AnalysisError(
            f"candidate {int(np.argmax(itself > 0))} is compared with itself; remove that comparison"
        )
    return PairCounts(counts[2], counts[0], counts[1])
