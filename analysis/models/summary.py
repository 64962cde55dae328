"""What a choice model says of a study: worths and their errors, whether they are finite, slot effects."""

from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray

from analysis.errors import AnalysisError
from analysis.models.choices import choices_of_ballots
from analysis.models.judge_weights import reliability_weights
from analysis.models.plackett_luce import (
    PlackettLuce,
    ballot_scores,
    fit_choices,
    fit_with_pseudo_rankings,
)
from analysis.models.quasi import contrast_variances, quasi_variances
from analysis.models.slot_effect import SlotEffect, fit_slot_effect
from analysis.votes import NO_SLOTS, BallotArrays, Votes

Array = NDArray[Any]
Weighting = Literal["equal", "reliability"]


def model_summary(
    votes: Votes,
    *,
    penalty: float | None = None,
    pseudo: float | None = None,
    weights: Weighting = "equal",
    slots: bool = True,
) -> dict[str, Any]:
    """Plackett-Luce for the top-k ballots of a votes table, ready for JSON.

    Parameters
    ----------
    votes : Votes
        Only main trials count.
    penalty : float, optional
        lambda of the penalty lambda * sum(th^2). Absent: none, or 0.5 where no finite estimate exists.
    pseudo : float, optional
        Instead of a penalty: how often every team beats, and loses to, a ghost.
    weights : {"equal", "reliability"}
        Whether judges count equally or by their agreement with the others.
    slots : bool
        Also estimate and test the effect of the place on the screen (every ballot counted once).

    Returns
    -------
    dict
        `log_worth` {team: value, sum zero}; `se` (votes taken as independent) and `se_two_way` (judges and
        images taken as samples; None with one judge or image); `first_choice` {team: probability of being
        picked first from all teams}; `quasi_se` and `quasi_se_two_way`, {team: value} such that the error of
        a difference is sqrt(q_a^2 + q_b^2), with `quasi_worst` and `quasi_worst_two_way`, the largest
        relative error of that (all None where there are none); `covariance` {teams, values} of the log
        worths, the model's own; `loglik`, `parameters`, `aic`, `bic` (with the ballots as n); `finite`;
        `reason`, why there is no finite estimate; `groups`, the teams between which the order is never
        contradicted; `penalty`; `iterations`; `judge_weights`; `slot_effect`; the counts.

    Raises
    ------
    AnalysisError
        As `fit_plackett_luce`, `reliability_weights` and `Votes.ballots`.
    """
    ballots = votes.ballots
    choices = choices_of_ballots(ballots)
    judge_weights = reliability_weights(ballots) if weights == "reliability" else None
    of_ballot = None if judge_weights is None else judge_weights[ballots.judge]
    if pseudo is not None and penalty is not None:
        raise AnalysisError("give a penalty or pseudo-rankings, not both")
    plain = fit_choices(choices, weights=of_ballot, penalty=penalty)
    fit = plain
    if pseudo is not None:
        matrices = (ballots.rank_matrix, ballots.shown_matrix)
        fit = fit_with_pseudo_rankings(*matrices, times=pseudo, weights=of_ballot)
    score = ballot_scores(choices, fit.log_worth)
    if of_ballot is not None:
        score *= of_ballot[:, None]
    two_way = two_way_se(score, ballots, fit.covariance)
    parts = _two_way_parts(score, ballots, fit.covariance)
    contrasts = None if parts is None else _joined([contrast_variances(part) for part in parts])
    worth = np.exp(fit.log_worth - fit.log_worth.max())
    return {
        "method": "Plackett-Luce for top-k ballots, teams not listed below the listed ones",
        "n_ballots": ballots.size,
        "n_judges": len(ballots.judges),
        "n_images": len(ballots.images),
        "n_teams": len(ballots.teams),
        "simulated": votes.simulated,
        "log_worth": _by(ballots.teams, fit.log_worth),
        "se": _by(ballots.teams, fit.se),
        "se_two_way": None if two_way is None else _by(ballots.teams, two_way),
        "first_choice": _by(ballots.teams, worth / worth.sum()),
        **_quasi(ballots.teams, contrast_variances(fit.covariance), "quasi_se", "quasi_worst"),
        **_quasi(ballots.teams, contrasts, "quasi_se_two_way", "quasi_worst_two_way"),
        "covariance": {"teams": [str(team) for team in ballots.teams], "values": fit.covariance.tolist()},
        "loglik": fit.loglik,
        **_information(fit.loglik, len(ballots.teams) - 1, ballots.size),
        "finite": fit.finite,
        "reason": None if fit.finite else _why_not(fit, ballots),
        "groups": [[str(ballots.teams[t]) for t in group] for group in fit.groups],
        "penalty": fit.penalty,
        "pseudo": pseudo,
        "iterations": fit.iterations,
        "weights": weights,
        "judge_weights": None if judge_weights is None else _by(ballots.judges, judge_weights),
        "slot_effect": _slot_summary(ballots, plain) if slots else None,
    }


