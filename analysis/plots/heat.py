"""A matrix as a heat map."""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from analysis.plots.canvas import HATCH, TALLEST, WIDTH, fit_rows, name_rows, short_names, styled, text_width

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.colors import Colormap
    from matplotlib.figure import Figure

MOST_FIGURES = 32
"""Columns with a figure in each cell; in more, figures would be too small to read."""
ITSELF = "#c9ced3"
_AROUND_0 = ("#8f4400", "#e08a2e", "#f7f7f7", "#5b9bc8", "#0b3d66")
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
    least: float = 0.0,
    missing: str = "",
    itself: str = "",
    around_0: bool = False,
) -> "Figure":
    """Draw a matrix in one hue, darker for more, or in two hues that meet at 0.

    Parameters
    ----------
    values
        Shape (rows, columns); NaN is hatched.
    label
        Of the colour bar.
    low, high
        Values of the lightest and the darkest shade, or of the ends of the colour bar.
    text
        Format of the figure written into each cell (".2f"); nothing is written where it is empty, or there
        are more than `MOST_FIGURES` columns.
    least
        Figures below this one are left out.
    missing
        What a NaN means, for the legend.
    itself
        What the diagonal means, for the legend; it is grey then, whatever the values there.
    around_0
        Values below 0 have a hue of their own, and a sign for grey print; 0 is white.
    """
    top = _column_names(columns, width=WIDTH - _COLOUR_BAR - _room(rows, 8.0))
    fit = fit_rows(len(rows), each=0.315 if text else 0.15, rest=min(1.2 + top.height, TALLEST / 2), size=8)
    shades, limits = _shades(around_0, low, high)
    values = np.array(values, dtype=float)
    if itself:
        np.fill_diagonal(values, np.nan)
    with styled(height=fit.height) as (figure, axes):
        shown = axes.imshow(
            values, cmap=shades, vmin=limits[0], vmax=limits[1], aspect="auto", interpolation="nearest"
        )
        _name_columns(axes, columns, top, title=column_title)
        name_rows(axes, rows, fit)
        axes.set_ylim(len(rows) - 0.5, -0.5)
        if fit.named:
            axes.set_ylabel(row_title)
        axes.spines[:].set_visible(False)
        axes.tick_params(length=0)
        if text and len(columns) <= MOST_FIGURES:
            _write_cells(axes, values, text, least=least, shades=shown.to_rgba(values), cell=top.cell)
        elif around_0 and top.cell >= 4:
            _write_signs(axes, values, shades=shown.to_rgba(values), cell=top.cell)
        _gaps(figure, axes, values, missing=missing, itself=itself)
        bar = figure.colorbar(shown, ax=axes, label=label, fraction=0.04, pad=0.02)
        bar.ax.set_ylim(low, high)
        return figure


def _shades(around_0: bool, low: float, high: float) -> "tuple[Colormap | str, tuple[float, float]]":
    """Colours, and the values of the two outermost; 0 is in the middle of those around it."""
    from matplotlib.colors import LinearSegmentedColormap

    if not around_0:
        return "Blues", (low, high)
    far = max(abs(low), abs(high)) or 1.0
    return LinearSegmentedColormap.from_list("around 0", _AROUND_0), (-far, far)


def _gaps(figure: "Figure", axes: "Axes", values: np.ndarray, *, missing: str, itself: str) -> None:
    """Hatch what is not there, grey what stands beside itself, and say what either means."""
    from matplotlib.patches import Patch, Rectangle

    gaps = np.isnan(values)
    said = []
    if itself:
        np.fill_diagonal(gaps, False)
        for place in range(min(values.shape)):
            axes.add_patch(Rectangle((place - 0.5, place - 0.5), 1, 1, color=ITSELF, linewidth=0.8))
        said.append(Patch(facecolor=ITSELF, label=itself))
    for row, column in np.argwhere(gaps):
        axes.add_patch(Rectangle((column - 0.5, row - 0.5), 1, 1, **HATCH))
    if gaps.any():
        said.append(Patch(**HATCH, label=missing or "no value"))
    if said:
        figure.legend(
            handles=said, loc="outside upper right", ncols=len(said), handlelength=1.6, handleheight=1.1
        )


