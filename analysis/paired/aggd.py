"""Fit of the asymmetric generalised Gaussian distribution (Lasmar, Stitou and Berthoumieu, 2009)."""

import numpy as np
from numpy.typing import NDArray
from scipy.special import gammaln

Field = NDArray[np.floating]

# The shapes that the papers of BRISQUE and NIQE search: 0.2 to 10 in steps of 0.001.
_SHAPES: Field = 0.2 + 0.001 * np.arange(9801)
_RATIOS = np.exp(2 * gammaln(2 / _SHAPES) - gammaln(1 / _SHAPES) - gammaln(3 / _SHAPES))
# The ratio rises with the shape, so the nearest entry is found by bisection between mid-points.
_MIDDLES = (_RATIOS[1:] + _RATIOS[:-1]) / 2


def fit_aggd(samples: Field) -> tuple[Field, Field, Field]:
    """Fit one distribution to each row.

    Parameters
    ----------
    samples
        (rows, samples of a row).

    Returns
    -------
    shape, left, right
        (rows,) each: the shape alpha, and the scales beta of the two sides. A row with no value on one
        side has scales NaN and, as in pyiqa, the smallest shape.
    """
    below, above = np.minimum(samples, 0), np.maximum(samples, 0)
    squares_below = np.einsum("ij,ij->i", below, below)
    squares_above = np.einsum("ij,ij->i", above, above)
    with np.errstate(divide="ignore", invalid="ignore", over="ignore"):
        left = np.sqrt(squares_below / np.count_nonzero(samples < 0, axis=1))
        right = np.sqrt(squares_above / np.count_nonzero(samples > 0, axis=1))
        skew = left / right
        flatness = (above.sum(axis=1) - below.sum(axis=1)) ** 2 / (squares_below + squares_above)
        ratio = flatness / samples.shape[1] * (skew**3 + 1) * (skew + 1) / (skew**2 + 1) ** 2
    index = np.where(np.isnan(ratio), 0, np.searchsorted(_MIDDLES, ratio))
    shape = _SHAPES[index]
    scale = np.exp((gammaln(1 / shape) - gammaln(3 / shape)) / 2)
    return shape, left * scale, right * scale
