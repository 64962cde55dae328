"""Read an image file into 8-bit RGB pixels, or say why not. Its bytes are read once, for hash and pixels."""

import hashlib
import io
import os
import stat
import struct
import warnings
import zlib
from collections.abc import Callable
from pathlib import Path

import numpy as np

from analysis import png_data
from analysis.errors import AnalysisError
from analysis.paired.pixels import Pixels
from analysis.signature import HEAD, format_of, webp_size

Decoder = Callable[[bytes, str], Pixels]
MAX_PIXELS = 80_000_000
_MAX_BYTES = 4 * MAX_PIXELS  # what so many pixels take as plain numbers
_FORMATS = ("PNG", "JPEG", "TIFF", "BMP")
_DAMAGE = (OSError, SyntaxError, ValueError, TypeError, LookupError, EOFError, OverflowError, struct.error)
_TIFF_BITS = 258
_REFUSED = {
    "CMYK": "CMYK colour",
    "YCbCr": "YCbCr colour",
    "LAB": "CIELAB colour",
    "I": "32 bits to a pixel",
    "F": "floating-point pixels",
}


def lies_inside(path: Path, root: Path) -> bool:
    """Return whether a path leads into a folder, wherever its links point."""
    return Path(os.path.realpath(path)).is_relative_to(os.path.realpath(root))


def read_bytes(path: Path, root: Path | None = None) -> bytes:
    """Return a file's content.

    Parameters
    ----------
    root
        A folder that links must not leave.

    Raises
    ------
    AnalysisError
        If there is no such file, it cannot be read, is a pipe or a device, is too large for an image or lies
        outside of `root`.
    """
    if root is not None and not lies_inside(path, root):
        raise AnalysisError(f"{path} is a link that leaves {root}; copy what it points to")
    try:
        _check_file(path, path.stat())
        return path.read_bytes()
    except FileNotFoundError:
        raise AnalysisError(f"{path} is missing") from None
    except OSError as error:
        raise AnalysisError(f"{path} cannot be read: {error.strerror}") from error


def _check_file(path: Path, status: os.stat_result) -> None:
    if not (stat.S_ISREG(status.st_mode) or stat.S_ISDIR(status.st_mode)):
        raise AnalysisError(f"{path} is a pipe or a device; put an image file there")
    if status.st_size > _MAX_BYTES:
        raise AnalysisError(f"{path} has {status.st_size:,} bytes; at most {_MAX_BYTES:,} are read")


def content_hash(data: bytes) -> str:
    """Return what a file's content is known by in caches and reports: its SHA-256."""
    return hashlib.sha256(data).hexdigest()


def decode(data: bytes, name: str) -> Pixels:
    """Decode a PNG, JPEG, TIFF or BMP of 8 bits to a channel into (height, width, 3).

    Grey and palette images are spread over three channels. Nothing is rotated or colour-managed: metrics
    compare the stored values.

    Raises
    ------
    AnalysisError
        If the file is truncated, no image, animated, too large, of more than 8 bits, transparent or in
        a colour model that has no agreed way to RGB.
    """
    from PIL import Image

    from analysis.wrapping import OddChunksError, opened

    kind = format_of(data[:HEAD])
    if kind not in _FORMATS:
        raise AnalysisError(f"{name} is not an image that can be read; save it as an 8-bit RGB PNG")
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # Pillow warns of metadata; pixels that are damaged are refused
            found = opened(io.BytesIO(data), kind)
            with found.image as image:
                _check(image, data, name)
                return _rgb(_loaded(found), name)
    except OddChunksError as error:
        raise AnalysisError(f"{name} has {error}; save it as an 8-bit RGB PNG") from error
    except (*_DAMAGE, zlib.error, Image.DecompressionBombError) as error:
        raise AnalysisError(f"{name} is damaged: {error}; save it anew as an 8-bit RGB PNG") from error


def size_in_header(data: bytes) -> tuple[int, int] | None:
    """Return width and height as an image's header states them, or None; nothing is decoded."""
    from PIL import Image

    from analysis.wrapping import opened

    kind = format_of(data[:HEAD])
    if kind is None or kind == "WEBP":
        return webp_size(data[:HEAD])
    if kind == "PNG" and data[12:16] == b"IHDR":
        return int.from_bytes(data[16:20], "big"), int.from_bytes(data[20:24], "big")
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            with opened(io.BytesIO(data), kind).image as image:
                return image.size
    except (*_DAMAGE, zlib.error, Image.DecompressionBombError):
        return None


def _check(image, data: bytes, name: str) -> None:
    width, height = image.size
    if width * height > MAX_PIXELS:
        raise AnalysisError(f"{name} has {width}x{height} pixels; at most {MAX_PIXELS} are read")
    if getattr(image, "n_frames", 1) > 1:
        raise AnalysisError(f"{name} has more than one frame; save one of them")
    mode = "16 bits to a channel" if _is_16_bit(image, data) else _REFUSED.get(image.mode)
    if mode:
        raise AnalysisError(f"{name} has {mode}; save it as an 8-bit RGB PNG")


def _loaded(found):
    """Return the image with its rows as they lie in the file; Pillow overlooks rows missing from a PNG."""
    from analysis.wrapping import as_stored, orientation

    image, turned = found.image, orientation(found.image)
    image.load()
    if image.format == "PNG" and not png_data.is_complete(image, found.file):
        raise OSError("rows are missing")
    return as_stored(image, turned)


def _is_16_bit(image, data: bytes) -> bool:
    # Pillow reads 16-bit colour as 8-bit without a word; byte 24 of a PNG is its depth.
    tiff = image.format == "TIFF" and max(image.tag_v2.get(_TIFF_BITS, (8,))) > 8
    return tiff or image.mode.startswith("I;16") or (image.format == "PNG" and data[24] == 16)


def _rgb(image, name: str) -> Pixels:
    if "A" in image.getbands() or "transparency" in image.info:
        alpha = np.asarray(image.convert("RGBA"))
        if (alpha[..., 3] < 255).any():
            raise AnalysisError(
                f"{name} has transparent pixels, which have no one colour; save it without alpha"
            )
        return np.ascontiguousarray(alpha[..., :3])
    return np.asarray(image if image.mode == "RGB" else image.convert("RGB"))
