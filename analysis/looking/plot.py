"""The map of time over an image: where judges looked, drawn over a faded copy."""

import textwrap
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from analysis.amounts import how_many
from analysis.paired.images import judged_pixels
from analysis.plots.canvas import WIDTH, short_names, style

if TYPE_CHECKING:
    from matplotlib.figure import Figure

LONGEST = 900
"""Pixels of the longer side of the faded copy."""
_NARROWEST = 4.0  # inches, for the words
HUE = "#c2410c"
MEANING = (
    "Each second is spread evenly over the part of the image that was on the screen: looking at a small "
    "part counts there, looking at the whole image counts everywhere. The map shows what was on the "
    "screen, not where eyes rested."
)


def faded(path: Path) -> np.ndarray:
    """Return an image file as a small grey image, 0 (black) to 1, shape (height, width).

    Raises
    ------
    AnalysisError
        If the file is missing or refused: it is then no input of a study.
    """
    from PIL import Image

    grey = Image.fromarray(judged_pixels(path)).convert("L")
    grey.thumbnail((LONGEST, LONGEST))
    return np.asarray(grey) / 255


def looking_plot(
    seconds: np.ndarray,
    area: np.ndarray,
    *,
    cell: float,
    image: str,
    judges: int,
    minutes: float,
    picture: np.ndarray | None,
) -> "Figure":
    """Draw how much longer than the average each part of an image was on the screen.

    Parameters
    ----------
    seconds, area
        Of each cell, shape (rows, columns).
    cell
        Side of a whole cell in image pixels.
    minutes
        Time of all judges together, for the title.
    picture
        The image in grey, from `faded`; None leaves the ground white.
    """
    from matplotlib import rc_context
    from matplotlib.colors import LinearSegmentedColormap, to_rgb
    from matplotlib.figure import Figure

    height, width = float(area[:, 0].sum() / area[0, 0] * cell), float(area[0].sum() / area[0, 0] * cell)
    times = seconds / area * (area.sum() / max(seconds.sum(), 1e-9))
    scale = min(WIDTH / width, 6.0 / height)
    # From clear to strong, so that the bar means the same as the map over its picture.
    shades = LinearSegmentedColormap.from_list("time", [(*to_rgb(HUE), 0.0), (*to_rgb(HUE), 0.8)])
    with rc_context(style()):
        across = max(width * scale + 1.4, _NARROWEST)
        figure = Figure(figsize=(across, height * scale + 1.3), layout="constrained")
        axes = figure.add_subplot()
        if picture is not None:
            axes.imshow(0.55 + 0.45 * picture, cmap="gray", vmin=0, vmax=1, extent=(0, width, height, 0))
        rows, columns = seconds.shape
        shown = axes.imshow(
            times,
            cmap=shades,
            vmin=0,
            vmax=max(2.0, float(times.max())),
            extent=(0, columns * cell, rows * cell, 0),
            interpolation="nearest",
        )
        axes.set(xlim=(0, width), ylim=(height, 0))
        figure.supxlabel(textwrap.fill(MEANING, round(15 * across)), fontsize=8)
        axes.spines[:].set(visible=True, color="#555555")
        axes.set_xticks([])
        axes.set_yticks([])
        (name,) = short_names([image])
        who = f"Image {name}: {how_many(judges, 'judges')}, {minutes:.1f} minutes in all"
        figure.suptitle(textwrap.fill(who, round(12 * across)), x=0.02, ha="left", fontsize=9)
        figure.colorbar(shown, ax=axes, label="times the average of the image", fraction=0.05, pad=0.02)
        return figure
