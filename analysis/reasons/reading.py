"""reasons.csv of an export, read and checked."""

import pandas as pd

from analysis.answers import KINDS
from analysis.errors import AnalysisError
from analysis.tables import Source, known_columns, labels, read_table

REQUIRED = ("judge", "image", "kind", "trial", "team", "attribute", "direction")
OPTIONAL = ("region", "simulated")
DIRECTIONS = ("better", "worse")
DRAWN = "(drawn)"
"""What the region of a reason is called that has a rectangle alone."""


def read_reasons(source: Source) -> pd.DataFrame:
    """Return the reasons of main trials: judge, image, trial, team, region, attribute, direction.

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
    given = table["region"].astype(object) if "region" in table else pd.Series(None, index=table.index)
    table["region"] = given.where(given.notna(), DRAWN).astype("category")
    return table[table["kind"] == "main"].reset_index(drop=True)
