"""Seven classical ways to restore a photograph: the entries of the sample study.

Each takes and returns uint8 pixels (height x width x 3, RGB); its strength is fixed, as a submission's is.
"""

from collections.abc import Callable

import cv2
import numpy as np
from skimage.restoration import denoise_tv_chambolle, denoise_wavelet

Method = Callable[[np.ndarray], np.ndarray]


def non_local_means(pixels: np.ndarray) -> np.ndarray:
    """Average similar patches, colour more than luminance (Buades, Coll and Morel, 2005)."""
    bgr = cv2.fastNlMeansDenoisingColored(
        pixels[..., ::-1].copy(), None, h=6, hColor=16, templateWindowSize=5, searchWindowSize=13
    )
    return bgr[..., ::-1].copy()


def total_variation(pixels: np.ndarray) -> np.ndarray:
    """Minimise the total variation (Chambolle, 2004), stopped after 25 steps."""
    return _from_unit(denoise_tv_chambolle(_to_unit(pixels), weight=0.05, max_num_iter=25, channel_axis=-1))


def wavelet(pixels: np.ndarray) -> np.ndarray:
    """Shrink wavelet coefficients by a threshold for each band (Chang, Yu and Vetterli, 2000)."""
    # JPEG has taken the finest noise away: a sigma estimated from the finest band would be near 0.
    restored = denoise_wavelet(
        _to_unit(pixels),
        sigma=0.05,
        method="BayesShrink",
        wavelet="sym4",
        convert2ycbcr=True,
        channel_axis=-1,
    )
    return _from_unit(restored)


def bilateral(pixels: np.ndarray) -> np.ndarray:
    """Average near pixels of like colour (Tomasi and Manduchi, 1998)."""
    return cv2.bilateralFilter(pixels, d=7, sigmaColor=32, sigmaSpace=2)


def median(pixels: np.ndarray) -> np.ndarray:
    """Take the median of 3 x 3 pixels in each channel."""
    return cv2.medianBlur(pixels, 3)


def unsharp_mask(pixels: np.ndarray) -> np.ndarray:
    """Add back what a Gaussian blur takes away; noise is sharpened with the rest."""
    return cv2.addWeighted(pixels, 1.8, cv2.GaussianBlur(pixels, (0, 0), 1.5), -0.8, 0)


def input_itself(pixels: np.ndarray) -> np.ndarray:
    """Hand in the input as it is: the entry that does nothing, and that `check` warns of."""
    return pixels


METHODS: dict[str, Method] = {
    "non-local means": non_local_means,
    "total variation": total_variation,
    "wavelet shrinkage": wavelet,
    "bilateral filter": bilateral,
    "median filter": median,
    "unsharp mask": unsharp_mask,
    "the input itself": input_itself,
}


def _to_unit(pixels: np.ndarray) -> np.ndarray:
    return pixels.astype(np.float32) / np.float32(255)


def _from_unit(values: np.ndarray) -> np.ndarray:
    return np.rint(np.clip(values, 0, 1) * 255).astype(np.uint8)
