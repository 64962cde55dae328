"""One tile as lossless WebP: encode it, and prove that the bytes are it and nothing else."""

import io

import numpy as np
from PIL import Image, WebPImagePlugin

from analysis.imaging import Pixels
from studyapp.imaging.pack_index import PackError

_HEADER = 20
"""RIFF, its size, WEBP, VP8L and its size."""


def encode(tile: Image.Image) -> bytes:
    """Return an RGB tile as lossless WebP, by the encoder's fastest setting (the next: 5 x time, -13 %)."""
    buffer = io.BytesIO()
    tile.save(buffer, "WEBP", lossless=True, method=0, quality=0)
    data = buffer.getvalue()
    if not is_bare(data):
        raise PackError(
            "the WebP encoder wrote more than pixels; install the version of Pillow in constraints.txt"
        )
    return data


def is_bare(data: bytes) -> bool:
    """Whether the file is one VP8L chunk in a RIFF container: no profile, no EXIF, no XMP, nothing behind."""
    size, chunk = int.from_bytes(data[4:8], "little"), int.from_bytes(data[16:20], "little")
    return (
        data[:4] == b"RIFF"
        and data[8:16] == b"WEBPVP8L"
        and len(data) == size + 8 == _HEADER + chunk + chunk % 2
    )


def decode(data: bytes) -> Pixels:
    """Return the pixels of a tile, shape (height, width, 3)."""
    with WebPImagePlugin.WebPImageFile(io.BytesIO(data)) as image:
        return np.asarray(image)
