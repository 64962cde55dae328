"""How much of the images judges had on the screen, and for how long: by judge and by image."""

import numpy as np
import pandas as pd


def by_judge(candidates: pd.DataFrame, maps: pd.DataFrame) -> pd.DataFrame:
    """Return one row for each judge, from the main trials.

    Columns: judge; images (trials with evidence); minutes in all; seconds (median of an image); seen (mean
    share of a candidate that was on the screen at 1:1 or more); at_1_1 (share of the candidates of which
    anything was).

    Parameters
    ----------
    candidates, maps
        From `analysis.looking.reading`.
    """
    return _summary(candidates, maps, "judge", other="image", count="images")


def by_image(candidates: pd.DataFrame, maps: pd.DataFrame) -> pd.DataFrame:
    """Return one row for each image, as `by_judge`; judges instead of images, and half_area.

    half_area is the share of the image on which half of the time fell: 0.5 when it was spread evenly, less
    the more it was concentrated.
    """
    table = _summary(candidates, maps, "image", other="judge", count="judges")
    areas = {image: half_area(total_map(maps, image), cell_areas(maps, image)) for image in table["image"]}
    return table.assign(half_area=table["image"].map(areas))


def total_map(maps: pd.DataFrame, image: str) -> np.ndarray:
    """Return the seconds of all judges' main trials on each cell of an image, shape (rows, columns)."""
    own = _main(maps)
    return np.sum(np.stack(own.loc[own["image"] == image, "cells"].to_list()), axis=0)


def cell_areas(maps: pd.DataFrame, image: str) -> np.ndarray:
    """Return the pixels of each cell of an image's maps; those at the right and lower edge may be cut off."""
    width, height, cell = maps.loc[maps["image"] == image, ["width", "height", "cell"]].iloc[0]

    def lengths(whole: float) -> np.ndarray:
        starts = np.arange(0, whole, cell)
        return np.minimum(cell, whole - starts)

    return np.outer(lengths(height), lengths(width))


def half_area(seconds: np.ndarray, area: np.ndarray) -> float:
    """Return the smallest share of the area that holds half of the seconds; NaN when there are none.

    Examples
    --------
    >>> half_area(np.array([[1.0, 1.0, 1.0, 1.0]]), np.ones((1, 4)))
    0.5
    >>> half_area(np.array([[9.0, 1.0, 0.0, 0.0]]), np.ones((1, 4)))  # doctest: +ELLIPSIS
    0.138...
    """
    seconds, area = seconds.ravel(), area.ravel()
    if not seconds.sum():
        return float("nan")
    densest = np.argsort(-seconds / area, kind="stable")
    held = np.concatenate([[0.0], np.cumsum(seconds[densest])]) / seconds.sum()
    covered = np.concatenate([[0.0], np.cumsum(area[densest])]) / area.sum()
    return float(np.interp(0.5, held, covered))


def _main(table: pd.DataFrame) -> pd.DataFrame:
    return table[table["kind"] == "main"]


def _summary(
    candidates: pd.DataFrame, maps: pd.DataFrame, by: str, *, other: str, count: str
) -> pd.DataFrame:
    shown = _main(candidates)
    shown = shown[shown["slot"] > 0].assign(at_1_1=shown["seen"] > 0)
    seen = shown.groupby(by, observed=True).agg(
        **{count: (other, "nunique")}, seen=("seen", "mean"), at_1_1=("at_1_1", "mean")
    )
    time = (
        _main(maps)
        .groupby(by, observed=True)["seconds"]
        .agg(minutes=lambda s: s.sum() / 60, seconds="median")
    )
    table = seen.join(time).reset_index()
    table[by] = table[by].astype(str)
    return table[[by, count, "minutes", "seconds", "seen", "at_1_1"]]
