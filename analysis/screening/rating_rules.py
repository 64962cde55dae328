"""Screening of judges who rate: agreement with the others, published procedures, hidden checks, habits."""

import numpy as np
import pandas as pd
from scipy.stats import binom, norm

from analysis import answers
from analysis.agreement.trial_order import image_residuals
from analysis.errors import AnalysisError
from analysis.opinion.screening import bt500_screening, mos_correlation, unusual_subjects
from analysis.opinion.subjects import fit_subject_model
from analysis.ratings import ANCHOR, REFERENCE, Ratings
from analysis.screening.checks import ALPHA, MIN_REPEATS, SLIP
from analysis.screening.consensus import Z_LIMIT
from analysis.screening.flags import Flags, not_applicable, robust_z
from analysis.screening.habits import FLOOR, fading, hasty

MIN_RATINGS = 20
MOSTLY = 0.95


def rating_rules(
    ratings: Ratings, *, floor: float = FLOOR, permutations: int, rng: np.random.Generator
) -> list[Flags]:
    """Apply every rule to every judge; scores of the hidden reference and anchor count here."""
    scores, rows = ratings.matrix, answers.counted(ratings.table)
    correlation = mos_correlation(scores)
    return [
        against_chance(ratings, correlation),
        outlying(correlation),
        rejected(scores),
        unusual(scores),
        inconsistent(ratings, permutations=permutations, rng=rng),
        misses_golden(ratings),
        misses_controls(ratings),
        one_score(ratings),
        hasty(ratings, rows, floor=floor),
        fading(_agreement(ratings), ratings, rows),
    ]


def against_chance(ratings: Ratings, correlation: np.ndarray) -> Flags:
    """Flag judges whose correlation with the mean of the others is not above that of shuffled scores.

    For n scores in random order the correlation has mean 0 and variance 1/(n - 1); the bound is its 99 %
    quantile. A judge with fewer than twenty scores is not flagged.
    """
    says = "agrees with the others no better than chance"
    given = np.bincount(ratings.judge, minlength=len(ratings.judges))
    if np.isnan(correlation).all():
        return not_applicable("chance", says, len(given), "no judge can be compared with others")
    if (given < MIN_RATINGS).all():
        return not_applicable("chance", says, len(given), f"needs a judge with {MIN_RATINGS} scores")
    q99 = norm.ppf(0.99) / np.sqrt(np.maximum(given - 1, 1))
    columns = {"correlation": correlation, "correlation_q99": q99}
    unknown = np.isnan(correlation) & (given >= MIN_RATINGS)  # one score for everything
    return Flags("chance", says, columns, unknown | ((given >= MIN_RATINGS) & (correlation <= q99)))


def outlying(correlation: np.ndarray) -> Flags:
    """Flag judges whose correlation with the others is far below the other judges' (robust z < -3)."""
    says = "agrees with the others far less than the other judges do"
    z = robust_z(correlation)
    if np.isnan(z).all():
        reason = "needs four judges who agree with the others to different degrees"
        return not_applicable("outlier", says, len(correlation), reason)
    return Flags("outlier", says, {"correlation_z": z}, z < Z_LIMIT)


def rejected(scores: np.ndarray) -> Flags:
    """Flag judges whom ITU-R BT.500 rejects."""
    says = "is far off in both directions, as counted by BT.500"
    found = bt500_screening(scores)
    return Flags("bt500", says, {"above": found.above, "below": found.below}, found.rejected)


def unusual(scores: np.ndarray) -> Flags:
    """Flag judges of unusual bias or inconsistency in the model of subjects (P.913 12.6)."""
    says = "has a bias far from the others', or is far more inconsistent"
    try:
        model = fit_subject_model(scores)
    except AnalysisError as error:
        return not_applicable("subjects", says, len(scores), str(error))
    columns = {"bias": model.bias, "inconsistency": model.inconsistency}
    return Flags("subjects", says, columns, unusual_subjects(model))


def inconsistent(ratings: Ratings, *, permutations: int, rng: np.random.Generator) -> Flags:
    """Flag judges whose scores of repeats are no closer to their first scores than to any of their scores."""
    says = "rates repeated images no more consistently than chance"
    judges = len(ratings.judges)
    repeats = _of_kind(ratings, "repeat")
    if repeats.empty:
        return not_applicable("repeats", says, judges, "nothing was rated twice (kind repeat)")
    first = _of_kind(ratings, "main")[["judge", "image", "team", "score"]]
    both = _plain(repeats).merge(_plain(first), on=["judge", "image", "team"], suffixes=("", "_first"))
    both["judge"] = pd.Index(ratings.judges).get_indexer(pd.Index(both["judge"]))
    count, distance, p = np.zeros(judges), np.full(judges, np.nan), np.full(judges, np.nan)
    for judge in np.unique(both["judge"][both["judge"] >= 0]):
        own = both[both["judge"] == judge]
        again, before = own["score"].to_numpy(), own["score_first"].to_numpy()
        drawn = rng.choice(ratings.score[ratings.judge == judge], size=(permutations, len(again)))
        count[judge], distance[judge] = len(again), np.abs(again - before).mean()
        chance = np.abs(again - drawn).mean(axis=1)
        p[judge] = (1 + (chance <= distance[judge] + 1e-12).sum()) / (permutations + 1)
    columns = {"repeats": count, "repeat_distance": distance, "repeat_p": p}
    return Flags("repeats", says, columns, (p > ALPHA) & (count >= MIN_REPEATS))


