"""Two counts that speak against each other, from a common middle."""

from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np

from analysis.plots.canvas import GRID, INK, count_axis, fit_rows, name_rows, styled

if TYPE_CHECKING:
    from matplotlib.figure import Figure

AGAINST = "#c2410c"


def diverging_bars(
    names: Sequence[str],
    against: np.ndarray,
    speaking_for: np.ndarray,
    *,
    labels: tuple[str, str],
    label: str,
) -> "Figure":
    """Draw a bar to the left and one to the right of 0 for each name, and their counts at the ends.

    Parameters
    ----------
    names
        The first on top.
    against, speaking_for
        Counts, shape (N,): to the left, and to the right.
    labels
        Of the two sides, left and right.
    label
        Of the axis, which is as long to both sides.
    """
    fit = fit_rows(len(names), each=0.28, rest=0.95)
    rows = np.arange(len(names))
    most = max(1.0, float(np.max([*against, *speaking_for], initial=1)))
    with styled(height=fit.height) as (figure, axes):
        axes.barh(rows, -against, color=AGAINST, hatch="//", edgecolor="white", label=labels[0])
        axes.barh(rows, speaking_for, color=INK, edgecolor="white", label=labels[1])
        for counts, sign, side in ((against, -1, "right"), (speaking_for, 1, "left")):
            for row, count in enumerate(counts):
                if fit.named:
                    axes.annotate(
                        f"{count:g}",
                        (sign * count, row),
                        xytext=(3 * sign, 0),
                        textcoords="offset points",
                        ha=side,
                        va="center",
                        fontsize=min(8.0, fit.size),
                    )
        axes.axvline(0, color="#555555", linewidth=1)
        axes.set_xlim(-1.14 * most, 1.14 * most)
        name_rows(axes, names, fit)
        count_axis(axes.xaxis)
        axes.xaxis.set_major_formatter(lambda value, _place: f"{abs(value):g}")
        axes.set_xlabel(label)
        axes.grid(axis="x", color=GRID)
        axes.spines["left"].set_visible(False)
        figure.legend(loc="outside upper right", ncols=2)
        return figure
