"""Screening of paired comparisons: contradictions of a judge, and improbable answers given the others'."""

from dataclasses import dataclass

import numpy as np

from analysis.errors import AnalysisError
from analysis.models.plackett_luce import fit_plackett_luce
from analysis.screening.consensus import FENCE


@dataclass(frozen=True)
class Triads:
    """Circular triads (a over b, b over c, c over a) in one judge's comparisons.

    Attributes
    ----------
    circular
        How many there are, T.
    expected
        The mean of a judge who tosses coins, a quarter of all triads.
    largest
        The most there can be.
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
        Shape (n, n): 1 where the row was preferred to the column, 0 elsewhere.

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


def unlikely_comparers(wins: np.ndarray, *, penalty: float | None = None) -> tuple[np.ndarray, np.ndarray]:
    """Leave-one-out screening of paired comparisons.

    Each judge's comparisons are given their log-likelihood, per comparison, under the Bradley-Terry model of
    the other judges' comparisons; (Q1 - L)/IQR over the judges above 1.5 deserves a second look. (The
    reference does so with Thurstone's model, which differs from this one by the shape of the link.)

    Parameters
    ----------
    wins
        Shape (J, n, n): how often judge j preferred the row to the column. Or (J, I, n, n) for comparisons
        within I images: each image then has a model of its own, as each scene has in the reference, and a
        judge's comparisons on all images count together. A judge may be a judge in one session.
    penalty
        See `analysis.models.plackett_luce.fit_plackett_luce`; where the others' comparisons have no finite
        estimate, its default penalty is used.

    Returns
    -------
    loglik, distance
        Each of shape (J,); NaN for judges without comparisons, and the distance also below four judges or if
        half of them are equal.

    Raises
    ------
    AnalysisError
        For a wrong shape or negative counts.

    References
    ----------
    Perez-Ortiz & Mantiuk (2017), A practical guide and software for analysing pairwise comparison
    experiments, arXiv:1712.03686.
    """
    wins = np.asarray(wins, dtype=float)
    wins = wins[:, None] if wins.ndim == 3 else wins
    _items(wins.reshape(-1, *wins.shape[-2:]) if wins.ndim == 4 else wins)
    total = wins.sum(axis=0)
    loglik = np.array([_over_images(own, total - own, penalty) for own in wins])
    known = loglik[~np.isnan(loglik)]
    if len(known) < 4:
        return loglik, np.full(len(wins), np.nan)
    low, high = np.quantile(known, [0.25, 0.75])
    spread = high - low
    return loglik, (low - loglik) / spread if spread > 1e-12 else np.full(len(wins), np.nan)


def suspicious(distance: np.ndarray) -> np.ndarray:
    """Whether a distance of `unlikely_comparers` lies beyond the fence of 1.5."""
    return distance > FENCE


def _items(wins: np.ndarray) -> int:
    if wins.ndim != 3 or wins.shape[1] != wins.shape[2] or (wins < 0).any():
        raise AnalysisError(f"wins of shape {wins.shape}: give non-negative counts, items by items")
    return wins.shape[1]


def _worths(wins: np.ndarray, penalty: float | None) -> np.ndarray | None:
    """Bradley-Terry: a Plackett-Luce model of choices between two."""
    winner, loser = np.nonzero(wins)
    if not len(winner):
        return None
    rank = np.zeros((len(winner), len(wins)), dtype=np.int64)
    rank[np.arange(len(winner)), winner] = 1
    shown = rank > 0
    shown[np.arange(len(winner)), loser] = True
    return fit_plackett_luce(rank, shown, weights=wins[winner, loser], penalty=penalty).log_worth


def _over_images(own: np.ndarray, others: np.ndarray, penalty: float | None) -> float:
    """Log-likelihood per comparison, over the images on which others compared, too; (I, n, n) each."""
    total = compared = 0.0
    for wins, rest in zip(own, others, strict=True):
        worth = _worths(rest, penalty) if wins.any() else None
        if worth is not None:
            total -= (wins * np.logaddexp(0, worth - worth[:, None])).sum()
            compared += wins.sum()
    return float(total / compared) if compared else np.nan
