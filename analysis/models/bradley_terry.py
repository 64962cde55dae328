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
from analysis.models.concave import Derivatives, NoEstimateError, covariance_of, maximise, maximise_many
from analysis.models.connectivity import strongly_connected, win_groups
from analysis.models.pair_counts import PairCounts
from analysis.models.plackett_luce import DEFAULT_PENALTY

Array = NDArray[Any]
Ties = Literal["davidson", "half"]
_NUISANCE = 1e-4  # penalty of the order effect and of log nu in resamples; nothing beside any data


@dataclass(frozen=True)
class BradleyTerry:
    """A fitted model; see `fit_bradley_terry`.

    Attributes
    ----------
    log_worth, se : (N,) float
        Natural-log worths, sum zero, and their model standard errors.
    covariance : (N, N) float
        Of the log worths, the model's own.
    full_covariance : (P, P) float
        Of the log worths, then the order effect and log nu as far as they were estimated.
    order, order_se, order_p : float or None
        The effect of being shown first, and the p of its likelihood-ratio test; None where it was not
        asked for.
    nu : float or None
        Davidson's tie parameter, 0 without ties; None with half wins.
    nu_se : float or None
        Its standard error, nu times that of log nu (delta method); None where nu is not estimated.
    loglik, finite, penalty, groups
        As in `analysis.models.plackett_luce.PlackettLuce`.
    parameters : (P,) float
        Log worths, then the order effect and log nu as far as they were estimated.
    """

    log_worth: Array
    se: Array
    covariance: Array
    full_covariance: Array
    order: float | None
    order_se: float | None
    order_p: float | None
    nu: float | None
    nu_se: float | None
    loglik: float
    finite: bool
    penalty: float
    groups: list[list[int]]
    parameters: Array