@dataclass(frozen=True)
class _Names:
    """How the names of columns are written: points for each column, font size, degrees, inches needed, and
    whether they are written at all.
    """

    cell: float
    size: float
    rotation: int
    height: float
    written: bool = True


def _column_names(columns: Sequence[str], *, width: float) -> _Names:
    """Upright if they fit side by side, else slanted, else on end; none where not all could be read."""
    cell = 72 * width / max(len(columns), 1)
    names = short_names(columns)
    for size in (8.0, 7.0, 6.0):
        if max(text_width(name, size) for name in names) + 3 <= cell:
            return _Names(cell, size, 0, 0.2)
    for rotation, line in ((60, 1.35), (90, 1.2)):
        size = min(8.0, cell / line)
        if size >= 5:
            return _Names(cell, size, rotation, _room(columns, size) * math.sin(math.radians(rotation)))
    return _Names(cell, 7.0, 0, 0.2, written=False)


def _room(names: Sequence[str], size: float) -> float:
    """Inches that the longest of these names needs."""
    return max((text_width(name, size) for name in short_names(names)), default=0.0) / 72


def _name_columns(axes: "Axes", columns: Sequence[str], top: _Names, *, title: str) -> None:
    if not top.written:
        axes.set_xticks([])
        axes.set_xlabel(f"{title or 'column'}s: {len(columns)}, in the order of their names")
        return
    axes.set_xticks(
        range(len(columns)),
        short_names(columns),
        rotation=top.rotation,
        fontsize=top.size,
        ha="right" if 0 < top.rotation < 90 else "center",
        rotation_mode="anchor" if 0 < top.rotation < 90 else "default",
    )
    axes.set_xlabel(title)


def _write_cells(
    axes: "Axes", values: np.ndarray, form: str, *, least: float, shades: np.ndarray, cell: float
) -> None:
    written = {
        place: _figure(value, form)
        for place, value in np.ndenumerate(values)
        if not np.isnan(value) and abs(value) >= least
    }
    widest = max((text_width(text, 1.0) for text in written.values()), default=1.0)
    size = min(7.0, 0.9 * cell / widest)
    for (row, column), text in written.items():
        ink = _ink(shades[row, column])
        axes.text(column, row, text, ha="center", va="center", fontsize=size, color=ink)


def _figure(value: float, form: str) -> str:
    """A number without a 0 before its point; 0 and 1 have no decimals.

    Examples
    --------
    >>> [_figure(value, ".2f") for value in (0.001, 0.25, -0.25, 0.999, 12.3)]
    ['0', '.25', '-.25', '1', '12.30']
    """
    text = f"{value:{form}}"
    if abs(float(text)) in (0.0, 1.0):
        return f"{abs(float(text)):.0f}" if float(text) >= 0 else "-1"
    return text.replace("0.", ".", 1) if abs(value) < 1 else text


def _write_signs(axes: "Axes", values: np.ndarray, *, shades: np.ndarray, cell: float) -> None:
    """Mark what is below 0, which print in grey would not show."""
    for row, column in np.argwhere(values < 0):
        ink = _ink(shades[row, column])
        axes.text(column, row, "\u2212", ha="center", va="center", fontsize=min(7.0, 1.1 * cell), color=ink)


def _ink(shade: np.ndarray) -> str:
    """White or nearly black, whichever has more contrast on this shade."""
    linear = np.where(shade[:3] <= 0.04045, shade[:3] / 12.92, ((shade[:3] + 0.055) / 1.055) ** 2.4)
    return "white" if linear @ (0.2126, 0.7152, 0.0722) < 0.18 else "#222222"
