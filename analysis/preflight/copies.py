"""How near the candidates of one image are to each other, to their input and to the ground truth."""

import numpy as np
from numpy.typing import NDArray

from analysis.preflight.matching import Values, overlapping
from analysis.preflight.sketch import Sketch

_PEAK = 255.0
_BLOCK = 16
LEAST_MSE = 1e-2
"""What pixels that are the same count as: 68 dB."""


def psnr(mse: NDArray | float) -> NDArray:
    """Return the peak signal-to-noise ratio in dB of 8-bit values, at most 68."""
    with np.errstate(divide="ignore"):  # what has nothing in common is infinitely far
        return 10 * np.log10(_PEAK**2 / np.maximum(mse, LEAST_MSE))


def levelled_distances(sketches: list[Sketch]) -> NDArray[np.float64]:
    """Return `distances` at one brightness and contrast, which are a matter of taste that two may share."""
    flat = np.stack([one.patches.reshape(-1) for one in sketches]).astype(np.float32)
    flat -= flat.mean(axis=1, keepdims=True)
    spread = flat.std(axis=1, keepdims=True)
    flat *= spread.mean() / np.maximum(spread, 1)
    return _between(flat)


def distances(sketches: list[Sketch], shifts: list[tuple[int, int]]) -> NDArray[np.float64]:
    """Return the mean squared differences of the patches of images of one size, each with each.

    Parameters
    ----------
    sketches
        Of images of the same size.
    shifts
        By how many whole pixels (dx, dy) each is moved; patches are compared where they show the same.
    """
    count = len(sketches)
    flat = np.stack([one.patches.reshape(-1) for one in sketches]).astype(np.float32)
    found = _between(flat)
    for first in range(count):
        for second in range(first + 1, count):
            dx, dy = (theirs - mine for mine, theirs in zip(shifts[first], shifts[second], strict=True))
            if (dx, dy) != (0, 0):
                moved = _moved_apart(sketches[first].patches, sketches[second].patches, dx, dy)
                found[first, second] = found[second, first] = moved
    return found


def _between(flat: Values) -> NDArray[np.float64]:
    # |a - b|² = |a|² + |b|² - 2ab, around the common mean so that float32 suffices.
    apart = flat - flat.mean(axis=0)
    products = (apart @ apart.T).astype(np.float64)
    squares = np.diag(products)
    return np.maximum(0, squares[:, np.newaxis] + squares - 2 * products) / flat.shape[1]


def _moved_apart(first: Values | NDArray, second: Values | NDArray, dx: int, dy: int) -> float:
    height, width = first.shape[-2:]
    if 2 * abs(dx) >= width or 2 * abs(dy) >= height:
        return float("inf")
    mine, theirs, _ = overlapping(first, second, dx, dy)
    return float(np.mean((mine.astype(np.float32) - theirs) ** 2))


def evenness(first: Sketch, second: Sketch) -> float:
    """Return how evenly two images of one size differ: about 0.9 by white noise, 0.3 by what methods do.

    It is the 10th percentile of the mean squared differences of blocks of 16 x 16 pixels, over their mean.
    """
    difference = (first.patches.astype(np.float32) - second.patches) ** 2
    count, side = len(difference), difference.shape[-1] // _BLOCK
    cut = difference[:, : side * _BLOCK, : side * _BLOCK]
    blocks = cut.reshape(count, side, _BLOCK, side, _BLOCK).mean(axis=(2, 4))
    whole = float(blocks.mean())
    return float(np.percentile(blocks, 10)) / whole if whole > 0 else 1.0
