"""Screening of subjects who rate: BT.500, correlation with the mean, unusual bias or inconsistency."""

from dataclasses import dataclass
from typing import Literal

import numpy as np

from analysis.opinion.means import checked_scores, column_means, mean_opinion
from analysis.opinion.subjects import SubjectModel

Deviation = Literal["sample", "population"]


@dataclass(frozen=True)
class Bt500:
    """The counts of BT.500's procedure.

    Attributes
    ----------
    above, below
        How many scores of each subject lie outside of the interval around the mean, shape (S,).
    rejected
        (above + below)/scores > 5 % and |above - below|/(above + below) < 30 %, bool of shape (S,): often far
        off, in both directions.
    """

    above: np.ndarray
    below: np.ndarray
    rejected: np.ndarray


def bt500_screening(scores: np.ndarray, *, deviation: Deviation = "sample") -> Bt500:
    """Apply the screening of ITU-R BT.500 (annex 1, 2.3.1).

    The interval of a stimulus is the mean -+ 2 standard deviations if its kurtosis is between 2 and 4, else
    -+ sqrt(20) standard deviations. As in the text of the standard, the standard deviation is the sample's (n
    - 1) while the kurtosis m4/m2^2 takes plain moments; code that takes n for both counts more scores as
    outside, and can reject more subjects.

    Parameters
    ----------
    scores
        Shape (S, K), NaN where missing.
    deviation
        "sample" divides by n - 1, as the standard's text; "population" by n, as much code does.
    """
    u = checked_scores(scores)
    found = mean_opinion(u)
    centred = u - found.mos
    m2, m4 = column_means(centred**2), column_means(centred**4)
    kurtosis = np.divide(m4, m2**2, out=np.full(len(m2), np.nan), where=m2 > 0)
    normal = (kurtosis >= 2) & (kurtosis <= 4)
    sd = np.sqrt(m2) if deviation == "population" else found.sd
    reach = np.where(normal, 2.0, np.sqrt(20)) * sd
    spread = found.sd > 0
    above = ((centred >= reach) & spread).sum(axis=1)
    below = ((centred <= -reach) & spread).sum(axis=1)
    outside, rated = above + below, (~np.isnan(u)).sum(axis=1)
    balance = np.abs(above - below) / np.maximum(outside, 1)
    rejected = (outside > 0.05 * rated) & (balance < 0.3)
    return Bt500(above, below, rejected)


def mos_correlation(scores: np.ndarray, *, own: bool = False) -> np.ndarray:
    """Pearson correlation of each subject with the mean of the others, shape (S,); NaN where undefined.

    Parameters
    ----------
    scores
        Shape (S, K), NaN where missing.
    own
        Whether the mean takes in the subject's own scores, as ITU-T P.913 and P.910 do; it lifts the
        correlation of every subject, and most in small panels.
    """
    u = checked_scores(scores)
    known = ~np.isnan(u)
    others = known.sum(axis=0) - known * (not own)
    rest = np.nansum(u, axis=0) - np.nan_to_num(u) * (not own)
    rest = np.divide(rest, others, out=np.full(u.shape, np.nan), where=(others > 0) & known)
    mine = np.where(np.isnan(rest), np.nan, u)
    x, y = (values - column_means(values.T)[:, None] for values in (mine, rest))
    scale = np.sqrt(np.nansum(x * x, axis=1) * np.nansum(y * y, axis=1))
    return np.divide(np.nansum(x * y, axis=1), scale, out=np.full(len(u), np.nan), where=scale > 1e-12)


def unusual_subjects(model: SubjectModel) -> np.ndarray:
    """Whether a subject is far more inconsistent than the others, or far from them in bias; shape (S,).

    Far is 3 * 1.4826 median absolute deviations from the median.
    """
    return (_robust_z(model.inconsistency) > 3) | (np.abs(_robust_z(model.bias)) > 3)


def _robust_z(values: np.ndarray) -> np.ndarray:
    distance = values - np.median(values)
    return distance / max(1.4826 * float(np.median(np.abs(distance))), 1e-12)
