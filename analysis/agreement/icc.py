"""Intraclass correlations: the share of the variance of ratings that belongs to the units rated."""

from dataclasses import dataclass

import numpy as np
from scipy.stats import f as fisher

from analysis.errors import AnalysisError

FORMS = ("icc_1_1", "icc_2_1", "icc_3_1", "icc_1_k", "icc_2_k", "icc_3_k")


@dataclass(frozen=True)
class Correlation:
    """An intraclass correlation with its 95 % interval."""

    value: float
    low: float
    high: float


def intraclass_correlations(ratings: np.ndarray, *, level: float = 0.95) -> dict[str, Correlation]:
    """Return the six intraclass correlations of Shrout and Fleiss.

    Parameters
    ----------
    ratings
        Shape (R, U): R raters by U units, complete.
    level
        Confidence of the intervals.

    Returns
    -------
    dict
        By `FORMS`: (1) every unit has its own raters; (2) the raters are a sample, and their leniency
        counts as error (absolute agreement); (3) these raters and no others, leniency left out (consistency).
        `_1` is the reliability of one rater, `_k` that of the mean of all R.

    Raises
    ------
    AnalysisError
        Below two raters or units, for missing ratings, and where all units have the same ratings.

    References
    ----------
    Shrout & Fleiss (1979), Intraclass correlations: uses in assessing rater reliability, Psychol. Bull. 86;
    McGraw & Wong (1996), Psychol. Methods 1, for the interval of form 2.

    Examples
    --------
    Shrout and Fleiss, table 2: four judges, six targets.

    >>> ratings = [[9, 6, 8, 7, 10, 6], [2, 1, 4, 1, 5, 2], [5, 3, 6, 2, 6, 4], [8, 2, 8, 6, 9, 7]]
    >>> [round(c.value, 2) for c in intraclass_correlations(np.array(ratings)).values()]
    [0.17, 0.29, 0.71, 0.44, 0.62, 0.91]
    """
    x = np.asarray(ratings, dtype=float)
    if x.ndim != 2 or min(x.shape) < 2:
        raise AnalysisError("intraclass correlations need at least two raters and two units")
    if np.isnan(x).any():
        raise AnalysisError("intraclass correlations need every rater's rating of every unit")
    k, n = x.shape
    means, leniency = x.mean(axis=0), x.mean(axis=1)
    between = k * means.var(ddof=1)
    raters = n * leniency.var(ddof=1)
    rest = ((x - means - leniency[:, None] + x.mean()) ** 2).sum() / ((n - 1) * (k - 1))
    within = ((x - means) ** 2).sum() / (n * (k - 1))
    if between < 1e-12 and within < 1e-12:
        raise AnalysisError("all ratings are the same, so no share of their variance is defined")
    tail = (1 - level) / 2
    one = _from_f(between, within, n - 1, n * (k - 1), k, tail)
    three = _from_f(between, rest, n - 1, (n - 1) * (k - 1), k, tail)
    two = _absolute(between, raters, rest, n, k, tail)
    single = (one, two, three)
    found = dict(zip(FORMS[:3], single, strict=True))
    return found | {name: _of_mean(c, k) for name, c in zip(FORMS[3:], single, strict=True)}


def _from_f(between: float, error: float, df: int, df_error: int, k: int, tail: float) -> Correlation:
    if error < 1e-12:
        return Correlation(1.0, 1.0, 1.0)
    ratio = between / error
    bounds = [ratio / fisher.isf(tail, df, df_error), ratio * fisher.isf(tail, df_error, df)]
    value, low, high = ((r - 1) / (r + k - 1) for r in (ratio, *bounds))
    return Correlation(float(value), float(low), float(high))


def _absolute(between: float, raters: float, rest: float, n: int, k: int, tail: float) -> Correlation:
    """Form 2, with the degrees of freedom of Satterthwaite for raters and rest together."""
    total = between + (k - 1) * rest + k * (raters - rest) / n
    if total < 1e-12:  # the raters' leniency varies by less than chance alone would let it
        return Correlation(np.nan, np.nan, np.nan)
    value = (between - rest) / total
    if rest < 1e-12:
        return Correlation(float(value), np.nan, np.nan) if raters > 1e-12 else Correlation(1.0, 1.0, 1.0)
    ratio = raters / rest
    a, b = k * value * ratio, n * (1 + (k - 1) * value) - k * value
    df = (k - 1) * (n - 1) * (a + b) ** 2 / ((n - 1) * a**2 + b**2)
    up, down = fisher.isf(tail, n - 1, df), fisher.isf(tail, df, n - 1)
    spread = k * raters + (k * n - k - n) * rest
    low = n * (between - up * rest) / (up * spread + n * between)
    high = n * (down * between - rest) / (spread + n * down * between)
    return Correlation(float(value), float(low), float(high))


def _of_mean(one: Correlation, k: int) -> Correlation:
    """Spearman-Brown of the value and of both ends, which is exact for all three forms."""
    return Correlation(*(_lengthened(r, k) for r in (one.value, one.low, one.high)))


def _lengthened(r: float, k: int) -> float:
    """Undefined for the lowest correlation that k raters can have: their mean is the same of all units."""
    share = 1 + (k - 1) * r
    return float("nan") if share < 1e-12 else k * r / share
