"""Natural image quality evaluator (Mittal, Soundararajan and Bovik, 2013), one row of blocks at a time."""

from functools import cache
from pathlib import Path

import numpy as np
from scipy.special import gammaln

from analysis.errors import AnalysisError
from analysis.imaging import Pixels
from analysis.paired.aggd import fit_aggd
from analysis.paired.filters import Field, gaussian, smooth
from analysis.paired.pixels import grey

BLOCK = 96
PRISTINE = Path(__file__).parent / "data" / "niqe_pristine.npz"
_WINDOW, _SIGMA = 7, 7 / 6
_NEIGHBOURS = ((0, 1), (1, 0), (1, 1), (1, -1))


def niqe(result: Pixels) -> float:
    """Return the NIQE of the full-range grey image; lower is more natural.

    Blocks of 96x96 (48x48 at half size), no border cropped, 7x7 Gaussian window of standard deviation
    7/6, edges replicated, half size by an antialiased cubic. No ground truth is used. Blocks without a
    value on one side of 0 (flat or clipped areas) count as pyiqa counts them: out of the covariance, and
    into the means of the features that are defined.

    Parameters
    ----------
    result
        uint8, (height, width, 3), or (height, width) if already grey.

    Raises
    ------
    AnalysisError
        If fewer than two blocks fit or have structure: the distance is then undefined.
    """
    height, width = (side // BLOCK * BLOCK for side in result.shape[:2])
    if height * width < 2 * BLOCK**2:
        size = f"{result.shape[1]}x{result.shape[0]}"
        raise AnalysisError(f"NIQE needs two blocks of {BLOCK}x{BLOCK} pixels, but this image is {size}")
    image = grey(result)[:height, :width]
    return _distance(np.hstack([_features(image, BLOCK), _features(_half(image), BLOCK // 2)]))


def _distance(features: Field) -> float:
    whole = features[~np.isnan(features).any(axis=1)]
    if len(whole) < 2:
        raise AnalysisError(f"NIQE is undefined: only {len(whole)} of {len(features)} blocks have structure")
    mean, covariance = _pristine()
    difference = mean - np.nanmean(features, axis=0)
    pooled = np.linalg.pinv((covariance + np.cov(whole, rowvar=False)) / 2)
    return float(np.sqrt(difference @ pooled @ difference))


def _features(image: np.ndarray, block: int) -> Field:
    """18 features of each block, (blocks, 18), in reading order."""
    window, edge = gaussian(_WINDOW, _SIGMA), _WINDOW // 2
    padded = np.pad(image, edge, mode="edge")
    rows = []
    for top in range(0, len(image), block):
        normalised = _normalised(padded[top : top + block + 2 * edge].astype(np.float64), window, edge)
        blocks = normalised.reshape(block, -1, block).swapaxes(0, 1)
        rows.append(_block_features(np.ascontiguousarray(blocks)))
    return np.concatenate(rows)


def _normalised(strip: Field, window: Field, edge: int) -> Field:
    mean = smooth(strip, window)
    deviation = np.sqrt(np.abs(smooth(strip * strip, window) - mean * mean))
    return (strip[edge:-edge, edge:-edge] - mean) / (deviation + 1)


def _block_features(blocks: Field) -> Field:
    count = len(blocks)
    shape, left, right = fit_aggd(blocks.reshape(count, -1))
    features = [shape, (left + right) / 2]
    for shift in _NEIGHBOURS:
        products = blocks * np.roll(blocks, shift, axis=(1, 2))
        shape, left, right = fit_aggd(products.reshape(count, -1))
        mean = (right - left) * np.exp(gammaln(2 / shape) - gammaln(1 / shape))
        features += [shape, mean, left, right]
    return np.stack(features, axis=1)


def _half(image: Pixels) -> Field:
    """Halve an even-sized image by the antialiased cubic (a = -0.5), edges mirrored."""
    distance = np.abs(np.arange(-3.5, 4)) / 2
    near = 1.5 * distance**3 - 2.5 * distance**2 + 1
    far = -0.5 * distance**3 + 2.5 * distance**2 - 4 * distance + 2
    taps = np.where(distance <= 1, near, far)
    taps /= taps.sum()
    return _decimate(_decimate(image.astype(np.float64), taps).T, taps).T


def _decimate(image: Field, taps: Field) -> Field:
    padded = np.pad(image, ((3, 3), (0, 0)), mode="symmetric")
    count = len(image)
    out = taps[0] * padded[0:count:2]
    for offset in range(1, len(taps)):
        out += taps[offset] * padded[offset : offset + count : 2]
    return out


@cache
def _pristine() -> tuple[Field, Field]:
    with np.load(PRISTINE) as model:
        return model["mean"], model["covariance"]
