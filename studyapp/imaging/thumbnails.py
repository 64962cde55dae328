"""Small pictures of image files, for organisers; decoded by the same rules as for judging, within limits."""

import io
from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from threading import BoundedSemaphore
from typing import BinaryIO

from PIL import Image

from analysis.imaging import USUAL, Pixels, Policy
from analysis.imaging.decode import ImageRefusedError, decode

EDGE = 160
GAP = 8
"""Pixels between two panels; nothing is painted there."""

MOST_PIXELS = 64_000_000
"""Of an image of which a small picture is made while somebody waits."""

_AT_ONCE = BoundedSemaphore(2)  # each holds a decoded image


def thumbnail(file: BinaryIO, *, extension: str, policy: Policy = USUAL) -> bytes:
    """Return a WebP of at most `EDGE` pixels each way; of a file that is no accepted image, a crossed box."""
    with _AT_ONCE:
        try:
            image = Image.fromarray(_decoded(file, extension, policy))
        except ImageRefusedError:
            return _crossed()
        # Small pictures are not enlarged: a pixel stays a pixel.
        image.thumbnail((EDGE, EDGE), Image.Resampling.BOX, reducing_gap=2.0)
    return _webp(image)


def finding_picture(
    kind: str, files: Mapping[str, Path], *, mark: Sequence[int] | None = None, policy: Policy = USUAL
) -> bytes:
    """Return a WebP of the panels of a finding, side by side; a crossed box where a file cannot be shown.

    Parameters
    ----------
    kind, mark
        Of the finding.
    files
        By what they are to it, see `analysis.preflight.pictures`.
    policy
        As for judging.
    """
    from analysis.preflight.pictures import panels  # needs SciPy

    with _AT_ONCE:
        try:
            shown = panels(kind, {name: opened(path, policy) for name, path in files.items()}, mark)
        except (ImageRefusedError, OSError):
            return _crossed()
    height, width = (max(one.shape[axis] for one in shown) for axis in (0, 1))
    picture = Image.new("RGBA", (len(shown) * (width + GAP) - GAP, height))
    for place, one in enumerate(shown):
        picture.paste(Image.fromarray(one), (place * (width + GAP), 0))
    return _webp(picture)


def opened(path: Path, policy: Policy) -> Pixels:
    """Decode an image while somebody waits.

    Raises
    ------
    ImageRefusedError
        For a file that is no accepted image, and for one of more than `MOST_PIXELS`.
    """
    with path.open("rb") as file:
        return _decoded(file, path.suffix, policy)


def _decoded(file: BinaryIO, extension: str, policy: Policy) -> Pixels:
    within = replace(policy, max_pixels=min(policy.max_pixels, MOST_PIXELS))
    return decode(file, within, extension=extension).pixels


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
