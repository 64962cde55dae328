"""The plots of the report: drawn for grey print, labelled, and the same bytes every time.

matplotlib is imported on use; figures are made without pyplot, so that no global state is touched.
"""

import io
import warnings
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

import numpy as np

from analysis.fonts import families

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

STYLE: Any = {
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
    "text.parse_math": False,
}
INK = "#12344d"
MUTED = "#8a97a3"
SHADES = ("#12344d", "#5b8bb0", "#c3d7e6", "#e8eff5")
HATCHES = ("", "", "", "//")
WIDTH = 7.2
LONGEST_NAME = 28


def style() -> Any:
    """Return matplotlib's settings for a plot; the fonts are those of this machine."""
    return STYLE | {"font.family": families()}


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


def interval_plot(
    names: Sequence[str],
    value: np.ndarray,
    low: np.ndarray,
    high: np.ndarray,
    *,
    label: str,
    groups: Sequence[Sequence[int]] = (),
    line: float | None = None,
    line_label: str = "",
) -> "Figure":
    """Draw values with intervals, one row for each name, and bars on the right that join groups of rows.

    Parameters
    ----------
    names
        The first on top.
    value, low, high
        Shape (N,); NaN is left out.
    groups
        Rows to join; a group of one is not drawn.
    line
        Draw a vertical line here, named `line_label`.
    """
    with _styled(height=0.8 + 0.26 * len(names)) as (figure, axes):
        rows = np.arange(len(names))
        axes.hlines(rows, low, high, color=INK, linewidth=1.4)
        axes.plot(value, rows, "o", color=INK, markersize=5)
        _team_rows(axes, names)
        axes.set_ylim(len(names) - 0.4, -0.6)
        axes.set_xlabel(label)
        axes.grid(axis="x", color="#e3e7ea")
        if line is not None:
            axes.axvline(line, color=MUTED, linestyle="--", linewidth=1.2, label=line_label)
            axes.legend(loc="lower right")
        joined = [group for group in groups if len(group) > 1]
        for column, group in enumerate(joined):
            axes.plot(
                [1.015 + 0.02 * column] * 2,
                [group[0] - 0.25, group[-1] + 0.25],
                transform=axes.get_yaxis_transform(),
                color=INK,
                linewidth=3,
                solid_capstyle="butt",
                clip_on=False,
            )
        return figure


def sorted_dots(
    value: np.ndarray, names: Sequence[str], *, label: str, chance: float, named: int = 3
) -> "Figure":
    """Draw values in falling order beside their chance level, naming the highest and lowest few."""
    order = np.argsort(-np.nan_to_num(value, nan=-np.inf), kind="stable")
    order = order[~np.isnan(value[order])]
    with _styled(height=2.4) as (figure, axes):
        axes.plot(np.arange(len(order)) + 1, value[order], "o", color=INK, markersize=4)
        axes.axhline(chance, color=MUTED, linestyle="--", linewidth=1.2, label="chance")
        ends = [*range(min(named, len(order))), *range(max(named, len(order) - named), len(order))]
        for row in ends:
            axes.annotate(
                str(names[order[row]]),
                (row + 1, value[order[row]]),
                textcoords="offset points",
                xytext=(0, 5),
                rotation=50,
                fontsize=7,
            )
        axes.set_ylabel(label)
        axes.set_xlabel("images in falling order")
        axes.set_ylim(
            min(0.0, float(np.nanmin(value, initial=0.0))), float(np.nanmax(value, initial=chance)) * 1.18
        )
        axes.grid(axis="y", color="#e3e7ea")
        axes.legend(loc="upper right")
        return figure


def bars(
    labels: Sequence[str], value: np.ndarray, *, label: str, title: str, expected: np.ndarray
) -> "Figure":
    """Draw one bar for each label beside the value that would be expected."""
    with _styled(height=2.4) as (figure, axes):
        axes.bar(labels, value, color=SHADES[1], edgecolor=INK)
        axes.plot(labels, expected, color=INK, linestyle="--", linewidth=1.2, label="expected")
        axes.set_xlabel(title)
        axes.set_ylabel(label)
        axes.grid(axis="y", color="#e3e7ea")
        axes.legend(loc="lower right", frameon=True, framealpha=0.9)
        return figure


