"""Brightness, contrast and colour of a candidate against its input."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from analysis.preflight.matching import Values, common_small
from analysis.preflight.sketch import Sketch


@dataclass(frozen=True)
class Tone:
    """How the levels of a candidate differ from its input's, of 255.

    Attributes
    ----------
    offset
        Mean difference of red, green and blue.
    chroma
        By how much red, green and blue of the input are on average above its grey.
    exchanged
        The cosine between the two pictures' red minus blue: -1 where red and blue changed places, 1 where
        they did not; None for pictures that are nearly grey.
    """

    offset: NDArray[np.float64]
    chroma: NDArray[np.float64]
    exchanged: float | None


def tone(source: Sketch, candidate: Sketch) -> Tone:
    """Compare the small versions, which noise and detail hardly touch."""
    first, second = common_small(source, candidate)
    mean = first.mean(axis=(0, 1), dtype=np.float64)
    offset = second.mean(axis=(0, 1), dtype=np.float64) - mean
    return Tone(offset, mean - mean.mean(), _exchanged(first, second))


def levels(first: Values, second: Values) -> tuple[float, float]:
    """Return the gain and the offset that turn one grey picture into another, by least squares."""
    mine, theirs = first - first.mean(), second - second.mean()
    power = float(np.mean(mine**2))
    gain = float(np.mean(mine * theirs)) / power if power > 1 else 1.0
    return gain, float(second.mean() - gain * first.mean())


def _exchanged(first: Values, second: Values) -> float | None:
    mine, theirs = (values[..., 0] - values[..., 2] for values in (first, second))
    sizes = [float(np.sqrt(np.mean(values**2))) for values in (mine, theirs)]
    return float(np.mean(mine * theirs)) / (sizes[0] * sizes[1]) if min(sizes) > 4 else None
