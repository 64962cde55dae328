"""Whether a PNG holds all the pixels it promises: Pillow silently leaves missing rows black."""

import struct
import zlib
from collections.abc import Iterator
from typing import BinaryIO

import numpy as np
from PIL import Image

_CHANNELS = {0: 1, 2: 3, 3: 1, 4: 2, 6: 4}
_BUFFER = 1 << 16
# Adam7: first column and row of each pass, and the steps between its columns and rows.
_PASSES = ((0, 0, 8, 8), (4, 0, 8, 8), (0, 4, 4, 8), (2, 0, 4, 4), (0, 2, 2, 4), (1, 0, 2, 2), (0, 1, 1, 2))


def is_complete(image: Image.Image, file: BinaryIO) -> bool:
    """Return whether the pixel data of a loaded PNG are as long as its header says; `file` is the PNG's.

    Inflating once more costs half a decode, so it is done only where rows may be missing: the last row of the
    loaded image is 0, or the image is interlaced.
    """
    file.seek(16)
    width, height, depth, colour, _, _, interlaced = struct.unpack(">IIBBBBB", file.read(13))
    if not interlaced and np.asarray(image.crop((0, height - 1, width, height))).any():
        return True
    return _holds(file, _expected(width, height, depth * _CHANNELS[colour], bool(interlaced)))


def _expected(width: int, height: int, bits: int, interlaced: bool) -> int:
    """Bytes of all rows, each with its filter byte."""
    passes = _PASSES if interlaced else ((0, 0, 1, 1),)
    total = 0
    for left, top, columns, rows in passes:
        across, down = -(-(width - left) // columns), -(-(height - top) // rows)
        if across > 0 and down > 0:
            total += down * (1 + -(-across * bits // 8))
    return total


def _holds(file: BinaryIO, expected: int) -> bool:
    """Return whether the file inflates to at least so many bytes, without keeping them."""
    inflate = zlib.decompressobj()
    found = 0
    for piece in _data(file):
        pending = piece
        while pending and found < expected and not inflate.eof:
            found += len(inflate.decompress(pending, _BUFFER))
            pending = inflate.unconsumed_tail
    return found >= expected


def _data(file: BinaryIO) -> Iterator[bytes]:
    file.seek(8)
    while len(head := file.read(8)) == 8:
        length = int.from_bytes(head[:4], "big")
        if head[4:] != b"IDAT":
            file.seek(length + 4, 1)
            continue
        for start in range(0, length, _BUFFER):
            yield file.read(min(_BUFFER, length - start))
        file.seek(4, 1)
