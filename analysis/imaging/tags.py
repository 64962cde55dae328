"""What a decoded header says besides the pixels: bit depth, profiles, gamma."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import IO

from PIL import ImageFile
from PIL.PngImagePlugin import PngImageFile
from PIL.TiffImagePlugin import TiffImageFile

from analysis.imaging.wrapping import orientation

_BITS, _PHOTOMETRIC, _FILL_ORDER, _PLANAR, _EXTRA, _SAMPLE_FORMAT = 258, 262, 266, 284, 338, 339
_WHITE_IS_ZERO, _UNASSOCIATED_ALPHA = 0, 2
_COLOUR_CHUNKS = (b"gAMA", b"cHRM", b"cICP")
_PNG_HEADER, _PNG_DEPTH = 8, 24


@dataclass(frozen=True)
class Note:
    """Something in a file that was changed or ignored by rule, and how to avoid that."""

    what: str
    remedy: str

    def __str__(self) -> str:
        return self.what


PROFILE_IGNORED = Note(
    "an ICC profile is ignored, so the pixels are read as sRGB", "convert to sRGB if they are not"
)


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


def notes(image: ImageFile.ImageFile, depth: int) -> Iterator[Note]:
    """Yield what the file says that studyapp ignores."""
    if depth == 16:
        yield Note("16 bit; the high byte of each sample is kept (>> 8)", "save 8 bit to choose the rounding")
    if image.info.get("icc_profile"):
        yield PROFILE_IGNORED
    chunks = _png_chunks(image) if isinstance(image, PngImageFile) else set()
    for chunk in _COLOUR_CHUNKS:
        if chunk in chunks:
            yield Note(
                f"a {chunk.decode()} chunk is ignored, so the pixels are read as sRGB", "save without it"
            )
    turned = orientation(image)
    if turned != 1:
        yield Note(
            f"EXIF orientation {turned} is not applied",
            "rotate the pixels themselves if the image looks wrong",
        )


def _png_depth(image: PngImageFile) -> int:
    with _reading_at(image, _PNG_DEPTH) as file:
        return file.read(1)[0]


def _png_chunks(image: PngImageFile) -> set[bytes]:
    """Names of the chunks before the pixels; Pillow does not keep all of them."""
    found = set()
    with _reading_at(image, _PNG_HEADER) as file:
        while len(head := file.read(8)) == 8 and head[4:] != b"IDAT":
            found.add(head[4:])
            file.seek(int.from_bytes(head[:4], "big") + 4, 1)
    return found


@contextmanager
def _reading_at(image: PngImageFile, place: int) -> Iterator[IO[bytes]]:
    assert image.fp is not None
    position = image.fp.tell()
    image.fp.seek(place)
    yield image.fp
    image.fp.seek(position)
