"""Section: the judges."""

import numpy as np
import pandas as pd

from analysis.amounts import how_many
from analysis.plots.heat import heat_map
from analysis.plots.teams import interval_plot
from analysis.report.blocks import Plot, Section, Table, Text
from analysis.report.study import Study
from analysis.report.words import span

WITHOUT = "W without this judge"
MOST_JUDGES = 60


def judges_section(study: Study) -> Section:
    """One row per judge, how far each agrees with the rest, and which teams each favours."""
    arrays = study.arrays
    rows = study.agreement["judges"]
    frame = pd.DataFrame(
        {
            "Judge": arrays.judges,
            "Ballots": np.bincount(arrays.judge, minlength=len(arrays.judges)),
            "With the rest": np.array([row["loo_spearman"] for row in rows], dtype=float),
            "95 % interval": [span(row["loo_ci"]) for row in rows],
            "99 % by chance": np.array([row["loo_q99"] for row in rows], dtype=float),
            WITHOUT: np.array([row["kendall_w_without"] for row in rows], dtype=float),
            "Favourite": _favourites(study),
        }
    )
    if "seconds" in study.votes.table and study.votes.table["seconds"].notna().any():
        frame["Median seconds"] = _median_seconds(study)
    text = (
        "With the rest: Spearman correlation of the judge's ranks with the sum of the others', mean over "
        'images. A judge who votes at random stays below the column "99 % by chance". Unusual taste is '
        "not a fault: a low value is a reason to look closer, not to exclude the judge."
    )
    shown = _shown(frame["With the rest"].to_numpy())
    caption = "One row per judge."
    if len(shown) < len(frame):
        caption = f"The {len(shown)} of {len(frame)} judges who agree least with the rest."
    frame, rows = frame.iloc[shown].reset_index(drop=True), [rows[row] for row in shown]
    decimals = {"Median seconds": 1, WITHOUT: 3}
    return Section(
        "Judges",
        (
            Text(text),
            Table(caption, frame, decimals),
            *_agreement_plot(frame, rows),
            _taste_plot(study, shown),
        ),
    )


def _shown(agreement: np.ndarray) -> np.ndarray:
    """All judges in the order of their names, or the few who agree least where there are too many to read."""
    lowest = np.argsort(np.nan_to_num(agreement, nan=-np.inf), kind="stable")
    return np.sort(lowest[:MOST_JUDGES])


def _agreement_plot(frame: pd.DataFrame, rows: list[dict]) -> list[Plot]:
    value = frame["With the rest"].to_numpy()
    if np.isnan(value).all():
        return []
    order = np.argsort(-np.nan_to_num(value, nan=-np.inf), kind="stable")
    limits = np.array([row["loo_ci"] or (np.nan, np.nan) for row in rows], dtype=float)
    chance = float(np.nanmax(frame["99 % by chance"]))
    return [
        Plot(
            f"Agreement of each judge with the rest of the panel; 95 % intervals resample the images. "
            f"A judge who votes at random stays below the line ({how_many(len(frame), 'judges')}).",
            "Dots with whiskers, one per judge, in descending order.",
            lambda: interval_plot(
                [str(frame["Judge"][row]) for row in order],
                value[order],
                *limits[order].T,
                label="Spearman correlation with the rest",
                line=chance,
                line_label="99 % by chance",
            ),
        )
    ]


def _taste_plot(study: Study, shown: np.ndarray) -> Plot:
    return Plot(
        "Mean points from each judge for each team, over the images on which the judge was shown the team; "
        "teams in the order of the final ranking.",
        "Heat map of mean points, judges by teams.",
        lambda: heat_map(
            study.by_judge[shown],
            rows=[str(judge) for judge in study.arrays.judges[shown]],
            columns=study.teams,
            label="mean points",
            low=0,
            high=study.rule.points[0],
            missing="not shown",
        ),
    )


def _favourites(study: Study) -> list[str]:
    points = np.nan_to_num(study.by_judge, nan=-np.inf)
    best = points >= points.max(axis=1, keepdims=True) - 1e-9
    return [", ".join(team for team, top in zip(study.teams, row, strict=True) if top) for row in best]


def _median_seconds(study: Study) -> np.ndarray:
    seconds = study.votes.counted.groupby("judge", observed=True)["seconds"].median()
    return seconds.reindex(study.arrays.judges).to_numpy(dtype=float)
