"""Plots with a row, a dot or a bar for each team, judge or image."""

from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np

from analysis.plots.canvas import INK, MUTED, SHADES, styled, team_rows

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
    with styled(height=0.7 + 0.28 * len(teams)) as (figure, axes):
        left = np.zeros(len(teams))
        rows = np.arange(len(teams))
        for place, label in enumerate(labels):
            shade, hatch = SHADES[min(place, 3)], HATCHES[min(place, 3)]
            axes.barh(
                rows, counts[:, place], left=left, color=shade, hatch=hatch, edgecolor="white", label=label
            )
            left += counts[:, place]
        team_rows(axes, teams)
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
    with styled(height=0.8 + 0.26 * len(names)) as (figure, axes):
        rows = np.arange(len(names))
        axes.hlines(rows, low, high, color=INK, linewidth=1.4)
        axes.plot(value, rows, "o", color=INK, markersize=5)
        team_rows(axes, names)
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
    with styled(height=2.4) as (figure, axes):
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
    with styled(height=2.4) as (figure, axes):
        axes.bar(labels, value, color=SHADES[1], edgecolor=INK)
        axes.plot(labels, expected, color=INK, linestyle="--", linewidth=1.2, label="expected")
        axes.set_xlabel(title)
        axes.set_ylabel(label)
        axes.grid(axis="y", color="#e3e7ea")
        axes.legend(loc="lower right", frameon=True, framealpha=0.9)
        return figure
