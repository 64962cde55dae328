"""Weights for judges by how far each agrees with the others.

An option for models, never for the official score: weighting by agreement makes a consensus look firmer
than it is, so a result under these weights is shown next to the unweighted one.
"""

from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy.stats import rankdata

from analysis.errors import AnalysisError
from analysis.votes import BallotArrays

Array = NDArray[Any]


def reliability_weights(ballots: BallotArrays) -> Array:
    """One weight for each judge, proportional to the agreement with the rest of the panel, mean 1.

    The agreement is Spearman's correlation of the judge's ranks (unlisted teams share the middle of the
    places left) with the mean rank the other judges gave on the same image, averaged over the judge's images;
    where it is negative the weight is 0. Judges without any image in common with others get the mean.

    Parameters
    ----------
    ballots : BallotArrays

    Returns
    -------
    (J,) float

    Raises
    ------
    AnalysisError
        With one judge only, or where nobody agrees with the others more than chance would have it.
    """
    n_judges, n_images = len(ballots.judges), len(ballots.images)
    if n_judges < 2:
        raise AnalysisError("reliability weights need at least two judges; fit the model without them")
    shown = ballots.shown_matrix
    own = np.where(shown, mid_ranks(ballots.rank_matrix, shown), 0.0)
    total, count = np.zeros((n_images, own.shape[1])), np.zeros((n_images, own.shape[1]))
    np.add.at(total, ballots.image, own)
    np.add.at(count, ballots.image, shown.astype(float))
    others = count[ballots.image] - shown
    known = shown & (others > 0)
    rest = (total[ballots.image] - own) / np.maximum(others, 1)
    agreement = _row_correlation(own, rankdata(np.where(known, rest, np.inf), axis=1), known)
    with np.errstate(invalid="ignore"):
        mean = _group_sum(np.nan_to_num(agreement), ballots.judge, n_judges) / _group_sum(
            (~np.isnan(agreement)).astype(float), ballots.judge, n_judges
        )
    if np.isnan(mean).all():
        raise AnalysisError(
            "no two judges answered the same image, so there are no reliability weights; fit the model "
            "without them"
        )
    weights = np.clip(np.where(np.isnan(mean), np.nanmean(mean), mean), 0, None)
    if not weights.any():
        raise AnalysisError(
            "no judge agrees with the others, so all reliability weights would be 0; fit the model "
            "without them"
        )
    return weights / weights.mean()


def mid_ranks(rank: NDArray[np.integer], shown: NDArray[np.bool_]) -> Array:
    """(B, N) ranks in which the teams not listed share the middle of the places left; NaN where not shown."""
    listed = (rank > 0).sum(axis=1, keepdims=True)
    middle = (listed + 1 + shown.sum(axis=1, keepdims=True)) / 2
    return np.where(shown, np.where(rank > 0, rank, middle), np.nan)


def _row_correlation(x: Array, y: Array, use: NDArray[np.bool_]) -> Array:
    n = np.maximum(use.sum(axis=1, keepdims=True), 1)
    x = np.where(use, x - np.where(use, x, 0).sum(axis=1, keepdims=True) / n, 0)
    y = np.where(use, y - np.where(use, y, 0).sum(axis=1, keepdims=True) / n, 0)
    scale = np.sqrt((x**2).sum(axis=1) * (y**2).sum(axis=1))
    return np.where(scale > 0, (x * y).sum(axis=1) / np.where(scale > 0, scale, 1), np.nan)


def _group_sum(values: Array, group: NDArray[np.integer], size: int) -> Array:
    return np.bincount(group, values, size)
