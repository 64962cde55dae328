"""How far two top lists share their members: overlap, average overlap, rank-biased overlap.

Fagin, Kumar & Sivakumar (2003), Comparing top k lists; Webber, Moffat & Zobel (2010), A similarity measure
for indefinite rankings. A ballot that lists fewer places than the depth cannot be compared; a team that one
of two judges was not shown cannot be shared, and the chance level of that pair takes it into account.
"""

import numpy as np

from analysis.agreement.pairwise import Embedding


def weighted_overlap(weights: np.ndarray) -> Embedding:
    """Embed for sum_d weights[d - 1] * X_d, where X_d counts the teams in both lists' first d places."""
    depth = np.arange(1, len(weights) + 1)

    def embed(ranks: np.ndarray, common: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        inside = ranks[:, :, None] <= depth
        defined = _lists(ranks, len(depth))
        vectors = (inside * np.sqrt(weights)).reshape(len(ranks), -1)
        return vectors * defined[:, None], defined

    return embed


def chance_overlap(weights: np.ndarray) -> Embedding:
    """Embed for the same sum over random lists: E X_d = d^2 * (teams both saw) / (n_a * n_b)."""
    depth = np.arange(1, len(weights) + 1)
    scale = np.sqrt(weights @ depth**2)

    def embed(ranks: np.ndarray, common: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        shown = ~np.isnan(ranks)
        defined = _lists(ranks, len(depth))
        return scale * shown / shown.sum(axis=1, keepdims=True) * defined[:, None], defined

    return embed


def overlap_weights(depth: int) -> np.ndarray:
    """Weights of the share of common members at `depth`, X_depth / depth.

    >>> overlap_weights(3).round(3)
    array([0.   , 0.   , 0.333])
    """
    return np.r_[np.zeros(depth - 1), 1 / depth]


def average_overlap_weights(depth: int) -> np.ndarray:
    """Weights of the average overlap, (1/depth) * sum_d X_d / d.

    >>> average_overlap_weights(3).round(3)
    array([0.333, 0.167, 0.111])
    """
    return 1 / (depth * np.arange(1, depth + 1))


def rbo_weights(depth: int, p: float) -> np.ndarray:
    """Weights of RBO_ext(p) of two lists of `depth` (Webber et al. 2010, eq. 32 with l = s).

    Their sum over identical lists is 1.

    >>> float(rbo_weights(3, 0.9) @ [1, 2, 3])
    1.0
    """
    d = np.arange(1, depth + 1)
    weights = (1 - p) / p * p**d / d
    weights[-1] += p**depth / depth
    return weights


def _lists(ranks: np.ndarray, depth: int) -> np.ndarray:
    """Whether a ballot tells its first `depth` places apart."""
    return (ranks[:, :, None] == np.arange(1, depth + 1)).any(axis=1).all(axis=1)