def rank_lines(
    weight: np.ndarray,
    ranks: np.ndarray,
    teams: Sequence[str],
    *,
    label: str,
    announced: float | None,
    prizes: int,
) -> "Figure":
    """Draw the rank of each team as a weight moves; names stand at the right end of their lines.

    Parameters
    ----------
    weight
        Shape (G,), rising.
    ranks
        Shape (G, N), 0 where undefined.
    announced
        Weight to mark.
    prizes
        How many of the first teams are drawn strongly; the others stay thin and grey.
    """
    dashes = ("-", "--", ":", "-.")
    shades = (INK, "#5b8bb0")
    with _styled(height=1.1 + 0.26 * len(teams)) as (figure, axes):
        for column, team in enumerate(_short_names(teams)):
            rank = np.where(ranks[:, column] > 0, ranks[:, column], np.nan)
            strong = column < prizes
            axes.plot(
                weight,
                rank,
                linewidth=1.8 if strong else 0.9,
                linestyle=dashes[column % 4] if strong else "-",
                color=shades[column // 4 % 2] if strong else "#b9c0c6",
                zorder=3 if strong else 2,
            )
            axes.annotate(
                team,
                (weight[-1], rank[-1]),
                xytext=(6, 0),
                textcoords="offset points",
                va="center",
                fontsize=8,
            )
            axes.annotate(
                team,
                (weight[0], rank[0]),
                xytext=(-6, 0),
                textcoords="offset points",
                va="center",
                ha="right",
                fontsize=8,
            )
        if announced is not None:
            axes.axvline(announced, color=MUTED, linewidth=1.2)
            axes.annotate(
                "announced", (announced, 0.35), ha="center", va="bottom", fontsize=8, annotation_clip=False
            )
        axes.set_ylim(len(teams) + 0.6, 0.4)
        axes.set_yticks([])
        axes.spines["left"].set_visible(False)
        axes.set_xlabel(label)
        return figure


def weight_triangle(
    weights: np.ndarray,
    winner: np.ndarray,
    *,
    corners: Sequence[str],
    names: dict[int, str],
    announced: np.ndarray | None,
) -> "Figure":
    """Draw who comes first at every weighting of three parts.

    Parameters
    ----------
    weights
        Shape (G, 3), each row adding up to one.
    winner
        Shape (G,): a number for the team that is first; 0 where nobody is.
    corners
        Names of the three parts.
    names
        Team of each number.
    announced
        Weights to mark, shape (3,).
    """
    place = np.array([[0.0, 0.0], [0.5, np.sqrt(0.75)], [1.0, 0.0]])
    with _styled(height=4.2) as (figure, axes):
        spots = weights @ place
        present = sorted(set(winner[winner > 0].tolist()))
        for index, number in enumerate(present):
            tone = 0.35 + 0.6 * index / max(1, len(present) - 1)
            shade = (0.25 + 0.7 * tone, 0.4 + 0.55 * tone, 0.55 + 0.42 * tone)
            own = spots[winner == number]
            axes.scatter(
                *own.T,
                s=170,
                marker="h",
                color=[shade],
                label=f"{number}  {_short_names([names[number]])[0]}",
            )
            for x, y in own:
                axes.text(x, y, str(number), ha="center", va="center", fontsize=6)
        if announced is not None:
            x, y = announced @ place
            axes.scatter([x], [y], s=160, marker="o", facecolors="none", edgecolors="black", linewidths=2)
            axes.annotate(
                "announced",
                (x, y),
                xytext=(70, 40),
                textcoords="offset points",
                fontsize=8,
                arrowprops={"arrowstyle": "-", "color": "black"},
            )
        for (x, y), corner, side in zip(place, corners, ("right", "center", "left"), strict=True):
            axes.annotate(
                corner,
                (x, y),
                xytext=({"right": -14, "left": 14}.get(side, 0), 14 if side == "center" else -4),
                textcoords="offset points",
                ha=side,
                fontsize=9,
                fontweight="bold",
            )
        axes.set_aspect("equal")
        axes.set_axis_off()
        axes.legend(loc="upper left", title="first place", bbox_to_anchor=(-0.3, 1.0))
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
    height = min(9.0, 1.2 + cell * 0.75 * len(rows))
    height += 0.2 if _short(columns) else 0.06 * max(map(len, _short_names(columns)))
    with _styled(height=height) as (figure, axes):
        shown = axes.imshow(values, cmap="Blues", vmin=low, vmax=high, aspect="auto", interpolation="nearest")
        step = -(-len(columns) // 30)
        axes.set_xticks(
            range(0, len(columns), step),
            _short_names(columns[::step]),
            rotation=0 if _short(columns) else 60,
            fontsize=8,
        )
        if not _short(columns):
            for tick in axes.get_xticklabels():
                tick.set_horizontalalignment("right")
                tick.set_rotation_mode("anchor")
        axes.set_yticks(range(len(rows)), _short_names(rows), fontsize=8 if len(rows) <= 40 else 5)
        axes.set_xlabel(column_title)
        axes.set_ylabel(row_title)
        axes.spines[:].set_visible(False)
        axes.tick_params(length=0)
        if text:
            _write_cells(axes, values, text, middle=(low + high) / 2)
        figure.colorbar(shown, ax=axes, label=label, fraction=0.04, pad=0.02)
        return figure


def _short_names(names: Sequence[str]) -> list[str]:
    """Names that leave room for the plot; the tables have them in full."""
    return [name if len(name) <= LONGEST_NAME else f"{name[: LONGEST_NAME - 1]}…" for name in names]


def _short(columns: Sequence[str]) -> bool:
    return sum(len(column) + 1 for column in columns) < 70


def _write_cells(axes: "Axes", values: np.ndarray, form: str, *, middle: float) -> None:
    for (row, column), value in np.ndenumerate(values):
        if not np.isnan(value) and f"{value:{form}}".strip("0.-"):
            shade = "white" if value > middle else "#222222"
            axes.text(column, row, f"{value:{form}}", ha="center", va="center", fontsize=7, color=shade)


def _team_rows(axes: "Axes", teams: Sequence[str]) -> None:
    axes.set_yticks(range(len(teams)), _short_names(teams))
    axes.invert_yaxis()
    axes.tick_params(axis="y", length=0)


@contextmanager
def _styled(*, height: float, width: float = WIDTH) -> Iterator[tuple["Figure", "Axes"]]:
    from matplotlib import rc_context
    from matplotlib.figure import Figure

    with rc_context(style()):
        figure = Figure(figsize=(width, height), layout="constrained")
        yield figure, figure.add_subplot()


def _saved(figure: "Figure", **options: Any) -> bytes:
    from matplotlib import rc_context

    target = io.BytesIO()
    with rc_context(style()), warnings.catch_warnings():
        warnings.filterwarnings("ignore", message="Glyph .* missing from font")
        figure.savefig(target, **options)
        figure.set_layout_engine("none")  # laid out by now; once is enough for both formats
    return target.getvalue()
