"""Parts of pictures, pixel for pixel, and pictures as small files for pages."""

import io
from typing import NamedTuple

from PIL import Image

from analysis.imaging import Pixels

QUALITY = 92
"""Of JPEG files, without subsampling of colours: at 1:1 nothing of a candidate's faults is lost or added that
would be seen.
"""


class Rect(NamedTuple):
    """A rectangle in pixels of an image."""

    left: int
    top: int
    width: int
    height: int


def cut_out(pixels: Pixels, rect: tuple[int, int, int, int]) -> Pixels:
    """Return the pixels of a rectangle: left, top, width, height."""
    left, top, width, height = rect
    return pixels[top : top + height, left : left + width]


def as_png(pixels: Pixels) -> bytes:
    """Return pixels as a PNG file."""
    target = io.BytesIO()
    Image.fromarray(pixels).save(target, "PNG")
    return target.getvalue()


def as_jpeg(pixels: Pixels, *, longest: int | None = None) -> bytes:
    """Return pixels as a JPEG file, reduced if a side is longer than `longest`."""
    image = Image.fromarray(pixels)
    if longest is not None:
        image.thumbnail((longest, longest), Image.Resampling.LANCZOS)
    target = io.BytesIO()
    image.save(target, "JPEG", quality=QUALITY, subsampling=0)
    return target.getvalue()
