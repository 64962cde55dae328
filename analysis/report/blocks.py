"""What a report is made of, whatever it is rendered to."""

import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import TYPE_CHECKING, Any

import pandas as pd

from analysis.output import plain

if TYPE_CHECKING:
    from matplotlib.figure import Figure

NOTHING = "–"


@dataclass(frozen=True)
class Text:
    """A paragraph in plain words."""

    text: str


@dataclass(frozen=True)
class Table:
    """A table: floats are rounded to `decimals` by column, 2 where none are given."""

    caption: str
    frame: pd.DataFrame
    decimals: Mapping[str, int] = field(default_factory=dict)


@dataclass(frozen=True)
class Plot:
    """A figure, drawn once, when it is first rendered. `alt` says in words what it shows."""

    caption: str
    alt: str
    draw: "Callable[[], Figure]"

    @cached_property
    def figure(self) -> "Figure":
        return self.draw()


@dataclass(frozen=True)
class Section:
    """A titled part of the report."""

    title: str
    blocks: tuple[Text | Table | Plot, ...]


@dataclass(frozen=True)
class Document:
    """A whole report: its banner (simulated votes) stands on every page."""

    title: str
    subtitle: str
    summary: tuple[str, ...]
    sections: tuple[Section, ...]
    banner: str | None = None


def cells(table: Table) -> tuple[list[str], list[bool], list[list[str]]]:
    """Return the head, which columns are numbers, and the rows of a table as text."""
    frame = table.frame
    numeric = [pd.api.types.is_numeric_dtype(dtype) for dtype in frame.dtypes]
    digits = [table.decimals.get(str(column), 2) for column in frame.columns]
    rows = [
        [cell(value, decimals) for value, decimals in zip(row, digits, strict=True)]
        for row in frame.astype(object).itertuples(index=False, name=None)
    ]
    return [str(column) for column in frame.columns], numeric, rows


def cell(value: Any, decimals: int = 2) -> str:
    """Return one value as text; a dash where there is none."""
    value = plain(value)
    if value is None:
        return NOTHING
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, float):
        return f"{round(value, decimals) + 0.0:.{decimals}f}" if math.isfinite(value) else NOTHING
    return str(value)
