"""Top-k ballots as choices: at each place one team is chosen from all that are still on the table.

The teams a judge did not list stand *below* the listed ones: a top 3 of N shown teams is three choices,
from sets of N, N-1 and N-2 teams (not a comparison of the three among themselves, which is another
model). Of teams that share a place each is chosen from all that stood there before them (Breslow 1974, for
ties in the same likelihood). Equal choices are counted once, so the cost of a model depends on the number of
different choice sets.
"""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from scipy import sparse

from analysis.errors import AnalysisError
from analysis.votes import BallotArrays

_WORD = 62  # teams that fit into one signed 64-bit key

Codes = NDArray[np.int64]


@dataclass(frozen=True)
class Choices:
    """The different choices of a set of ballots.

    Attributes
    ----------
    sets : (M, N) float
        1 where team t is a member of choice set m.
    pair_set, pair_winner : (U,) int
        Each different choice: from which set, which team.
    ballots : (B, U) sparse
        How often ballot b made choice u (0 or 1).
    """

    sets: NDArray[np.float64]
    pair_set: Codes
    pair_winner: Codes
    ballots: sparse.csr_array

    @property
    def n_teams(self) -> int:
        return self.sets.shape[1]

    @property
    def n_ballots(self) -> int:
        return self.ballots.indptr.size - 1

    def counts(self, weights: NDArray[np.float64] | None = None) -> NDArray[np.float64]:
        """How often each different choice was made.

        Parameters
        ----------
        weights : (R, B) float, optional
            One row of ballot weights for each replicate; absent: every ballot once.

        Returns
        -------
        (R, U) float
            R is 1 without weights.
        """
        if weights is None:
            n_choices = len(self.pair_set)
            return np.bincount(self.ballots.indices, minlength=n_choices)[None, :].astype(float)
        return np.asarray((self.ballots.T @ weights.T).T)

    def wins(self, counts: NDArray[np.float64]) -> NDArray[np.float64]:
        """(R, N) how often each team was chosen."""
        return counts @ _indicator(self.pair_winner, self.n_teams)

    def set_counts(self, counts: NDArray[np.float64]) -> NDArray[np.float64]:
        """(R, M) how often each set was chosen from."""
        return counts @ _indicator(self.pair_set, len(self.sets))

    def beats(self, counts: NDArray[np.float64]) -> NDArray[np.bool_]:
        """(R, N, N) whether team a was chosen from a set that held team b (the diagonal is meaningless)."""
        made = (counts > 0).astype(float)
        members = self.sets[self.pair_set]
        beats = np.zeros((len(counts), self.n_teams, self.n_teams), dtype=bool)
        for team in range(self.n_teams):
            mine = self.pair_winner == team
            beats[:, team] = made[:, mine] @ members[mine] > 0
        return beats


def choices_of(rank: NDArray[np.integer], shown: NDArray[np.bool_]) -> Choices:
    """Take ballots apart into choices.

    Parameters
    ----------
    rank : (B, N) int
        1 for the first pick, 2 for the second, ..., 0 (or less) for teams not picked.
    shown : (B, N) bool
        Which teams the judge saw; only they are in the choice sets.

    Returns
    -------
    Choices
        Choices from a set of one team say nothing and are left out.

    Raises
    ------
    AnalysisError
        A team ranked that is not shown; a place given twice or left out.

    Examples
    --------
    >>> import numpy as np
    >>> c = choices_of(np.array([[1, 2, 0], [1, 0, 2]]), np.ones((2, 3), dtype=bool))
    >>> c.sets
    array([[0., 1., 1.],
           [1., 1., 1.]])
    >>> c.wins(c.counts())
    array([[2., 1., 1.]])
    """
    n_ballots, n_teams = shown.shape
    picks, everyone = _picks(rank), bool(shown.all())
    if not everyone and (shown < (rank > 0)).any():
        raise AnalysisError("a ballot ranks a team that was not shown; rank only teams that are shown")
    words = []
    for start in range(0, n_teams, _WORD):
        part = shown[:, start : start + _WORD]
        bits = np.left_shift(np.int64(1), np.arange(part.shape[1]))
        words.append(np.full(n_ballots, bits.sum()) if everyone else part @ bits)
    sizes = np.full(n_ballots, n_teams) if everyone else shown.sum(axis=1)
    alone = np.where(picks >= 0, np.arange(picks.shape[1]), -1)
    return _choices(picks, alone, words, sizes, n_teams, shown.__getitem__)


