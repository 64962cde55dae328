"""From an image file to 8-bit RGB pixels, by fixed rules and with every change reported.

What is stripped or reduced is reported as a `Note`; anything without a single right reading is refused.
Colour is never converted: what a team computed is what counts, and a profile or gamma would change most of
its pixels.
"""

import hashlib
import io
import struct
import warnings
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import BinaryIO

import numpy as np
from PIL import Image, ImageFile, UnidentifiedImageError

from analysis.errors import AnalysisError
from analysis.image_names import EXTENSIONS
from analysis.imaging import Pixels, png_data, tags
from analysis.imaging.signature import HEAD, Format, format_of, webp_size
from analysis.imaging.tags import Note
from analysis.imaging.wrapping import OddChunksError, as_stored, opened, orientation

_DECODER_ERRORS = (
    OSError,
    SyntaxError,
    ValueError,
    TypeError,
    KeyError,
    IndexError,
    EOFError,
    OverflowError,
    struct.error,
    zlib.error,
    Image.DecompressionBombError,
    UnidentifiedImageError,
)
_GREY, _COLOUR = {"1", "L", "LA"}, {"P", "PA", "RGB", "RGBA"}
_SIXTEEN = {"I;16", "I;16L", "I;16B"}
_STRIP = 256
_PREVIEWS_IGNORED = Note("a preview stored after the photograph is ignored", "save the photograph alone")
_GAIN_MAP_IGNORED = Note(
    "an HDR gain map is ignored, so judges see the standard image",
    "convert to an 8-bit RGB PNG if you do not want that",
)
_BYTES_PER_PIXEL, _BYTES_FREE = 8, 64 * 2**20  # four samples of 16 bits, not compressed; metadata

RULES = (
    "8-bit RGB as stored: 16-bit samples keep their high byte, an opaque alpha channel is dropped, profiles "
    "and orientation are ignored (docs/study-folder.md)"
)
"""Description of the pixels, for the definitions given with values computed from them."""


class ImageRefusedError(AnalysisError):
    """A file that is not an accepted image: `what` is wrong with it and the `remedy`."""

    def __init__(self, what: str, remedy: str) -> None:
        super().__init__(what, remedy)
        self.what, self.remedy = what, remedy

    def __str__(self) -> str:
        return f"{self.what}; {self.remedy}"


@dataclass(frozen=True, eq=False)
class Decoded:
    """Pixels of shape (height, width, 3), 8-bit RGB, and what had to be changed or ignored to get them."""

    pixels: Pixels
    notes: tuple[Note, ...]


def decode(file: BinaryIO, max_pixels: int, *, extension: str) -> Decoded:
    """Decode an open image file to 8-bit RGB.

    16-bit samples keep their high byte, grey is copied to all three channels, a palette is expanded, an alpha
    channel that is opaque everywhere is dropped; ICC, gAMA, cHRM, cICP and the orientation are ignored.

    Parameters
    ----------
    file
        A PNG, JPEG, TIFF, WebP or BMP file, recognised by its content.
    max_pixels
        Largest width x height; compared with the header before anything is decoded.
    extension
        What the file's name promises, for the notes.

    Raises
    ------
    ImageRefusedError
        For anything else: another format, too many pixels, transparency, CMYK, several frames, broken data.
    """
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # Pillow warns of what is refused or noted here anyway
        return _decode(file, max_pixels, extension)


def _decode(file: BinaryIO, max_pixels: int, extension: str) -> Decoded:
    kind = _format(file, max_pixels)
    notes = [*_name_notes(kind, extension)]
    with _refusing(f"cannot be read as {kind}"):
        found = opened(file, kind)
    notes += [tags.PROFILE_IGNORED] if found.profile else []
    notes += [_PREVIEWS_IGNORED] if found.previews else []
    notes += [_GAIN_MAP_IGNORED] if found.gain_map else []
    with found.image as image:
        _bound(*image.size, max_pixels)
        with _refusing(f"the header of this {kind} cannot be read"):
            notes += _inspect(image)
        turned = orientation(image)
        with _refusing(f"this {kind} is cut off or damaged"):
            image.load()
            if kind == "PNG" and not png_data.is_complete(image, found.file):
                raise OSError("rows are missing")
        upright = as_stored(image, turned)
        pixels, alpha_notes = _to_rgb(upright)
    return Decoded(pixels, (*notes, *alpha_notes))


