"""From an image file to 8-bit RGB pixels, by fixed rules and with every change reported.

What is stripped, reduced or converted is reported as a `Note`; anything without a single right reading is
refused. Pixels are sRGB: files that say nothing else are taken as they are, and those that do are converted
or refused, as the study's policy says (docs/colour.md).
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
from analysis.imaging import SRGB, Pixels, Policy, containers, png_data, spaces, tags
from analysis.imaging.containers import Said
from analysis.imaging.signature import HEAD, Format, format_of, scene_format, webp_size
from analysis.imaging.spaces import HighDynamicRangeError, Space, UnknownSpaceError
from analysis.imaging.tags import Note
from analysis.imaging.wrapping import NoReaderError, OddChunksError, Opened, inflated_profile, opened

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
_NO_PROFILE = Note(
    "no colour profile where one belongs; it is ignored", "save it without a profile", alike=True
)
_SIXTEEN_NOTE = Note(
    "16 bit; the high byte of each sample is kept (>> 8)", "save 8 bit to choose the rounding"
)
_BASE_TAKEN = Note(
    "an HDR gain map is left out: its SDR picture is taken, as study.yaml says",
    "save the SDR picture alone if you do not want that",
    alike=True,
)
_TONE_MAP = "save an SDR version: tone-mapped, 8 bit, sRGB"
_BYTES_PER_PIXEL, _BYTES_FREE = 8, 64 * 2**20  # four samples of 16 bits, not compressed; metadata

RULES = (
    "8-bit sRGB: untagged and sRGB files as stored, other colour spaces converted to sRGB or refused as the "
    "study says; 16-bit samples keep their high byte, an opaque alpha channel is dropped (docs/colour.md)"
)
"""Description of the pixels, for the definitions given with values computed from them."""


class ImageRefusedError(AnalysisError):
    """A file that is not an accepted image: `what` is wrong with it and the `remedy`.

    `alike` is for what usually all files of a team have: it is said once for a folder.
    """

    def __init__(self, what: str, remedy: str, alike: bool = False) -> None:
        super().__init__(what, remedy, alike)
        self.what, self.remedy, self.alike = what, remedy, alike

    def __str__(self) -> str:
        return f"{self.what}; {self.remedy}"


@dataclass(frozen=True, eq=False)
class Decoded:
    """Pixels of shape (height, width, 3), 8-bit sRGB, and how they came about.

    Attributes
    ----------
    notes
        What had to be changed or ignored.
    format
        Of the file.
    space
        In which the file's colours are.
    needs
        What the policy had to allow.
    """

    pixels: Pixels
    notes: tuple[Note, ...]
    format: Format
    space: str = SRGB
    needs: tuple[str, ...] = ()


def decode(file: BinaryIO, policy: Policy, *, extension: str) -> Decoded:
    """Decode an open image file to 8-bit sRGB.

    16-bit samples keep their high byte, grey is copied to all three channels, a palette is expanded, an alpha
    channel that is opaque everywhere is dropped.

    Parameters
    ----------
    file
        A PNG, JPEG, TIFF, WebP, BMP or AVIF file, or with its package a HEIC or JPEG XL; recognised by its
        content.
    policy
        The largest width x height, compared with the header before anything is decoded; and what is done to
        files that are not sRGB.
    extension
        What the file's name promises, for the notes.

    Raises
    ------
    ImageRefusedError
        For anything else: another format, too many pixels, HDR, an orientation, transparency, CMYK, several
        frames, broken data, and colours that the policy does not let be converted.
    """
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # Pillow warns of what is refused or noted here anyway
        return _decode(file, policy, extension)


def _decode(file: BinaryIO, policy: Policy, extension: str) -> Decoded:
    kind, said = _format(file, policy.max_pixels)
    notes = [*_name_notes(kind, extension)]
    with _refusing(f"cannot be read as {kind}"):
        found = opened(file, kind)
    notes += [_PREVIEWS_IGNORED] if found.previews else []
    with found.image as image:
        _bound(*image.size, policy.max_pixels)
        needs: tuple[str, ...] = ()
        if found.gain_map or said.gain_map:
            _refuse_gain_map(policy)
            needs, notes = ("base",), [*notes, _BASE_TAKEN]
        with _refusing(f"the header of this {kind} cannot be read"):
            deep = _inspect(image)
        notes += [_SIXTEEN_NOTE] if deep else []
        profile = _profile(found)
        space = _space(found, kind, said, profile)
        notes += [_NO_PROFILE] if profile is not None and not spaces.is_profile(profile) else []
        if space is not None:
            _refuse_space(space, policy)
            needs += ("convert",)
            notes.append(
                Note(f"colours in {space.name} are converted to sRGB", "save it as sRGB", alike=True)
            )
        _refuse_turned(image)
        with _refusing(f"this {kind} is cut off or damaged"):
            image.load()
            if kind == "PNG" and not png_data.is_complete(image, found.file):
                raise OSError("rows are missing")
        pixels, alpha_notes = _to_rgb(image)
        if space is not None:
            _convert(pixels, image.mode, space)
    return Decoded(pixels, (*notes, *alpha_notes), kind, space.name if space else SRGB, needs)


def space_of(file: BinaryIO, policy: Policy) -> str:
    """Return what an image file calls the space of its colours; nothing but its header is read.

    Raises
    ------
    ImageRefusedError
        For a file without a header that can be read, and colours without a conversion.
    """
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        kind, said = _format(file, policy.max_pixels)
        with _refusing(f"cannot be read as {kind}"):
            found = opened(file, kind, checked=False)
        with found.image:
            space = _space(found, kind, said, _profile(found))
        return space.name if space else SRGB


def _refuse_gain_map(policy: Policy) -> None:
    if not policy.base:
        raise ImageRefusedError(
            "an HDR gain map (UltraHDR): an HDR screen shows another picture than the SDR one",
            "save the SDR picture alone, or let the organisers set `gain_maps: base`",
            alike=True,
        )


def _refuse_space(space: Space, policy: Policy) -> None:
    if not policy.convert:
        raise ImageRefusedError(
            f"colours in {space.name}, not sRGB",
            "save it as sRGB, or let the organisers set `other_colors: convert`",
            alike=True,
        )


def _refuse_turned(image: ImageFile.ImageFile) -> None:
    turned = tags.orientation(image)
    if turned == 1:
        return
    width, height = tags.stored_size(image)
    after = f"{height}x{width}" if turned >= 5 else f"{width}x{height}"
    raise ImageRefusedError(
        f"EXIF orientation {turned} ({tags.TURNS[turned]}), which some programs follow and others do not: "
        f"{width}x{height} pixels as stored, {after} once turned",
        "turn the pixels themselves, or remove the tag if they are right as they are",
        alike=True,
    )


def _space(found: Opened, kind: Format, said: Said, profile: bytes | None) -> Space | None:
    """Return the space that a file names, by the order of precedence of the PNG specification."""
    chunks, image = found.chunks, found.image
    try:
        if b"cICP" in chunks:
            return _of_cicp(chunks[b"cICP"])
        if profile is not None and spaces.is_profile(profile):
            return spaces.of_profile(profile)
        if b"sRGB" in chunks:
            return None
        if chunks:
            return spaces.of_gamma(chunks.get(b"gAMA"), chunks.get(b"cHRM"))
        if said.code_points:
            return spaces.of_code_points(*said.code_points)
        if kind == "BMP" and found.has_bmp_profile():
            raise UnknownSpaceError("a profile inside a BMP")
        # Cameras write these; of a PNG, Pillow would decode the picture to find its EXIF data.
        is_photograph = kind in ("JPEG", "TIFF")
        return spaces.adobe_rgb() if is_photograph and tags.is_adobe_rgb(image) else None
    except HighDynamicRangeError as error:
        what = f"HDR pixels ({error}), which look washed out on a standard screen"
        raise ImageRefusedError(what, _TONE_MAP, alike=True) from None
    except UnknownSpaceError as error:
        what = f"colours that cannot be converted to sRGB: {error}"
        raise ImageRefusedError(what, "save it as sRGB", alike=True) from None


def _profile(found: Opened) -> bytes | None:
    """Return what the file keeps where an ICC profile belongs."""
    if b"iCCP" in found.chunks:
        return inflated_profile(found.chunks[b"iCCP"])
    return found.image.info.get("icc_profile")


def _of_cicp(chunk: bytes) -> Space | None:
    if len(chunk) != 4 or chunk[2] != 0 or chunk[3] != 1:
        raise UnknownSpaceError("a cICP chunk that is not of full-range RGB")
    return spaces.of_code_points(chunk[0], chunk[1])


def _convert(pixels: Pixels, mode: str, space: Space) -> None:
    """Convert in place; a profile of one channel is for grey images only."""
    grey = spaces.is_grey(space)
    if grey and mode not in _GREY | _SIXTEEN:
        raise ImageRefusedError("a grey ICC profile on a colour image", "save it as sRGB", alike=True)
    for top in range(0, len(pixels), _STRIP):
        strip = pixels[top : top + _STRIP]
        source = np.ascontiguousarray(strip[:, :, 0]) if grey else strip
        strip[:] = np.asarray(spaces.to_srgb(Image.fromarray(source), space))


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


def _format(file: BinaryIO, max_pixels: int) -> tuple[Format, Said]:
    start = file.read(containers.START)
    file.seek(0)
    if not start:
        raise ImageRefusedError("the file is empty", "add the image again")
    head = start[:HEAD]
    kind = format_of(head)
    if kind is None:
        raise _not_accepted(head)
    scene = tags.scene_tiff(file) if kind == "TIFF" else None
    if scene == "DNG":
        raise ImageRefusedError(
            "a DNG: raw sensor data, which every program develops differently",
            "put a developed picture of each into input_preview/, for judges",
            alike=True,
        )
    if scene is not None:
        raise _is_light("a TIFF of floating-point numbers")
    said = _said(kind, start)
    if said.size is not None:
        _bound(*said.size, max_pixels)
    return kind, said


def _not_accepted(head: bytes) -> ImageRefusedError:
    scene = scene_format(head)
    if scene is not None:
        return _is_light(scene)
    return ImageRefusedError(
        f"not an image of an accepted format (it begins with {head[:8]!r})", "save it as PNG"
    )


def _is_light(name: str) -> ImageRefusedError:
    what = f"{name}: the light of a scene, which has no one look on a screen"
    return ImageRefusedError(what, _TONE_MAP, alike=True)


def _said(kind: Format, start: bytes) -> Said:
    if kind == "WEBP":
        return Said(webp_size(start[:HEAD]))
    if kind == "JPEG XL":
        return containers.read_jpeg_xl(start)
    return containers.read_boxes(start) if kind in ("AVIF", "HEIC") else Said(None)


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
    if kind is None:
        return None
    if kind in ("WEBP", "AVIF", "HEIC", "JPEG XL"):
        return _said(kind, data[: containers.START]).size
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
    except NoReaderError as error:
        raise ImageRefusedError(*error.args, alike=True) from None
    except OddChunksError as error:
        raise ImageRefusedError(str(error), "save it as 8-bit RGB PNG") from error
    except _DECODER_ERRORS as error:
        detail = str(error).splitlines()[0] if str(error) else type(error).__name__
        raise ImageRefusedError(f"{what} ({detail})", "save or copy the image again") from error


def _name_notes(kind: Format, extension: str) -> Iterator[Note]:
    promised = EXTENSIONS.get(extension.lower())
    if promised is not None and promised != kind:
        yield Note(f"named {extension} but contains a {kind}", "rename it to match; its pixels are used")


def _inspect(image: ImageFile.ImageFile) -> bool:
    """Refuse what has no single reading; tell whether samples have 16 bits."""
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
    return depth == 16


def _to_rgb(image: Image.Image) -> tuple[Pixels, list[Note]]:
    notes: list[Note] = []
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