def choices_of_ballots(ballots: BallotArrays) -> Choices:
    """The choices of a votes table, in memory linear in its rows however many teams there are.

    Parameters
    ----------
    ballots : BallotArrays
        Those of `analysis.votes.Votes`.
    """
    starts, n_teams = ballots.start[:-1], len(ballots.teams)
    words = []
    for start in range(0, n_teams, _WORD):
        place = ballots.team.astype(np.int64) - start
        inside = (place >= 0) & (place < _WORD)
        bits = np.where(inside, np.left_shift(np.int64(1), np.where(inside, place, 0)), 0)
        words.append(np.add.reduceat(bits, starts))

    def members(chosen: Codes) -> NDArray[np.bool_]:
        shown = np.zeros((len(chosen), n_teams), dtype=bool)
        for row, ballot in enumerate(chosen):
            shown[row, ballots.team[ballots.start[ballot] : ballots.start[ballot + 1]]] = True
        return shown

    picks, begin = ballots.picks.astype(np.int64), ballots.pick_ranks.astype(np.int64) - 1
    return _choices(picks, begin, words, np.diff(ballots.start), n_teams, members)


def _picks(rank: NDArray[np.integer]) -> Codes:
    """(B, K) the team at each place, -1 where the ballot ends."""
    flat = np.flatnonzero(rank > 0)
    ballot, team = np.divmod(flat, rank.shape[1])
    place = rank.ravel()[flat].astype(np.int64) - 1
    picks = np.full((len(rank), int(place.max(initial=-1)) + 1), -1, dtype=np.int64)
    picks[ballot, place] = team
    filled = picks >= 0
    if filled.sum() < len(team) or (filled[:, 1:] > filled[:, :-1]).any():
        raise AnalysisError("a ballot uses a place twice or skips one; use the ranks 1, 2, 3, ... once each")
    return picks


def _choices(
    picks: Codes,
    begin: Codes,
    words: list[Codes],
    sizes: Codes,
    n_teams: int,
    members: Callable[[Codes], NDArray[np.bool_]],
) -> Choices:
    """`picks` (B, K) has -1 where a ballot ends, `begin` the first of the places that a pick shares; `words`
    are the teams shown as bits, `sizes` their count.
    """
    made = (picks >= 0) & (sizes[:, None] - begin > 1)
    ballot, place = np.divmod(np.flatnonzero(made), made.shape[1])
    keys = [np.take_along_axis(key, np.maximum(begin, 0), axis=1) for key in _set_keys(picks, words)]
    set_code, first = _factorize([key[made] for key in keys])
    place = begin[ballot, place]
    winner = picks[made]
    pair_code, first_pair = _factorize([set_code * n_teams + winner])
    sets = members(ballot[first]).astype(float)
    rows = np.arange(len(first))
    for earlier in range(picks.shape[1]):
        gone = place[first] > earlier
        sets[rows[gone], picks[ballot[first][gone], earlier]] = 0
    row_starts = np.concatenate([[0], np.cumsum(made.sum(axis=1))])
    shape = (len(picks), len(first_pair))
    table = sparse.csr_array((np.ones(len(ballot)), pair_code, row_starts), shape=shape)
    return Choices(sets, set_code[first_pair], winner[first_pair], table)


def _set_keys(picks: Codes, words: list[Codes]) -> list[Codes]:
    """For each word of 62 teams, (B, K) the members of each choice set as the bits of an integer."""
    keys = []
    bit = np.zeros((len(words), len(words) * _WORD + 1), dtype=np.int64)  # the last is that of no team, -1
    for number, word in enumerate(words):
        bit[number, number * _WORD : (number + 1) * _WORD] = np.left_shift(np.int64(1), np.arange(_WORD))
        key = np.empty(picks.shape, dtype=np.int64)
        for place in range(picks.shape[1]):
            key[:, place] = key[:, place - 1] - bit[number][picks[:, place - 1]] if place else word
        keys.append(key)
    return keys


def _factorize(words: list[Codes]) -> tuple[Codes, Codes]:
    """Codes in the sorted order of the keys, and the position of the first of each."""
    code, different = pd.factorize(words[0], sort=True)
    for word in words[1:]:
        part, parts = pd.factorize(word, sort=True)
        code, different = pd.factorize(code * len(parts) + part, sort=True)
    first = np.empty(len(different), dtype=np.int64)
    first[code[::-1]] = np.arange(len(code))[::-1]  # of equal indices the last assignment stays
    return code, first


def _indicator(code: Codes, size: int) -> sparse.csr_array:
    n = len(code)
    return sparse.csr_array((np.ones(n), code, np.arange(n + 1)), shape=(n, size))
