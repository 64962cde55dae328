"""reasons.csv of an export, read and checked."""

import pandas as pd

from analysis.answers import KINDS
from analysis.errors import AnalysisError
from analysis.spreadsheets import read_cell
from analysis.tables import Source, known_columns, labels, numbers, read_table

REQUIRED = ("judge", "image", "kind", "trial", "team", "attribute", "direction")
RECTANGLE = ("x", "y", "width", "height")
OPTIONAL = ("region", *RECTANGLE, "text", "simulated")
DIRECTIONS = ("better", "worse")
DRAWN = "(drawn)"
"""What the region of a reason is called that has a rectangle alone."""


def read_reasons(source: Source) -> pd.DataFrame:
    """Return the reasons of main trials.

    Columns: judge, image, kind, trial, team, region, attribute, direction; x, y, width and height, NaN
    without a rectangle; text, as the judge wrote it, empty without one.

    Raises
    ------
    AnalysisError
        If a column is missing or a value cannot be.
    """
    return validate_reasons(read_table(source))


def validate_reasons(table: pd.DataFrame) -> pd.DataFrame:
    """Return the reasons of main trials of a table; see `read_reasons`."""
    what = "reasons.csv"
    table = known_columns(table, REQUIRED, OPTIONAL, what=what)
    for name in REQUIRED:
        table[name] = labels(table[name], what=f"{what}, column {name}")
    for name, known in (("kind", KINDS), ("direction", DIRECTIONS)):
        unknown = set(table[name].cat.categories) - set(known)
        if unknown:
            raise AnalysisError(f"{what}, column {name}: unknown {min(unknown)!r}; use {', '.join(known)}")
    table["attribute"] = _as_written(table["attribute"]).astype("category")
    table["region"] = _as_written(_column(table, "region")).replace("", DRAWN).astype("category")
    table["text"] = _as_written(_column(table, "text"))
    for name in RECTANGLE:
        table[name] = numbers(_column(table, name), what=f"{what}, column {name}", lowest=0)
    return table[table["kind"] == "main"].reset_index(drop=True)


def _column(table: pd.DataFrame, name: str) -> pd.Series:
    return table[name] if name in table else pd.Series(None, index=table.index, dtype=object)


def _as_written(column: pd.Series) -> pd.Series:
    """Texts without what keeps a spreadsheet from running them; empty where there is none."""
    return column.astype(object).map(lambda text: "" if pd.isna(text) else read_cell(str(text).strip()))
