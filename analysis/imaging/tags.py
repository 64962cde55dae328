"""What a header says besides the pixels: bit depth, kind of samples, orientation, Adobe's colours."""

import struct
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import IO, BinaryIO

from PIL import ExifTags, Image, ImageFile, TiffImagePlugin
from PIL.PngImagePlugin import PngImageFile
from PIL.TiffImagePlugin import TiffImageFile

_WIDTH, _HEIGHT = 256, 257
_BITS, _PHOTOMETRIC, _FILL_ORDER, _PLANAR, _EXTRA, _SAMPLE_FORMAT = 258, 262, 266, 284, 338, 339
_WHITE_IS_ZERO, _UNASSOCIATED_ALPHA = 0, 2
_DNG, _FLOAT, _MOSAIC = 50706, 3, 32803
_PNG_DEPTH = 24
_UNREADABLE = (OSError, SyntaxError, ValueError, TypeError, KeyError, IndexError, struct.error)


@dataclass(frozen=True)
class Note:
    """Something in a file that was changed or ignored by rule, and how to avoid that.

    `alike` is for what usually all files of a team have: it is said once for a folder.
    """

    what: str
    remedy: str
    alike: bool = False

    def __str__(self) -> str:
        return self.what


TURNS = {
    2: "mirrored",
    3: "turned by 180 degrees",
    4: "upside down and mirrored",
    5: "turned to the left and mirrored",
    6: "turned to the right",
    7: "turned to the right and mirrored",
    8: "turned to the left",
}
"""What an EXIF orientation other than 1 asks for."""


def orientation(image: Image.Image) -> int:
    """EXIF (or TIFF) orientation, 1 to 8; 1 when there is none or none that can be read."""
    try:
        value = image.getexif().get(ExifTags.Base.Orientation, 1)
    except _UNREADABLE:
        return 1
    return value if value in TURNS else 1


def stored_size(image: ImageFile.ImageFile) -> tuple[int, int]:
    """Width and height as they lie in the file; Pillow says those of a TIFF as its orientation turns them."""
    if isinstance(image, TiffImageFile):
        return image.tag_v2[_WIDTH], image.tag_v2[_HEIGHT]
    return image.size


def is_adobe_rgb(image: Image.Image) -> bool:
    """Whether the EXIF data name Adobe RGB, as cameras do that write no profile."""
    try:
        return image.getexif().get_ifd(ExifTags.IFD.Interop).get(1) == "R03"
    except _UNREADABLE:
        return False


def scene_tiff(file: BinaryIO) -> str | None:
    """Return "DNG" or "float" for a TIFF that has no one look on a screen, or None."""
    head = file.read(8)
    try:
        tags = TiffImagePlugin.ImageFileDirectory_v2(head)
        file.seek(int.from_bytes(head[4:], "little" if head[:2] == b"II" else "big"))
        tags.load(file)
        if _DNG in tags or tags.get(_PHOTOMETRIC) == _MOSAIC:
            return "DNG"
        formats = tags.get(_SAMPLE_FORMAT, ())
        return "float" if _FLOAT in formats else None
    except _UNREADABLE:
        return None
    finally:
        file.seek(0)


def bit_depth(image: ImageFile.ImageFile) -> int:
    """Bits of one sample as stored in the file; 0 when the samples of a TIFF differ."""
    if isinstance(image, TiffImageFile):
        bits = set(image.tag_v2.get(_BITS, (1,)))
        return bits.pop() if len(bits) == 1 else 0
    if isinstance(image, PngImageFile):
        return _png_depth(image)
    return 8


def is_plain(image: ImageFile.ImageFile) -> bool:
    """Whether Pillow reads this kind of TIFF without guessing; true for the other formats."""
    if not isinstance(image, TiffImageFile):
        return True
    tag = image.tag_v2
    deep = bit_depth(image) == 16
    return (
        set(tag.get(_SAMPLE_FORMAT, (1,))) == {1}
        and tuple(tag.get(_EXTRA, ())) in ((), (_UNASSOCIATED_ALPHA,))
        and tag.get(_FILL_ORDER, 1) == 1
        and not (deep and (tag.get(_PHOTOMETRIC) == _WHITE_IS_ZERO or tag.get(_PLANAR, 1) != 1))
    )


def _png_depth(image: PngImageFile) -> int:
    with _reading_at(image, _PNG_DEPTH) as file:
        return file.read(1)[0]


@contextmanager
def _reading_at(image: PngImageFile, place: int) -> Iterator[IO[bytes]]:
    assert image.fp is not None
    position = image.fp.tell()
    image.fp.seek(place)
    yield image.fp
    image.fp.seek(position)
