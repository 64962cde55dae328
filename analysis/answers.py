"""What every table of answers has besides the answer: trial, kind, time, duration, and simulated or not."""

from collections.abc import Sequence

import numpy as np
import pandas as pd

from analysis.columns import column
from analysis.errors import AnalysisError
from analysis.tables import labels, numbers

KINDS = ("main", "practice", "repeat", "golden", "identical", "stabilising")
OPTIONAL = {
    name: column("votes.csv", name).meaning
    for name in ("trial", "kind", "position", "revision", "at", "seconds", "simulated")
}
_TRUTH = {"true": True, "1": True, "yes": True, "false": False, "0": False, "no": False}


def optional_column(column: pd.Series, name: str, what: str) -> pd.Series | np.ndarray:
    """Return an optional column in its canonical type; `what` names the table in messages.

    Raises
    ------
    AnalysisError
        For an unknown kind, a value that is not a number, or one that is neither true nor false.
    """
    what = f"{what}, column {name}"
    if name in ("position", "revision", "seconds"):
        return _whole_if_all_are(numbers(column, what=what))
    if name == "simulated":
        return truths(column, what)
    if name == "kind":
        kinds = labels(column, what=what)
        unknown = set(kinds.cat.categories) - set(KINDS)
        if unknown:
            raise AnalysisError(f"{what}: unknown kind {min(unknown)!r}; use {', '.join(KINDS)}")
        return kinds
    return labels(column, what=what) if name == "trial" else column.astype("category")


def _whole_if_all_are(values: np.ndarray) -> np.ndarray:
    """Let positions be written as 3 and not as 3.0."""
    whole = values.astype(np.int64) if np.isfinite(values).all() else values
    return whole if (whole == values).all() else values


def truths(column: pd.Series, what: str) -> np.ndarray:
    """Return a column of true, 1, yes, false, 0 and no as bools; an empty cell is false."""
    column = column.astype("category")
    texts = [str(value).strip().casefold() for value in column.cat.categories]
    unknown = [text for text in texts if text.removesuffix(".0") not in _TRUTH]
    if unknown:
        raise AnalysisError(f"{what}: {unknown[0]!r} is neither true nor false; use true or false")
    values = np.array([*(_TRUTH[text.removesuffix(".0")] for text in texts), False])
    return values[column.cat.codes.to_numpy()]


def counted(table: pd.DataFrame) -> pd.DataFrame:
    """Return the rows of main trials, the only kind that counts; all rows if there is no column kind."""
    return table if "kind" not in table else table[table["kind"] == "main"]


def refuse_twice(table: pd.DataFrame, by: Sequence[str], what: str) -> None:
    """Raise if two rows have the same values in all of the columns `by`.

    Raises
    ------
    AnalysisError
        Naming the first such row and its values.
    """
    codes = np.column_stack([table[name].astype("category").cat.codes for name in by])
    twice = pd.DataFrame(codes).duplicated().to_numpy()
    if twice.any():
        row = int(np.argmax(twice))
        names = ", ".join(f"{name} {table[name].iloc[row]!r}" for name in by)
        keep = "the last revision only" if "revision" in table else "one row per answer"
        raise AnalysisError(f"{what}, row {row + 1}: {names} appears twice; keep {keep}")
