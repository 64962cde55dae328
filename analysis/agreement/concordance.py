"""Kendall's coefficient of concordance W with ties, and its permutation test."""

from dataclasses import dataclass

import numpy as np

from analysis.agreement.blocks import Block, centred
from analysis.agreement.shuffles import shuffles
from analysis.errors import AnalysisError

_EQUAL = 1e-9  # two values of W closer than this are one value: sums in another order differ in the last bits


@dataclass(frozen=True)
class WTest:
    """Kendall's W of each image against chance.

    Attributes
    ----------
    observed
        W, shape (I,); NaN where it is not defined.
    p
        Permutation p of each image, (1 + #>=) / (permutations + 1), shape (I,).
    mean, p_mean
        Mean over the images where W is defined, and its p.
    chance
        Expected mean under random ballots: the mean of 1/m.
    """

    observed: np.ndarray
    p: np.ndarray
    mean: float
    p_mean: float
    chance: float
    permutations: int


def kendall_w(ranks: np.ndarray) -> float:
    """Return Kendall's W, corrected for ties.

    With d_j the mid-ranks of judge j less their mean, `W = |sum_j d_j|^2 / (m * sum_j |d_j|^2)`. For complete
    ballots this is the textbook 12*sum_t (R_t - m(N+1)/2)^2 / (m^2(N^3-N) - m*sum_j T_j); it also holds where
    ballots differ in their ties or in the teams shown (a team that was not shown deviates by 0). Under random
    ballots its expectation is 1/m, not 0.

    Parameters
    ----------
    ranks
        Shape (m, N): ranks or scores by m judges, ties as mid-ranks, NaN where a team was not shown.

    Returns
    -------
    float
        Between 0 and 1; NaN for fewer than two judges that tell any teams apart.

    Raises
    ------
    AnalysisError
        If `ranks` is not a matrix.

    References
    ----------
    Kendall & Babington Smith (1939), The problem of m rankings, Ann. Math. Stat. 10.

    Examples
    --------
    Siegel (1956), six applicants ranked by three executives: S = 25.5, W = 0.16.

    >>> ranks = np.array([[1, 6, 3, 2, 5, 4], [1, 5, 6, 4, 2, 3], [6, 3, 2, 5, 4, 1]])
    >>> round(kendall_w(ranks), 3)
    0.162
    """
    ranks = np.asarray(ranks, dtype=float)
    if ranks.ndim != 2:
        raise AnalysisError(f"ranks have the shape {ranks.shape}; give a matrix, judges by teams")
    return w_of_deviations(centred(ranks))


def w_of_deviations(deviations: np.ndarray) -> float:
    """Return W from mid-ranks less their mean, shape (m, N)."""
    judges, scale = _scale(deviations)
    total = deviations.sum(axis=0)
    return float(total @ total / scale) if judges > 1 else np.nan


def w_under_chance(block: Block, permutations: int, rng: np.random.Generator) -> np.ndarray:
    """Draw W with the shown teams of every ballot permuted at random, shape (permutations,)."""
    judges, scale = _scale(block.deviations)
    if judges < 2:
        return np.full(permutations, np.nan)
    total = np.zeros((permutations, len(block.team)))
    for row, shown in zip(block.deviations, block.shown, strict=True):
        columns = slice(None) if shown.all() else shown
        total[:, columns] += shuffles(row[columns], permutations, rng)
    return np.einsum("bt,bt->b", total, total) / scale


def concordance_test(blocks: list[Block], *, permutations: int, rng: np.random.Generator) -> WTest:
    """Test W of every image, and its mean, against ballots whose teams are permuted at random.

    The p-values count the data as one of the draws (Phipson & Smyth 2010), so that none is 0.
    """
    observed = np.array([w_of_deviations(block.deviations) for block in blocks])
    judges = np.array([_scale(block.deviations)[0] for block in blocks])
    defined = np.flatnonzero(~np.isnan(observed))
    p, mean = np.full(len(blocks), np.nan), np.zeros(permutations)
    for index in defined:
        chance = w_under_chance(blocks[index], permutations, rng)
        p[index] = permutation_p(observed[index], chance)
        mean += chance / len(defined)
    if not len(defined):
        return WTest(observed, p, np.nan, np.nan, np.nan, permutations)
    value = float(observed[defined].mean())
    return WTest(
        observed, p, value, permutation_p(value, mean), float((1 / judges[defined]).mean()), permutations
    )


def permutation_p(observed: float, draws: np.ndarray) -> float:
    """Return (1 + number of draws at or above the observed value) / (number of draws + 1)."""
    return float((1 + (draws >= observed - _EQUAL).sum()) / (len(draws) + 1))


def _scale(deviations: np.ndarray) -> tuple[int, float]:
    """The judges that tell any teams apart, m, and m * sum_j |d_j|^2."""
    squares = np.einsum("jt,jt->j", deviations, deviations)
    judges = int((squares > 0).sum())
    return judges, judges * float(squares.sum())
