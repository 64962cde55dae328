"""What all plots share: style, colours, the figure to draw on, and its bytes.

matplotlib is imported on use; figures are made without pyplot, so that no global state is touched.
"""

import io
import warnings
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

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


@contextmanager
def styled(*, height: float, width: float = WIDTH) -> Iterator[tuple["Figure", "Axes"]]:
    """Open a figure of so many inches and its axes; what is drawn within has the style."""
    from matplotlib import rc_context
    from matplotlib.figure import Figure

    with rc_context(style()):
        figure = Figure(figsize=(width, height), layout="constrained")
        yield figure, figure.add_subplot()


def team_rows(axes: "Axes", teams: Sequence[str]) -> None:
    """Give each team a row, the first on top."""
    axes.set_yticks(range(len(teams)), short_names(teams))
    axes.invert_yaxis()
    axes.tick_params(axis="y", length=0)


def short_names(names: Sequence[str]) -> list[str]:
    """Return names that leave room for the plot; the tables have them in full."""
    return [name if len(name) <= LONGEST_NAME else f"{name[: LONGEST_NAME - 1]}…" for name in names]


def _saved(figure: "Figure", **options: Any) -> bytes:
    from matplotlib import rc_context

    target = io.BytesIO()
    with rc_context(style()), warnings.catch_warnings():
        warnings.filterwarnings("ignore", message="Glyph .* missing from font")
        figure.savefig(target, **options)
        figure.set_layout_engine("none")  # laid out by now; once is enough for both formats
    return target.getvalue()
