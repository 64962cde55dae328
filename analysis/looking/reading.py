"""The two tables of looking that an export holds, read and checked."""

from pathlib import Path

import numpy as np
import pandas as pd

from analysis.amounts import how_many
from analysis.answers import KINDS
from analysis.errors import AnalysisError
from analysis.tables import known_columns, labels, numbers, read_table

CANDIDATES, MAPS = "looking.csv", "looking_maps.csv"
"""Names of the files: a row for each candidate of a trial; a row for each trial with its map of time."""

CANDIDATE_COLUMNS = ["judge", "image", "kind", "trial", "slot", "team", "visits", "seen", "dwell"]
MAP_COLUMNS = ["judge", "image", "kind", "trial", "visits", "seconds", "width", "height", "cell", "cells"]
_TEXT = ("judge", "image", "kind", "trial")
_LARGEST = 100_000


def read_candidates(folder: Path) -> pd.DataFrame:
    """Return looking.csv of an export; `seen` is a share of the image (0 to 1), slot 0 is the input.

    Raises
    ------
    AnalysisError
        If the file is missing or a value cannot be.
    """
    table = _read(folder / CANDIDATES, CANDIDATE_COLUMNS, ("slot", "visits", "seen", "dwell"))
    if (table["seen"] > 1).any():
        raise AnalysisError(
            f"{CANDIDATES}, column seen: {table['seen'].max():g} is more than 1; give a share from 0 to 1"
        )
    return table


def read_maps(folder: Path) -> pd.DataFrame:
    """Return looking_maps.csv of an export; `cells` holds an array (rows, columns) of seconds for each trial.

    Raises
    ------
    AnalysisError
        If the file is missing, a value cannot be, or the cells of a map do not cover its image.
    """
    table = _read(folder / MAPS, MAP_COLUMNS, ("visits", "seconds", "width", "height", "cell"))
    sizes = table[["width", "height", "cell"]].to_numpy()
    if not ((sizes >= 1) & (sizes <= _LARGEST)).all():
        raise AnalysisError(f"{MAPS}: width, height and cell are pixels; use 1 to {_LARGEST}")
    for image, group in table.groupby("image", sort=True, observed=True):
        if len(group[["width", "height", "cell"]].drop_duplicates()) > 1:
            raise AnalysisError(
                f"{MAPS}: image {image!r} has maps of different sizes; export the study again"
            )
    shapes = np.ceil(sizes[:, [1, 0]] / sizes[:, 2:]).astype(int)
    texts = table["cells"].astype(object)
    cells = [_cells(text, shape) for text, shape in zip(texts, shapes, strict=True)]
    return table.assign(cells=pd.Series(cells, index=table.index, dtype=object))


def _read(path: Path, columns: list[str], numeric: tuple[str, ...]) -> pd.DataFrame:
    table = known_columns(read_table(path), columns, ["simulated"], what=path.name)
    for name in _TEXT:
        table[name] = labels(table[name], what=f"{path.name}, column {name}")
    for name in numeric:
        table[name] = numbers(table[name], what=f"{path.name}, column {name}", lowest=0)
        if table[name].isna().any():
            raise AnalysisError(f"{path.name}, column {name}: an empty cell; every row needs a number")
    unknown = set(table["kind"].cat.categories) - set(KINDS)
    if unknown:
        raise AnalysisError(f"{path.name}: unknown kind {min(unknown)!r}; use {', '.join(KINDS)}")
    return table


def _cells(text: object, shape: np.ndarray) -> np.ndarray:
    try:
        values = np.array(str(text).split(), dtype=float)
    except ValueError:
        raise AnalysisError(
            f"{MAPS}, column cells: {str(text)[:30]!r} are not numbers; export the study again"
        ) from None
    if len(values) != shape.prod() or not (np.isfinite(values) & (values >= 0)).all():
        rows, columns = shape
        raise AnalysisError(
            f"{MAPS}, column cells: {how_many(len(values), 'values')}; give {rows} x {columns} seconds of "
            "0 or more"
        )
    return values.reshape(shape)
