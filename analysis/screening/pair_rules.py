"""Screening of judges who compare pairs: agreement with the others, hidden checks, habits.

The others' opinion of a pair is their answers on that image, shrunk towards the Bradley-Terry model of their
comparisons on all images, so that designs in which no two judges compared the same pair can also be screened.
"""

from functools import partial

import numpy as np
import pandas as pd
from scipy.special import expit
from scipy.stats import binom, binomtest, false_discovery_control, norm

from analysis import answers
from analysis.errors import AnalysisError
from analysis.models.bradley_terry import fit_bradley_terry, refit_bradley_terry
from analysis.pairs import ANSWERS, Pairs
from analysis.resampling.pair_draws import pair_cells, worths_without
from analysis.screening.checks import ALPHA, SLIP
from analysis.screening.consensus import Z_LIMIT
from analysis.screening.flags import Flags, not_applicable, robust_z, rows_by
from analysis.screening.habits import FLOOR, PATTERN_P, fading, hasty
from analysis.screening.pair_checks import identical_trials, repeated_trials
from analysis.screening.pairs import suspicious, unlikely_comparers

MIN_COMPARISONS = 20
ODD_P = 0.01
"""For a judge whose repeats, or answers to identical pairs, differ from the others'."""

_DRAWN = 2.0
"""How many answers to a pair of an image the model of all images counts as."""


def pair_rules(pairs: Pairs, *, floor: float = FLOOR) -> list[Flags]:
    """Apply every rule to every judge."""
    rows = answers.counted(pairs.table)
    leaning = _leaning(pairs)
    return [
        against_coins(pairs, leaning),
        outlying(pairs, leaning),
        unlikely(pairs),
        inconsistent(pairs),
        misses_golden(pairs),
        sees_differences(pairs),
        favours_sides(pairs),
        hasty(pairs, rows, floor=floor),
        same_side_again(pairs, rows),
        fading(_agreement(pairs, leaning), pairs, rows),
    ]


def against_coins(pairs: Pairs, leaning: np.ndarray | None) -> Flags:
    """Flag judges who agree with the others no more than coin tosses would, 99 times in 100.

    Each comparison is weighted by how strongly the others prefer one: nobody is blamed for a close pair.
    """
    says = "agrees with the others no better than chance"
    judges = len(pairs.judges)
    if leaning is None:
        return not_applicable("chance", says, judges, "no judge can be compared with others")
    with_them, most = (
        _sums(pairs, _agreement(pairs, leaning)),
        np.sqrt(_sums(pairs, _named(pairs) * leaning**2)),
    )
    z = np.divide(with_them, most, out=np.full(judges, np.nan), where=most > 0)
    enough = np.bincount(pairs.judge, _named(pairs), judges) >= MIN_COMPARISONS
    if not enough.any():
        reason = f"needs a judge with {MIN_COMPARISONS} comparisons that prefer a side"
        return not_applicable("chance", says, judges, reason)
    return Flags("chance", says, {"coin_z": z}, enough & (z <= norm.ppf(0.99)))


def outlying(pairs: Pairs, leaning: np.ndarray | None) -> Flags:
    """Flag judges who agree with the others far less than the other judges do (robust z < -3)."""
    says = "agrees with the others far less than the other judges do"
    judges = len(pairs.judges)
    value = np.full(judges, np.nan)
    if leaning is not None:
        most = _sums(pairs, np.abs(leaning))
        value = np.divide(_sums(pairs, _agreement(pairs, leaning)), most, out=value, where=most > 0)
    z = robust_z(value)
    if np.isnan(z).all():
        reason = "needs four judges who agree with the others to different degrees"
        return not_applicable("outlier", says, judges, reason)
    return Flags("outlier", says, {"with_others": value, "with_others_z": z}, z < Z_LIMIT)


