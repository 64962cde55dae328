"""A matrix as a heat map."""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from analysis.plots.canvas import TALLEST, WIDTH, fit_rows, name_rows, short_names, styled, text_width

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure
    from matplotlib.patches import Patch

MOST_FIGURES = 32
"""Columns with a figure in each cell; in more, figures would be too small to read."""
_COLOUR_BAR = 0.8  # inches, with its label


def heat_map(
    values: np.ndarray,
    *,
    rows: Sequence[str],
    columns: Sequence[str],
    label: str,
    low: float,
    high: float,
    row_title: str = "",
    column_title: str = "",
    text: str = "",
    missing: str = "",
) -> "Figure":
    """Draw a matrix in one hue, darker for more.

    Parameters
    ----------
    values
        Shape (rows, columns); NaN is left white, or hatched.
    label
        Of the colour bar.
    low, high
        Values of the lightest and the darkest shade.
    text
        Format of the figure written into each cell (".2f"); nothing is written where it is empty, or there
        are more than `MOST_FIGURES` columns.
    missing
        What a NaN means; such cells are hatched then, so that none looks like a 0.
    """
    top = _column_names(columns, width=WIDTH - _COLOUR_BAR - _room(rows, 8.0))
    fit = fit_rows(len(rows), each=0.315 if text else 0.15, rest=min(1.2 + top.height, TALLEST / 2), size=8)
    with styled(height=fit.height) as (figure, axes):
        shown = axes.imshow(values, cmap="Blues", vmin=low, vmax=high, aspect="auto", interpolation="nearest")
        names = short_names(columns)
        places = range(0, len(columns), top.step)
        axes.set_xticks(
            places,
            [names[place] for place in places],
            rotation=top.rotation,
            fontsize=top.size,
            ha="right" if 0 < top.rotation < 90 else "center",
            rotation_mode="anchor" if 0 < top.rotation < 90 else "default",
        )
        name_rows(axes, rows, fit)
        axes.set_ylim(len(rows) - 0.5, -0.5)
        axes.set_xlabel(column_title)
        axes.set_ylabel(row_title)
        axes.spines[:].set_visible(False)
        axes.tick_params(length=0)
        if text and len(columns) <= MOST_FIGURES:
            _write_cells(axes, values, text, middle=(low + high) / 2, cell=top.cell)
        if missing and np.isnan(values).any():
            axes.patch.set(hatch="////", facecolor="white", edgecolor="#aab4bc", linewidth=0)
            figure.legend(
                handles=[_hatched(missing)], loc="outside upper right", handlelength=1.6, handleheight=1.1
            )
        figure.colorbar(shown, ax=axes, label=label, fraction=0.04, pad=0.02)
        return figure


@dataclass(frozen=True)
class _Names:
    """How the names of columns are written: points for each column, font size, degrees, every how many
    columns, and inches needed.
    """

    cell: float
    size: float
    rotation: int
    step: int
    height: float


def _column_names(columns: Sequence[str], *, width: float) -> _Names:
    """Upright if they fit side by side, else slanted, else on end; each one as far as it can be read."""
    cell = 72 * width / max(len(columns), 1)
    names = short_names(columns)
    for size in (8.0, 7.0, 6.0):
        if max(text_width(name, size) for name in names) + 3 <= cell:
            return _Names(cell, size, 0, 1, 0.2)
    for rotation, line in ((60, 1.35), (90, 1.1)):
        size = min(8.0, cell / line)
        if size >= 5:
            return _Names(cell, size, rotation, 1, _room(columns, size) * math.sin(math.radians(rotation)))
    return _Names(cell, 7.0, 90, math.ceil(7.0 * 1.3 / cell), _room(columns, 7.0))


def _room(names: Sequence[str], size: float) -> float:
    """Inches that the longest of these names needs."""
    return max((text_width(name, size) for name in short_names(names)), default=0.0) / 72


def _hatched(label: str) -> "Patch":
    from matplotlib.patches import Patch

    return Patch(hatch="////", facecolor="white", edgecolor="#aab4bc", linewidth=0, label=label)


def _write_cells(axes: "Axes", values: np.ndarray, form: str, *, middle: float, cell: float) -> None:
    written = {
        place: f"{value:{form}}".removeprefix("0")
        for place, value in np.ndenumerate(values)
        if not np.isnan(value) and f"{value:{form}}".strip("0.-")
    }
    widest = max((text_width(text, 1.0) for text in written.values()), default=1.0)
    size = min(7.0, 0.9 * cell / widest)
    for (row, column), text in written.items():
        shade = "white" if values[row, column] > middle else "#222222"
        axes.text(column, row, text, ha="center", va="center", fontsize=size, color=shade)
