"""Plackett-Luce worths of top-k ballots by Newton's method, one data set or a thousand resamples at once.

    P(ballot) = prod_{s=1..k} exp(th_{c_s}) / sum_{t in A_s} exp(th_t)

with A_1 the teams shown and A_{s+1} = A_s without the team chosen (Luce 1959; Plackett 1975). The log
worths th sum to zero. The objective is concave; Newton on the counts of different choices needs about six
steps.
"""

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from analysis.errors import AnalysisError
from analysis.models.choices import Choices, choices_of
from analysis.models.connectivity import strongly_connected, win_groups
from analysis.models.newton import Replicates, newton

DEFAULT_PENALTY = 0.5  # a standard normal prior on every log worth; used where no finite estimate exists

Array = NDArray[Any]


@dataclass(frozen=True)
class PlackettLuce:
    """A fitted model; see `fit_plackett_luce`.

    Attributes
    ----------
    log_worth : (N,) float
        Natural-log worths; they sum to zero.
    covariance : (N, N) float
        Inverse information under the sum-to-zero constraint. It takes the votes as independent: with judges
        and images that repeat, the true spread is about twice as large (use the two-way bootstrap).
    loglik : float
        Log-likelihood at `log_worth`, without the penalty.
    finite : bool
        Whether the data have a finite estimate without a penalty.
    penalty : float
        The lambda of lambda * sum(th^2) that was used.
    groups : list of lists of int
        Where `finite` is false: the groups of teams between which no vote contradicts the order, best
        first.
    iterations : int
        Newton steps taken.
    """

    log_worth: Array
    covariance: Array
    loglik: float
    finite: bool
    penalty: float
    groups: list[list[int]]
    iterations: int

    @property
    def se(self) -> Array:
        """(N,) model standard errors of the log worths."""
        return np.sqrt(np.clip(np.diag(self.covariance), 0, None))


def fit_plackett_luce(
    rank: NDArray[np.integer],
    shown: NDArray[np.bool_],
    *,
    weights: Array | None = None,
    penalty: float | None = None,
) -> PlackettLuce:
    """Maximum-likelihood Plackett-Luce log worths, unlisted teams below the listed ones.

    Parameters
    ----------
    rank : (B, N) int
        1, 2, ..., k for the picks of each ballot, 0 for teams not picked.
    shown : (B, N) bool
        Which teams stood before the judge.
    weights : (B,) float, optional
        Weight of each ballot, 0 or more.
    penalty : float, optional
        lambda of the penalty lambda * sum(th^2). Absent: 0, or `DEFAULT_PENALTY` where no finite estimate
        exists.

    Raises
    ------
    AnalysisError
        No ballot with a choice in it; a negative weight or penalty; `penalty=0` asked for where no finite
        estimate exists; Newton's method did not converge.

    Notes
    -----
    Hunter (2004), MM algorithms for generalized Bradley-Terry models, for the condition of existence;
    Maystre and Grossglauser (2015) for the same model by spectral steps.

    Examples
    --------
    Team a is chosen over b in 3 of 4 ballots: its log odds are log(3).

    >>> import numpy as np
    >>> rank = np.array([[1, 0], [1, 0], [1, 0], [0, 1]])
    >>> fit = fit_plackett_luce(rank, np.ones_like(rank, dtype=bool))
    >>> bool(np.isclose(fit.log_worth[0] - fit.log_worth[1], np.log(3)))
    True
    """
    return fit_choices(choices_of(rank, shown), weights=weights, penalty=penalty)


def fit_choices(
    choices: Choices, *, weights: Array | None = None, penalty: float | None = None
) -> PlackettLuce:
    """As `fit_plackett_luce`, for ballots that were taken apart before."""
    if len(choices.pair_set) == 0:
        raise AnalysisError("no ballot prefers one team to another; a model needs at least one such choice")
    counts = choices.counts(None if weights is None else _checked_weights(weights, choices.n_ballots))
    beats = choices.beats(counts)
    finite = bool(strongly_connected(beats)[0])
    penalty = _penalty(penalty, finite)
    wins, set_counts = choices.wins(counts), choices.set_counts(counts)
    problem = Replicates(choices.sets, wins, set_counts, np.array([penalty]))
    theta, iterations = newton(problem)
    return PlackettLuce(
        log_worth=theta[0],
        covariance=_covariance(problem.hessian(np.exp(theta))[0]),
        loglik=float(problem.loglik(theta)[0]),
        finite=finite,
        penalty=penalty,
        groups=[] if finite else win_groups(beats[0]),
        iterations=iterations,
    )


