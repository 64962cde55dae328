"""What is kept of an image: enough to compare it with others, little enough to keep for hundreds."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from analysis.imaging import Pixels

Grey = NDArray[np.uint8]

LEAST = 64
"""An image with a side shorter than this is not sketched: too little of it to measure."""

SMALL = 512
"""Longest side of the small version."""

PATCH = 192
"""Side of a patch, or the image's shorter side where that is less. Divisible by 2, 3, 4, 6 and 8."""

DEPTH = 32
"""How many rows or columns along each edge are described."""

_PLACES = 3


@dataclass(frozen=True, eq=False)
class Sketch:
    """What is kept of an image.

    Attributes
    ----------
    size
        Width and height of the image.
    small
        (height, width, 3), RGB: the image averaged down to a longest side of `SMALL`; never enlarged.
    patches
        (9, side, side), grey: three by three squares at full resolution, from corner to corner
        as far as multiples of 8 pixels allow.
    corners
        (9, 2): x and y of the upper left pixel of each patch.
    edges
        (4, depth, 2): for each row or column from the left, top, right and bottom edge inwards, the standard
        deviation of its grey values, and the mean absolute difference to the next one.
    """

    size: tuple[int, int]
    small: Pixels
    patches: Grey
    corners: NDArray[np.intp]
    edges: NDArray[np.float32]


def sketch(pixels: Pixels) -> Sketch | None:
    """Return the sketch of an image, or None when it is smaller than `LEAST`."""
    height, width = pixels.shape[:2]
    if min(height, width) < LEAST:
        return None
    side, corners = patches_of((width, height))
    return Sketch(
        size=(width, height),
        small=_reduced(pixels),
        patches=np.stack([_grey(pixels[y : y + side, x : x + side]) for x, y in corners]),
        corners=corners,
        edges=_edges(pixels),
    )


def patches_of(size: tuple[int, int]) -> tuple[int, NDArray[np.intp]]:
    """Return the side of an image's patches, and the upper left pixel (x, y) of each."""
    width, height = size
    side = min(PATCH, height, width)
    return side, np.array([(x, y) for y in _starts(height, side) for x in _starts(width, side)])


def _starts(length: int, side: int) -> list[int]:
    """Where patches begin: on the grid of JPEG's blocks, which tells whether one was saved as JPEG."""
    return [(length - side) * place // (_PLACES - 1) // 8 * 8 for place in range(_PLACES)]


def _reduced(pixels: Pixels) -> Pixels:
    height, width = pixels.shape[:2]
    scale = min(1.0, SMALL / max(height, width))
    if scale == 1:
        return pixels.copy()
    size = (max(1, round(width * scale)), max(1, round(height * scale)))
    return np.asarray(Image.fromarray(pixels).resize(size, Image.Resampling.BOX, reducing_gap=2.0))


def _grey(pixels: Pixels) -> Grey:
    return np.asarray(Image.fromarray(np.ascontiguousarray(pixels)).convert("L"))


def _edges(pixels: Pixels) -> NDArray[np.float32]:
    depth = min(DEPTH, pixels.shape[0] // 2, pixels.shape[1] // 2)
    strips = (
        _grey(pixels[:, : depth + 1]).T,
        _grey(pixels[: depth + 1]),
        _grey(pixels[:, -depth - 1 :]).T[::-1],
        _grey(pixels[-depth - 1 :])[::-1],
    )
    found = np.empty((4, depth, 2), np.float32)
    for place, strip in enumerate(strips):
        rows = strip.astype(np.float32)
        found[place, :, 0] = rows[:depth].std(axis=1)
        found[place, :, 1] = np.abs(np.diff(rows, axis=0)).mean(axis=1)
    return found
