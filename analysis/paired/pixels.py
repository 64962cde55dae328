"""The pixels every metric starts from: 8-bit RGB, and the full-range grey of pyiqa's definitions."""

import numpy as np

from analysis.errors import AnalysisError
from analysis.imaging import Pixels

STRIP = 128
_WEIGHTS = tuple(np.float32(weight) for weight in (0.299, 0.587, 0.114))


def check_pair(result: Pixels, gt: Pixels) -> None:
    """Refuse two images that cannot be compared pixel by pixel.

    Raises
    ------
    AnalysisError
        If their sizes differ, or one is not 8-bit.
    """
    for name, image in (("result", result), ("ground truth", gt)):
        if image.dtype != np.uint8:
            raise AnalysisError(f"the {name} has pixels of type {image.dtype}; use 8-bit pixels (uint8)")
    if result.shape != gt.shape:
        raise AnalysisError(
            f"the result is {_size(result)} but the ground truth {_size(gt)}; metrics need equal sizes"
        )


def grey(pixels: Pixels) -> Pixels:
    """Return 0.299 R + 0.587 G + 0.114 B, rounded, 0 to 255.

    Evaluated in single precision in the order R, G, B on values scaled to 0..1: about one pixel in a
    thousand lies half-way between two grey levels, and this order rounds those as pyiqa does.

    Parameters
    ----------
    pixels
        uint8, (height, width, 3); a grey image (height, width) is returned unchanged.

    Examples
    --------
    >>> grey(np.array([[[255, 0, 0], [0, 255, 0], [0, 0, 255], [255, 255, 255]]], np.uint8))
    array([[ 76, 150,  29, 255]], dtype=uint8)
    """
    if pixels.ndim == 2:
        return pixels
    out = np.empty(pixels.shape[:2], np.uint8)
    for top in range(0, len(pixels), STRIP):
        strip = pixels[top : top + STRIP].astype(np.float32) / np.float32(255)
        luma = strip[..., 0] * _WEIGHTS[0] + strip[..., 1] * _WEIGHTS[1] + strip[..., 2] * _WEIGHTS[2]
        out[top : top + STRIP] = np.rint(luma * np.float32(255))
    return out


def _size(image: Pixels) -> str:
    height, width = image.shape[:2]
    kind = "" if image.ndim == 3 else " grey"
    return f"{width}x{height}{kind}"
