"""What a new study would find: other judges and images of the same kind, allowing for the winner's luck.

Resamples of a study scatter about what it observed. But the team observed first owes its place in part to
luck, so that a resample makes it first more often than a new study would: with ten equal teams 44 times in
100 instead of 10. Here the observed scores are first drawn towards each other, by as much as their spread
is sampling error (empirical Bayes; Efron and Morris 1975), and a new study is then drawn about the result.
"""

from typing import Any

import numpy as np
from numpy.typing import NDArray

Array = NDArray[Any]
_STEPS = 200
_WIDEST = 4.0


def truth_draws(observed: Array, errors: Array, *, size: int, rng: np.random.Generator) -> Array:
    """Posterior draws of the scores that all judges and images of this kind would give.

    Parameters
    ----------
    observed : (N,) float
    errors : (R, N) float
        Draws less what was observed: the sampling error of a study. Rows with NaN are left out.
    size : int
        How many draws.
    rng : numpy.random.Generator

    Returns
    -------
    (size, N) float

    Notes
    -----
    Scores are normal about a common mean with standard deviation tau, observed with the errors' covariance.
    tau has a flat prior (Gelman 2006) and is drawn, too: an estimate of it would be 0 in every second study
    of equal teams, and would pass for known in a study of few teams.
    """
    n = len(observed)
    centre = observed.mean()
    errors = errors[~np.isnan(errors).any(axis=1)]
    errors = errors - errors.mean(axis=1, keepdims=True)
    variance, axes = np.linalg.eigh(np.atleast_2d(np.cov(errors.T)))
    # One direction, all teams up together, is lost to the centring and is no difference between teams.
    variance, axes = np.maximum(variance[1:], 0), axes[:, 1:]
    seen = (observed - centre) @ axes
    tau2 = _tau_draws(seen, variance, size, rng)[:, None] ** 2
    total = np.maximum(tau2 + variance, 1e-300)
    mean, spread = seen * tau2 / total, np.sqrt(tau2 * variance / total)
    return centre + (mean + spread * rng.standard_normal((size, n - 1))) @ axes.T


def new_study_draws(
    truth: Array, errors: Array, *, bounds: tuple[float, float], rng: np.random.Generator
) -> Array:
    """Scores of new studies of the same size: a draw of the truth plus a draw of a study's sampling error.

    Parameters
    ----------
    truth, errors : (R, N) float
    bounds : (lowest, highest)
        Scores stay between them.
    rng : numpy.random.Generator
    """
    return np.clip(truth + errors[rng.permutation(len(errors))[: len(truth)]], *bounds)


def _tau_draws(seen: Array, variance: Array, size: int, rng: np.random.Generator) -> Array:
    """Draws of the spread of the true scores, from its posterior on a grid."""
    largest = _WIDEST * max(np.sqrt((seen**2).mean()), np.sqrt(variance.mean()), 1e-12)
    tau = (np.arange(_STEPS) + 0.5) * largest / _STEPS
    total = tau[:, None] ** 2 + variance
    log = -0.5 * (np.log(total) + seen**2 / total).sum(axis=1)
    chance = np.exp(log - log.max())
    return rng.choice(tau, size=size, p=chance / chance.sum())
