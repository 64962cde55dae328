"""Brightness, contrast and colour of a candidate against its input."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from analysis.preflight.matching import Values, common_small
from analysis.preflight.sketch import Sketch

_SIDE = 64  # pixels: noise and detail average out, colours of things do not


@dataclass(frozen=True)
class Tone:
    """How the levels of a candidate differ from its input's, of 255.

    Attributes
    ----------
    offset
        Mean difference of grey values.
    exchanged
        The cosine between the two pictures' red minus blue: -1 where red and blue changed places, 1 where
        they did not; None for pictures that are nearly grey.
    """

    offset: float
    exchanged: float | None


@dataclass(frozen=True)
class Cast:
    """How the colours of a picture differ from another's, so that stronger colours can be told from a cast.

    Colours are red, green and blue minus grey. Colours that are stronger are a matter of taste: then the
    difference grows with the colour of each thing. A cast is the same on all of them.

    Attributes
    ----------
    difference
        Mean difference.
    colour
        Mean of the other picture's colours.
    together, power
        Sums over the picture, of the differences times the other's colours (each without its mean), and of
        the squares of those; over many images, the first by the second is how much stronger colours are.
    """

    difference: NDArray[np.float64]
    colour: NDArray[np.float64]
    together: float
    power: float


def tone(source: Sketch, candidate: Sketch) -> Tone:
    """Compare the small versions, which noise and detail hardly touch."""
    first, second = common_small(source, candidate)
    offset = float(second.mean(dtype=np.float64) - first.mean(dtype=np.float64))
    return Tone(offset, _exchanged(first, second))


def colours(small: NDArray) -> Values:
    """Return the colours of a small picture (height, width, 3), averaged down to sides of about 64 pixels."""
    step = min(-(-max(small.shape) // _SIDE), *small.shape[:2])
    height, width = (length // step * step for length in small.shape[:2])
    blocks = small[:height, :width].reshape(height // step, step, width // step, step, 3)
    found = blocks.mean(axis=(1, 3), dtype=np.float32)
    return found - found.mean(axis=2, keepdims=True)


def cast(mine: Values, others: Values) -> Cast:
    """Compare `colours` of one size."""
    apart = (mine - others).reshape(-1, 3).astype(np.float64)
    known = others.reshape(-1, 3).astype(np.float64)
    difference, colour = apart.mean(axis=0), known.mean(axis=0)
    around = known - colour
    return Cast(difference, colour, float(np.sum((apart - difference) * around)), float(np.sum(around**2)))


def without_saturation(casts: Sequence[Cast], most: float) -> NDArray[np.float64]:
    """Return of each image what remains of the difference when colours that are stronger are taken away.

    Parameters
    ----------
    casts
        Of the images of a team, which does the same to all of them.
    most
        How much stronger or weaker colours can be.
    """
    power = sum(one.power for one in casts)
    stronger = sum(one.together for one in casts) / power if power else 0.0
    stronger = float(np.clip(stronger, -most, most))
    return np.stack([one.difference - stronger * one.colour for one in casts])


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
