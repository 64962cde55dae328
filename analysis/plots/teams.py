"""Plots with a row, a dot or a bar for each team, judge or image."""

from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np

from analysis.plots.canvas import INK, MUTED, SHADES, count_axis, fit_rows, name_rows, short_names, styled

if TYPE_CHECKING:
    from matplotlib.figure import Figure

HATCHES = ("", "", "", "//")


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
    fit = fit_rows(len(teams), each=0.28, rest=0.95)
    with styled(height=fit.height) as (figure, axes):
        left = np.zeros(len(teams))
        rows = np.arange(len(teams))
        for place, label in enumerate(labels):
            shade, hatch = SHADES[min(place, 3)], HATCHES[min(place, 3)]
            axes.barh(
                rows, counts[:, place], left=left, color=shade, hatch=hatch, edgecolor="white", label=label
            )
            left += counts[:, place]
        name_rows(axes, teams, fit)
        axes.set_xlabel("ballots")
        count_axis(axes.xaxis)
        axes.grid(axis="x", color="#e3e7ea")
        figure.legend(loc="outside upper right", ncols=len(labels))
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
    fit = fit_rows(len(names), each=0.26, rest=0.8 if line is None else 1.05)
    with styled(height=fit.height) as (figure, axes):
        rows = np.arange(len(names))
        axes.hlines(rows, low, high, color=INK, linewidth=1.4)
        axes.plot(value, rows, "o", color=INK, markersize=min(5.0, fit.size * 0.6))
        name_rows(axes, names, fit)
        axes.set_xlabel(label)
        axes.grid(axis="x", color="#e3e7ea")
        if line is not None:
            axes.axvline(line, color=MUTED, linestyle="--", linewidth=1.2, label=line_label)
            figure.legend(loc="outside upper right")
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
        return figure


def sorted_dots(
    value: np.ndarray, names: Sequence[str], *, label: str, chance: float, named: int = 3
) -> "Figure":
    """Draw values in falling order beside their chance level; say which are the highest and lowest few."""
    order = np.argsort(-np.nan_to_num(value, nan=-np.inf), kind="stable")
    order = order[~np.isnan(value[order])]
    with styled(height=2.6) as (figure, axes):
        axes.plot(np.arange(len(order)) + 1, value[order], "o", color=INK, markersize=4)
        axes.axhline(chance, color=MUTED, linestyle="--", linewidth=1.2, label="chance")
        axes.set_ylabel(label)
        axes.set_xlabel(
            "\n".join(["images in descending order", *_ends([str(names[row]) for row in order], named)])
        )
        count_axis(axes.xaxis)
        axes.set_ylim(
            min(0.0, float(np.nanmin(value, initial=0.0))), float(np.nanmax(value, initial=chance)) * 1.08
        )
        axes.grid(axis="y", color="#e3e7ea")
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
        axes.bar(place, value, color=SHADES[1], edgecolor=INK)
        axes.plot(place, expected, color=INK, linestyle="--", linewidth=1.2, label="expected")
        axes.set_xticks(place, labels, fontsize=9 if len(labels) <= 30 else 6)
        count_axis(axes.yaxis)
        axes.set_xlabel(title)
        axes.set_ylabel(label)
        axes.grid(axis="y", color="#e3e7ea")
        figure.legend(loc="outside upper right")
        return figure
