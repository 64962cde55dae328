"""Rules for trials planted as checks: images shown again, and images with a candidate known to be worse.

Such trials are marked in the votes table (kind `repeat` or `golden`) and never counted in points.
"""

from collections.abc import Iterator, Mapping

import numpy as np
import pandas as pd
from scipy.stats import binom

from analysis.agreement.blocks import mid_ranks
from analysis.agreement.concordance import permutation_p
from analysis.agreement.pairwise import spearman
from analysis.agreement.shuffles import shuffles
from analysis.errors import AnalysisError
from analysis.screening.flags import Flags, not_applicable
from analysis.votes import Votes

ALPHA = 0.05
SLIP = 0.1
MIN_REPEATS = 3


def inconsistent(votes: Votes, *, permutations: int, rng: np.random.Generator) -> Flags:
    """Flag judges whose answers to repeated images resemble their first answers no more than chance."""
    judges = votes.ballots.judges
    says = "answers repeated images no more consistently than chance"
    pairs: dict[str, list[tuple[np.ndarray, np.ndarray]]] = {}
    for judge, first, again in _repeats(votes.table):
        pairs.setdefault(judge, []).append((first, again))
    if not pairs:
        return not_applicable("repeats", says, len(judges), "no image was shown twice (kind repeat)")
    count, value, p = np.zeros(len(judges)), np.full(len(judges), np.nan), np.full(len(judges), np.nan)
    for code, judge in enumerate(judges):
        own = pairs.get(str(judge), [])
        count[code] = len(own)
        if own:
            value[code] = np.mean([first @ again for first, again in own])
            chance = sum(shuffles(first, permutations, rng) @ again for first, again in own) / len(own)
            p[code] = permutation_p(value[code], np.asarray(chance))
    columns = {"repeats": count, "repeat_spearman": value, "repeat_p": p}
    return Flags("repeats", says, columns, (p > ALPHA) & (count >= MIN_REPEATS))


def misses_golden(votes: Votes, planted: Mapping[str, str] | None = None) -> Flags:
    """Flag judges who place a candidate known to be worse more often than a careful judge slips.

    If every candidate has a place, anything but last alone is a slip. A careful judge may slip on one such
    trial in ten; judges are flagged if so many slips would then have a chance below 5 %.

    Parameters
    ----------
    planted
        The worse candidate's team by image. By default, the teams that appear only in golden trials.
    """
    says = "places candidates that are known to be worse"
    judges = votes.ballots.judges
    golden = _of_kind(votes.table, "golden")
    if golden.empty:
        return not_applicable("golden", says, len(judges), "there are no golden trials (kind golden)")
    worse = _worse(votes.table, golden, planted)
    if not worse.any():
        reason = "the worse candidate of the golden trials is unknown; name it for each image"
        return not_applicable("golden", says, len(judges), reason)
    rows = golden[worse]
    trial = [name for name in ("judge", "image", "trial") if name in golden]
    shown = golden.groupby(trial, observed=True)["team"].transform("size")[worse]
    slip = rows["rank"].notna() & (rows["rank"].fillna(0) < shown)
    counts = pd.DataFrame({"judge": rows["judge"].astype(str), "slip": slip})
    by_judge = counts.groupby("judge")["slip"].agg(["size", "sum"]).reindex([str(judge) for judge in judges])
    trials, slips = (by_judge[name].fillna(0).to_numpy(dtype=float) for name in ("size", "sum"))
    p = np.where(trials > 0, binom.sf(slips - 1, trials, SLIP), np.nan)
    return Flags("golden", says, {"golden": trials, "golden_slips": slips, "golden_p": p}, p < ALPHA)


def _of_kind(votes: pd.DataFrame, kind: str) -> pd.DataFrame:
    return votes[votes["kind"] == kind] if "kind" in votes else votes.iloc[:0]


def _worse(votes: pd.DataFrame, golden: pd.DataFrame, planted: Mapping[str, str] | None) -> pd.Series:
    teams, images = golden["team"].astype(str), golden["image"].astype(str)
    if planted is None:
        main = _of_kind(votes, "main")["team"].astype(str)
        return ~teams.isin(main.unique())
    unknown = set(planted) - set(images)
    if unknown:
        raise AnalysisError(
            f"golden: image {min(unknown)!r} has no golden trial in the votes; check its name"
        )
    absent = [image for image, team in planted.items() if team not in set(teams[images == image])]
    if absent:
        raise AnalysisError(
            f"golden: image {absent[0]!r} shows no candidate of {planted[absent[0]]!r}; check the team"
        )
    return teams == images.map(planted).astype(object)


def _repeats(votes: pd.DataFrame) -> Iterator[tuple[str, np.ndarray, np.ndarray]]:
    """Judge, first and repeated ballot as unit vectors, for each repeat that can be compared."""
    main = dict(_ballots(_of_kind(votes, "main"), ["judge", "image"]))
    keys = ["judge", "image", "trial"] if "trial" in votes else ["judge", "image"]
    for (judge, image, *_), again in _ballots(_of_kind(votes, "repeat"), keys):
        first = main.get((judge, image), {})
        both = sorted(first.keys() & again.keys())
        places = np.array([[ballot[team] for team in both] for ballot in (first, again)])
        vectors, defined = spearman(mid_ranks(places), np.ones(len(both), dtype=bool))
        if defined.all():
            yield judge, vectors[0], vectors[1]


def _ballots(votes: pd.DataFrame, keys: list[str]) -> Iterator[tuple[tuple[str, ...], dict[str, int]]]:
    """The places by team of each ballot, 0 where not placed."""
    plain = pd.DataFrame({name: votes[name].astype(str) for name in [*keys, "team"]})
    plain["place"] = votes["rank"].fillna(0).astype(int)
    for key, rows in plain.groupby(keys):
        yield tuple(map(str, key)), dict(zip(rows["team"], rows["place"], strict=True))
