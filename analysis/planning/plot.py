"""The plot of a plan: how often the best team wins, by judges, a line for each number of images."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from analysis.amounts import how_many
from analysis.errors import AnalysisError
from analysis.plots.canvas import GRID, count_axis, style

_STYLES = ("-", "--", "-.", ":")
_MARKERS = "osD^vP"
_MOST_TICKS = 8


def plot_plan(plan: Mapping[str, Any], path: Path) -> None:
    """Write the plot of `plan_summary` to a file, readable without colour.

    Parameters
    ----------
    plan : mapping
        From `analysis.planning.summary.plan_summary`.
    path : Path
        Its ending says the format (.png, .svg, .pdf).

    Raises
    ------
    AnalysisError
        For an extension that is not an image format, or a file that cannot be written.
    """
    from matplotlib import rc_context
    from matplotlib.backends.backend_agg import FigureCanvasAgg
    from matplotlib.figure import Figure

    scenarios = list(dict.fromkeys(row["scenario"] for row in plan["grid"]))
    try:
        with rc_context(style()):
            figure = Figure(figsize=(3.2 * len(scenarios) + 1.2, 3.4), layout="constrained")
            FigureCanvasAgg(figure)
            panels = figure.subplots(1, len(scenarios), squeeze=False, sharey=True)[0]
            for axes, scenario in zip(panels, scenarios, strict=True):
                rows = [row for row in plan["grid"] if row["scenario"] == scenario]
                _panel(axes, scenario, rows, plan["target"])
            panels[0].set_ylabel("P(best team comes first)")
            figure.legend(*panels[0].get_legend_handles_labels(), loc="outside right upper")
            figure.savefig(path, dpi=150, metadata=_undated(path))
    except ValueError as error:
        raise AnalysisError(f"cannot plot to {path}: {error}") from error
    except OSError as error:
        raise AnalysisError(f"cannot write {path}: {error.strerror}") from error


def _panel(axes: Any, scenario: str, rows: list[Mapping[str, Any]], target: float) -> None:
    for number, images in enumerate(sorted({row["images"] for row in rows})):
        line = sorted((row["judges"], row["p_best"]) for row in rows if row["images"] == images)
        shade = str(0.55 * number / max(1, len({row["images"] for row in rows}) - 1))
        style, marker = _STYLES[number % len(_STYLES)], _MARKERS[number % len(_MARKERS)]
        axes.plot(
            *zip(*line, strict=True), style, marker=marker, color=shade, label=how_many(images, "images")
        )
    axes.axhline(
        target, color="#8f4400", linewidth=1, linestyle=(0, (1, 1)), label=f"target {100 * target:g} %"
    )
    axes.set(xlabel="judges", ylim=(0, 1.05), title=scenario)
    judges = sorted({row["judges"] for row in rows})
    if len(judges) <= _MOST_TICKS:
        axes.set_xticks(judges)
    else:
        count_axis(axes.xaxis)
    axes.grid(axis="y", color=GRID)


def _undated(path: Path) -> dict[str, None] | None:
    """The same plan gives the same bytes: no date in the formats that carry one."""
    return {".svg": {"Date": None}, ".pdf": {"CreationDate": None}}.get(path.suffix.lower())
