"""Bradley-Terry worths from paired comparisons, with an order effect and with ties in two ways.

    P(first wins) : P(second wins) : P(tie) = exp(d/2) : exp(-d/2) : nu,   d = th_first - th_second + beta

beta is what being shown first is worth (Davidson and Beaver 1977), nu the propensity to tie (Davidson
1970). With nu = 0 this is logit P(first wins) = d (Bradley and Terry 1952). Ties as half wins are
another, simpler model.
"""

from dataclasses import dataclass, replace
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray
from scipy.stats import chi2

from analysis.errors import AnalysisError
from analysis.models.concave import Derivatives, NoEstimateError, covariance_of, maximise
from analysis.models.connectivity import strongly_connected, win_groups
from analysis.models.pair_counts import PairCounts
from analysis.models.plackett_luce import DEFAULT_PENALTY

Array = NDArray[Any]
Ties = Literal["davidson", "half"]


@dataclass(frozen=True)
class BradleyTerry:
    """A fitted model; see `fit_bradley_terry`.

    Attributes
    ----------
    log_worth, se : (N,) float
        Natural-log worths, sum zero, and their model standard errors.
    covariance : (N, N) float
        Of the log worths, the model's own.
    order, order_se, order_p : float or None
        The effect of being shown first, and the p of its likelihood-ratio test; None where it was not
        asked for.
    nu : float or None
        Davidson's tie parameter, 0 without ties; None with half wins.
    nu_se : float or None
        Its standard error, nu times that of log nu (delta method); None where nu is not estimated.
    loglik, finite, penalty, groups
        As in `analysis.models.plackett_luce.PlackettLuce`.
    """

    log_worth: Array
    se: Array
    covariance: Array
    order: float | None
    order_se: float | None
    order_p: float | None
    nu: float | None
    nu_se: float | None
    loglik: float
    finite: bool
    penalty: float
    groups: list[list[int]]


def fit_bradley_terry(
    counts: PairCounts, *, ties: Ties = "davidson", order_effect: bool = False, penalty: float | None = None
) -> BradleyTerry:
    """Maximum-likelihood Bradley-Terry log worths.

    Parameters
    ----------
    counts : PairCounts
        From `analysis.models.pair_counts.count_pairs`.
    ties : {"davidson", "half"}
        Estimate how ready judges are to tie, or count a tie as half a win for each side.
    order_effect : bool
        Estimate and test what being shown first is worth.
    penalty : float, optional
        lambda of lambda * sum(th^2). Absent: 0, or 0.5 where no finite estimate exists.

    Raises
    ------
    AnalysisError
        No comparisons or only ties; no finite estimate where `penalty=0` is asked for, or of the order
        effect.

    Examples
    --------
    >>> import numpy as np
    >>> from analysis.models.pair_counts import count_pairs
    >>> wins = count_pairs([0, 0, 0, 1], [1, 1, 1, 0], [1, 1, 1, 1], 2)
    >>> fit = fit_bradley_terry(wins)
    >>> bool(np.isclose(fit.log_worth[0] - fit.log_worth[1], np.log(3)))
    True
    """
    counts = counts.with_half_wins() if ties == "half" else counts
    counts = counts if order_effect else counts.without_order()
    if not (counts.first_wins + counts.second_wins).any():
        raise AnalysisError("every comparison is a tie; there is nothing to tell candidates apart by")
    finite = bool(strongly_connected(counts.beats()))
    if penalty == 0 and not finite:
        raise AnalysisError(
            f"no finite estimate exists; give a penalty above 0 (for example {DEFAULT_PENALTY})"
        )
    lam = (0.0 if finite else DEFAULT_PENALTY) if penalty is None else float(penalty)
    fit = _fit(counts, lam, order_effect, retry=finite and penalty is None)
    fit = replace(fit, nu=None) if ties == "half" else fit
    if order_effect:
        without = fit_bradley_terry(counts, ties=ties, penalty=fit.penalty)
        gain = _objective(fit) - _objective(without)
        fit = replace(fit, order_p=float(chi2.sf(max(0.0, 2 * gain), 1)))
    return fit


