"""Does the place on the screen sway the choice? Plackett-Luce with a worth for each slot and each team.

    P(c from A) = exp(th_c + b_slot(c)) / sum_{t in A} exp(th_t + b_slot(t))

Both th and b sum to zero. The likelihood-ratio statistic 2*(l1 - l0) against b = 0 has a chi-squared
distribution with (slots - 1) degrees of freedom. Orders differ from ballot to ballot, so nothing can be
aggregated here.
"""

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy.stats import chi2

from analysis.errors import AnalysisError
from analysis.models.concave import NoEstimateError, covariance_of, maximise
from analysis.models.plackett_luce import fit_plackett_luce

Array = NDArray[Any]
_REASONS = {
    "infinite": "no finite estimate: some slot or team was always or never chosen",
    "unidentified": "slots and teams cannot be told apart: teams hardly change places between ballots",
    "unconverged": "the estimate did not converge",
}


@dataclass(frozen=True)
class SlotEffect:
    """Slot effects and their joint test; where `undefined` says why there are none, the rest is empty."""

    effect: Array
    se: Array
    statistic: float
    df: int
    p: float
    undefined: str | None = None


def fit_slot_effect(
    rank: NDArray[np.integer], shown: NDArray[np.bool_], slot: NDArray[np.integer], *, penalty: float = 0.0
) -> SlotEffect:
    """Slot effects in top-k ballots and the likelihood-ratio test of having none.

    Parameters
    ----------
    rank : (B, N) int
        1, 2, ..., k for the picks, 0 or less otherwise.
    shown : (B, N) bool
    slot : (B, N) int
        1-based slot of every team shown; ignored elsewhere.
    penalty : float
        lambda of the penalty lambda * sum(th^2) on the teams' log worths, the same in both models.

    Returns
    -------
    SlotEffect
        `effect` and `se` are (S,) log worths of the slots 1..S.
    """
    n_slots = int(np.where(shown, slot, 0).max(initial=0))
    if n_slots < 2:
        return _undefined("there is only one slot, so there is nothing to compare")
    try:
        teams_only = fit_plackett_luce(rank, shown, penalty=penalty)
    except AnalysisError as error:
        return _undefined(str(error))
    model = _Model(rank, shown, slot, penalty)
    start = np.concatenate([teams_only.log_worth, np.zeros(n_slots)])
    try:
        l1, parameters, information = maximise(model.derivatives, start, flat=model.flat_directions())
    except NoEstimateError as error:
        return _undefined(_REASONS[str(error)])
    l0 = teams_only.loglik - penalty * float(teams_only.log_worth @ teams_only.log_worth)
    statistic = max(0.0, 2 * (l1 - l0))
    n = shown.shape[1]
    se = np.sqrt(np.clip(np.diag(covariance_of(information))[n:], 0, None))
    return SlotEffect(parameters[n:], se, statistic, n_slots - 1, float(chi2.sf(statistic, n_slots - 1)))


def _undefined(reason: str) -> SlotEffect:
    return SlotEffect(np.empty(0), np.empty(0), np.nan, 0, np.nan, reason)


class _Model:
    """The joint likelihood of teams and slots; parameters are the teams', then the slots'."""

    def __init__(self, rank: Array, shown: Array, slot: Array, penalty: float) -> None:
        self.rank, self.shown, self.penalty = rank, shown, penalty
        self.slot = np.where(shown, slot, 1).astype(np.int64) - 1
        self.n_teams, self.n_slots = shown.shape[1], int(self.slot.max()) + 1
        # Where each (ballot, team) cell stands in a (ballot, slot) table.
        self.place = (np.arange(len(rank))[:, None] * self.n_slots + self.slot).ravel()

    def flat_directions(self) -> Array:
        """Shifting all teams, or all slots, together changes nothing."""
        ridge = np.zeros((self.n_teams + self.n_slots,) * 2)
        ridge[: self.n_teams, : self.n_teams] = 1 / self.n_teams**2
        ridge[self.n_teams :, self.n_teams :] = 1 / self.n_slots**2
        return ridge

    def derivatives(self, parameters: Array) -> tuple[float, Array, Array]:
        """Objective, gradient and negative Hessian."""
        n, theta = self.n_teams, parameters[: self.n_teams]
        utility = theta + parameters[n:][self.slot]
        worth = np.where(self.shown, np.exp(utility), 0.0)
        loglik = -self.penalty * float(theta @ theta)
        gradient, information = np.zeros_like(parameters), np.zeros((len(parameters),) * 2)
        gradient[:n] -= 2 * self.penalty * theta
        information[np.arange(n), np.arange(n)] += 2 * self.penalty
        for place in range(1, int(self.rank.max(initial=0)) + 1):
            every, picked = np.nonzero(self.rank == place)
            nth = np.arange(len(every)) - np.searchsorted(every, every)  # of those that share the place
            for round_ in range(int(nth.max(initial=-1)) + 1):
                ballot, chosen = every[nth == round_], picked[nth == round_]
                total = worth[ballot].sum(axis=1)
                loglik += float((utility[ballot, chosen] - np.log(total)).sum())
                p = np.zeros_like(worth)
                p[ballot] = worth[ballot] / total[:, None]
                gradient += self.project(-p).sum(axis=0)
                np.add.at(gradient, chosen, 1.0)
                np.add.at(gradient, n + self.slot[ballot, chosen], 1.0)
                information += self.spread(p)
            worth[every, picked] = 0.0
        return loglik, gradient, information

    def project(self, p: Array) -> Array:
        """(B, N + S) probabilities by team, then by slot."""
        by_slot = np.bincount(self.place, p.ravel(), len(p) * self.n_slots).reshape(len(p), self.n_slots)
        return np.hstack([p, by_slot])

    def spread(self, p: Array) -> Array:
        """Sum over ballots of the covariance of (team, slot) indicators under p."""
        both = self.project(p)
        n, total = self.n_teams, both.sum(axis=0)
        covariance = np.diag(total)
        joint = np.bincount(
            (np.arange(n) * self.n_slots + self.slot).ravel(), p.ravel(), n * self.n_slots
        ).reshape(n, self.n_slots)
        covariance[:n, n:] += joint
        covariance[n:, :n] += joint.T
        return covariance - both.T @ both
