"""What all plots share: style, colours, the figure to draw on, and its bytes.

matplotlib is imported on use; figures are made without pyplot, so that no global state is touched.
"""

import io
import math
import unicodedata
import warnings
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from analysis.fonts import families
from analysis.scripts import isolated

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.axis import Axis
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
    "pdf.fonttype": 42,
    "text.parse_math": False,
}
INK = "#12344d"
MUTED = "#8a97a3"
SHADES = ("#12344d", "#5b8bb0", "#c3d7e6", "#e8eff5")
WIDTH = 7.2
TALLEST = 9.0
"""Inches; with its caption such a figure still fits a page of A4."""
LONGEST_NAME = 28
LEAST_FONT = 4.5


@dataclass(frozen=True)
class Rows:
    """How the rows of a plot fit its figure: the figure's height in inches, font size and every how many
    rows one has its name.
    """

    height: float
    size: float
    step: int = 1


def fit_rows(count: int, *, each: float, rest: float, size: float = 9) -> Rows:
    """Return rows of `each` inches, or less high where so many would make the figure taller than a page.

    Examples
    --------
    >>> fit_rows(10, each=0.26, rest=0.8)
    Rows(height=3.4, size=9, step=1)
    >>> fit_rows(64, each=0.26, rest=0.8).height
    9.0
    """
    height = min(each, (TALLEST - rest) / max(count, 1))
    fits = 72 * height * 0.78
    return Rows(
        round(rest + height * count, 3),
        min(size, max(LEAST_FONT, round(fits, 1))),
        max(1, math.ceil(LEAST_FONT / fits)),
    )


def text_width(text: str, size: float) -> float:
    """Return about how many points wide a text is in the plots' font."""
    wide = sum(unicodedata.east_asian_width(letter) in "WF" or letter.isupper() for letter in text)
    return size * (0.62 * len(text) + 0.2 * wide)


def style() -> Any:
    """Return matplotlib's settings for a plot; the fonts are those of this machine."""
    return STYLE | {"font.family": families()}


def svg(figure: "Figure") -> str:
    """Return a figure as SVG text without the date of its making."""
    return _saved(figure, format="svg", metadata={"Date": None, "Creator": None}).decode()


def png(figure: "Figure", *, dpi: int = 200) -> bytes:
    """Return a figure as PNG."""
    return _saved(figure, format="png", dpi=dpi, metadata={"Software": None})


def pdf(figure: "Figure") -> bytes:
    """Return a figure as a page of PDF without the date of its making."""
    return _saved(figure, format="pdf", metadata={"CreationDate": None, "Creator": None, "Producer": None})


@contextmanager
def styled(*, height: float, width: float = WIDTH) -> Iterator[tuple["Figure", "Axes"]]:
    """Open a figure of so many inches and its axes; what is drawn within has the style."""
    from matplotlib import rc_context
    from matplotlib.figure import Figure

    with rc_context(style()):
        figure = Figure(figsize=(width, height), layout="constrained")
        yield figure, figure.add_subplot()


def name_rows(axes: "Axes", names: Sequence[str], fit: Rows) -> None:
    """Give each name a row, the first on top."""
    rows = range(0, len(names), fit.step)
    axes.set_yticks(rows, [short_names(names)[row] for row in rows], fontsize=fit.size)
    axes.set_ylim(len(names) - 0.4, -0.6)
    axes.tick_params(axis="y", length=0)


def count_axis(axis: "Axis") -> None:
    """Mark whole numbers only, on an axis of counts."""
    from matplotlib.ticker import MaxNLocator

    axis.set_major_locator(MaxNLocator(nbins="auto", integer=True))


def short_names(names: Sequence[str]) -> list[str]:
    """Return names that leave room for the plot; the tables have them in full.

    Those from right to left are set apart, so that a number before such a name stays before it.
    """
    short = [name if len(name) <= LONGEST_NAME else f"{name[: LONGEST_NAME - 1]}…" for name in names]
    return [isolated(name) for name in short]


def _saved(figure: "Figure", **options: Any) -> bytes:
    from matplotlib import rc_context

    target = io.BytesIO()
    with rc_context(style()), warnings.catch_warnings():
        warnings.filterwarnings("ignore", message="Glyph .* missing from font")
        figure.savefig(target, **options)
        figure.set_layout_engine("none")  # laid out by now; once is enough for both formats
    return target.getvalue()
