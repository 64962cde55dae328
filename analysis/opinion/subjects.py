"""A model of subjects: true quality, each subject's bias and inconsistency."""

from dataclasses import dataclass

import numpy as np
from scipy.stats import norm

from analysis.errors import AnalysisError
from analysis.opinion.means import checked_scores, column_means

MAX_STEPS = 10_000
TOLERANCE = 1e-9
FLOOR = 0.1


@dataclass(frozen=True)
class SubjectModel:
    """Maximum-likelihood estimate of u = psi + D + v X, X standard normal.

    Attributes
    ----------
    quality, quality_se
        psi of each stimulus and its standard error, shape (K,); NaN for stimuli nobody rated.
    bias
        D of each subject, shape (S,), mean zero.
    inconsistency
        v of each subject, shape (S,).
    floored
        Subjects whose v was held at the floor, bool of shape (S,).
    steps
        Iterations.
    loglik
        Log-likelihood of all scores.
    scores
        How many there are, n.
    parameters
        Qualities, biases less one, inconsistencies.
    aic, bic
        2 p - 2 loglik and log(n) p - 2 loglik, to compare models of the same scores; smaller is better.
    """

    quality: np.ndarray
    quality_se: np.ndarray
    bias: np.ndarray
    inconsistency: np.ndarray
    floored: np.ndarray
    steps: int
    loglik: float
    scores: int
    parameters: int

    @property
    def aic(self) -> float:
        return 2 * self.parameters - 2 * self.loglik

    @property
    def bic(self) -> float:
        return float(np.log(self.scores)) * self.parameters - 2 * self.loglik


def fit_subject_model(scores: np.ndarray) -> SubjectModel:
    """Estimate quality with the subjects' bias and inconsistency by alternating projection.

    A subject who happens to be matched exactly gets v = 0 and thereby all the weight: the likelihood has no
    maximum there. So v is kept at a tenth of the pooled residual standard deviation at least, and `floored`
    says where.

    Parameters
    ----------
    scores
        Shape (S, K), NaN where missing.

    Raises
    ------
    AnalysisError
        Below two subjects or stimuli, for a subject without scores, and if the iteration does not settle.

    References
    ----------
    Li, Bampis, Janowski & Katsavounidis (2020), A simple model for subject behavior in subjective
    experiments, HVEI; ITU-T P.910 annex E.
    """
    u = checked_scores(scores)
    if min(u.shape) < 2:
        raise AnalysisError("the model of subjects needs two subjects and two stimuli")
    known = ~np.isnan(u)
    if not known.any(axis=1).all():
        raise AnalysisError(
            f"subject in row {int(np.argmin(known.any(axis=1))) + 1} has no scores; leave it out"
        )
    psi = column_means(u)
    for step in range(1, MAX_STEPS + 1):
        bias = column_means((u - psi).T)
        bias -= bias.mean()
        v, floored = _inconsistency(u - psi - bias[:, None])
        weight = np.where(known, v[:, None] ** -2.0, 0.0)
        total = weight.sum(axis=0)
        new = np.divide(
            np.nansum(weight * (u - bias[:, None]), axis=0),
            total,
            out=np.full(len(total), np.nan),
            where=total > 0,
        )
        moved = np.nanmax(np.abs(new - psi))
        psi = new
        if moved < TOLERANCE:
            se = np.divide(1.0, np.sqrt(total), out=np.full(len(total), np.nan), where=total > 0)
            loglik = _loglik(u - psi - bias[:, None], v)
            parameters = int(known.any(axis=0).sum()) + 2 * len(u) - 1
            return SubjectModel(psi, se, bias, v, floored, step, loglik, int(known.sum()), parameters)
    raise AnalysisError(
        f"the model of subjects did not converge in {MAX_STEPS} steps; there are too few scores for its "
        "parameters"
    )


def _loglik(residual: np.ndarray, v: np.ndarray) -> float:
    return float(np.nansum(norm.logpdf(residual, scale=v[:, None])))


def _inconsistency(residual: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    v = np.sqrt(column_means(residual.T**2))
    floor = max(FLOOR * float(np.sqrt(np.nanmean(residual**2))), 1e-6)
    return np.maximum(v, floor), v < floor