def misses_golden(ratings: Ratings) -> Flags:
    """Flag judges who rate an image known to be worse as high as the others, beyond one slip in ten."""
    says = "does not see which image is known to be worse"
    judges = len(ratings.judges)
    golden = _of_kind(ratings, "golden")
    if golden.empty:
        return not_applicable("golden", says, judges, "there are no golden trials (kind golden)")
    rows = _plain(golden)
    worse = rows[~rows["team"].isin(ratings.teams)]
    if worse.empty:
        reason = "the worse image of the golden trials is unknown because its team is in main trials too"
        return not_applicable("golden", says, judges, reason)
    return _slips("golden", says, ratings, worse, higher=False)


def misses_controls(ratings: Ratings) -> Flags:
    """Flag judges who rate the hidden reference no higher, or the hidden anchor no lower, than the others."""
    says = "does not see the hidden reference or anchor"
    rows = _plain(_of_kind(ratings, "main"))
    found = [
        _slips("controls", says, ratings, rows[rows["team"] == team], higher=team == REFERENCE)
        for team in (REFERENCE, ANCHOR)
        if team in ratings.teams
    ]
    if not found:
        return not_applicable("controls", says, len(ratings.judges), "there is no hidden reference or anchor")
    trials, slips = (
        np.sum([flags.columns[name] for flags in found], axis=0) for name in ("controls", "controls_slips")
    )
    p = np.where(trials > 0, binom.sf(slips - 1, trials, SLIP), np.nan)
    return Flags("controls", says, {"controls": trials, "controls_slips": slips, "controls_p": p}, p < ALPHA)


def one_score(ratings: Ratings) -> Flags:
    """Flag judges who give the same score to nearly everything: 95 % of at least twenty scores."""
    says = "gives nearly everything the same score"
    judges = len(ratings.judges)
    values, code = np.unique(ratings.score, return_inverse=True)
    table = np.bincount(ratings.judge * len(values) + code, minlength=judges * len(values))
    table = table.reshape(judges, -1)
    share = table.max(axis=1) / np.maximum(table.sum(axis=1), 1)
    return Flags(
        "pattern", says, {"one_score": share}, (share >= MOSTLY) & (table.sum(axis=1) >= MIN_RATINGS)
    )


def _slips(name: str, says: str, ratings: Ratings, rows: pd.DataFrame, *, higher: bool) -> Flags:
    """Compare scores with the same judge's mean score of the teams on that image."""
    judges = len(ratings.judges)
    main = _plain(_of_kind(ratings, "main"))
    teams = main[~main["team"].isin((REFERENCE, ANCHOR))]
    mean = teams.groupby(["judge", "image"])["score"].mean().rename("mean").reset_index()
    both = rows.merge(mean, on=["judge", "image"])
    judge = pd.Index(ratings.judges).get_indexer(pd.Index(both["judge"]))
    gap = (both["score"] - both["mean"]).to_numpy(dtype=float)
    slip = gap <= 0 if higher else gap >= 0
    known = judge >= 0
    trials = np.bincount(judge[known], minlength=judges)
    slips = np.bincount(judge[known & slip], minlength=judges)
    p = np.where(trials > 0, binom.sf(slips - 1, trials, SLIP), np.nan)
    return Flags(name, says, {name: trials, f"{name}_slips": slips, f"{name}_p": p}, p < ALPHA)


def _agreement(ratings: Ratings) -> np.ndarray:
    """(C,) how near each score is to the mean of the others', less the mean of its image."""
    count = np.bincount(ratings.stimulus)
    total = np.bincount(ratings.stimulus, ratings.score)
    others = count[ratings.stimulus] - 1
    rest = np.full(ratings.size, np.nan)
    np.divide(total[ratings.stimulus] - ratings.score, others, out=rest, where=others > 0)
    return image_residuals(-np.abs(ratings.score - rest), ratings.image)


def _of_kind(ratings: Ratings, kind: str) -> pd.DataFrame:
    if "kind" not in ratings.table:
        return ratings.table if kind == "main" else ratings.table.iloc[:0]
    return ratings.table[ratings.table["kind"] == kind]


def _plain(rows: pd.DataFrame) -> pd.DataFrame:
    """Names as plain text, so that tables of different categories can be joined."""
    names = {name: rows[name].astype(object) for name in ("judge", "image", "team")}
    return pd.DataFrame({**names, "score": rows["score"].to_numpy(dtype=float)})
