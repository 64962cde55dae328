"""The plots of the report: drawn for grey print, labelled, and the same bytes every time.

matplotlib is imported on use; figures are made without pyplot, so that no global state is touched.
"""

import io
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

import numpy as np

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

STYLE: Any = {
    "font.family": "DejaVu Sans",
    "font.size": 9,
    "axes.spines.top": False,
    "axes.spines.right": False,
    "axes.edgecolor": "#555555",
    "axes.axisbelow": True,
    "axes.titlesize": 9,
    "legend.frameon": False,
    "legend.fontsize": 8,
    "figure.facecolor": "white",
    "svg.hashsalt": "studyapp",
    "svg.fonttype": "path",
}
INK = "#12344d"
MUTED = "#8a97a3"
SHADES = ("#12344d", "#5b8bb0", "#c3d7e6", "#e8eff5")
HATCHES = ("", "", "", "//")
WIDTH = 7.2


def svg(figure: "Figure") -> str:
    """Return a figure as SVG text without the date of its making."""
    return _saved(figure, format="svg", metadata={"Date": None, "Creator": None}).decode()


def png(figure: "Figure", *, dpi: int = 200) -> bytes:
    """Return a figure as PNG."""
    return _saved(figure, format="png", dpi=dpi, metadata={"Software": None})


def stacked_places(teams: Sequence[str], counts: np.ndarray, *, labels: Sequence[str]) -> "Figure":
    """Draw how often each team took each place; the best team on top.

    Parameters
    ----------
    teams
        N names, the best first.
    counts
        Shape (N, places).
    labels
        Of the places.
    """
    with _styled(height=0.7 + 0.28 * len(teams)) as (figure, axes):
        left = np.zeros(len(teams))
        rows = np.arange(len(teams))
        for place, label in enumerate(labels):
            shade, hatch = SHADES[min(place, 3)], HATCHES[min(place, 3)]
            axes.barh(
                rows, counts[:, place], left=left, color=shade, hatch=hatch, edgecolor="white", label=label
            )
            left += counts[:, place]
        _team_rows(axes, teams)
        axes.set_xlabel("ballots")
        axes.grid(axis="x", color="#e3e7ea")
        axes.legend(loc="lower right")
        return figure


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
    height = min(9.0, 1.5 + cell * 0.75 * len(rows))
    with _styled(height=height) as (figure, axes):
        shown = axes.imshow(values, cmap="Blues", vmin=low, vmax=high, aspect="auto", interpolation="nearest")
        axes.set_xticks(range(len(columns)), columns, rotation=0 if _short(columns) else 60, fontsize=8)
        if not _short(columns):
            for tick in axes.get_xticklabels():
                tick.set_horizontalalignment("right")
                tick.set_rotation_mode("anchor")
        axes.set_yticks(range(len(rows)), rows, fontsize=8 if len(rows) <= 40 else 5)
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


def _team_rows(axes: "Axes", teams: Sequence[str]) -> None:
    axes.set_yticks(range(len(teams)), teams)
    axes.invert_yaxis()
    axes.tick_params(axis="y", length=0)


@contextmanager
def _styled(*, height: float, width: float = WIDTH) -> Iterator[tuple["Figure", "Axes"]]:
    from matplotlib import rc_context
    from matplotlib.figure import Figure

    with rc_context(STYLE):
        figure = Figure(figsize=(width, height), layout="constrained")
        yield figure, figure.add_subplot()


def _saved(figure: "Figure", **options: Any) -> bytes:
    from matplotlib import rc_context

    target = io.BytesIO()
    with rc_context(STYLE):
        figure.savefig(target, **options)
    return target.getvalue()
