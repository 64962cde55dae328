"""What a form of another tool is: which of our tables it stands for, what it can hold, how it is read and
written."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Literal

import numpy as np
import pandas as pd

from analysis.amounts import how_many
from analysis.errors import AnalysisError
from analysis.texts import Text

Kind = Literal["votes", "pairs", "ratings", "scores"]


@dataclass(frozen=True)
class Form:
    """A form.

    Attributes
    ----------
    table
        Which of our tables it stands for.
    says
        What it is, in a few words; a text.
    holds
        Our columns that it can hold.
    read
        From its text to a table with our columns, not validated yet; None where single answers cannot be had
        from it.
    write
        From one of our validated tables to its text.
    unheld
        Which rows it cannot hold although it has their columns, and why.
    suffix
        How names of its files end.
    """

    table: Kind
    says: Text
    holds: frozenset[str]
    read: Callable[[bytes], pd.DataFrame] | None
    write: Callable[[pd.DataFrame], str]
    unheld: Callable[[pd.DataFrame], tuple[np.ndarray, str]] | None = None
    suffix: Literal[".csv", ".json"] = ".csv"


def left_out(form: Form, table: pd.DataFrame) -> list[str]:
    """The columns that say something and that the form cannot hold."""
    return [
        str(name)
        for name in table.columns
        if name not in form.holds | {"kind", "simulated"}
        and table[name].notna().any()
        and set(table[name]) != {""}
    ]


def held(form: Form, table: pd.DataFrame, *, leave_out: bool) -> tuple[pd.DataFrame, int]:
    """The rows that the form can hold, and how many it cannot.

    Parameters
    ----------
    form, table
    leave_out
        Whether to go on without the others.

    Raises
    ------
    AnalysisError
        For rows that it cannot hold, unless they may be left out; and if none is left.
    """
    cannot, reasons = np.zeros(len(table), dtype=bool), []
    for mask, why in _obstacles(form, table):
        reasons += [why] if mask.any() else []
        cannot |= mask
    count = int(cannot.sum())
    if count and not leave_out:
        row = int(np.argmax(cannot)) + 1
        raise AnalysisError(
            f"{count} of {how_many(len(table), 'rows')} cannot be written, first row {row}: {reasons[0]}; "
            "use --leave-out to write only the others"
        )
    if count == len(table):
        raise AnalysisError(f"no row can be written: {', '.join(reasons)}")
    return table[~cannot].reset_index(drop=True), count


def _obstacles(form: Form, table: pd.DataFrame) -> list[tuple[np.ndarray, str]]:
    found = []
    if "kind" in table and "kind" not in form.holds:
        found.append(((table["kind"] != "main").to_numpy(), "the format has no trials that do not count"))
    if "simulated" in table and "simulated" not in form.holds:
        found.append((table["simulated"].to_numpy(dtype=bool), "the format cannot mark simulated answers"))
    if form.unheld:
        found.append(form.unheld(table))
    return found


def csv_text(table: pd.DataFrame) -> str:
    """A table as CSV; whole numbers have no decimals."""
    table = table.copy()
    for name in table:
        if pd.api.types.is_float_dtype(table[name].dtype):
            table[name] = pd.Series(
                [plain_number(value) for value in table[name]], index=table.index, dtype=object
            )
    return table.to_csv(index=False, lineterminator="\n")


def plain_number(value: float) -> int | float | str:
    """A number in its usual form: whole ones without decimals, a missing one empty."""
    if np.isnan(value):
        return ""
    return int(value) if float(value).is_integer() else float(value)