def _fit(counts: PairCounts, penalty: float, ordered: bool, *, retry: bool) -> BradleyTerry:
    """Connected wins and ties are needed for a finite estimate, but ties do not suffice: hence `retry`."""
    model = _Model(counts, penalty, tied=bool(counts.ties.any()), ordered=ordered)
    try:
        return model.fit(finite=penalty == 0 or bool(strongly_connected(counts.beats())))
    except NoEstimateError as error:
        if retry:
            return replace(_fit(counts, DEFAULT_PENALTY, ordered, retry=False), finite=False)
        what = "order effect or the ties" if model.ordered or model.tied else "worths"
        raise AnalysisError(
            f"no estimate of the {what} ({error}); leave them out or give a penalty"
        ) from error


def _objective(fit: BradleyTerry) -> float:
    return fit.loglik - fit.penalty * float(fit.log_worth @ fit.log_worth)


class _Model:
    """Parameters: N log worths, then beta if `ordered`, then log nu if `tied`."""

    def __init__(self, counts: PairCounts, penalty: float, *, tied: bool, ordered: bool) -> None:
        n = counts.n_teams
        a, b = np.nonzero(counts.first_wins + counts.second_wins + counts.ties)
        self.n, self.penalty, self.tied, self.ordered = n, penalty, tied, ordered
        self.groups = win_groups(counts.beats())
        self.design = np.zeros((len(a), n + ordered + tied))
        self.design[np.arange(len(a)), a] = 1
        self.design[np.arange(len(a)), b] = -1
        if ordered:
            self.design[:, n] = 1
        self.won, self.lost, self.even = counts.first_wins[a, b], counts.second_wins[a, b], counts.ties[a, b]

    def fit(self, *, finite: bool) -> BradleyTerry:
        flat = np.zeros((self.design.shape[1],) * 2)
        flat[: self.n, : self.n] = 1 / self.n**2
        value, best, information = maximise(self.derivatives, np.zeros(len(flat)), flat=flat)
        theta = best[: self.n]
        covariance = covariance_of(information)
        se = np.sqrt(np.clip(np.diag(covariance), 0, None))
        return BradleyTerry(
            log_worth=theta,
            se=se[: self.n],
            covariance=covariance[: self.n, : self.n],
            order=float(best[self.n]) if self.ordered else None,
            order_se=float(se[self.n]) if self.ordered else None,
            order_p=None,
            nu=float(np.exp(best[-1])) if self.tied else 0.0,
            nu_se=float(np.exp(best[-1]) * se[-1]) if self.tied else None,
            loglik=value + self.penalty * float(theta @ theta),
            finite=finite,
            penalty=self.penalty,
            groups=[] if finite else self.groups,
        )

    def derivatives(self, parameters: Array) -> Derivatives:
        n, theta = self.n, parameters[: self.n]
        distance = self.design @ parameters
        nu = np.exp(parameters[-1]) if self.tied else 0.0
        up, down = np.exp(distance / 2), np.exp(-distance / 2)
        total, count = up + down + nu, self.won + self.lost + self.even
        lean, tie = (up - down) / (2 * total), nu / total
        value = (
            (self.won - self.lost) * distance / 2 - count * np.log(total)
        ).sum() - self.penalty * theta @ theta
        gradient = self.design.T @ ((self.won - self.lost) / 2 - count * lean)
        weight = count * ((1 - tie) / 4 - lean**2)
        information = self.design.T @ (weight[:, None] * self.design)
        if self.tied:
            value += self.even.sum() * parameters[-1]
            gradient[-1] = (self.even - count * tie).sum()
            mixed = self.design.T @ (-count * lean * tie)
            information[-1], information[:, -1] = mixed, mixed
            information[-1, -1] = (count * tie * (1 - tie)).sum()
        gradient[:n] -= 2 * self.penalty * theta
        information[np.arange(n), np.arange(n)] += 2 * self.penalty
        return float(value), gradient, information
