"""Plots with a row, a dot or a bar for each team, judge or image."""

from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np

from analysis.plots.canvas import (
    GRID,
    INK,
    MUTED,
    SHADES,
    WIDTH,
    count_axis,
    fit_rows,
    name_rows,
    short_names,
    styled,
    text_width,
)

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

_MOST_EDGES = 12
_FEWEST_BARS = 8
"""Fewer bars are as wide as those of so many."""


def stacked_places(
    teams: Sequence[str], counts: np.ndarray, shown: np.ndarray, *, labels: Sequence[str]
) -> "Figure":
    """Draw how often each team took each place; the best team on top.

    Parameters
    ----------
    teams
        N names, the best first.
    counts
        Shape (N, places).
    shown
        In how many ballots each team was, shape (N,).
    labels
        Of the places.
    """
    fit = fit_rows(len(teams), each=0.28, rest=0.95)
    with styled(height=fit.height) as (figure, axes):
        left = np.zeros(len(teams))
        rows = np.arange(len(teams))
        shades = _place_shades(len(labels))
        for place, label in enumerate(labels):
            axes.barh(
                rows,
                counts[:, place],
                left=left,
                color=shades[place],
                edgecolor="white",
                linewidth=1.0 if len(labels) <= len(SHADES) else 0.3 if len(labels) <= _MOST_EDGES else 0.0,
                label=label,
            )
            left += counts[:, place]
        beside = enumerate(zip(counts.sum(axis=1), shown, strict=True)) if fit.named else ()
        for row, (placed, ballots) in beside:
            axes.annotate(
                f"{placed} of {ballots}",
                (placed, row),
                (4, 0),
                textcoords="offset points",
                va="center",
                fontsize=min(7.0, fit.size),
            )
        axes.set_xlim(0, max(1.0, float(left.max())) * 1.12)
        name_rows(axes, teams, fit)
        axes.set_xlabel("ballots")
        count_axis(axes.xaxis)
        axes.grid(axis="x", color=GRID)
        if len(labels) <= len(SHADES):
            figure.legend(loc="outside upper right", ncols=len(labels))
        else:
            _place_bar(figure, axes, shades)
        return figure


def _place_shades(places: int) -> list[str]:
    """Colours from dark to light, in even steps where there are more than three."""
    from matplotlib.colors import LinearSegmentedColormap, to_hex

    if places <= len(SHADES):
        return list(SHADES[:places])
    shades = LinearSegmentedColormap.from_list("places", [*SHADES, "#dfe8ef"])
    return [to_hex(shades(place / (places - 1))) for place in range(places)]


