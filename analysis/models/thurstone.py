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
from analysis.models.concave import Derivatives, NoEstimateError, covariance_of, maximise, maximise_many
from analysis.models.connectivity import strongly_connected, win_groups
from analysis.models.pair_counts import PairCounts
from analysis.models.plackett_luce import DEFAULT_PENALTY

Array = NDArray[Any]
Z75 = float(norm.ppf(0.75))


@dataclass(frozen=True)
class Thurstone:
    """Quality in JOD, sum zero, with the model's covariance and standard errors; the rest as in
    `BradleyTerry`."""

    jod: Array
    se: Array
    covariance: Array
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
    try:
        value, jod, information = maximise(
            lambda q: _derivatives(q, counts, lam), np.zeros(n), flat=np.full((n, n), 1 / n**2)
        )
    except NoEstimateError as error:
        raise AnalysisError(
            f"no estimate of the quality in JOD ({error}); give a penalty, for example 0.5"
        ) from error
    covariance = covariance_of(information)
    return Thurstone(
        jod=jod,
        se=np.sqrt(np.clip(np.diag(covariance), 0, None)),
        covariance=covariance,
        loglik=float(value + lam * (jod @ jod)),
        finite=finite,
        penalty=lam,
        groups=[] if finite else win_groups(counts.beats()),
    )


def refit_thurstone(counts: PairCounts, fit: Thurstone) -> tuple[Array, NDArray[np.bool_]]:
    """Quality in JOD of R data sets, (R, N), from the start of the fit to all data, and where it was finite.

    As `analysis.models.bradley_terry.refit_bradley_terry`.
    """
    counts = counts.with_half_wins().without_order()
    n = counts.n_teams
    connected = strongly_connected(counts.beats())
    lam = np.where(connected, fit.penalty, max(fit.penalty, DEFAULT_PENALTY))
    flat, start = np.full((n, n), 1 / n**2), np.tile(fit.jod, (len(lam), 1))
    jod, found = maximise_many(
        lambda q, which: _derivatives(q, counts.part(which), lam[which]), start, flat=flat
    )
    again = np.flatnonzero(~found)
    if len(again):
        part, more = counts.part(again), np.full(len(again), max(fit.penalty, DEFAULT_PENALTY))
        jod[again], _ = maximise_many(
            lambda q, which: _derivatives(q, part.part(which), more[which]), start[again], flat=flat
        )
    return jod - jod.mean(axis=1, keepdims=True), connected & found


def influence(fit: Thurstone, first: Array, second: Array, outcome: Array) -> Array:
    """(C, N) how far each comparison moved each quality; as `analysis.models.bradley_terry.influence`."""
    z = Z75 * (fit.jod[first] - fit.jod[second])
    pull = Z75 * (outcome * _log_phi(z)[1] - (1 - outcome) * _log_phi(-z)[1])
    return pull[:, None] * (fit.covariance[first] - fit.covariance[second])


def _derivatives(q: Array, counts: PairCounts, penalty: Any) -> Derivatives:
    """Value, gradient, negative Hessian of counts (..., N, N) with half wins and without order."""
    z = Z75 * (q[..., :, None] - q[..., None, :])
    won, lost = counts.first_wins, counts.second_wins
    value, slope, curvature = _log_phi(z)
    back, back_slope, back_curvature = (part.swapaxes(-1, -2) for part in (value, slope, curvature))
    total = (won * value + lost * back).sum((-2, -1)) - penalty * (q**2).sum(-1)
    pull = Z75 * (won * slope - lost * back_slope)
    weight = Z75**2 * (won * curvature + lost * back_curvature)
    both = weight + weight.swapaxes(-1, -2)
    lam = np.expand_dims(penalty, -1)
    information = -both
    information[..., np.arange(len(q.T)), np.arange(len(q.T))] += both.sum(-1) + 2 * lam
    return total, pull.sum(-1) - pull.sum(-2) - 2 * lam * q, information


def _log_phi(z: Array) -> tuple[Array, Array, Array]:
    """log Phi(z), its slope, and minus its curvature."""
    value = log_ndtr(z)
    slope = np.exp(-(z**2) / 2 - value) / np.sqrt(2 * np.pi)
    return value, slope, slope * (z + slope)
