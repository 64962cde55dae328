"""Screening of paired comparisons: contradictions of a judge, and answers improbable given the others'."""

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
from scipy.stats import t as student

from analysis.errors import AnalysisError
from analysis.models.bradley_terry import BradleyTerry, fit_bradley_terry, refit_bradley_terry
from analysis.models.pair_counts import PairCounts
from analysis.pairs import ANSWERS, Pairs
from analysis.screening.consensus import FENCE

_HELD = 2_000_000  # numbers held at once
_MOST_WORK = 2e9  # candidates cubed times refits: beyond it one model of each image judges all


@dataclass(frozen=True)
class Triads:
    """Circular triads (a over b, b over c, c over a) in one judge's comparisons.

    Attributes
    ----------
    circular
        Their number, T.
    expected
        The mean for a judge who tosses coins, a quarter of all triads.
    largest
        The largest possible number.
    zeta
        Coefficient of consistency, 1 - T / T_max: 1 without contradiction; NaN below three items.
    """

    circular: float
    expected: float
    largest: float
    zeta: float


def circular_triads(wins: np.ndarray) -> Triads:
    """Count the contradictions of a judge who compared every pair once.

    T = n(n - 1)(2n - 1)/12 - (1/2) sum a_i^2 with a_i the wins of item i.

    Parameters
    ----------
    wins
        Shape (n, n): 1 if the row was preferred to the column, 0 otherwise.

    Raises
    ------
    AnalysisError
        If a pair was not compared exactly once.

    References
    ----------
    Kendall & Babington Smith (1940), On the method of paired comparisons, Biometrika 31.

    Examples
    --------
    Rock, paper and scissors, and a stone that loses to all:

    >>> wins = np.array([[0, 1, 0, 1], [0, 0, 1, 1], [1, 0, 0, 1], [0, 0, 0, 0]])
    >>> circular_triads(wins)
    Triads(circular=1.0, expected=1.0, largest=2.0, zeta=0.5)
    """
    wins = np.asarray(wins, dtype=float)
    n = _items(wins[None])
    if not np.array_equal(wins + wins.T, 1 - np.eye(n)):
        raise AnalysisError("circular triads need every pair compared exactly once, without ties")
    circular = n * (n - 1) * (2 * n - 1) / 12 - (wins.sum(axis=1) ** 2).sum() / 2
    largest = (n**3 - (n if n % 2 else 4 * n)) / 24
    zeta = 1 - circular / largest if largest else np.nan
    return Triads(float(circular), n * (n - 1) * (n - 2) / 24, float(largest), float(zeta))


def rounds_of_triads(pairs: Pairs) -> list[list[Triads]]:
    """For each sitting, the circular triads of every image on which it compared every pair once without
    ties."""
    own, sitting, _ = _cells(pairs, whole=True)
    n = len(pairs.teams)
    found: list[list[Triads]] = [[] for _ in pairs.sittings]
    once = 1 - np.eye(n)
    for wins, who in zip(own, sitting, strict=True):
        if np.array_equal(wins + wins.T, once) and not (wins % 1).any():
            found[who].append(circular_triads(wins))
    return found


def unlikely_comparers(pairs: Pairs) -> tuple[np.ndarray, np.ndarray]:
    """Leave-one-out screening of paired comparisons.

    Each sitting's comparisons get their log-likelihood, per comparison, under the Bradley-Terry model of the
    others' comparisons; (Q1 - L)/IQR over the sittings above 1.5 deserves a second look. (The reference uses
    Thurstone's model, which differs from this one in the shape of the link.) Each image has its own model, as
    each scene has in the reference, with ties as half wins and the default penalty if no finite estimate
    exists. If refits for every sitting and image would take minutes, all sittings are compared with one model
    of each image, which includes their own comparisons.

    Returns
    -------
    loglik, distance
        Each of shape (S,), by `pairs.sittings`; NaN for sittings whose images nobody else compared, and the
        distance also below four sittings or if half of them are equal.

    References
    ----------
    Perez-Ortiz & Mantiuk (2017), A practical guide and software for analysing pairwise comparison
    experiments, arXiv:1712.03686.
    """
    loglik = _loglik(pairs)
    known = loglik[~np.isnan(loglik)]
    nothing = np.full(len(loglik), np.nan)
    if len(known) < 4:
        return loglik, nothing
    low, high = np.quantile(known, [0.25, 0.75])
    spread = high - low
    return loglik, (low - loglik) / spread if spread > 1e-12 else nothing


@dataclass(frozen=True)
class SideBias:
    """Whether the left is preferred, whichever candidate is there.

    Attributes
    ----------
    left : float
        Share of left among the answers that prefer a side; NaN without any.
    se : float
        With judges as clusters, because one judge's answers are correlated. NaN below two judges.
    p : float
        Two-sided, for left = 1/2, t on (judges - 1) degrees of freedom.
    answers : int
        How many prefer a side.
    of_judge : (J,) float
        The share of each judge.
    """

    left: float
    se: float
    p: float
    answers: int
    of_judge: np.ndarray