def unlikely(pairs: Pairs) -> Flags:
    """Flag judges whose answers are improbable under the others' model of each image (pwcmp's distance)."""
    says = "answers are improbable given the other judges' answers"
    loglik, distance = unlikely_comparers(pairs)
    judges = len(pairs.judges)
    if np.isnan(distance).all():
        return not_applicable("likelihood", says, judges, "needs four judges on the same images")
    owner = np.zeros(len(pairs.sittings), dtype=np.int64)
    owner[pairs.sitting] = pairs.judge
    worst = np.full(judges, -np.inf)
    np.fmax.at(worst, owner, distance)
    count = np.bincount(pairs.sitting, minlength=len(owner))
    mean = np.bincount(owner, np.nan_to_num(loglik) * count, judges) / np.bincount(owner, count, judges)
    columns = {"loglik": mean, "loglik_distance": np.where(np.isfinite(worst), worst, np.nan)}
    return Flags("likelihood", says, columns, suspicious(worst))


def inconsistent(pairs: Pairs) -> Flags:
    """Flag judges who change their answer to repeated pairs far more often than the others do (p < 1 %)."""
    says = "changes the answer to repeated pairs far more often than the others"
    found = repeated_trials(pairs)
    return _unlike_others(
        "repeats", says, found.shown, found.shown - found.same, "no pair was shown twice (kind repeat)"
    )


def sees_differences(pairs: Pairs) -> Flags:
    """Flag judges who prefer one of two identical images far more often than the others."""
    says = "prefers one of two identical images far more often than the others"
    found = identical_trials(pairs)
    return _unlike_others(
        "identical", says, found.shown, found.sides, "there are no identical pairs (kind identical)"
    )


def misses_golden(pairs: Pairs) -> Flags:
    """Flag judges who fail to prefer the other to a candidate known to be worse, beyond one slip in ten."""
    says = "does not see which candidate is known to be worse"
    judges = len(pairs.judges)
    golden = pairs.table[pairs.table["kind"] == "golden"] if "kind" in pairs.table else pairs.table.iloc[:0]
    if golden.empty:
        return not_applicable("golden", says, judges, "there are no golden trials (kind golden)")
    left, right = (~golden[side].astype(object).isin(pairs.teams).to_numpy() for side in ("team_a", "team_b"))
    known = left ^ right
    if not known.any():
        reason = "the worse candidate of the golden trials is unknown because its team is in main trials too"
        return not_applicable("golden", says, judges, reason)
    slip = golden["answer"].astype(object).to_numpy() != np.where(left, "b", "a")
    judge = pd.Index(pairs.judges).get_indexer(pd.Index(golden["judge"].astype(object)))
    known &= judge >= 0
    trials, slips = (
        np.bincount(judge[known], minlength=judges),
        np.bincount(judge[known & slip], minlength=judges),
    )
    p = np.where(trials > 0, binom.sf(slips - 1, trials, SLIP), np.nan)
    return Flags("golden", says, {"golden": trials, "golden_slips": slips, "golden_p": p}, p < ALPHA)


def favours_sides(pairs: Pairs) -> Flags:
    """Flag judges who choose one side too often (binomial test, Benjamini-Hochberg adjusted p below 1 %)."""
    says = "chooses one side of the screen too often"
    judges = len(pairs.judges)
    left = np.bincount(pairs.judge, pairs.outcome == 1, judges).astype(int)
    named = np.bincount(pairs.judge, _named(pairs), judges).astype(int)
    if not named.any():
        return not_applicable("position", says, judges, "no answer prefers a side")
    p = np.array([binomtest(a, n).pvalue if n else np.nan for a, n in zip(left, named, strict=True)])
    share = np.divide(left, named, out=np.full(judges, np.nan), where=named > 0)
    adjusted = np.full(judges, np.nan)
    adjusted[named > 0] = false_discovery_control(p[named > 0])
    return Flags("position", says, {"left": share, "left_p_adjusted": adjusted}, adjusted < ODD_P)


