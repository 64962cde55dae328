"""Thurstone's case V in just-objectionable differences: 1 JOD apart means that 75 % prefer the better one.

    P(a over b) = Phi(z75 * (q_a - q_b)),   z75 = Phi^-1(0.75) = 0.6745

Estimated by maximum likelihood from all pairs together (Perez-Ortiz and Mantiuk 2017, arXiv:1712.03686). A
unanimous pair then pulls as far as the other pairs let it; clamping its z score at some value would
invent a distance that nobody measured.
"""

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy.special import log_ndtr
from scipy.stats import norm

from analysis.errors import AnalysisError
from analysis.models.concave import Derivatives, NoEstimateError, covariance_of, maximise
from analysis.models.connectivity import strongly_connected, win_groups
from analysis.models.pair_counts import PairCounts
from analysis.models.plackett_luce import DEFAULT_PENALTY

Array = NDArray[Any]
Z75 = float(norm.ppf(0.75))


@dataclass(frozen=True)
class Thurstone:
    """Quality in JOD, sum zero, with model standard errors; the rest as in `BradleyTerry`."""

    jod: Array
    se: Array
    loglik: float
    finite: bool
    penalty: float
    groups: list[list[int]]


def fit_thurstone(counts: PairCounts, *, penalty: float | None = None) -> Thurstone:
    """Maximum-likelihood quality in JOD; ties count as half a win for each side.

    Parameters
    ----------
    counts : PairCounts
        From `analysis.models.pair_counts.count_pairs`.
    penalty : float, optional
        lambda of lambda * sum(q^2), q in JOD. Absent: 0, or 0.5 where no finite estimate exists.

    Raises
    ------
    AnalysisError
        `penalty=0` asked for where no finite estimate exists.

    Examples
    --------
    Three of four prefer a: one JOD.

    >>> from analysis.models.pair_counts import count_pairs
    >>> fit = fit_thurstone(count_pairs([0, 0, 0, 0], [1, 1, 1, 1], [1, 1, 1, 0], 2))
    >>> round(float(fit.jod[0] - fit.jod[1]), 6)
    1.0
    """
    counts = counts.with_half_wins().without_order()
    finite = bool(strongly_connected(counts.beats()))
    if penalty == 0 and not finite:
        raise AnalysisError(
            f"no finite estimate exists; give a penalty above 0 (for example {DEFAULT_PENALTY})"
        )
    lam = (0.0 if finite else DEFAULT_PENALTY) if penalty is None else float(penalty)
    n = counts.n_teams
    a, b = np.nonzero(counts.first_wins + counts.second_wins)
    design = np.zeros((len(a), n))
    design[np.arange(len(a)), a], design[np.arange(len(a)), b] = 1, -1
    won, lost = counts.first_wins[a, b], counts.second_wins[a, b]

    def derivatives(q: Array) -> Derivatives:
        z = Z75 * (design @ q)
        value, slope, curvature = _log_phi(z)
        back, back_slope, back_curvature = _log_phi(-z)
        total = won @ value + lost @ back - lam * float(q @ q)
        gradient = Z75 * design.T @ (won * slope - lost * back_slope) - 2 * lam * q
        weight = Z75**2 * (won * curvature + lost * back_curvature)
        return float(total), gradient, design.T @ (weight[:, None] * design) + 2 * lam * np.eye(n)

    try:
        value, jod, information = maximise(derivatives, np.zeros(n), flat=np.full((n, n), 1 / n**2))
    except NoEstimateError as error:
        raise AnalysisError(
            f"no estimate of the quality in JOD ({error}); give a penalty, for example 0.5"
        ) from error
    se = np.sqrt(np.clip(np.diag(covariance_of(information)), 0, None))
    loglik = value + lam * float(jod @ jod)
    return Thurstone(jod, se, loglik, finite, lam, [] if finite else win_groups(counts.beats()))


def _log_phi(z: Array) -> tuple[Array, Array, Array]:
    """log Phi(z), its slope, and minus its curvature."""
    value = log_ndtr(z)
    slope = np.exp(-(z**2) / 2 - value) / np.sqrt(2 * np.pi)
    return value, slope, slope * (z + slope)
