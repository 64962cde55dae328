"""A matrix as a heat map."""

from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np

from analysis.plots.canvas import short_names, styled

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure


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
) -> "Figure":
    """Draw a matrix in one hue, darker for more.

    Parameters
    ----------
    values
        Shape (rows, columns); NaN is left white.
    label
        Of the colour bar.
    low, high
        Values of the lightest and the darkest shade.
    text
        Format of the figure written into each cell (".2f"); nothing is written where it is empty.
    """
    cell = 0.42 if text else 0.2
    height = min(9.0, 1.2 + cell * 0.75 * len(rows))
    height += 0.2 if _short(columns) else 0.06 * max(map(len, short_names(columns)))
    with styled(height=height) as (figure, axes):
        shown = axes.imshow(values, cmap="Blues", vmin=low, vmax=high, aspect="auto", interpolation="nearest")
        step = -(-len(columns) // 30)
        axes.set_xticks(
            range(0, len(columns), step),
            short_names(columns[::step]),
            rotation=0 if _short(columns) else 60,
            fontsize=8,
        )
        if not _short(columns):
            for tick in axes.get_xticklabels():
                tick.set_horizontalalignment("right")
                tick.set_rotation_mode("anchor")
        axes.set_yticks(range(len(rows)), short_names(rows), fontsize=8 if len(rows) <= 40 else 5)
        axes.set_xlabel(column_title)
        axes.set_ylabel(row_title)
        axes.spines[:].set_visible(False)
        axes.tick_params(length=0)
        if text:
            _write_cells(axes, values, text, middle=(low + high) / 2)
        figure.colorbar(shown, ax=axes, label=label, fraction=0.04, pad=0.02)
        return figure


def _short(columns: Sequence[str]) -> bool:
    return sum(len(column) + 1 for column in columns) < 70


def _write_cells(axes: "Axes", values: np.ndarray, form: str, *, middle: float) -> None:
    for (row, column), value in np.ndenumerate(values):
        if not np.isnan(value) and f"{value:{form}}".strip("0.-"):
            shade = "white" if value > middle else "#222222"
            axes.text(column, row, f"{value:{form}}", ha="center", va="center", fontsize=7, color=shade)
