"""The parts of a report, independent of how it is rendered."""

import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import TYPE_CHECKING, Any

import pandas as pd

from analysis.output import plain, telling_decimals
from analysis.plots.canvas import svg

if TYPE_CHECKING:
    from matplotlib.figure import Figure

NOTHING = "–"


@dataclass(frozen=True)
class Text:
    """A paragraph in plain language."""

    text: str


@dataclass(frozen=True)
class Table:
    """A table. Floats are rounded to `decimals` by column; otherwise to 2 decimals, or in the columns of
    `apart` to as many as are needed to tell unequal values apart.
    """

    caption: str
    frame: pd.DataFrame
    decimals: Mapping[str, int] = field(default_factory=dict)
    apart: tuple[str, ...] = ()

    def digits(self, column: str) -> int:
        """How many decimals a column shows."""
        given = self.decimals.get(column, 2)
        return telling_decimals(self.frame[column], given) if column in self.apart else given


@dataclass(frozen=True)
class Plot:
    """A figure, drawn once, when first needed. `alt` describes in words what it shows."""

    caption: str
    alt: str
    draw: "Callable[[], Figure]"

    @cached_property
    def figure(self) -> "Figure":
        return self.draw()

    @cached_property
    def svg(self) -> str:
        """The figure as the page has it."""
        return svg(self.figure, title=self.caption, description=self.alt)


@dataclass(frozen=True)
class Pictures:
    """Images next to each other, each with its label; `shown` holds labels and JPEG files."""

    caption: str
    shown: tuple[tuple[str, bytes], ...]


Block = Text | Table | Plot | Pictures


@dataclass(frozen=True)
class Section:
    """A section of a report with its title."""

    title: str
    blocks: tuple[Block, ...]


@dataclass(frozen=True)
class Document:
    """A whole report.

    Attributes
    ----------
    banner
        Printed on every page (simulated votes).
    notes
        What a reader must know before any result; printed first.
    failures
        Parts that could not be made, and why.
    names
        Names of teams, judges and images, which may be written from right to left.
    """

    title: str
    subtitle: str
    summary: tuple[str, ...]
    sections: tuple[Section, ...]
    banner: str | None = None
    notes: tuple[str, ...] = ()
    failures: tuple[str, ...] = ()
    names: tuple[str, ...] = ()


def cells(table: Table) -> tuple[list[str], list[bool], list[list[str]]]:
    """Return a table's header, which columns are numbers, and its rows as text."""
    frame = table.frame
    numeric = [pd.api.types.is_numeric_dtype(dtype) for dtype in frame.dtypes]
    digits = [table.digits(str(column)) for column in frame.columns]
    rows = [
        [cell(value, decimals) for value, decimals in zip(row, digits, strict=True)]
        for row in frame.astype(object).itertuples(index=False, name=None)
    ]
    return [str(column) for column in frame.columns], numeric, rows


def cell(value: Any, decimals: int = 2) -> str:
    """Return one value as text; a dash if there is none."""
    value = plain(value)
    if value is None:
        return NOTHING
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, float):
        return f"{round(value, decimals) + 0.0:.{decimals}f}" if math.isfinite(value) else NOTHING
    return str(value)


def texts_of(document: Document) -> list[str]:
    """Return everything that is written in a document, outside the plots."""
    texts = [document.title, document.subtitle, document.banner or "", *document.names]
    texts += [*document.notes, *document.failures, *document.summary]
    for section in document.sections:
        texts.append(section.title)
        for block in section.blocks:
            if isinstance(block, Text):
                texts.append(block.text)
                continue
            texts.append(block.caption)
            if isinstance(block, Table):
                head, _, rows = cells(block)
                texts += [*head, *(text for row in rows for text in row)]
            elif isinstance(block, Pictures):
                texts += [label for label, _ in block.shown]
    return texts