def fit_with_pseudo_rankings(
    rank: NDArray[np.integer],
    shown: NDArray[np.bool_],
    *,
    times: float,
    weights: Array | None = None,
) -> PlackettLuce:
    """Plackett-Luce with a ghost that every team beats, and loses to, `times` times each.

    The estimate is always finite and is drawn towards equal worths, however the teams are connected. Unlike
    the ridge it is a statement in votes: 0.5 is one tied comparison of each team with the ghost.

    Parameters
    ----------
    rank, shown, weights
        As in `fit_plackett_luce`.
    times : float
        Above 0; 0.5 is usual.

    Returns
    -------
    PlackettLuce
        Of the real teams, sum zero; `loglik` is that of the real ballots, and `finite` and `groups` say
        what they allow without the ghost.

    References
    ----------
    Turner, van Etten, Firth & Kosmidis (2020), Modelling rankings in R: the PlackettLuce package, Comput.
    Stat. 35.
    """
    if not (times > 0 and np.isfinite(times)):
        raise AnalysisError(f"{times:g} pseudo-rankings; give a number above 0, for example 0.5")
    real = choices_of(rank, shown)
    plain = fit_choices(real, weights=weights)
    ballots, n = rank.shape
    weights = np.ones(ballots) if weights is None else np.asarray(weights, dtype=float)
    place, seen = np.zeros((ballots + 2 * n, n + 1), dtype=np.int64), np.zeros((ballots + 2 * n, n + 1), bool)
    place[:ballots, :n], seen[:ballots, :n] = rank, shown
    teams = np.arange(n)
    for start in (ballots, ballots + n):
        seen[start + teams, teams] = seen[start + teams, n] = True
    place[ballots + teams, teams] = place[ballots + n + teams, n] = 1
    both = fit_plackett_luce(place, seen, weights=np.append(weights, np.full(2 * n, times)))
    worth = both.log_worth[:n] - both.log_worth[:n].mean()
    centre = np.eye(n) - 1 / n
    covariance = centre @ both.covariance[:n, :n] @ centre
    loglik = float(weights @ ballot_loglik(real, worth))
    return PlackettLuce(worth, covariance, loglik, plain.finite, 0.0, plain.groups, both.iterations)


def refit_plackett_luce(
    choices: Choices, weights: Array, *, penalty: float = 0.0
) -> tuple[Array, NDArray[np.bool_]]:
    """The same model on many resamples at once.

    Parameters
    ----------
    choices : Choices
        The ballots, taken apart once by `choices_of`.
    weights : (R, B) float
        Ballot weights of each resample.
    penalty : float
        As in `fit_plackett_luce`; resamples without a finite estimate use at least `DEFAULT_PENALTY`.

    Returns
    -------
    log_worth : (R, N) float
    finite : (R,) bool
        Whether each resample has a finite estimate without a penalty.
    """
    counts = choices.counts(weights)
    finite = strongly_connected(choices.beats(counts))
    lam = np.where(finite, penalty, max(penalty, DEFAULT_PENALTY))
    theta, _ = newton(Replicates(choices.sets, choices.wins(counts), choices.set_counts(counts), lam))
    return theta, finite


def ballot_loglik(choices: Choices, log_worth: Array) -> Array:
    """(B,) the log-likelihood of each ballot under given log worths (for finding ballots that do not fit)."""
    total = np.log(choices.sets @ np.exp(log_worth))
    return np.asarray(choices.ballots @ (log_worth[choices.pair_winner] - total[choices.pair_set]))


def ballot_scores(choices: Choices, log_worth: Array) -> Array:
    """(B, N) the gradient of each ballot's log-likelihood; it sums to zero over ballots at the estimate."""
    worth = np.exp(log_worth)
    expected = choices.sets * worth / (choices.sets @ worth)[:, None]
    chosen = np.eye(choices.n_teams)[choices.pair_winner]
    return np.asarray(choices.ballots @ (chosen - expected[choices.pair_set]))


def _covariance(hessian: Array) -> Array:
    n = len(hessian)
    ones = np.full((n, n), 1 / n)
    inverse = np.linalg.inv(hessian + ones * hessian.trace() / n)
    centre = np.eye(n) - ones
    return centre @ inverse @ centre


def _penalty(penalty: float | None, finite: bool) -> float:
    if penalty is None:
        return 0.0 if finite else DEFAULT_PENALTY
    if not (penalty >= 0 and np.isfinite(penalty)):
        raise AnalysisError(f"penalty {penalty} must be a finite number of at least 0")
    if penalty == 0 and not finite:
        raise AnalysisError(
            "no finite estimate exists: some team was never chosen over another group of teams;"
            f" give a penalty above 0 (for example {DEFAULT_PENALTY}) or none for the default"
        )
    return float(penalty)


def _checked_weights(weights: Array, n_ballots: int) -> Array:
    weights = np.asarray(weights, dtype=float)
    if weights.shape != (n_ballots,):
        raise AnalysisError(
            f"{weights.shape} weights for {n_ballots} ballots; give one number for each ballot"
        )
    if not (np.isfinite(weights).all() and (weights >= 0).all() and weights.any()):
        raise AnalysisError("ballot weights must be finite, at least 0 and not all 0")
    return weights[None, :]
