"""Mean opinion scores and what is derived from them."""

from dataclasses import dataclass

import numpy as np
from scipy.stats import t

from analysis.errors import AnalysisError


@dataclass(frozen=True)
class MeanOpinion:
    """Mean opinion scores of K stimuli.

    Attributes
    ----------
    mos, sd, n
        Mean, sample standard deviation (n - 1) and number of scores, each of shape (K,); NaN where undefined.
    half_width
        Half the width of the 95 % t interval, shape (K,); NaN below two scores.
    """

    mos: np.ndarray
    sd: np.ndarray
    n: np.ndarray
    half_width: np.ndarray


def checked_scores(scores: np.ndarray) -> np.ndarray:
    """Return scores as a float matrix, or raise if they are none."""
    scores = np.asarray(scores, dtype=float)
    if scores.ndim != 2 or not scores.size:
        raise AnalysisError(f"scores of shape {scores.shape}: give a matrix, subjects by stimuli")
    if np.isinf(scores).any():
        raise AnalysisError("scores contain an infinite value; leave the cell empty (NaN) instead")
    return scores


def mean_opinion(scores: np.ndarray) -> MeanOpinion:
    """Return the mean opinion score of each stimulus with its t interval.

    Examples
    --------
    >>> found = mean_opinion(np.array([[4.0, 2.0], [5.0, 2.0], [3.0, np.nan]]))
    >>> found.mos.tolist(), found.half_width.round(3).tolist()
    ([4.0, 2.0], [2.484, 0.0])
    """
    scores = checked_scores(scores)
    n = (~np.isnan(scores)).sum(axis=0)
    mos = column_means(scores)
    squares = np.nansum((scores - mos) ** 2, axis=0)
    sd = np.sqrt(np.divide(squares, n - 1, out=np.full(len(n), np.nan), where=n > 1))
    width = t.ppf(0.975, np.maximum(n - 1, 1)) * sd / np.sqrt(np.maximum(n, 1))
    return MeanOpinion(mos, sd, n, width)


def sos_alpha(scores: np.ndarray, *, lowest: float = 1, highest: float = 5) -> float:
    """Return the alpha of the SOS hypothesis: variance = alpha * (MOS - lowest) * (highest - MOS).

    0: all subjects always agree; 1: they use nothing but the ends of the scale. Quality tests of images give
    about 0.1 to 0.3.

    Returns
    -------
    float
        Least squares over the stimuli; NaN if every mean lies at an end of the scale.

    Raises
    ------
    AnalysisError
        For scores outside of the scale.

    References
    ----------
    Hossfeld, Schatz & Egger (2011), SOS: the MOS is not enough!, QoMEX.
    """
    scores = checked_scores(scores)
    if np.nanmin(scores) < lowest or np.nanmax(scores) > highest:
        seen = f"{np.nanmin(scores):g} to {np.nanmax(scores):g}"
        raise AnalysisError(f"scores from {seen} are off the scale {lowest:g} to {highest:g}; correct them")
    found = mean_opinion(scores)
    known = found.n > 1
    room = ((found.mos - lowest) * (highest - found.mos))[known]
    total = float(room @ room)
    return float(found.sd[known] ** 2 @ room) / total if total > 0 else np.nan


def column_means(values: np.ndarray) -> np.ndarray:
    """Means of the columns over what is known; NaN for columns without a value."""
    known = ~np.isnan(values)
    return np.divide(
        np.nansum(values, axis=0),
        known.sum(axis=0),
        out=np.full(values.shape[1], np.nan),
        where=known.any(axis=0),
    )
