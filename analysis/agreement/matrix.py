"""The judge-by-judge matrix of agreement, and an order that puts judges who agree next to each other."""

from collections.abc import Iterable

import numpy as np
from scipy.cluster.hierarchy import leaves_list, linkage
from scipy.spatial.distance import squareform

from analysis.agreement.blocks import Block
from analysis.agreement.pairwise import pair_matrix, spearman

MAX_JUDGES = 300


def judge_matrix(blocks: Iterable[Block], judges: int) -> np.ndarray:
    """Return the mean Spearman correlation of each pair of judges over the images that both judged.

    Parameters
    ----------
    blocks
        The ballots of each image.
    judges
        Number of judges J; their codes start at 0.

    Returns
    -------
    ndarray
        Shape (J, J), symmetric, 1 on the diagonal, NaN for two judges without a comparable image.
    """
    total, count = np.zeros((judges, judges)), np.zeros((judges, judges))
    for block in blocks:
        agreement = pair_matrix(block, spearman)
        cells = np.ix_(block.judge, block.judge)
        total[cells] += np.nan_to_num(agreement)
        count[cells] += ~np.isnan(agreement)
    matrix = np.divide(total, count, out=np.full(total.shape, np.nan), where=count > 0)
    np.fill_diagonal(matrix, 1.0)
    return matrix


def cluster_order(matrix: np.ndarray) -> np.ndarray:
    """Order judges by average linkage on 1 - correlation, similar ones next to each other; shape (J,).

    Two judges that were never compared count as far apart as the average pair.

    >>> cluster_order(np.array([[1, 0.1, 0.9], [0.1, 1, 0.2], [0.9, 0.2, 1]])).tolist()
    [1, 2, 0]
    """
    if len(matrix) < 3:
        return np.arange(len(matrix))
    distance = 1 - matrix
    off = ~np.eye(len(matrix), dtype=bool) & ~np.isnan(matrix)
    distance = np.where(np.isnan(distance), distance[off].mean() if off.any() else 1.0, distance)
    condensed = squareform((distance + distance.T) / 2, checks=False).clip(min=0)
    return leaves_list(linkage(condensed, "average", optimal_ordering=True))