def hash_pixels(pixels: Pixels) -> str:
    """Return the SHA-256 of the pixels: of ``"<width> <height>\\n"`` in ASCII, then the RGB bytes row by row.

    Examples
    --------
    >>> hash_pixels(np.zeros((1, 2, 3), np.uint8))[:16]
    'f893d8c3f707c456'
    """
    height, width = pixels.shape[:2]
    digest = hashlib.sha256(f"{width} {height}\n".encode("ascii"))
    digest.update(np.ascontiguousarray(pixels).data)
    return digest.hexdigest()


def _format(file: BinaryIO, max_pixels: int) -> Format:
    head = file.read(HEAD)
    file.seek(0)
    if not head:
        raise ImageRefusedError("the file is empty", "add the image again")
    kind = format_of(head)
    if kind is None:
        raise ImageRefusedError(
            f"not an image of an accepted format (it begins with {head[:8]!r})", "save it as PNG"
        )
    size = webp_size(head) if kind == "WEBP" else None
    if size is not None:
        _bound(*size, max_pixels)
    return kind


def _bound(width: int, height: int, max_pixels: int) -> None:
    if width < 1 or height < 1:
        raise ImageRefusedError(f"the header says {width}x{height} pixels", "save the image again")
    if width * height > max_pixels:
        raise ImageRefusedError(
            f"{width}x{height} pixels are more than the {max_pixels:,} allowed",
            "use a smaller image, or raise limits.max_pixels in study.yaml",
        )


def largest_file(max_pixels: int) -> int:
    """Return how many bytes a file with so many pixels may have: as plain numbers, with room for metadata."""
    return _BYTES_PER_PIXEL * max_pixels + _BYTES_FREE


def size_in_header(data: bytes) -> tuple[int, int] | None:
    """Return width and height as an image's header states them, or None; nothing is decoded."""
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
    except _DECODER_ERRORS:
        return None


@contextmanager
def _refusing(what: str) -> Iterator[None]:
    try:
        yield
    except OddChunksError as error:
        raise ImageRefusedError(str(error), "save it as 8-bit RGB PNG") from error
    except _DECODER_ERRORS as error:
        detail = str(error).splitlines()[0] if str(error) else type(error).__name__
        raise ImageRefusedError(f"{what} ({detail})", "save or copy the image again") from error


def _name_notes(kind: Format, extension: str) -> Iterator[Note]:
    promised = EXTENSIONS.get(extension.lower())
    if promised is not None and promised != kind:
        yield Note(f"named {extension} but contains a {kind}", "rename it to match; its pixels are used")


def _inspect(image: ImageFile.ImageFile) -> list[Note]:
    if getattr(image, "n_frames", 1) > 1 or getattr(image, "is_animated", False):
        raise ImageRefusedError("more than one frame or page", "save only the image you mean")
    if image.mode not in _GREY | _COLOUR | _SIXTEEN:
        raise ImageRefusedError(f"pixels of kind {image.mode}", "save it as 8-bit RGB PNG")
    depth = tags.bit_depth(image)
    if depth not in (1, 2, 4, 8, 16) or not tags.is_plain(image):
        raise ImageRefusedError(
            f"an unusual kind of {image.format} ({depth} bit)", "save it as 8-bit RGB PNG"
        )
    if depth == 16 and "transparency" in image.info:
        raise ImageRefusedError("16 bit with a transparent colour", "save it as 8-bit RGB PNG")
    return list(tags.notes(image, depth))


def _to_rgb(image: Image.Image) -> tuple[Pixels, list[Note]]:
    notes = []
    if image.mode in _SIXTEEN:
        return _from_sixteen(image), notes
    if image.has_transparency_data:
        image = image.convert("RGBA")
        if image.getchannel("A").getextrema() != (255, 255):
            raise ImageRefusedError("transparent pixels (an alpha channel)", "save it as RGB without alpha")
        notes.append(Note("an alpha channel, opaque everywhere, is dropped", "save it as RGB"))
    pixels = np.empty((image.height, image.width, 3), np.uint8)
    for top in range(0, image.height, _STRIP):
        strip = image.crop((0, top, image.width, min(top + _STRIP, image.height)))
        pixels[top : top + _STRIP] = np.asarray(strip if strip.mode == "RGB" else strip.convert("RGB"))
    return pixels, notes


def _from_sixteen(image: Image.Image) -> Pixels:
    """Pillow's own conversion clips at 255 instead of keeping the high byte."""
    grey = (np.asarray(image) >> 8).astype(np.uint8)
    return np.repeat(grey[:, :, np.newaxis], 3, axis=2)