def _place_bar(figure: "Figure", axes: "Axes", shades: Sequence[str]) -> None:
    """Say by a bar which shade is which place."""
    from matplotlib.cm import ScalarMappable
    from matplotlib.colors import BoundaryNorm, ListedColormap

    places = len(shades)
    bar = figure.colorbar(
        ScalarMappable(BoundaryNorm(np.arange(places + 1) + 0.5, places), ListedColormap(list(shades))),
        ax=axes,
        label="place",
        fraction=0.04,
        pad=0.02,
    )
    every = max(1, places // 10)
    bar.set_ticks([1, *range(1 + every, places - every + 1, every), places])
    bar.ax.invert_yaxis()
    bar.ax.tick_params(which="both", length=0)


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

    A value without an interval has an open dot; a row without a value says so.

    Parameters
    ----------
    names
        The first on top.
    value, low, high
        Shape (N,); NaN where there is none.
    groups
        Rows to join; a group of one is not drawn.
    line
        Draw a vertical line here, named `line_label`.
    """
    fit = fit_rows(len(names), each=0.26, rest=0.8 if line is None else 1.05)
    with styled(height=fit.height) as (figure, axes):
        rows = np.arange(len(names))
        dot = min(5.0, fit.size * 0.6)
        known = ~np.isnan(low + high)
        axes.hlines(rows[known], low[known], high[known], color=INK, linewidth=1.4)
        for end in (low, high):  # seen also where the interval is narrower than the dot
            axes.plot(end[known], rows[known], "|", color=INK, markersize=1.8 * dot, markeredgewidth=1.2)
        axes.plot(value[known], rows[known], "o", color=INK, markersize=dot)
        axes.plot(value[~known], rows[~known], "o", color=INK, markerfacecolor="white", markersize=dot)
        axes.margins(x=0.03)
        for row in rows[np.isnan(value)] if fit.named else ():
            axes.annotate(
                "no value",
                (0, row),
                (4, 0),
                xycoords=("axes fraction", "data"),
                textcoords="offset points",
                va="center",
                fontsize=min(8.0, fit.size),
                color="#5d6a75",
            )
        name_rows(axes, names, fit)
        axes.set_xlabel(label)
        axes.grid(axis="x", color=GRID)
        if line is not None:
            axes.axvline(line, color=MUTED, linestyle="--", linewidth=1.2, label=line_label)
            figure.legend(loc="outside upper right")
        _join(axes, groups)
        return figure


def _join(axes: "Axes", groups: Sequence[Sequence[int]]) -> None:
    joined = [group for group in groups if len(group) > 1]
    apart = min(0.02, 0.3 / max(len(joined), 1))
    for column, group in enumerate(joined):
        axes.plot(
            [1.015 + apart * column] * 2,
            [group[0] - 0.25, group[-1] + 0.25],
            transform=axes.get_yaxis_transform(),
            color=INK,
            linewidth=150 * apart,
            solid_capstyle="butt",
            clip_on=False,
        )


def sorted_dots(
    value: np.ndarray, names: Sequence[str], *, label: str, chance: float, named: int = 3
) -> "Figure":
    """Draw values in falling order beside their chance level, with their names.

    Where the names do not all fit, it is said which are the highest and lowest few.
    """
    order = np.argsort(-np.nan_to_num(value, nan=-np.inf), kind="stable")
    order = order[~np.isnan(value[order])]
    shown = [str(names[row]) for row in order]
    with styled(height=2.6) as (figure, axes):
        axes.plot(np.arange(len(order)) + 1, value[order], "o", color=INK, markersize=4)
        axes.axhline(chance, color=MUTED, linestyle="--", linewidth=1.2, label="chance")
        axes.set_ylabel(label)
        title = f"{len(order)} images in descending order"
        if 8 * sum(text_width(name, 1.0) + 1 for name in short_names(shown)) < 72 * (WIDTH - 1):
            axes.set_xticks(np.arange(len(order)) + 1, short_names(shown), fontsize=8)
        else:
            count_axis(axes.xaxis)
            title = "\n".join([title, *_ends(shown, named)])
        axes.set_xlabel(title)
        middle = (len(order) + 1) / 2
        half = max(len(order), _FEWEST_BARS) / 2
        axes.set_xlim(middle - half, middle + half)
        axes.set_ylim(
            min(0.0, float(np.nanmin(value, initial=0.0))), float(np.nanmax(value, initial=chance)) * 1.08
        )
        axes.grid(axis="y", color=GRID)
        figure.legend(loc="outside upper right")
        return figure


def _ends(names: Sequence[str], named: int) -> list[str]:
    """The first and the last names; beside dots this close they would be printed over each other."""
    names = short_names(names)
    if len(names) < 2 * named:
        return [f"from high to low: {', '.join(names)}"]
    return [f"highest: {', '.join(names[:named])}", f"lowest: {', '.join(names[-named:])}"]


def bars(
    labels: Sequence[str], value: np.ndarray, *, label: str, title: str, expected: np.ndarray
) -> "Figure":
    """Draw one bar for each label beside the value that would be expected, both of them counts."""
    with styled(height=2.6) as (figure, axes):
        place = np.arange(len(labels))
        size = 8.0 if len(labels) <= 30 else 6.0
        axes.bar(place, value, color=SHADES[1], edgecolor=INK, width=0.7)
        axes.hlines(
            expected, place - 0.47, place + 0.47, color="#8f4400", linewidth=1.6, label="expected by chance"
        )
        for at, count in zip(place, value, strict=True):
            axes.annotate(
                f"{count:g}", (at, count), (0, 3), textcoords="offset points", ha="center", fontsize=size - 1
            )
        axes.set_xticks(place, labels, fontsize=size)
        half = max(len(labels), _FEWEST_BARS) / 2
        axes.set_xlim((len(labels) - 1) / 2 - half, (len(labels) - 1) / 2 + half)
        axes.margins(y=0.12)
        count_axis(axes.yaxis)
        axes.set_xlabel(title)
        axes.set_ylabel(label)
        axes.grid(axis="y", color=GRID)
        figure.legend(loc="outside upper right")
        return figure
