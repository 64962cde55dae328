"""Open an image file for its pixels; data around or after them is no reason to refuse it."""

import io
from dataclasses import dataclass
from typing import BinaryIO

from PIL import (
    BmpImagePlugin,
    ExifTags,
    Image,
    ImageFile,
    JpegImagePlugin,
    PngImagePlugin,
    TiffImagePlugin,
    WebPImagePlugin,
)
from PIL.Image import Transpose
from PIL.MpoImagePlugin import MpoImageFile

from analysis.imaging.signature import Format

_HEADER = 8
# Chunks that metadata come in, and those that make a still an animation of one frame.
_METADATA = {b"iCCP", b"iTXt", b"zTXt", b"tEXt", b"acTL", b"fcTL"}
_MOST_CHUNKS, _BYTES_PER_CHUNK = 10_000, 1024
_ENTRIES, _MANY_VIEWS = 0xB002, "Multi-Frame"
# A gain map brightens the photograph on HDR screens; it is marked in its own metadata or in the photograph's.
_GAIN_MAP = (b"hdrgm", b"HDRGainMap", b"hdrgainmap", b"urn:iso:std:iso:ts:21496")
_READERS = {
    "TIFF": TiffImagePlugin.TiffImageFile,
    "WEBP": WebPImagePlugin.WebPImageFile,
    "BMP": BmpImagePlugin.BmpImageFile,
}
# Pillow turns a TIFF by its orientation while loading; these turn it back.
_TURN_BACK = {
    2: Transpose.FLIP_LEFT_RIGHT,
    3: Transpose.ROTATE_180,
    4: Transpose.FLIP_TOP_BOTTOM,
    5: Transpose.TRANSPOSE,
    6: Transpose.ROTATE_90,
    7: Transpose.TRANSVERSE,
    8: Transpose.ROTATE_270,
}


@dataclass(frozen=True)
class Opened:
    """An image whose header was read.

    Attributes
    ----------
    image
        Not loaded yet; not bounded by Pillow's limits.
    file
        What it is read from.
    profile, previews, gain_map
        Whether an ICC profile, and previews or a gain map after a photograph, were skipped.
    """

    image: ImageFile.ImageFile
    file: BinaryIO
    profile: bool = False
    previews: bool = False
    gain_map: bool = False


def opened(file: BinaryIO, kind: Format) -> Opened:
    """Open an image; for a PNG the checksums are verified, which Pillow ignores while decoding.

    Raises
    ------
    OddChunksError
        For a PNG of several frames or with absurdly many chunks.
    Exception
        Whatever Pillow raises for what it cannot read.
    """
    if kind == "PNG":
        bare, kinds = without_metadata(file)
        PngImagePlugin.PngImageFile(bare).verify()
        bare.seek(0)
        return Opened(PngImagePlugin.PngImageFile(bare), bare, profile=b"iCCP" in kinds)
    if kind == "JPEG":
        return photograph(file)
    return Opened(_READERS[kind](file), file)


class OddChunksError(ValueError):
    """A PNG whose chunks nobody writes so, or which holds several frames."""


def without_metadata(file: BinaryIO) -> tuple[BinaryIO, set[bytes]]:
    """Return a PNG without its metadata, never inflated, and the kinds of chunks it has.

    Raises
    ------
    OddChunksError
        For several frames, and for chunks so many and small that reading them alone takes seconds.
    """
    size = file.seek(0, io.SEEK_END)
    file.seek(_HEADER)
    kinds: set[bytes] = set()
    kept: list[tuple[int, int]] = [(0, _HEADER)]
    place, count, frames = _HEADER, 0, 0
    while len(head := file.read(8)) == 8:
        count += 1
        if count > _MOST_CHUNKS + size // _BYTES_PER_CHUNK:
            raise OddChunksError("more chunks than any encoder writes")
        kind, end = head[4:], place + 12 + int.from_bytes(head[:4], "big")
        kinds.add(kind)
        frames += kind == b"fcTL"
        if kind not in _METADATA:
            start, last = kept[-1]
            kept[-1:] = [(start, end)] if last == place else [(start, last), (place, end)]
        place = file.seek(end)
    file.seek(0)
    if b"fdAT" in kinds or frames > 1:
        raise OddChunksError("more than one frame or page")
    if not kinds & _METADATA:
        return file, kinds
    whole = io.BytesIO()
    for start, end in kept:
        file.seek(start)
        whole.write(file.read(end - start))
    whole.seek(0)
    return whole, kinds


def photograph(file: BinaryIO) -> Opened:
    """Open a JPEG for its one photograph; smaller previews of it and a gain map behind it are passed over.

    Several views, as of a stereo camera or a panorama, stay a file of several frames.
    """
    image = JpegImagePlugin.jpeg_factory(file)
    gain_map = _is_gain_map(image)
    # For Pillow a file whose photograph names a gain map is often a plain JPEG.
    if not isinstance(image, MpoImageFile):
        return Opened(image, file, gain_map=gain_map)
    entries = image.mpinfo[_ENTRIES][1:] if image.mpinfo else []
    if any(_MANY_VIEWS in entry["Attribute"]["MPType"] for entry in entries):
        return Opened(image, file)
    width, height = image.size
    previews, named = False, gain_map
    for number in range(1, image.n_frames):
        image.seek(number)
        if named or _is_gain_map(image):
            gain_map = True
        elif image.size[0] < width and image.size[1] < height:
            previews = True
        else:
            image.seek(0)
            return Opened(image, file)
    file.seek(0)
    return Opened(JpegImagePlugin.JpegImageFile(file), file, previews=previews, gain_map=gain_map)


def _is_gain_map(image: JpegImagePlugin.JpegImageFile) -> bool:
    return any(mark in content for _, content in image.applist for mark in _GAIN_MAP)


def orientation(image: Image.Image) -> int:
    """EXIF (or TIFF) orientation, 1 to 8; 1 when there is none or none that can be read."""
    try:
        value = image.getexif().get(ExifTags.Base.Orientation, 1)
    except (OSError, SyntaxError, ValueError, TypeError, KeyError, IndexError):
        return 1
    return value if value in _TURN_BACK else 1


def as_stored(image: Image.Image, turned: int) -> Image.Image:
    """Return the loaded image with its rows as they lie in the file."""
    if turned == 1 or not isinstance(image, TiffImagePlugin.TiffImageFile):
        return image
    return image.transpose(_TURN_BACK[turned])
