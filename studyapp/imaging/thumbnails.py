"""Small pictures of image files, for organisers; decoded by the same rules as for judging, within limits."""

import io
from dataclasses import replace
from threading import BoundedSemaphore
from typing import BinaryIO

from PIL import Image

from analysis.imaging import USUAL, Policy
from analysis.imaging.decode import ImageRefusedError, decode

EDGE = 160
MOST_PIXELS = 64_000_000
"""Of an image of which a small picture is made while somebody waits."""

_AT_ONCE = BoundedSemaphore(2)  # each holds a decoded image


def thumbnail(file: BinaryIO, *, extension: str, policy: Policy = USUAL) -> bytes:
    """Return a WebP of at most `EDGE` pixels each way; of a file that is no accepted image, a crossed box."""
    within = replace(policy, max_pixels=min(policy.max_pixels, MOST_PIXELS))
    with _AT_ONCE:
        try:
            decoded = decode(file, within, extension=extension)
        except ImageRefusedError:
            return _crossed()
        image = Image.fromarray(decoded.pixels)
        del decoded
        # Small pictures are not enlarged: a pixel stays a pixel.
        image.thumbnail((EDGE, EDGE), Image.Resampling.BOX, reducing_gap=2.0)
    return _webp(image)


def _webp(image: Image.Image) -> bytes:
    target = io.BytesIO()
    image.save(target, "webp", quality=80, method=2)
    return target.getvalue()


def _crossed() -> bytes:
    image = Image.new("L", (EDGE, EDGE * 3 // 4), 235)
    for step in range(image.height):
        across = step * image.width // image.height
        image.putpixel((across, step), 150)
        image.putpixel((image.width - 1 - across, step), 150)
    return _webp(image.convert("RGB"))
