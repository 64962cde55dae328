"""What all plots share: style, colours, the figure to draw on, and its bytes.

matplotlib is imported on use; figures are made without pyplot, so that no global state is touched.
"""

import io
import re
import unicodedata
import warnings
from collections import Counter
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from functools import lru_cache
from html import escape
from typing import TYPE_CHECKING, Any

from analysis.fonts import MAIN, families
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
    "svg.fonttype": "none",
    "pdf.fonttype": 42,
    "text.parse_math": False,
    # Words are as wide in every format and resolution: a figure is laid out once for all of them.
    "text.hinting": "none",
    "figure.constrained_layout.w_pad": 0.07,
    "figure.constrained_layout.h_pad": 0.05,
}
INK = "#12344d"
MUTED = "#8a97a3"
SHADES = ("#12344d", "#5b8bb0", "#c3d7e6")
GRID = "#e3e7ea"
HATCH: Any = {"hatch": "////", "facecolor": "white", "edgecolor": "#aab4bc", "linewidth": 0}
"""How what is not there looks, so that none looks like a 0."""
OF_TEAMS = ("#12344d", "#d55e00", "#56b4e9", "#009e73", "#e69f00", "#cc79a7", "#0072b2", "#f0e442")
"""Colours by place in the ranking, in every plot that has colours for teams (Okabe and Ito's, and ink)."""
WIDTH = 7.2
TALLEST = 9.0
"""Inches; with its caption such a figure still fits a page of A4."""
_FONT = re.compile(r"(font: [^;\"<>]*'[^;\"<>']*')(?=[;\"])")
_ROOT = re.compile(r"<svg\b([^>]*)>")
LONGEST_NAME = 15.0
"""Times the font's size: names that are wider are cut."""
LEAST_FONT = 4.5


@dataclass(frozen=True)
class Rows:
    """How the rows of a plot fit its figure: the figure's height in inches, the font's size, and whether
    every row can have its name; if not, none has.
    """

    height: float
    size: float
    named: bool = True


def fit_rows(count: int, *, each: float, rest: float, size: float = 9) -> Rows:
    """Return rows of `each` inches, or less high where so many would make the figure taller than a page.

    Examples
    --------
    >>> fit_rows(10, each=0.26, rest=0.8)
    Rows(height=3.4, size=9, named=True)
    >>> fit_rows(64, each=0.26, rest=0.8).height
    9.0
    >>> fit_rows(200, each=0.26, rest=0.8).named
    False
    """
    height = min(each, (TALLEST - rest) / max(count, 1))
    fits = 72 * height * 0.78
    return Rows(
        round(rest + height * count, 3), min(size, max(LEAST_FONT, round(fits, 1))), fits >= LEAST_FONT
    )


def text_width(text: str, size: float) -> float:
    """Return how many points wide a text is, the same on every machine: East Asian letters are square."""
    return size * _ems(text)


@lru_cache(maxsize=4096)
def _ems(text: str) -> float:
    from matplotlib.font_manager import FontProperties
    from matplotlib.textpath import text_to_path

    narrow = "".join(letter for letter in text if unicodedata.east_asian_width(letter) not in "WF")
    width = 100.0 * (len(text) - len(narrow))
    if narrow:
        with warnings.catch_warnings():
            warnings.filterwarnings("ignore", message="Glyph .* missing from font")
            face = FontProperties(family=MAIN, size=100)
            width += text_to_path.get_text_width_height_descent(narrow, face, ismath=False)[0]
    return width / 100


def style() -> Any:
    """Return matplotlib's settings for a plot; the fonts are those of this machine."""
    return STYLE | {"font.family": families()}


def svg(figure: "Figure", *, title: str = "", description: str = "") -> str:
    """Return a figure as SVG without the date of its making; its words are text."""
    text = _saved(figure, format="svg", metadata={"Date": None, "Creator": None}).decode()
    text = _FONT.sub(r"\1, Verdana, sans-serif", text)  # for readers who lack the fonts of this machine
    if not (title or description):
        return text
    said = f"<title>{escape(title)}</title>\n<desc>{escape(description)}</desc>\n"
    return _ROOT.sub(lambda root: f'<svg role="img"{root[1]}>\n{said}', text, count=1)


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
    """Give each name a row, the first on top; where not all fit, say how many rows there are."""
    if fit.named:
        axes.set_yticks(range(len(names)), short_names(names), fontsize=fit.size)
    else:
        axes.set_yticks([])
        axes.set_ylabel(f"{len(names)} rows, in the order of the table")
    axes.set_ylim(len(names) - 0.4, -0.6)
    axes.tick_params(axis="y", length=0)


def count_axis(axis: "Axis") -> None:
    """Mark whole numbers only, on an axis of counts."""
    from matplotlib.ticker import MaxNLocator

    axis.set_major_locator(MaxNLocator(nbins="auto", integer=True))


def short_names(names: Sequence[str], *, longest: float = LONGEST_NAME) -> list[str]:
    """Return names that leave room for the plot; the tables have them in full.

    Names that only differ in what is cut keep their ends instead. Those from right to left are set apart, so
    that a number before such a name stays before it.

    Examples
    --------
    >>> short_names(["Ada", "Laboratory of Image Restoration 1"])
    ['Ada', 'Laboratory of Image Restor…']
    >>> short_names([f"Laboratory of Image Restoration {number}" for number in (1, 2)])
    ['Laboratory of…Restoration 1', 'Laboratory of…Restoration 2']
    """
    cut = [_cut(name, longest) for name in names]
    times = Counter(cut)
    return [
        isolated(short if times[short] == 1 or short == name else _cut(name, longest, both=True))
        for name, short in zip(names, cut, strict=True)
    ]


def _cut(name: str, longest: float, *, both: bool = False) -> str:
    """The beginning of a name, or its beginning and its end, with dots for the rest."""
    if _ems(name) <= longest:
        return name
    for kept in range(len(name) - 1, 0, -1):
        head, tail = (kept - kept // 2, kept // 2) if both else (kept, 0)
        end = len(name) - tail
        while head > 1 and unicodedata.combining(name[head]):
            head -= 1
        while end < len(name) and unicodedata.combining(name[end]):
            end += 1
        short = f"{name[:head].rstrip()}…{name[end:].lstrip()}"
        if _ems(short) <= longest:
            return short
    return "…"


def _saved(figure: "Figure", **options: Any) -> bytes:
    from matplotlib import rc_context

    target = io.BytesIO()
    with rc_context(style()), warnings.catch_warnings():
        warnings.filterwarnings("ignore", message="Glyph .* missing from font")
        figure.savefig(target, **options)
        figure.set_layout_engine("none")  # laid out by now; once is enough for both formats
    return target.getvalue()
