"""Blind image spatial quality evaluator (Mittal, Moorthy and Bovik, 2012) with OpenCV's model of it."""

from functools import cache
from pathlib import Path

import numpy as np
from scipy import ndimage
from scipy.special import gammaln

from analysis.errors import AnalysisError
from analysis.imaging import Pixels
from analysis.paired.aggd import fit_aggd
from analysis.paired.filters import Field
from analysis.paired.pixels import grey

MODEL = Path(__file__).parent / "data" / "brisque_opencv.npz"
_WINDOW, _SIGMA = 7, 7 / 6
_NEIGHBOURS = ((0, 1), (1, 0), (1, 1), (-1, 1))
_SMALLEST = 16
_FLAT = 1e-9
"""Differences that only rounding makes: in a flat area there is none."""


def brisque(result: Pixels) -> float:
    """Return the BRISQUE of the full-range grey image by OpenCV's definition; lower is more natural.

    Grey from 0 to 1, 7x7 Gaussian window of standard deviation 7/6, edges replicated, 1/255 added to the
    local deviation; half size by the cubic (a = -0.75) without antialiasing; products with neighbours
    outside of the image are 0. OpenCV cuts the result to 0 to 100; here it is not cut, so that order is kept.

    Parameters
    ----------
    result
        uint8, (height, width, 3), or (height, width) if already grey.

    Raises
    ------
    AnalysisError
        For an image of fewer than 16 pixels on a side, or without structure.
    """
    if min(result.shape[:2]) < _SMALLEST:
        size = f"{result.shape[1]}x{result.shape[0]}"
        raise AnalysisError(f"BRISQUE needs {_SMALLEST} pixels on each side; this image is {size}")
    image = grey(result) / 255.0
    features = np.concatenate([_features(image), _features(_half(image))])
    if not np.isfinite(features).all():
        raise AnalysisError("BRISQUE is undefined: the image has no structure")
    vectors, coefficients, ranges, gamma, rho = _model()
    scaled = -1 + 2 * (features - ranges[0]) / (ranges[1] - ranges[0])
    kernel = np.exp(-gamma * ((vectors - scaled) ** 2).sum(axis=1))
    return float(coefficients @ kernel - rho)


def _features(image: Field) -> Field:
    """18 features: of the normalised image, and of its products with four neighbours."""
    normalised = _normalised(image)
    shape, left, right = _fit(normalised)
    features = [shape, (left**2 + right**2) / 2]
    for down, across in _NEIGHBOURS:
        shape, left, right = _fit(normalised * _neighbour(normalised, down, across))
        scale = np.exp((gammaln(1 / shape) - gammaln(3 / shape)) / 2)
        mean = (right - left) * np.exp(gammaln(2 / shape) - gammaln(1 / shape)) * scale
        features += [shape, mean, left**2, right**2]
    return np.array(features)


def _fit(samples: Field) -> tuple[float, float, float]:
    """Shape and the deviations of both sides."""
    shape, left, right = (float(part[0]) for part in fit_aggd(samples.reshape(1, -1)))
    scale = float(np.exp((gammaln(1 / shape) - gammaln(3 / shape)) / 2))
    return shape, left / scale, right / scale


def _normalised(image: Field) -> Field:
    axis = np.arange(_WINDOW) - _WINDOW // 2
    window = np.exp(-(axis**2) / (2 * _SIGMA**2))
    window /= window.sum()
    mean = _smooth(image, window)
    deviation = np.sqrt(np.abs(_smooth(image * image, window) - mean * mean))
    difference = image - mean
    difference[np.abs(difference) < _FLAT] = 0.0
    return difference / (deviation + 1 / 255)


def _smooth(image: Field, window: Field) -> Field:
    down = ndimage.correlate1d(image, window, axis=0, mode="nearest")
    return ndimage.correlate1d(down, window, axis=1, mode="nearest")


def _neighbour(image: Field, down: int, across: int) -> Field:
    """The image with each pixel's neighbour in its place, 0 where it would lie outside."""
    height, width = image.shape
    found = np.zeros_like(image)
    rows, columns = slice(max(-down, 0), height - max(down, 0)), slice(0, width - across)
    found[rows, columns] = image[max(down, 0) : height + min(down, 0), across:]
    return found


def _half(image: Field) -> Field:
    return _halved_rows(_halved_rows(image).T).T


def _halved_rows(image: Field) -> Field:
    """Half as many rows, by cubic interpolation at the places where OpenCV has them, edges replicated."""
    count, half = len(image), len(image) // 2
    place = (np.arange(half) + 0.5) * (count / half) - 0.5
    first = np.floor(place).astype(np.int64)
    out = np.zeros((half, image.shape[1]))
    for offset in range(-1, 3):
        weights = _cubic(np.abs(place - first - offset))
        out += weights[:, None] * image[np.clip(first + offset, 0, count - 1)]
    return out


def _cubic(distance: Field, a: float = -0.75) -> Field:
    near = (a + 2) * distance**3 - (a + 3) * distance**2 + 1
    far = a * (distance**3 - 5 * distance**2 + 8 * distance - 4)
    return np.where(distance <= 1, near, np.where(distance < 2, far, 0.0))


@cache
def _model() -> tuple[Field, Field, Field, float, float]:
    with np.load(MODEL) as model:
        vectors, coefficients, ranges = (
            model[name].astype(np.float64) for name in ("vectors", "coefficients", "ranges")
        )
        return vectors, coefficients, ranges, float(model["gamma"]), float(model["rho"])
