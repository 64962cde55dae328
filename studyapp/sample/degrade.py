"""Damage a photograph the way a small camera does: blur, noise with colour in it, JPEG."""

import io

import cv2
import numpy as np
from PIL import Image


def degrade(pixels: np.ndarray, *, rng: np.random.Generator) -> np.ndarray:
    """Return a low-quality version of `pixels`.

    Gaussian blur (sigma 0.5 to 1.0 px), luminance noise that grows with the square root of the signal,
    colour noise in soft blotches, then JPEG with 4:2:0 chroma at quality 60 to 85.

    Parameters
    ----------
    pixels
        uint8, height x width x 3, RGB.
    rng
        Decides the strengths and the noise.

    Returns
    -------
    numpy.ndarray
        uint8, of the same shape.
    """
    blur, noise, colour, quality = (rng.uniform(*span) for span in ((0.5, 1.0), (7, 15), (16, 32), (60, 85)))
    damaged = cv2.GaussianBlur(pixels.astype(np.float32), (0, 0), blur)
    height, width = pixels.shape[:2]
    grain = rng.standard_normal((height, width, 1), dtype=np.float32)
    blotches = cv2.GaussianBlur(rng.standard_normal(pixels.shape, dtype=np.float32), (0, 0), 1.5)
    damaged += noise * np.sqrt(0.25 + 0.75 * damaged / 255) * grain
    damaged += colour * (blotches - blotches.mean(axis=2, keepdims=True))
    return through_jpeg(np.clip(np.rint(damaged), 0, 255).astype(np.uint8), int(quality))


def spoil(pixels: np.ndarray) -> np.ndarray:
    """Return what anybody sees to be worse than any result: strongly blurred, then a JPEG of quality 15."""
    return through_jpeg(cv2.GaussianBlur(pixels, (0, 0), 3), 15)


def through_jpeg(pixels: np.ndarray, quality: int, *, subsampling: str = "4:2:0") -> np.ndarray:
    """Return what is left of `pixels` (uint8, RGB) after being saved as a JPEG and read again."""
    buffer = io.BytesIO()
    Image.fromarray(pixels).save(buffer, "JPEG", quality=quality, subsampling=subsampling)
    with Image.open(buffer) as image:
        return np.asarray(image.convert("RGB"))
