"""Open an image file for its pixels; data around or after them is no reason to refuse it."""

import importlib
import io
import zlib
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import BinaryIO

from PIL import (
    AvifImagePlugin,
    BmpImagePlugin,
    ImageFile,
    JpegImagePlugin,
    PngImagePlugin,
    TiffImagePlugin,
    WebPImagePlugin,
)
from PIL.MpoImagePlugin import MpoImageFile

from analysis.imaging.signature import Format

_HEADER = 8
# Chunks that metadata come in, and those that make a still an animation of one frame.
_METADATA = {b"iCCP", b"iTXt", b"zTXt", b"tEXt", b"acTL", b"fcTL"}
_COLOUR = {b"cICP", b"iCCP", b"sRGB", b"gAMA", b"cHRM"}
_MOST_COLOUR = 1 << 23
_MOST_CHUNKS, _BYTES_PER_CHUNK = 10_000, 1024
_ENTRIES, _MANY_VIEWS = 0xB002, "Multi-Frame"
# A gain map brightens the photograph on HDR screens; it is marked in its own metadata or in the photograph's.
_GAIN_MAP = (b"hdrgm", b"HDRGainMap", b"hdrgainmap", b"urn:iso:std:iso:ts:21496")
_BMP_SPACE = 70
_READERS = {
    "TIFF": TiffImagePlugin.TiffImageFile,
    "WEBP": WebPImagePlugin.WebPImageFile,
    "BMP": BmpImagePlugin.BmpImageFile,
    "AVIF": AvifImagePlugin.AvifImageFile,
}
_PLUGINS = {
    "HEIC": ("pillow_heif.as_plugin", "HeifImageFile", "heic"),
    "JPEG XL": ("pillow_jxl.JpegXLImagePlugin", "JXLImageFile", "jxl"),
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
    chunks
        Of a PNG, those that say what its colours are.
    previews, gain_map
        Whether there are previews or a gain map beside the photograph; they were skipped.
    """

    image: ImageFile.ImageFile
    file: BinaryIO
    chunks: Mapping[bytes, bytes] = field(default_factory=dict)
    previews: bool = False
    gain_map: bool = False

    def has_bmp_profile(self) -> bool:
        """Whether the header of a BMP says that a profile is embedded or linked."""
        place = self.file.tell()
        self.file.seek(_BMP_SPACE)
        space = self.file.read(4)
        self.file.seek(place)
        return space in (b"DEBM", b"KNIL")


def opened(file: BinaryIO, kind: Format, *, checked: bool = True) -> Opened:
    """Open an image; if `checked`, the checksums of a PNG are verified, which Pillow ignores while decoding.

    Raises
    ------
    OddChunksError
        For a PNG of several frames or with absurdly many chunks.
    Exception
        Whatever Pillow raises for what it cannot read.
    """
    if kind == "PNG":
        bare, chunks = without_metadata(file)
        if checked:
            PngImagePlugin.PngImageFile(bare).verify()
            bare.seek(0)
        return Opened(PngImagePlugin.PngImageFile(bare), bare, chunks)
    if kind == "JPEG":
        return photograph(file)
    return Opened(_reader(kind)(file), file)


def _reader(kind: Format) -> type[ImageFile.ImageFile]:
    if kind == "AVIF" and not AvifImagePlugin.SUPPORTED:
        raise NoReaderError("AVIF, which this build of Pillow cannot read", "convert to PNG")
    if kind not in _PLUGINS:
        return _READERS[kind]
    module, name, extra = _PLUGINS[kind]
    try:
        return getattr(importlib.import_module(module), name)
    except ImportError:
        remedy = f"convert to PNG, or install studyapp[{extra}]"
        raise NoReaderError(f"{kind}, which nothing installed here can read", remedy) from None


class NoReaderError(ValueError):
    """A format that is known, and that nothing here reads: what, and the remedy."""


class OddChunksError(ValueError):
    """A PNG whose chunks nobody writes so, or which holds several frames."""


def without_metadata(file: BinaryIO) -> tuple[BinaryIO, dict[bytes, bytes]]:
    """Return a PNG without its metadata, never inflated, and the chunks that say what its colours are.

    Raises
    ------
    OddChunksError
        For several frames, and for chunks so many and small that reading them alone takes seconds.
    """
    size = file.seek(0, io.SEEK_END)
    file.seek(_HEADER)
    kinds: set[bytes] = set()
    colour: dict[bytes, bytes] = {}
    kept: list[tuple[int, int]] = [(0, _HEADER)]
    place, count, frames = _HEADER, 0, 0
    while len(head := file.read(8)) == 8:
        count += 1
        if count > _MOST_CHUNKS + size // _BYTES_PER_CHUNK:
            raise OddChunksError("more chunks than any encoder writes")
        kind, end = head[4:], place + 12 + int.from_bytes(head[:4], "big")
        kinds.add(kind)
        if kind in _COLOUR and kind not in colour and b"IDAT" not in kinds:
            colour[kind] = file.read(min(int.from_bytes(head[:4], "big"), _MOST_COLOUR))
        frames += kind == b"fcTL"
        if kind not in _METADATA:
            start, last = kept[-1]
            kept[-1:] = [(start, end)] if last == place else [(start, last), (place, end)]
        place = file.seek(end)
    file.seek(0)
    if b"fdAT" in kinds or frames > 1:
        raise OddChunksError("more than one frame or page")
    if not kinds & _METADATA:
        return file, colour
    whole = io.BytesIO()
    for start, end in kept:
        file.seek(start)
        whole.write(file.read(end - start))
    whole.seek(0)
    return whole, colour


def inflated_profile(chunk: bytes) -> bytes:
    """Return the ICC profile in an iCCP chunk, as far as 8 MiB of it; empty if it is damaged."""
    _, _, rest = chunk.partition(b"\0")
    try:
        return zlib.decompressobj().decompress(rest[1:], _MOST_COLOUR)
    except zlib.error:
        return b""


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
