"""Consistency of paired comparisons: chance of circular triads, Kendall's u, stochastic transitivity."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from itertools import combinations, permutations
from math import comb

import numpy as np
from scipy.stats import chi2

from analysis.errors import AnalysisError

_EXACT = 7  # items up to which all tournaments are counted
_EQUAL = 1e-9
U_NEEDS = "Kendall's u needs every pair compared by the same judges, two or more, without ties"


def triads_p(circular: Sequence[float], items: int) -> float:
    """Return the probability that a judge who tosses coins makes no more circular triads than these.

    Parameters
    ----------
    circular
        The circular triads of each complete round of comparisons of the same items.
    items
        The number of items, n.

    Returns
    -------
    float
        Small if the judge does not guess. Exact up to seven items, else by the chi-squared approximation
        8/(n - 4) (C(n, 3)/4 - T - 1/2) + df on df = n(n - 1)(n - 2)/(n - 4)^2, summed over rounds. (With
        + 1/2, as it is often printed, it is the probability of fewer triads.)

    References
    ----------
    Kendall & Babington Smith (1940), On the method of paired comparisons, Biometrika 31.

    Examples
    --------
    24 of the 64 outcomes for four items have no circular triad:

    >>> triads_p([0], 4)
    0.375
    """
    if not len(circular) or items < 3:
        raise AnalysisError("circular triads need a round of three items")
    if items > _EXACT:
        df = items * (items - 1) * (items - 2) / (items - 4) ** 2
        rounds = len(circular)
        fewer = rounds * comb(items, 3) / 4 - sum(circular) - 0.5
        return float(chi2.sf(8 / (items - 4) * fewer + rounds * df, rounds * df))
    one = triad_counts(items)
    share = np.array([one[t] for t in range(max(one) + 1)], dtype=float)
    share /= share.sum()
    total = np.ones(1)
    for _ in circular:
        total = np.convolve(total, share)
    return float(total[: round(sum(circular)) + 1].sum())


@cache
def triad_counts(items: int) -> Counter[int]:
    """How many of the 2^C(n, 2) outcomes have each number of circular triads."""
    scores: Counter[tuple[int, ...]] = Counter({(0,) * items: 1})
    for a, b in combinations(range(items), 2):
        after: Counter[tuple[int, ...]] = Counter()
        for won, times in scores.items():
            for winner in (a, b):
                after[*won[:winner], won[winner] + 1, *won[winner + 1 :]] += times
        scores = after
    found: Counter[int] = Counter()
    for won, times in scores.items():
        found[comb(items, 3) - sum(comb(w, 2) for w in won)] += times
    return found


@dataclass(frozen=True)
class KendallU:
    """Agreement of judges who compared the same pairs.

    Attributes
    ----------
    u
        1 if all prefer the same; at least -1/m (m odd) or -1/(m - 1).
    chi2, df, p
        Against judges who toss coins; None below three judges.
    judges
        m.
    """

    u: float
    chi2: float | None
    df: float | None
    p: float | None
    judges: int


def kendall_u(wins: np.ndarray) -> KendallU:
    """Return Kendall's coefficient of agreement of paired comparisons.

    u = 2 S/(C(m, 2) P) - 1 with S = sum over all pairs and both sides of C(preferences, 2), for m judges and
    P pairs.

    Parameters
    ----------
    wins
        Shape (..., n, n): how many judges preferred the row to the column; further axes are images. No
        halves for ties: two of them would look like one judge on each side.

    Raises
    ------
    AnalysisError
        Unless every pair (of every image) was compared by the same number of judges, two or more, and
        without ties.

    References
    ----------
    Kendall & Babington Smith (1940), Biometrika 31.

    Examples
    --------
    Four judges, of whom three prefer a to b, two a to c, and all b to c:

    >>> round(kendall_u(np.array([[0, 3, 2], [1, 0, 4], [2, 0, 0]])).u, 3)
    0.222
    """
    wins = np.asarray(wins, dtype=float)
    a, b = np.triu_indices(wins.shape[-1], 1)
    ours, theirs = wins[..., a, b].ravel(), wins[..., b, a].ravel()
    judges = np.unique(ours + theirs)
    if len(judges) != 1 or judges[0] < 2 or (ours % 1).any():
        raise AnalysisError(U_NEEDS)
    m, pairs = float(judges[0]), len(ours)
    agreeing = float((ours * (ours - 1) + theirs * (theirs - 1)).sum() / 2)
    both = m * (m - 1) / 2
    u = 2 * agreeing / (both * pairs) - 1
    if m < 3:
        return KendallU(u, None, None, None, int(m))
    df = pairs * m * (m - 1) / (m - 2) ** 2
    statistic = 4 / (m - 2) * (agreeing - pairs * both * (m - 3) / (m - 2) / 2)
    return KendallU(u, statistic, df, float(chi2.sf(statistic, df)), int(m))


@dataclass(frozen=True)
class Transitivity:
    """In how many of the `triples` of items each kind of stochastic transitivity is violated."""

    triples: int
    weak: int
    moderate: int
    strong: int


def stochastic_transitivity(share: np.ndarray) -> Transitivity:
    """Count violations of stochastic transitivity.

    If a is preferred to b and b to c by half at least, the share p(a over c) should be at least 1/2 (weak),
    at least the smaller of the two shares (moderate), at least the larger (strong). A model of one worth for
    each item, such as Bradley and Terry's, implies the strong form; chance alone violates it often.

    Parameters
    ----------
    share
        Shape (n, n): share of comparisons in which the row was preferred, NaN where never compared. Triples
        with such a pair do not count.

    References
    ----------
    Block & Marschak (1960), Random orderings and stochastic theories of responses; Tversky (1969), Psychol.
    Rev. 76.

    Examples
    --------
    >>> share = np.array([[np.nan, 0.8, 0.7], [0.2, np.nan, 0.6], [0.3, 0.4, np.nan]])
    >>> stochastic_transitivity(share)
    Transitivity(triples=1, weak=0, moderate=0, strong=1)
    """
    triples = np.array(list(combinations(range(len(share)), 3)), dtype=np.int64).reshape(-1, 3)
    known = ~np.isnan([share[triples[:, x], triples[:, y]] for x, y in permutations(range(3), 2)]).any(axis=0)
    triples = triples[known]
    found = np.zeros((3, len(triples)), dtype=bool)
    for a, b, c in permutations(triples.T):
        first, second, across = share[a, b], share[b, c], share[a, c]
        chain = np.minimum(first, second) >= 0.5
        limits = (0.5, np.minimum(first, second), np.maximum(first, second))
        for kind, limit in enumerate(limits):
            found[kind] |= chain & (across < limit - _EQUAL)
    return Transitivity(len(triples), *found.sum(axis=1).tolist())
