"""Peak signal-to-noise ratio."""

import math

import numpy as np

from analysis.imaging import Pixels
from analysis.paired.pixels import STRIP, check_pair

EPSILON = 1e-8


def psnr(result: Pixels, gt: Pixels) -> float:
    """Return the PSNR in dB over all RGB values, data range 1, with 1e-8 added to the mean squared error.

    The sum of squares is exact (integers), so the value does not depend on the machine. The 1e-8 is
    pyiqa's and caps the result at 80 dB, which identical images reach.

    Parameters
    ----------
    result, gt
        uint8, equal shapes.

    Raises
    ------
    AnalysisError
        If the sizes differ.

    Examples
    --------
    >>> flat = np.zeros((8, 8, 3), np.uint8)
    >>> psnr(flat, flat), round(psnr(flat + np.uint8(16), flat), 4)
    (80.0, 24.0484)
    """
    check_pair(result, gt)
    squares = 0
    for top in range(0, len(gt), STRIP):
        difference = result[top : top + STRIP].astype(np.int32) - gt[top : top + STRIP]
        squares += int(np.square(difference).sum(dtype=np.int64))
    return 10 * math.log10(1 / (squares / (gt.size * 255**2) + EPSILON))
