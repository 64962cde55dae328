"""Agreement of two ballots, averaged over all pairs of judges at the cost of one sum.

Spearman's rho, Kendall's tau-b and the overlaps are inner products of two embedded ballots, a . b. So the
mean of a ballot's agreement with the m - 1 others is a . (sum of all - a) / (m - 1): no loop over pairs, and
memory linear in the ballots. Only pairs to whom different teams were shown need care: they are compared on
the teams that both saw.
"""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from scipy.stats import rankdata

from analysis.agreement.blocks import Block, centred

# Takes mid-ranks (m, n) with NaN where not shown, and the columns (n,) that both sides of a comparison saw.
# Returns vectors (m, d) and whether each ballot can be compared at all (m,); the rest have vectors of zeros.
Embedding = Callable[[np.ndarray, np.ndarray], tuple[np.ndarray, np.ndarray]]
_ROWS = 1 << 15


@dataclass(frozen=True)
class PairSums:
    """For each ballot of a block, its agreement with the others summed, and how many could be compared."""

    total: np.ndarray
    count: np.ndarray

    @property
    def per_ballot(self) -> np.ndarray:
        """Mean agreement of each ballot with the others, NaN where there is none to compare."""
        return np.divide(self.total, self.count, out=np.full(len(self.total), np.nan), where=self.count > 0)

    @property
    def mean(self) -> float:
        """Mean over the pairs, NaN where there is none."""
        pairs = self.count.sum()
        return float(self.total.sum() / pairs) if pairs else np.nan


def spearman(ranks: np.ndarray, common: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Embed for Spearman's rho with ties: the correlation of mid-ranks among the common teams."""
    ranks = ranks[:, common]
    return _unit(centred(rankdata(ranks, axis=1)) if len(ranks) else ranks)


def tau_b(ranks: np.ndarray, common: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Embed for Kendall's tau-b: the signs of all pairs of common teams."""
    ranks = ranks[:, common]
    first, second = np.triu_indices(ranks.shape[1], k=1)
    return _unit(np.sign(ranks[:, second] - ranks[:, first]))


def pair_sums(block: Block, embedding: Embedding) -> PairSums:
    """Compare each ballot of a block with all the others.

    Parameters
    ----------
    block
        m ballots of one image.
    embedding
        `spearman`, `tau_b`, or one of `analysis.agreement.overlap`.
    """
    total, count = np.zeros(len(block.ballot)), np.zeros(len(block.ballot), dtype=np.int64)
    groups = _groups(block, embedding)
    for rows, shown in groups:
        for others, also_shown in groups:
            common = shown & also_shown
            their_sum, their_count = _sum(block.ranks[others], common, embedding)
            for part in _parts(rows):
                vectors, defined = embedding(block.ranks[part], common)
                total[part] += vectors @ their_sum
                count[part] += defined * their_count
                if others is rows:
                    total[part] -= np.einsum("ij,ij->i", vectors, vectors)
                    count[part] -= defined
    return PairSums(total, count)


def pair_matrix(block: Block, embedding: Embedding) -> np.ndarray:
    """Return the agreement of every two ballots of a block, shape (m, m), NaN where not comparable."""
    matrix = np.full((len(block.ballot),) * 2, np.nan)
    groups = _groups(block, embedding)
    for rows, shown in groups:
        for others, also_shown in groups:
            common = shown & also_shown
            mine, defined = embedding(block.ranks[rows], common)
            theirs, also_defined = embedding(block.ranks[others], common)
            both = defined[:, None] & also_defined
            matrix[np.ix_(rows, others)] = np.where(both, mine @ theirs.T, np.nan)
    return matrix


def _groups(block: Block, embedding: Embedding) -> list[tuple[np.ndarray, np.ndarray]]:
    """Ballots with one and the same embedding: all of them where it does not look at the other side."""
    if embedding in (spearman, tau_b):
        return block.groups
    return [(np.arange(len(block.ballot)), np.ones(len(block.team), dtype=bool))]


def _sum(ranks: np.ndarray, common: np.ndarray, embedding: Embedding) -> tuple[np.ndarray, int]:
    sums, count = 0.0, 0
    for part in _parts(np.arange(len(ranks))):
        vectors, defined = embedding(ranks[part], common)
        sums, count = sums + vectors.sum(axis=0), count + int(defined.sum())
    return np.asarray(sums), count


def _parts(rows: np.ndarray) -> list[np.ndarray]:
    return [rows[start : start + _ROWS] for start in range(0, len(rows), _ROWS)]


def _unit(vectors: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    norms = np.sqrt(np.einsum("ij,ij->i", vectors, vectors))
    defined = norms > 0
    return vectors / np.where(defined, norms, 1.0)[:, None], defined
