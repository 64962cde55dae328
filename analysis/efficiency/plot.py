"""The bar plot of the models' cost."""

import math
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from analysis.columns import titles
from analysis.plots.canvas import INK, MUTED, WIDTH, fit_rows, name_rows, short_names, style, text_width

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

_MOST_MORE, _MOST_DECIMALS = 7, 12
PANELS = (
    *titles("measures.csv", ("params_m", "flops_g", "time_ms")).items(),
    *titles("scores.csv", ["escore"]).items(),
)


def efficiency_plot(scored: pd.DataFrame) -> "Figure":
    """Draw the three measures and the score of each model, in the table's order, the first on top.

    Parameters
    ----------
    scored
        As returned by `analysis.efficiency.points.efficiency_scores`. An unknown value has no bar but a note.
    """
    from matplotlib import rc_context
    from matplotlib.figure import Figure

    names = list(scored["team"])
    fit = fit_rows(len(names), each=0.3, rest=0.9)
    with rc_context(style()):
        figure = Figure(figsize=(WIDTH, fit.height), layout="constrained")
        panels = figure.subplots(1, len(PANELS), sharey=True)
        wide = 72 * WIDTH - max(text_width(name, fit.size) for name in short_names(names))
        for axes, (column, label) in zip(panels, PANELS, strict=True):
            _bars(axes, scored, column, width=wide / len(PANELS) - 12)
            axes.set_xlabel(label)
        name_rows(panels[0], names, fit)
        for axes in panels:
            axes.tick_params(axis="y", length=0)
        return figure


def value_labels(values: np.ndarray) -> list[str]:
    """Return numbers as people write them, with enough decimals to keep unequal ones apart.

    Examples
    --------
    >>> value_labels(np.array([3980.4, 12.0, np.nan]))
    ['3,980', '12.0', 'unknown']
    >>> value_labels(np.array([4821.23, 4821.41, 0.000084]))
    ['4,821.2', '4,821.4', '0.00008400']
    """
    different = len(np.unique(values[~np.isnan(values)]))
    labels: list[str] = []
    for more in range(_MOST_MORE):
        labels = ["unknown" if np.isnan(value) else _label(float(value), more) for value in values]
        if len(set(labels) - {"unknown"}) == different:
            break
    return labels


def _round_below(value: float) -> float:
    """The largest of 1, 2, 5, 10, 20, ... that is not above a number.

    Examples
    --------
    >>> [_round_below(value) for value in (829, 20.0, 0.07)]
    [500.0, 20.0, 0.05]
    """
    power = 10.0 ** math.floor(math.log10(value))
    return max(round(step * power, 12) for step in (1, 2, 5) if step * power <= value)


def _label(value: float, more: int) -> str:
    """Three significant digits, or all of the whole part; never a power of ten."""
    digits = 2 if value == 0 else min(max(2 - math.floor(math.log10(abs(value))), 0), _MOST_DECIMALS)
    return f"{value:,.{digits + more}f}"


def _without_zeros(text: str) -> str:
    return text.rstrip("0").rstrip(".")


def _bars(axes: "Axes", scored: pd.DataFrame, column: str, *, width: float) -> None:
    """Draw a panel of so many points; beside each bar there is room for its figure."""
    values = scored[column].to_numpy(dtype=float)
    rows = np.arange(len(values))
    axes.barh(rows, np.nan_to_num(values), color=INK if column == "escore" else MUTED, height=0.7)
    ends = np.nan_to_num(values)
    if column == "time_ms" and "time_low_ms" in scored:
        ends = np.fmax(ends, _whiskers(axes, rows, scored))
    labels = value_labels(values)
    room = min(0.7, (max(text_width(text, 7.0) for text in labels) + 8) / width)
    for row, (text, end) in enumerate(zip(labels, ends, strict=True)):
        axes.annotate(text, (end, row), (4, 0), textcoords="offset points", va="center", fontsize=7)
    axes.set_xlim(0, (ends.max() or 1.0) / (1 - room))
    axes.set_xticks([0.0, _round_below(float(ends.max()) or 1.0)])
    axes.tick_params(axis="x", labelsize=8)
    axes.xaxis.set_major_formatter(lambda value, _: _without_zeros(f"{value:,.10f}"))


def _whiskers(axes: "Axes", rows: np.ndarray, scored: pd.DataFrame) -> np.ndarray:
    """Draw the intervals of the times; return their upper ends, NaN where there is none."""
    mean, low, high = (scored[f"time_{name}ms"].to_numpy(dtype=float) for name in ("", "low_", "high_"))
    known = ~np.isnan(mean + low + high)
    reach = np.array([mean - low, high - mean])[:, known]
    axes.errorbar(mean[known], rows[known], xerr=reach, fmt="none", ecolor="#222222", capsize=2)
    return np.where(known, high, np.nan)
