"""The plot of a plan: how often the best team wins, by judges, a line for each number of images."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from analysis.amounts import how_many
from analysis.errors import AnalysisError

_STYLES = ("-", "--", "-.", ":")
_MARKERS = "osD^vP"


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
    figure = Figure(figsize=(3.6 * len(scenarios) + 0.8, 3.6), layout="constrained")
    FigureCanvasAgg(figure)
    for axes, scenario in zip(figure.subplots(1, len(scenarios), squeeze=False)[0], scenarios, strict=True):
        _panel(axes, scenario, [row for row in plan["grid"] if row["scenario"] == scenario], plan["target"])
    try:
        with rc_context({"svg.hashsalt": "studyapp"}):
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
    axes.axhline(target, color="0.7", linewidth=0.8)
    axes.set(xlabel="judges", ylabel="P(best team comes first)", ylim=(0, 1.02), title=scenario)
    axes.legend(loc="lower right", frameon=False)


def _undated(path: Path) -> dict[str, None] | None:
    """The same plan gives the same bytes: no date in the formats that carry one."""
    return {".svg": {"Date": None}, ".pdf": {"CreationDate": None}}.get(path.suffix.lower())