def two_way_se(score: Array, ballots: BallotArrays, covariance: Array) -> Array | None:
    """(N,) standard errors that take judges and images as samples; None with fewer than two of either.

    Parameters
    ----------
    score : (B, N) float
        Gradient of each ballot's log-likelihood.
    ballots : BallotArrays
    covariance : (N, N) float
        The model's own, which is the inverse information.

    Notes
    -----
    Two-way cluster-robust variance, judges + images - both (Cameron, Gelbach and Miller 2011).
    """
    parts = _two_way_parts(score, ballots, covariance)
    return None if parts is None else np.sqrt(_joined([np.diag(part) for part in parts]))


def _two_way_parts(score: Array, ballots: BallotArrays, covariance: Array) -> list[Array] | None:
    """Covariances by judge, by image and by ballot, (N, N) each."""
    n_judges, n_images = len(ballots.judges), len(ballots.images)
    if min(n_judges, n_images) < 2:
        return None
    per_ballot = score.T @ score
    by_judge = _outer_of_sums(score, ballots.judge, n_judges) * n_judges / (n_judges - 1)
    by_image = _outer_of_sums(score, ballots.image, n_images) * n_images / (n_images - 1)
    return [covariance @ m @ covariance for m in (by_judge, by_image, per_ballot)]


def _joined(variance: list[Array]) -> Array:
    # The difference can fall below either part by chance; a variance below them is never reported.
    return np.maximum(variance[0] + variance[1] - variance[2], np.maximum(variance[0], variance[1]))


def _quasi(teams: NDArray[Any], contrasts: Array | None, name: str, worst: str) -> dict[str, Any]:
    try:
        q, error = quasi_variances(np.full((1, 1), np.nan) if contrasts is None else contrasts)
    except AnalysisError:
        q, error = np.full(1, np.nan), np.nan
    if np.isnan(error):
        return {name: None, worst: None}
    # A negative quasi-variance has no root; its sums with the others still hold.
    return {
        name: {
            str(team): float(np.sqrt(value)) if value >= 0 else None
            for team, value in zip(teams, q, strict=True)
        },
        worst: error,
    }


def _information(loglik: float, parameters: int, n: int) -> dict[str, Any]:
    return {
        "parameters": parameters,
        "aic": 2 * parameters - 2 * loglik,
        "bic": float(np.log(n)) * parameters - 2 * loglik,
    }


def _outer_of_sums(score: Array, group: NDArray[np.integer], size: int) -> Array:
    sums = np.column_stack([np.bincount(group, column, size) for column in score.T])
    return sums.T @ sums


def _why_not(fit: PlackettLuce, ballots: BallotArrays) -> str:
    placed = np.bincount(ballots.team, ballots.rank > 0, len(ballots.teams)) > 0
    never = [str(team) for team in ballots.teams[~placed]]
    if never:
        return f"never listed by any judge: {', '.join(never)}"
    names = [", ".join(str(ballots.teams[t]) for t in group) for group in fit.groups]
    return f"no later group was ever chosen over an earlier one: {' > '.join(names)}"


def _slot_summary(ballots: BallotArrays, fit: PlackettLuce) -> dict[str, Any]:
    if not ballots.has_slots:
        return _no_slot_effect(NO_SLOTS)
    matrices = (ballots.rank_matrix, ballots.shown_matrix, ballots.slot_matrix)
    effect = fit_slot_effect(*matrices, penalty=fit.penalty)
    if effect.undefined:
        return _no_slot_effect(effect.undefined)
    slots = np.arange(1, len(effect.effect) + 1)
    return _slot_numbers(effect, slots)


def _no_slot_effect(reason: str) -> dict[str, Any]:
    return {"undefined": reason, "statistic": None, "df": None, "p": None, "effect": {}, "se": {}}


def _slot_numbers(effect: SlotEffect, slots: NDArray[np.integer]) -> dict[str, Any]:
    return {
        "undefined": None,
        "statistic": effect.statistic,
        "df": effect.df,
        "p": effect.p,
        "effect": _by(slots, effect.effect),
        "se": _by(slots, effect.se),
    }


def _by(labels: NDArray[Any], values: Array) -> dict[str, float]:
    return {str(label): float(value) for label, value in zip(labels, values, strict=True)}
