"""Rules about agreement with the panel: against chance, against the other judges, and under a model."""

import numpy as np

from analysis.agreement.judges import LeaveOneOut
from analysis.errors import AnalysisError
from analysis.models.choices import choices_of_ballots
from analysis.models.plackett_luce import ballot_loglik, fit_choices, refit_plackett_luce
from analysis.screening.flags import Flags, not_applicable, robust_z
from analysis.votes import BallotArrays

Z_LIMIT = -3.0
FENCE = 1.5
MIN_IMAGES = 5
MAX_REFITS = 300


def against_chance(judges: list[LeaveOneOut]) -> Flags:
    """Flag judges whose leave-one-out correlation is not above the 99 % quantile of permuted ballots.

    A judge compared on fewer than five images is not flagged: with so few ballots the quantile is close to
    perfect agreement, and nearly every judge stays below it.
    """
    value, q99 = (np.array([getattr(judge, name) for judge in judges]) for name in ("value", "q99"))
    columns = {"loo_spearman": value, "loo_q99": q99}
    says = "agrees with the others no better than chance"
    if np.isnan(value).all():
        return not_applicable("chance", says, len(judges), "no judge can be compared with others")
    enough = np.array([judge.images for judge in judges]) >= MIN_IMAGES
    if not enough.any():
        return not_applicable(
            "chance", says, len(judges), f"needs a judge with {MIN_IMAGES} ballots to compare"
        )
    # A judge in perfect agreement can be no higher, whatever the quantile.
    return Flags("chance", says, columns, enough & (value <= q99) & (value < 1 - 1e-9))


def outlying(judges: list[LeaveOneOut]) -> Flags:
    """Flag judges whose leave-one-out correlation is far below that of the other judges (robust z < -3)."""
    z = robust_z(np.array([judge.value for judge in judges]))
    says = "agrees with the others far less than the other judges do"
    if np.isnan(z).all():
        reason = "needs four judges who agree with the others to different degrees"
        return not_applicable("outlier", says, len(judges), reason)
    return Flags("outlier", says, {"loo_z": z}, z < Z_LIMIT)


def unlikely(ballots: BallotArrays) -> Flags:
    """Flag judges whose ballots are improbable under a Plackett-Luce model fitted to the other judges.

    L is the mean log-likelihood of a judge's ballots, in nats; the distance is (Q1 - L)/IQR over the judges,
    the box-plot rule for screening pairwise comparisons (Perez-Ortiz & Mantiuk 2017) applied to rankings.
    """
    says = "ballots are improbable given the other judges' ballots"
    judges = len(ballots.judges)
    if judges < 4:
        return not_applicable("likelihood", says, judges, "needs four judges")
    try:
        mean = _mean_loglik(ballots)
    except AnalysisError as error:
        return not_applicable("likelihood", says, judges, str(error))
    low, high = np.quantile(mean, [0.25, 0.75])
    if high - low < 1e-12:
        return not_applicable("likelihood", says, judges, "half of the judges have the same likelihood")
    distance = (low - mean) / (high - low)
    return Flags("likelihood", says, {"loglik": mean, "loglik_distance": distance}, distance > FENCE)


def _mean_loglik(ballots: BallotArrays) -> np.ndarray:
    """Mean log-likelihood of each judge's ballots; in panels too large for refits, under one model."""
    choices, judges = choices_of_ballots(ballots), len(ballots.judges)
    if not len(choices.pair_set):
        raise AnalysisError("no ballot prefers one team to another")
    count = np.bincount(ballots.judge, minlength=judges)
    if judges > MAX_REFITS:
        loglik = ballot_loglik(choices, fit_choices(choices).log_worth)
        return np.bincount(ballots.judge, loglik, minlength=judges) / count
    others = (ballots.judge != np.arange(judges)[:, None]).astype(float)
    worths, _ = refit_plackett_luce(choices, others)
    own = [ballot_loglik(choices, worth)[ballots.judge == judge].mean() for judge, worth in enumerate(worths)]
    return np.array(own)
