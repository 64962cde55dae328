"""Rules about how a judge worked: pace, repeating the same keys, losing attention during the session."""

from typing import Protocol

import numpy as np
import pandas as pd
from scipy.special import gammaln
from scipy.stats import false_discovery_control, poisson

from analysis.agreement.drift import drift
from analysis.agreement.trial_order import positions
from analysis.errors import AnalysisError
from analysis.screening.flags import Flags, not_applicable, robust_z, rows_by
from analysis.votes import NO_SLOTS, BallotArrays


class Answered(Protocol):
    """Answers of any table: labels of the judges, and the judge of each answer."""

    @property
    def judges(self) -> np.ndarray: ...

    @property
    def judge(self) -> np.ndarray: ...


FLOOR = 5.0
FLOOR_SHARE = 0.2
PATTERN_P = 1e-3
FADING_P = 0.01


def hasty(answers: Answered, rows: pd.DataFrame, *, floor: float = FLOOR) -> Flags:
    """Flag judges far faster than the others (robust z of the median log time < -3), or often below a floor.

    Parameters
    ----------
    answers, rows
        Ballots and their first rows (`Votes.ballot_rows`), or comparisons or ratings and theirs.
    floor
        Seconds below which nobody can have compared the candidates; judges with a fifth of their ballots
        below it are flagged.
    """
    says = "answers far faster than the others, or too fast to have looked"
    judges = len(answers.judges)
    if "seconds" not in rows or rows["seconds"].isna().all():
        return not_applicable("pace", says, judges, "the table has no times in a column seconds")
    seconds = rows["seconds"].to_numpy(dtype=float, na_value=np.nan)
    if (seconds < 0).any():
        raise AnalysisError(f"column seconds: {np.nanmin(seconds):g} is negative; correct or clear it")
    by_judge = pd.DataFrame(
        {"log": np.log(seconds.clip(0.1)), "under": seconds < floor, "judge": answers.judge}
    )
    by_judge = by_judge[~np.isnan(seconds)].groupby("judge").agg({"log": "median", "under": "mean"})
    by_judge = by_judge.reindex(np.arange(judges))
    z, under = robust_z(by_judge["log"].to_numpy()), by_judge["under"].to_numpy(dtype=float)
    columns = {"median_seconds": np.exp(by_judge["log"].to_numpy()), "seconds_z": z, "under_floor": under}
    return Flags("pace", says, columns, (z < -3) | (under >= FLOOR_SHARE), notes={"floor": floor})


def straight_lining(ballots: BallotArrays) -> Flags:
    """Flag judges who give the same slots in the same order again and again.

    With slots shuffled for each image, two ballots of a judge coincide with probability 1/(n(n - 1)...(n
    - k + 1)), times t! for each t teams that share a place; the number of coinciding pairs is compared with
    the Poisson distribution.
    """
    says = "gives the same slots in the same order again and again"
    judges = len(ballots.judges)
    if not ballots.has_slots:
        return not_applicable("pattern", says, judges, NO_SLOTS)
    pattern = _patterns(ballots)
    own, times = np.unique(ballots.judge * (pattern.max() + 1) + pattern, return_counts=True)
    pairs = np.bincount(own // (pattern.max() + 1), times * (times - 1) / 2, minlength=judges)
    placed = (ballots.picks >= 0).sum(axis=1)
    count = np.bincount(ballots.judge, minlength=judges)
    same = _same_by_chance(np.diff(ballots.start), placed)
    if ballots.has_ties:
        orders = np.where(ballots.rank > 0, gammaln(ballots.tied + 1) / ballots.tied, 0)
        same = same * np.exp(np.bincount(ballots.ballot, orders, minlength=ballots.size))
    chance = np.bincount(ballots.judge, same, minlength=judges)
    expected = chance * (count - 1) / 2
    p = poisson.sf(pairs - 1, expected)
    columns = {"same_pattern_pairs": pairs, "same_pattern_expected": expected, "pattern_p": p}
    return Flags("pattern", says, columns, (p < PATTERN_P) & (pairs > 1))


def fading(agreement: np.ndarray, answers: Answered, rows: pd.DataFrame) -> Flags:
    """Flag judges whose agreement with the others falls during the session (adjusted p below 1 %).

    Parameters
    ----------
    agreement
        Of each answer with the others, minus the mean of its image, shape (B,).
    """
    says = "agrees less and less with the others during the session"
    judges = len(answers.judges)
    position = positions(rows, answers.judge)
    if position is None:
        reason = "the table has neither a column position nor a column at with times"
        return not_applicable("fading", says, judges, reason)
    slope, p = np.full(judges, np.nan), np.full(judges, np.nan)
    for judge, own in enumerate(rows_by(answers.judge, judges)):
        found = drift(agreement[own], position[own], np.zeros(len(own), dtype=int))
        if found is not None:
            slope[judge], p[judge] = found.slope, found.p
    known = ~np.isnan(p)
    if not known.any():
        return not_applicable("fading", says, judges, "no judge has answers that can be compared over time")
    adjusted = np.full(judges, np.nan)
    adjusted[known] = false_discovery_control(p[known])
    columns = {"drift_per_10_trials": slope, "drift_p_adjusted": adjusted}
    return Flags("fading", says, columns, (adjusted < FADING_P) & (slope < 0))


def _patterns(ballots: BallotArrays) -> np.ndarray:
    """A code for what each ballot says of each slot, int64 of shape (B,)."""
    ranks = np.zeros((ballots.size, int(ballots.slot.max())), dtype=np.int16)
    ranks[ballots.ballot, ballots.slot - 1] = ballots.rank
    return np.unique(ranks, axis=0, return_inverse=True)[1].ravel().astype(np.int64)


def _same_by_chance(shown: np.ndarray, placed: np.ndarray) -> np.ndarray:
    """1 / (n(n - 1)...(n - k + 1))."""
    return np.exp(gammaln(shown - placed + 1) - gammaln(shown + 1))
