"""Structural similarity (Wang, Bovik, Sheikh and Simoncelli, 2004), in strips."""

import numpy as np

from analysis.errors import AnalysisError
from analysis.imaging import Pixels
from analysis.paired.filters import Field, gaussian, smooth
from analysis.paired.pixels import check_pair, grey

WINDOW = 11
SIGMA = 1.5
_ROWS = 64  # a strip's fields stay in the processor's cache
_C1, _C2 = (0.01 * 255) ** 2, (0.03 * 255) ** 2


def ssim(result: Pixels, gt: Pixels) -> float:
    """Return the mean SSIM of the full-range grey images.

    Gaussian window 11x11 of standard deviation 1.5, valid region only, no down-sampling, double
    precision. As in pyiqa a negative contrast-structure term counts as 0. Strips overlap by the window,
    so that the value is that of the whole image and memory follows the width.

    Parameters
    ----------
    result, gt
        uint8, equal shapes: (height, width, 3), or (height, width) if already grey.

    Raises
    ------
    AnalysisError
        If the sizes differ, or a side is shorter than the window.

    Examples
    --------
    >>> ramp = np.tile(np.arange(0, 240, 10, dtype=np.uint8), (24, 1))
    >>> ssim(ramp, ramp), round(ssim(ramp[::-1] // 2, ramp), 4)
    (1.0, 0.6677)
    """
    check_pair(result, gt)
    height, width = gt.shape[:2]
    if min(height, width) < WINDOW:
        raise AnalysisError(
            f"SSIM needs at least {WINDOW}x{WINDOW} pixels, but this image is {width}x{height}"
        )
    x, y, window = grey(result), grey(gt), gaussian(WINDOW, SIGMA)
    rows = height - WINDOW + 1
    total = 0.0
    for top in range(0, rows, _ROWS):
        strip = slice(top, top + _ROWS + WINDOW - 1)
        total += float(_map(x[strip].astype(np.float64), y[strip].astype(np.float64), window).sum())
    return total / (rows * (width - WINDOW + 1))


def _map(x: Field, y: Field, window: Field) -> Field:
    mean_x, mean_y = smooth(x, window), smooth(y, window)
    product, squares = mean_x * mean_y, mean_x**2 + mean_y**2
    covariance = smooth(x * y, window) - product
    variances = smooth(x * x + y * y, window) - squares
    structure = np.maximum(2 * covariance + _C2, 0) / (variances + _C2)
    return (2 * product + _C1) / (squares + _C1) * structure
