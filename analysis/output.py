"""The result of a command, and the formats it can be written in."""

import json
import math
import sys
import unicodedata
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from typing import Any

import numpy as np
import pandas as pd

from analysis.decimals import telling
from analysis.latex import LETTERS, escape_latex, needs_letters
from analysis.printable import printable


@dataclass(frozen=True)
class Output:
    """The result of a command.

    Attributes
    ----------
    table
        Rows for all formats but json; all but csv round floats to `decimals`, or to the column's own `digits`
        if it has some.
    data
        The content for json; by default the rows of `table`.
    notes
        Lines for the reader, written to stderr.
    exit_code
        0, or 1 if the command found what it looks for (an audit with findings).
    widths
        In LaTeX, how much of the line a column of long texts takes.
    """

    table: pd.DataFrame
    data: Mapping[str, Any] | list[Any] | None = None
    notes: tuple[str, ...] = ()
    decimals: int = 2
    digits: Mapping[str, int] = field(default_factory=dict)
    exit_code: int = 0
    widths: Mapping[str, float] = field(default_factory=dict)


def marked(table: pd.DataFrame, data: Mapping[str, Any]) -> pd.DataFrame:
    """Return the table with an extra column if `data` comes from simulated answers."""
    return table.assign(simulated=True) if data["simulated"] else table


def intervals_note(data: Mapping[str, Any]) -> str:
    """Say what the intervals come from, or why there are none."""
    if data["draws"]:
        of = {"both": "judges and images", "judges": "judges", "images": "images"}[data["resampled"]]
        return f"{100 * data['level']:g} % intervals from {data['draws']:,} resamples of {of}"
    if data["n_judges"] < 2:
        return "no intervals: one judge says nothing about other judges"
    if data["n_images"] < 2:
        return (
            "no intervals: one image says nothing about other images; --resample judges gives intervals "
            "for this image only"
        )
    return "no intervals were asked for"


def render(output: Output, form: str) -> str:
    """Return the result in one of the `FORMATS`, ending in a newline."""
    return FORMATS[form](output)


def shown(output: Output) -> Output:
    """Return the result as it is printed: at a terminal, names in the table cannot break its lines."""
    if not sys.stdout.isatty():
        return output
    return replace(
        output, table=output.table.map(lambda cell: printable(cell) if isinstance(cell, str) else cell)
    )


def telling_decimals(values: pd.Series, fewest: int = 2) -> int:
    """Return how many decimals keep unequal values unequal, and nonzero values from looking like 0.

    Parameters
    ----------
    values
        Numbers; missing ones do not count, and those that differ by less than 1e-9 are equal.
    fewest
        The smallest number of decimals; the largest is `analysis.decimals.MOST_DECIMALS`.

    Examples
    --------
    >>> telling_decimals(pd.Series([95.261, 95.264, 1.5])), telling_decimals(pd.Series([95.26, 1.5]))
    (3, 2)
    """
    return telling(values.dropna(), fewest)


def telling_digits(table: pd.DataFrame, fewest: int) -> dict[str, int]:
    """Return `telling_decimals` of every column of floats, for `Output.digits`."""
    return {
        str(name): telling_decimals(column, fewest)
        for name, column in table.items()
        if pd.api.types.is_float_dtype(column.dtype)
    }


def plain(value: Any) -> Any:
    """Return a value made of Python's own types, ready for JSON; numbers that are not finite become None."""
    if isinstance(value, Mapping):
        return {str(plain(key)): plain(inner) for key, inner in value.items()}
    if isinstance(value, list | tuple | np.ndarray | pd.Series):
        return [plain(inner) for inner in value]
    if isinstance(value, np.generic):
        value = value.item()
    if value is None or value is pd.NA or (isinstance(value, float) and not math.isfinite(value)):
        return None
    return value


def _json(output: Output) -> str:
    data = output.table.to_dict("records") if output.data is None else output.data
    return json.dumps(plain(data), ensure_ascii=False, indent=2, allow_nan=False) + "\n"


def _csv(output: Output) -> str:
    return output.table.to_csv(index=False, lineterminator="\n")


def _markdown(output: Output) -> str:
    head, rows = _cells(output, _escape_markdown)
    right = [pd.api.types.is_numeric_dtype(dtype) for dtype in output.table.dtypes]
    rule = ["---:" if numeric else "---" for numeric in right]
    return "".join(f"| {' | '.join(line)} |\n" for line in [head, rule, *rows])


def _text(output: Output) -> str:
    head, rows = _cells(output, str)
    right = [pd.api.types.is_numeric_dtype(dtype) for dtype in output.table.dtypes]
    widths = [max(map(_width, column)) for column in zip(head, *rows, strict=True)]
    lines = []
    for row in [head, *rows]:
        cells = []
        for cell, width, numeric in zip(row, widths, right, strict=True):
            room = " " * (width - _width(cell))
            cells.append(room + cell if numeric else cell + room)
        lines.append("  ".join(cells).rstrip() + "\n")
    return "".join(lines)


def _width(text: str) -> int:
    """How many cells of a terminal a text takes."""
    wide = sum(unicodedata.east_asian_width(sign) in "WF" for sign in text)
    return len(text) + wide - sum(unicodedata.combining(sign) > 0 for sign in text)


def _latex(output: Output) -> str:
    head, rows = _cells(output, escape_latex)
    right = [pd.api.types.is_numeric_dtype(dtype) for dtype in output.table.dtypes]
    wide = [output.widths.get(str(name)) for name in output.table.columns]
    columns = "".join(
        f"p{{{width:g}\\linewidth}}" if width else "r" if numeric else "l"
        for numeric, width in zip(right, wide, strict=True)
    )
    body = "".join(f"{' & '.join(row)} \\\\\n" for row in rows)
    head_line = f"{' & '.join(head)} \\\\\n"
    letters = LETTERS if needs_letters(head_line + body) else ""
    inside = f"\\hline\n{head_line}\\hline\n{body}\\hline\n"
    return f"{letters}\\begin{{tabular}}{{{columns}}}\n{inside}\\end{{tabular}}\n"


def _cells(output: Output, escape: Callable[[str], str]) -> tuple[list[str], list[list[str]]]:
    head = [escape(str(column)) for column in output.table.columns]
    digits = [output.digits.get(str(column), output.decimals) for column in output.table.columns]
    rows = [
        [escape(_cell(value, decimals)) for value, decimals in zip(row, digits, strict=True)]
        for row in _rows(output.table)
    ]
    return head, rows


def _rows(table: pd.DataFrame) -> list[tuple[Any, ...]]:
    return list(table.astype(object).itertuples(index=False, name=None))


def _cell(value: Any, decimals: int) -> str:
    value = plain(value)
    if value is None:
        return ""
    if isinstance(value, float):
        return f"{round(value, decimals) + 0.0:.{decimals}f}"
    return " ".join(str(value).split())


def _escape_markdown(text: str) -> str:
    return text.replace("\\", "\\\\").replace("|", "\\|")


FORMATS: dict[str, Callable[[Output], str]] = {
    "text": _text,
    "json": _json,
    "csv": _csv,
    "markdown": _markdown,
    "latex": _latex,
}
