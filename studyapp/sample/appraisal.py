"""What can be seen in a candidate: four figures from its pixels and the original's."""

import numpy as np
from scipy.ndimage import gaussian_filter, gaussian_gradient_magnitude

FEATURES = ("fidelity", "detail", "cleanness", "crispness")
USUAL = np.array([-2.6, -2.7, -3.3, 0.0])
"""Means of the features over the candidates of the sample study."""
USUAL_SPREAD = np.array([0.2, 0.5, 1.0, 0.3])
"""Their standard deviations over the candidates of an image."""
_LUMINANCE = np.array([0.299, 0.587, 0.114], np.float32)


def appraise(candidate: np.ndarray, original: np.ndarray) -> np.ndarray:
    """Compare a view of a candidate with the same view of the original.

    Parameters
    ----------
    candidate, original
        uint8, height x width x 3, of one shape.

    Returns
    -------
    numpy.ndarray
        One number for each of `FEATURES`. The first three are better when higher: minus the logarithm of
        the mean squared error of the low-passed colours (fidelity), of the luminance gradients (detail) and
        of the fine structure where the original is flat (cleanness). Crispness is the logarithm of the
        ratio of the gradients, above 0 for a candidate sharper than the original.

    Examples
    --------
    >>> flat = np.full((32, 32, 3), 128, np.uint8)
    >>> noisy = flat + np.random.default_rng(0).integers(0, 40, flat.shape, np.uint8)
    >>> bool((appraise(flat, flat) >= appraise(noisy, flat))[:3].all())
    True
    """
    seen, true = candidate.astype(np.float32), original.astype(np.float32)
    luminance, true_luminance = seen @ _LUMINANCE, true @ _LUMINANCE
    gradient, true_gradient = (gaussian_gradient_magnitude(y, 0.8) for y in (luminance, true_luminance))
    low, true_low = (gaussian_filter(pixels, (1.5, 1.5, 0)) for pixels in (seen, true))
    flat = true_gradient <= np.median(true_gradient)
    fine = (seen - low) - (true - true_low)
    errors = [
        np.mean((low - true_low) ** 2),
        np.mean((gradient - true_gradient) ** 2),
        np.mean(fine[flat] ** 2),
    ]
    crispness = np.log((gradient.mean() + 1) / (true_gradient.mean() + 1))
    return np.array([*(-np.log(error + 0.5) for error in errors), crispness])


def pyramid(pixels: np.ndarray, levels: int) -> list[np.ndarray]:
    """Return `levels` versions of `pixels`, coarsest first, each half the next (means of 2 x 2)."""
    result = [pixels]
    for _ in range(levels - 1):
        result.insert(0, _halve(result[0]))
    return result


def _halve(pixels: np.ndarray) -> np.ndarray:
    height, width = pixels.shape[:2]
    even = np.pad(pixels, ((0, height % 2), (0, width % 2), (0, 0)), mode="edge").astype(np.uint16)
    total = even[0::2, 0::2] + even[1::2, 0::2] + even[0::2, 1::2] + even[1::2, 1::2]
    return ((total + 2) // 4).astype(np.uint8)
