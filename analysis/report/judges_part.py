"""Sections: the judges and the images."""

import numpy as np
import pandas as pd

from analysis.plots import heat_map
from analysis.report.blocks import Plot, Section, Table, Text
from analysis.report.study import Study
from analysis.votes import counted


def judges_section(study: Study) -> Section:
    """One row for each judge: ballots, time, and the team most often first."""
    arrays = study.arrays
    frame = pd.DataFrame(
        {
            "Judge": arrays.judges,
            "Ballots": np.bincount(arrays.judge, minlength=len(arrays.judges)),
            "Favourite": _favourites(study),
        }
    )
    if "seconds" in study.votes:
        frame["Median seconds"] = _median_seconds(study)
    return Section(
        "Judges",
        (
            Table(
                "Judges, and the team to which each gave the most points an image.",
                frame,
                {"Median seconds": 1},
            ),
            Plot(
                "Mean points from each judge for each team.",
                "Heat map of mean points, judges by teams.",
                lambda: heat_map(
                    study.by_judge,
                    rows=[str(judge) for judge in arrays.judges],
                    columns=study.teams,
                    label="mean points",
                    low=0,
                    high=study.points[0],
                ),
            ),
        ),
    )


def images_section(study: Study) -> Section:
    """One row for each image: ballots, the leading team and its lead."""
    arrays = study.arrays
    means = np.nan_to_num(study.by_image, nan=-np.inf)
    order = np.sort(means, axis=1)[:, ::-1]
    leads = order[:, 0] - order[:, 1] if means.shape[1] > 1 else np.full(len(means), np.nan)
    frame = pd.DataFrame(
        {
            "Image": arrays.images,
            "Ballots": np.bincount(arrays.image, minlength=len(arrays.images)),
            "Leading team": [study.teams[team] for team in means.argmax(axis=1)],
            "Mean points": order[:, 0],
            "Lead": leads,
        }
    )
    text = "The lead is the difference in mean points between the best and the second team on the image."
    return Section("Images", (Text(text), Table("Images in the order of their names.", frame)))


def _favourites(study: Study) -> list[str]:
    points = np.nan_to_num(study.by_judge, nan=-np.inf)
    best = points >= points.max(axis=1, keepdims=True) - 1e-9
    return [", ".join(team for team, top in zip(study.teams, row, strict=True) if top) for row in best]


def _median_seconds(study: Study) -> np.ndarray:
    seconds = counted(study.votes).groupby("judge", observed=True)["seconds"].median()
    return seconds.reindex(study.arrays.judges).to_numpy(dtype=float)
