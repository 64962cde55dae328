"""The bar plot of what the models cost."""

from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from analysis.plots.canvas import INK, MUTED, WIDTH, short_names, style

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

PANELS = (
    ("params_m", "parameters (M)"),
    ("flops_g", "FLOPs (G)"),
    ("time_ms", "time (ms)"),
    ("escore", "EScore"),
)


def efficiency_plot(scored: pd.DataFrame) -> "Figure":
    """Draw the three measures and the score of each model, in the table's order, the first on top.

    Parameters
    ----------
    scored
        As `analysis.efficiency.points.efficiency_scores` returns it. A value that is not known has no bar and
        says so.
    """
    from matplotlib import rc_context
    from matplotlib.figure import Figure

    names = short_names(list(scored["team"]))
    with rc_context(style()):
        figure = Figure(figsize=(WIDTH, 0.9 + 0.3 * len(names)), layout="constrained")
        panels = figure.subplots(1, len(PANELS), sharey=True)
        for axes, (column, label) in zip(panels, PANELS, strict=True):
            _bars(axes, scored, column)
            axes.set_xlabel(label)
        panels[0].set_yticks(range(len(names)), names)
        panels[0].invert_yaxis()
        for axes in panels:
            axes.tick_params(axis="y", length=0)
        return figure


def _bars(axes: "Axes", scored: pd.DataFrame, column: str) -> None:
    values = scored[column].to_numpy(dtype=float)
    rows = np.arange(len(values))
    axes.barh(rows, np.nan_to_num(values), color=INK if column == "escore" else MUTED, height=0.7)
    ends = np.nan_to_num(values)
    if column == "time_ms" and "time_low_ms" in scored:
        ends = np.fmax(ends, _whiskers(axes, rows, scored))
    for row, (value, end) in enumerate(zip(values, ends, strict=True)):
        text = "not known" if np.isnan(value) else f"{value:.3g}"
        axes.annotate(text, (end, row), (4, 0), textcoords="offset points", va="center", fontsize=7)
    axes.set_xlim(0, (ends.max() or 1.0) * 1.45)
    axes.locator_params(axis="x", nbins=3)
    axes.xaxis.set_major_formatter(lambda value, _: f"{value:g}")


def _whiskers(axes: "Axes", rows: np.ndarray, scored: pd.DataFrame) -> np.ndarray:
    """Draw the intervals of the times; return their upper ends, NaN where there is none."""
    mean, low, high = (scored[f"time_{name}ms"].to_numpy(dtype=float) for name in ("", "low_", "high_"))
    known = ~np.isnan(mean + low + high)
    reach = np.array([mean - low, high - mean])[:, known]
    axes.errorbar(mean[known], rows[known], xerr=reach, fmt="none", ecolor="#222222", capsize=2)
    return np.where(known, high, np.nan)
