"""How the ranking depends on its rule: ranks under each, and the winner at all weights."""

from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np

from analysis.plots.canvas import MUTED, OF_TEAMS, Rows, fit_rows, short_names, styled

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

_NAME = 12.0  # times the font's size; names stand on both sides


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
    fit = fit_rows(len(teams), each=0.26, rest=1.1, size=8)
    with styled(height=fit.height) as (figure, axes):
        for column in range(len(teams)):
            rank = np.where(ranks[:, column] > 0, ranks[:, column], np.nan)
            strong = column < prizes
            axes.plot(
                weight,
                rank,
                linewidth=1.8 if strong else 0.9,
                linestyle=dashes[column % 4] if strong else "-",
                color=OF_TEAMS[column % len(OF_TEAMS)] if strong else "#b9c0c6",
                zorder=3 if strong else 2,
            )
        for end, side, shift in ((0, "right", -6), (-1, "left", 6)):
            _name_ends(axes, weight[end], ranks[end], teams, side=side, shift=shift, fit=fit)
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


def _name_ends(
    axes: "Axes", x: float, ranks: np.ndarray, teams: Sequence[str], *, side: str, shift: int, fit: Rows
) -> None:
    """Write rank and name where the lines end; teams that share a rank stand in the places it leaves free."""
    if not fit.named:
        return
    names = short_names(teams, longest=_NAME)
    for place, column in enumerate(np.argsort(ranks, kind="stable"), start=1 - int((ranks == 0).sum())):
        if ranks[column] > 0:
            axes.annotate(
                f"{ranks[column]}  {names[column]}",
                (x, place),
                xytext=(shift, 0),
                textcoords="offset points",
                va="center",
                ha=side,
                fontsize=fit.size,
                annotation_clip=False,
            )


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
    with styled(height=4.2) as (figure, axes):
        spots = weights @ place
        present = sorted(set(winner[winner > 0].tolist()))
        labels = short_names([names[number] for number in present], longest=_NAME)
        for number, label in zip(present, labels, strict=True):
            shade, ink = OF_TEAMS[(number - 1) % len(OF_TEAMS)], "white" if number % 8 in (1, 7) else "black"
            own = spots[winner == number]
            axes.scatter(*own.T, s=170, marker="h", color=[shade], label=f"{number}  {label}")
            for x, y in own:
                axes.text(x, y, str(number), ha="center", va="center", fontsize=6, color=ink)
        if announced is not None:
            x, y = announced @ place
            for shade, thick in (("white", 5), ("black", 2)):
                axes.scatter(
                    [x], [y], s=190, marker="o", facecolors="none", edgecolors=shade, linewidths=thick
                )
            axes.annotate(
                "announced",
                (x, y),
                xytext=(70, 40),
                textcoords="offset points",
                fontsize=8,
                arrowprops={"arrowstyle": "-", "color": "black"},
            )
        for (x, y), corner, side in zip(place, corners, ("left", "center", "right"), strict=True):
            axes.annotate(
                corner,
                (x, y),
                xytext=({"left": -10, "right": 10}.get(side, 0), 14 if side == "center" else -20),
                textcoords="offset points",
                ha=side,
                fontsize=9,
            )
        axes.set_aspect("equal")
        axes.set_axis_off()
        figure.legend(loc="outside left upper", title="first place")
        return figure
