"""Does a judge's agreement with the others change during the session?"""

from dataclasses import dataclass

import numpy as np
from scipy.stats import norm


@dataclass(frozen=True)
class Drift:
    """Change of agreement during the session.

    Attributes
    ----------
    slope
        Change of agreement per ten trials, within judges.
    z, p
        Against trials in random order (two-sided).
    quarters
        Mean agreement in each quarter of the judges' sessions.
    ballots
        Ballots that count.
    """

    slope: float
    z: float
    p: float
    quarters: list[float]
    ballots: int


def drift(agreement: np.ndarray, position: np.ndarray, judge: np.ndarray) -> Drift | None:
    """Regress agreement on the position in the session, within judges.

    Under random order, sum (x - mean x)(a - mean a) of a judge has mean 0 and variance Sxx*Saa/(n - 1)
    exactly; the sum over judges is referred to the normal distribution.

    Parameters
    ----------
    agreement
        Of each ballot with the others, best less its image's mean so that hard images do not count as drift,
        shape (B,); NaN are left out.
    position
        1 for the judge's first trial, and so on, shape (B,); NaN are left out.
    judge
        Codes, shape (B,).

    Returns
    -------
    Drift or None
        None if no judge has two ballots that differ in position and agreement.
    """
    used = ~np.isnan(agreement) & ~np.isnan(position)
    a, x, j = agreement[used], position[used], judge[used]
    if not used.any():
        return None
    n = np.bincount(j)
    a, x = (values - (np.bincount(j, values) / np.maximum(n, 1))[j] for values in (a, x))
    sxx, saa = np.bincount(j, x * x), np.bincount(j, a * a)
    variance = (sxx * saa / np.maximum(n - 1, 1)).sum()
    if variance < 1e-12:
        return None
    sxa = float((x * a).sum())
    z = sxa / float(np.sqrt(variance))
    quarters = _quarters(agreement[used], position[used], j)
    return Drift(10 * sxa / float(sxx.sum()), z, float(2 * norm.sf(abs(z))), quarters, int(used.sum()))


def _quarters(agreement: np.ndarray, position: np.ndarray, judge: np.ndarray) -> list[float]:
    """Mean agreement in the quarters of each judge's own session."""
    order = np.lexsort([position, judge])
    n = np.bincount(judge)
    place = np.empty(len(order), dtype=np.int64)
    place[order] = np.arange(len(order)) - np.repeat(np.cumsum(n) - n, n)
    quarter = 4 * place // n[judge]
    total, count = np.bincount(quarter, agreement, minlength=4), np.bincount(quarter, minlength=4)
    return [float(value) for value in total / np.maximum(count, 1)]