def same_side_again(pairs: Pairs, rows: pd.DataFrame) -> Flags:
    """Flag judges whose answers change sides too seldom, although sides are random (runs test, p < 0.1 %)."""
    says = "chooses the same side again and again"
    judges = len(pairs.judges)
    if "position" not in rows:
        return not_applicable("pattern", says, judges, "the table has no column position")
    position, named = rows["position"].to_numpy(dtype=float), _named(pairs) > 0
    z = np.full(judges, np.nan)
    for judge, rows_of_judge in enumerate(rows_by(pairs.judge, judges)):
        own = rows_of_judge[named[rows_of_judge]]
        side = pairs.outcome[own[np.argsort(position[own], kind="stable")]]
        n = len(side)
        a = int(side.sum())
        if n >= MIN_COMPARISONS and 0 < a < n:
            mean = 1 + 2 * a * (n - a) / n
            variance = (mean - 1) * (mean - 2) / (n - 1)
            z[judge] = ((np.diff(side) != 0).sum() + 1 - mean) / np.sqrt(variance)
        elif n >= MIN_COMPARISONS:
            z[judge] = -np.sqrt(n)  # one side throughout
    return Flags("pattern", says, {"runs_z": z}, norm.cdf(z) < PATTERN_P)


def _unlike_others(name: str, says: str, shown: np.ndarray, odd: np.ndarray, nothing: str) -> Flags:
    """Flag judges with more odd answers than the others' share of them makes likely."""
    if not shown.any():
        return not_applicable(name, says, len(shown), nothing)
    others, of_others = odd.sum() - odd, shown.sum() - shown
    # With one success and one failure more, nobody is impossible.
    share = (others + 1) / (of_others + 2)
    p = np.where((shown > 0) & (of_others > 0), binom.sf(odd - 1, shown, share), np.nan)
    return Flags(name, says, {name: shown, f"{name}_odd": odd, f"{name}_p": p}, p < ODD_P)


def _leaning(pairs: Pairs) -> np.ndarray | None:
    """(C,) how far the *other* judges lean to the first of each comparison, log odds; None without any."""
    if len(pairs.judges) < 2:
        return None
    try:
        fit = fit_bradley_terry(pairs.counts, ties="half")
        worth = worths_without(
            pair_cells(pairs), partial(refit_bradley_terry, fit=fit, ties="half"), "judges"
        )
    except AnalysisError:  # nothing but ties
        return None
    expected = expit(worth[pairs.judge, pairs.first] - worth[pairs.judge, pairs.second])
    won, met = _others_on_the_pair(pairs)
    return np.log((won + _DRAWN * expected) / (met - won + _DRAWN * (1 - expected)))


def _others_on_the_pair(pairs: Pairs) -> tuple[np.ndarray, np.ndarray]:
    """(C,) how often other judges preferred the first, of the same pair on the same image, and answered."""
    n = len(pairs.teams)
    low, high = np.minimum(pairs.first, pairs.second), np.maximum(pairs.first, pairs.second)
    _, unit = np.unique((pairs.image.astype(np.int64) * n + low) * n + high, return_inverse=True)
    _, own = np.unique(unit * len(pairs.judges) + pairs.judge, return_inverse=True)
    to_low = np.where(pairs.first == low, pairs.outcome, 1 - pairs.outcome)
    won = np.bincount(unit, to_low)[unit] - np.bincount(own, to_low)[own]
    met = np.bincount(unit)[unit] - np.bincount(own)[own]
    return np.where(pairs.first == low, won, met - won), met


def _agreement(pairs: Pairs, leaning: np.ndarray | None) -> np.ndarray:
    """(C,) each answer with the others, against them below 0; a tie is neither."""
    return np.full(pairs.size, np.nan) if leaning is None else (2 * pairs.outcome - 1) * leaning


def _named(pairs: Pairs) -> np.ndarray:
    """(C,) 1 where the answer names a side."""
    return (pairs.answer <= ANSWERS.index("b")).astype(float)


def _sums(pairs: Pairs, values: np.ndarray) -> np.ndarray:
    return np.bincount(pairs.judge, values, len(pairs.judges))