def fit_bradley_terry(
    counts: PairCounts,
    *,
    ties: Ties = "davidson",
    order_effect: bool = False,
    penalty: float | None = None,
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
        raise AnalysisError("every comparison is a tie, so candidates cannot be told apart")
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


def refit_bradley_terry(
    counts: PairCounts, fit: BradleyTerry, *, ties: Ties = "davidson"
) -> tuple[Array, NDArray[np.bool_]]:
    """Log worths of many data sets of the same candidates, from the start of the fit to all data.

    Parameters
    ----------
    counts : PairCounts
        Of R data sets, (R, N, N) each; not of the form `without_order` or `with_half_wins` yet.
    fit : BradleyTerry
        `fit_bradley_terry` of all data: its penalty is kept, and its order effect and tie parameter are
        estimated again if it has them.
    ties : {"davidson", "half"}
        As in the fit.

    Returns
    -------
    log_worth : (R, N) float
        Sum zero.
    finite : (R,) bool
        Where False, no finite estimate exists and the default penalty was used.
    """
    counts = counts.with_half_wins() if ties == "half" else counts
    ordered = fit.order is not None
    counts = counts if ordered else counts.without_order()
    tied = ties == "davidson" and bool(fit.nu)
    connected = strongly_connected(counts.beats())
    lam = np.where(connected, fit.penalty, max(fit.penalty, DEFAULT_PENALTY))
    start = np.tile(fit.parameters, (len(lam), 1))
    worth, found = _refit(counts, lam, start, ordered=ordered, tied=tied)
    again = np.flatnonzero(~found)
    if len(again):
        lam[again] = np.maximum(lam[again], DEFAULT_PENALTY)
        worth[again], settled = _refit(
            counts.part(again), lam[again], start[again], ordered=ordered, tied=tied
        )
        if not settled.all():
            raise AnalysisError(
                "worths cannot be estimated for a resample; leave out the order effect, or count ties as "
                "half wins"
            )
    return worth - worth.mean(axis=1, keepdims=True), connected & found


def influence(fit: BradleyTerry, first: Array, second: Array, outcome: Array) -> Array:
    """(C, N) how far each comparison moved each log worth: the covariance times its share of the gradient.

    Parameters
    ----------
    fit : BradleyTerry
    first, second : (C,) int
    outcome : (C,) float
        As for `analysis.models.pair_counts.count_pairs`.
    """
    n = len(fit.log_worth)
    nu = fit.nu or 0.0
    up = np.exp((fit.log_worth[first] - fit.log_worth[second] + (fit.order or 0.0)) / 2)
    total = up + 1 / up + nu
    pull = outcome - 0.5 - (up - 1 / up) / (2 * total)
    extra = [pull] if fit.order is not None else []
    extra += [(outcome == 0.5) - nu / total] if nu else []
    moved = pull[:, None] * (fit.full_covariance[first, :n] - fit.full_covariance[second, :n])
    for place, score in enumerate(extra, start=n):
        moved += score[:, None] * fit.full_covariance[place, :n]
    return moved


def _refit(
    counts: PairCounts, penalty: Array, start: Array, *, ordered: bool, tied: bool
) -> tuple[Array, NDArray[np.bool_]]:
    model = _Model(counts, penalty, tied=tied, ordered=ordered)
    extra = np.arange(model.n, start.shape[1])

    def derivatives(parameters: Array, which: Array) -> Derivatives:
        value, gradient, information = model.derivatives(parameters, which)
        # A resample without a tie, or with one side always won, would send nu or beta to infinity.
        value = value - _NUISANCE * (parameters[:, extra] ** 2).sum(axis=1)
        gradient[:, extra] -= 2 * _NUISANCE * parameters[:, extra]
        information[:, extra, extra] += 2 * _NUISANCE
        return value, gradient, information

    best, found = maximise_many(derivatives, start, flat=model.flat)
    return best[:, : model.n], found


def _objective(fit: BradleyTerry) -> float:
    return fit.loglik - fit.penalty * float(fit.log_worth @ fit.log_worth)


class _Model:
    """Parameters: N log worths, then beta if `ordered`, then log nu if `tied`."""

    def __init__(self, counts: PairCounts, penalty: Any, *, tied: bool, ordered: bool) -> None:
        n = counts.n_teams
        self.n, self.penalty, self.tied, self.ordered = n, penalty, tied, ordered
        self.counts = counts
        self.flat = np.zeros((n + ordered + tied,) * 2)
        self.flat[:n, :n] = 1 / n**2

    def fit(self, *, finite: bool) -> BradleyTerry:
        value, best, information = maximise(self.derivatives, np.zeros(len(self.flat)), flat=self.flat)
        theta = best[: self.n]
        covariance = covariance_of(information)
        se = np.sqrt(np.clip(np.diag(covariance), 0, None))
        return BradleyTerry(
            log_worth=theta,
            se=se[: self.n],
            covariance=covariance[: self.n, : self.n],
            full_covariance=covariance,
            order=float(best[self.n]) if self.ordered else None,
            order_se=float(se[self.n]) if self.ordered else None,
            order_p=None,
            nu=float(np.exp(best[-1])) if self.tied else 0.0,
            nu_se=float(np.exp(best[-1]) * se[-1]) if self.tied else None,
            loglik=float(value + self.penalty * (theta @ theta)),
            finite=finite,
            penalty=self.penalty,
            groups=[] if finite else win_groups(self.counts.beats()),
            parameters=best,
        )

    def derivatives(self, parameters: Array, which: Array | None = None) -> Derivatives:
        """Value, gradient, negative Hessian; of every data set in `which` where the counts hold several."""
        n, theta = self.n, parameters[..., : self.n]
        counts = self.counts if which is None else self.counts.part(which)
        penalty = self.penalty if which is None else self.penalty[which]
        distance = theta[..., :, None] - theta[..., None, :]
        distance = distance + parameters[..., n, None, None] if self.ordered else distance
        nu = np.exp(parameters[..., -1, None, None]) if self.tied else 0.0
        up = np.exp(distance / 2)
        down = 1 / up
        total, count = up + down + nu, counts.first_wins + counts.second_wins + counts.ties
        lean, tie = (up - down) / (2 * total), nu / total
        ahead = counts.first_wins - counts.second_wins
        value = (ahead * distance / 2 - count * np.log(total)).sum((-2, -1)) - penalty * (theta**2).sum(-1)
        pull = ahead / 2 - count * lean
        weight = count * ((1 - tie) / 4 - lean**2)
        both = weight + weight.swapaxes(-1, -2)
        gradient = np.empty(parameters.shape)
        information = np.zeros((*parameters.shape, parameters.shape[-1]))
        gradient[..., :n] = _net(pull) - 2 * np.expand_dims(penalty, -1) * theta
        information[..., :n, :n] = -both
        information[..., np.arange(n), np.arange(n)] += both.sum(-1) + 2 * np.expand_dims(penalty, -1)
        if self.ordered:
            gradient[..., n] = pull.sum((-2, -1))
            _cross(information, n, _net(weight))
            information[..., n, n] = weight.sum((-2, -1))
        if self.tied:
            even, mixed = counts.ties.sum((-2, -1)), -count * lean * tie
            value = value + even * parameters[..., -1]
            gradient[..., -1] = even - (count * tie).sum((-2, -1))
            _cross(information, -1, _net(mixed))
            if self.ordered:
                information[..., n, -1] = information[..., -1, n] = mixed.sum((-2, -1))
            information[..., -1, -1] = (count * tie * (1 - tie)).sum((-2, -1))
        return value, gradient, information


def _net(cells: Array) -> Array:
    """What each candidate gets of cells (..., N, N): the sum of its row less that of its column."""
    return cells.sum(-1) - cells.sum(-2)


def _cross(information: Array, place: int, values: Array) -> None:
    n = values.shape[-1]
    information[..., place, :n] = information[..., :n, place] = values