def side_bias(judge: np.ndarray, answer: np.ndarray, judges: int) -> SideBias:
    """Return the share of answers for the left side, with judges as clusters.

    Sides must be balanced by the design, else a good candidate that was on the left more often looks like
    bias; the order effect of the Bradley-Terry model does not need that.

    Parameters
    ----------
    judge
        Codes, shape (C,).
    answer
        Codes of `analysis.pairs.ANSWERS`, shape (C,); answers without a side do not count.
    judges
        The number of judges, J.

    Examples
    --------
    >>> found = side_bias(np.array([0, 0, 1, 1, 1]), np.array([0, 1, 0, 0, 2]), 2)
    >>> found.left, found.of_judge.tolist(), found.answers
    (0.75, [0.5, 1.0], 4)
    """
    named = answer <= ANSWERS.index("b")
    left, judge = (answer[named] == ANSWERS.index("a")).astype(float), judge[named]
    given = np.bincount(judge, minlength=judges)
    own = np.bincount(judge, left, judges)
    share = np.divide(own, given, out=np.full(judges, np.nan), where=given > 0)
    if not len(left):
        return SideBias(np.nan, np.nan, np.nan, 0, share)
    mean, clusters = float(left.mean()), int((given > 0).sum())
    if clusters < 2:
        return SideBias(mean, np.nan, np.nan, len(left), share)
    off = own - mean * given
    se = float(np.sqrt(clusters / (clusters - 1) * (off**2).sum()) / len(left))
    p = float(2 * student.sf(abs(mean - 0.5) / se, clusters - 1)) if se > 0 else float(mean == 0.5)
    return SideBias(mean, se, p, len(left), share)


def suspicious(distance: np.ndarray) -> np.ndarray:
    """Whether a distance of `unlikely_comparers` is beyond the fence of 1.5."""
    return distance > FENCE


def _items(wins: np.ndarray) -> int:
    if wins.ndim != 3 or wins.shape[1] != wins.shape[2] or (wins < 0).any():
        raise AnalysisError(f"wins of shape {wins.shape}: give non-negative counts, items by items")
    return wins.shape[1]


def _loglik(pairs: Pairs) -> np.ndarray:
    """Mean log-likelihood of each sitting's comparisons, over the images on which others compared, too."""
    n = len(pairs.teams)
    start = _start(pairs)
    total, compared = np.zeros((2, len(pairs.sittings)))
    cells = len(np.unique(pairs.sitting.astype(np.int64) * len(pairs.images) + pairs.image))
    together = cells * n**3 > _MOST_WORK
    one = _worths(pairs.wins_by_image, start) if together else None
    for own, sitting, image in _chunks(pairs):
        rest = pairs.wins_by_image[image] - own
        others = rest.any(axis=(1, 2))
        worth = one[image] if one is not None else _worths(rest, start)
        logs = -(own * np.logaddexp(0, worth[:, None, :] - worth[:, :, None])).sum(axis=(1, 2))
        total += np.bincount(sitting, np.where(others, logs, 0), len(total))
        compared += np.bincount(sitting, np.where(others, own.sum(axis=(1, 2)), 0), len(total))
    return np.divide(total, compared, out=np.full(len(total), np.nan), where=compared > 0)


def _start(pairs: Pairs) -> BradleyTerry | None:
    try:
        return fit_bradley_terry(pairs.counts, ties="half")
    except AnalysisError:  # nothing but ties: all worths are equal
        return None


def _worths(wins: np.ndarray, start: BradleyTerry | None) -> np.ndarray:
    """Bradley-Terry log worths of many tables of wins, (M, N)."""
    if start is None:
        return np.zeros(wins.shape[:2])
    turned = wins.swapaxes(1, 2)
    counts = PairCounts(np.triu(wins, 1), np.triu(turned, 1), np.zeros_like(wins))
    return refit_bradley_terry(counts, start, ties="half")[0]


def _chunks(pairs: Pairs) -> Iterator[tuple[np.ndarray, np.ndarray, np.ndarray]]:
    """`_cells` of so many sittings at a time that memory stays small."""
    step = max(1, _HELD // len(pairs.teams) ** 2)
    cell = pairs.sitting.astype(np.int64) * len(pairs.images) + pairs.image
    order = np.argsort(cell, kind="stable")
    begins = np.flatnonzero(np.diff(cell[order], prepend=-1))
    for first in range(0, len(begins), step):
        end = begins[first + step] if first + step < len(begins) else len(order)
        yield _cells(pairs, order[begins[first] : end])


def _cells(
    pairs: Pairs, rows: np.ndarray | None = None, *, whole: bool = False
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Wins (M, N, N) of every sitting on every image that it compared, ties as half; whose, and of which
    image.

    With `whole`, only where the number of comparisons is that of all pairs once.
    """
    n = len(pairs.teams)
    rows = np.arange(pairs.size) if rows is None else rows
    cell = pairs.sitting[rows].astype(np.int64) * len(pairs.images) + pairs.image[rows]
    if whole:
        _, place, size = np.unique(cell, return_inverse=True, return_counts=True)
        keep = size[place] == n * (n - 1) // 2
        rows, cell = rows[keep], cell[keep]
    used, place = np.unique(cell, return_inverse=True)
    first, second, outcome = pairs.first[rows], pairs.second[rows], pairs.outcome[rows]
    wins = np.bincount((place * n + first) * n + second, outcome, len(used) * n * n)
    wins += np.bincount((place * n + second) * n + first, 1 - outcome, len(used) * n * n)
    sitting, image = np.divmod(used, len(pairs.images))
    return wins.reshape(len(used), n, n), sitting, image
