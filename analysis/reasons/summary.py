"""Which attributes go with winning and losing, and what is said of each team: counts, and of how many."""

from typing import Literal

import numpy as np
import pandas as pd

from analysis.amounts import how_many
from analysis.answers import counted
from analysis.errors import AnalysisError
from analysis.user_study.base import Table

By = Literal["attribute", "region", "team"]


def outcomes(answers: pd.DataFrame, table: Table) -> pd.Series:
    """Return how each candidate came off, by trial and team: above, below or at the mean.

    Parameters
    ----------
    answers
        Votes, pairs or ratings with the column trial.
    table
        Which of the three they are.

    Returns
    -------
    Series
        1 for a candidate that the judge put above the mean, -1 below, 0 where neither. Votes and pairs are
        compared within the trial (an unplaced candidate shares the places that are left), ratings with all
        scores that the judge gave on the image.
    """
    if "trial" not in answers:
        raise AnalysisError("the answers have no column 'trial'; use those of the export")
    rows = counted(answers)
    liked = _liked(rows, table)
    within = ["judge", "image"] if table == "ratings" else ["trial"]
    mean = liked.groupby(within, observed=True)["value"].transform("mean")
    # Means of equal scores differ from them by rounding.
    above = np.where(np.isclose(liked["value"], mean), 0, np.sign(liked["value"] - mean)).astype(int)
    keys = [liked["trial"].astype(str), liked["team"].astype(str)]
    return pd.Series(above, index=pd.MultiIndex.from_arrays(keys, names=["trial", "team"]), name="outcome")


def _liked(rows: pd.DataFrame, table: Table) -> pd.DataFrame:
    """Trial, judge, image and team of each candidate, and a value that is higher for a better one."""
    about = rows[["trial", "judge", "image"]]
    if table == "pairs":
        won = {"a": 1.0, "b": -1.0}
        value = rows["answer"].astype(object).map(won).fillna(0.0).astype(float)
        sides = [about.assign(team=rows[f"team_{side}"].astype(object), value=sign * value) for side, sign in
                 (("a", 1), ("b", -1))]  # fmt: skip
        return pd.concat(sides, ignore_index=True)
    if table == "ratings":
        return about.assign(team=rows["team"], value=rows["score"].astype(float)).reset_index(drop=True)
    rank = rows["rank"].astype(float)
    shown = rows.groupby("trial", observed=True)["team"].transform("size")
    placed = rank.notna().groupby(rows["trial"], observed=True).transform("sum")
    value = -rank.where(rank.notna(), (placed + 1 + shown) / 2)
    return about.assign(team=rows["team"], value=value).reset_index(drop=True)


def size_in_words(reasons: pd.DataFrame) -> str:
    """Say how many reasons there are, and of how many judges."""
    return f"{how_many(len(reasons), 'reasons')} of {how_many(reasons['judge'].nunique(), 'judges')}"


def reason_counts(reasons: pd.DataFrame, came_off: pd.Series, by: By = "attribute") -> pd.DataFrame:
    """Count reasons by attribute, region, or team and attribute.

    Parameters
    ----------
    reasons
        As `read_reasons` returns them.
    came_off
        As `outcomes` returns them.
    by
        What the rows are; the most often named first.

    Returns
    -------
    DataFrame
        The name(s); reasons and judges, how many; better, worse; of those said to be better how many won and
        lost (better_won, better_lost), of those said to be worse the same. Reasons of candidates that neither
        won nor lost, or whose answer does not count, are in neither.
    """
    names = ["team", "attribute"] if by == "team" else [by]
    keys = pd.MultiIndex.from_arrays([reasons["trial"].astype(str), reasons["team"].astype(str)])
    outcome = came_off.groupby(level=[0, 1]).first().reindex(keys).to_numpy()
    is_better = (reasons["direction"] == "better").to_numpy()
    table = pd.DataFrame({name: reasons[name].astype(str) for name in names})
    table = table.assign(
        judge=reasons["judge"].astype(str),
        better=is_better,
        worse=~is_better,
        better_won=is_better & (outcome == 1),
        better_lost=is_better & (outcome == -1),
        worse_won=~is_better & (outcome == 1),
        worse_lost=~is_better & (outcome == -1),
    )
    grouped = table.groupby(names, sort=True)
    counts = grouped.agg(reasons=("judge", "size"), judges=("judge", "nunique"))
    sums = grouped[["better", "worse", "better_won", "better_lost", "worse_won", "worse_lost"]].sum()
    found = counts.join(sums.astype(int)).reset_index()
    order = ["team", "reasons", "attribute"] if by == "team" else ["reasons", by]
    return found.sort_values(order, ascending=[name != "reasons" for name in order], ignore_index=True)
