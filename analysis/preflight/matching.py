"""The parts that two sketches have in common, on the coarser of their two grids."""

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from analysis.preflight.sketch import Sketch

Values = NDArray[np.float32]


def common_patches(
    source: Sketch, candidate: Sketch, scale: int
) -> tuple[Values, Values, NDArray[np.float64]]:
    """Return where both have patches, in pixels of the input.

    Returns
    -------
    tuple
        Two stacks (9, side, side), the candidate's averaged down, and the middle of each patch as (x, y).
    """
    mine, theirs = source.patches.shape[-1], candidate.patches.shape[-1]
    low = np.maximum(-(-candidate.corners // scale), source.corners)
    high = np.minimum((candidate.corners + theirs) // scale, source.corners + mine)
    side = int((high - low).min())
    inner = low - source.corners
    outer = low * scale - candidate.corners
    first = np.stack(
        [patch[y : y + side, x : x + side] for patch, (x, y) in zip(source.patches, inner, strict=True)]
    )
    long = side * scale
    second = np.stack(
        [patch[y : y + long, x : x + long] for patch, (x, y) in zip(candidate.patches, outer, strict=True)]
    )
    blocks = second.reshape(len(second), side, scale, side, scale).mean(axis=(2, 4), dtype=np.float32)
    return first.astype(np.float32), blocks, low + side / 2


def common_small(source: Sketch, candidate: Sketch) -> tuple[Values, Values]:
    """Return the small versions (height, width, 3) at one size, the smaller of the two."""
    first, second = source.small, candidate.small
    if first.shape != second.shape:
        height, width = min(first.shape, second.shape)[:2]
        first, second = (_resized(small, (width, height)) for small in (first, second))
    return first.astype(np.float32), second.astype(np.float32)


def overlapping(
    first: NDArray, second: NDArray, dx: int, dy: int
) -> tuple[NDArray, NDArray, tuple[int, int]]:
    """Cut out of both what they share when the second is moved, and return where that begins in the first."""
    height, width = first.shape[-2:]
    left, top = max(0, -dx), max(0, -dy)
    right, bottom = width - max(0, dx), height - max(0, dy)
    cut = second[..., top + dy : bottom + dy, left + dx : right + dx]
    return first[..., top:bottom, left:right], cut, (left, top)


def grey(small: Values) -> Values:
    """Return the luma of RGB values by ITU-R BT.601, as Pillow does."""
    return small @ np.array([0.299, 0.587, 0.114], np.float32)


def _resized(small: NDArray[np.uint8], size: tuple[int, int]) -> NDArray[np.uint8]:
    if small.shape[1::-1] == size:
        return small
    return np.asarray(Image.fromarray(small).resize(size, Image.Resampling.BOX))
