"""Tile packs: all tiles of an image in one file, written whole or not at all, and read by slices."""

import hashlib
import os
import weakref
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO

import numpy as np
from PIL import Image

from analysis.files import Waiting, write_whole
from analysis.imaging import Pixels
from analysis.imaging.decode import hash_pixels
from studyapp.core.tiles import Pyramid
from studyapp.imaging import webp
from studyapp.imaging.pack_index import PackIndex, Source, index_path, read_index
from studyapp.imaging.webp import PackError

"""Suffix of files that are being written; one that is left over is worth nothing."""


@dataclass(frozen=True)
class PackInfo:
    """What the database keeps of a pack.

    `path` is relative to var/, `source` to the study folder; the source was enlarged by `scale`.
    """

    path: str
    source: str
    width: int
    height: int
    scale: int
    sha256_file: str
    sha256_pixels: str


def halve(image: Image.Image) -> Image.Image:
    """Return the next coarser level: each pixel the mean of a 2x2 box, rounded half up, for each channel.

    An odd last column or row is averaged with itself, that is over the pixels that exist.
    """
    return image.reduce(2)


def write_pack(
    pixels: Pixels, path: Path, *, source: Source, scale: int = 1, notes: tuple[str, ...] = ()
) -> PackIndex:
    """Write the tiles of an image, verified, and its index beside them.

    Every tile of the full resolution is decoded again and compared with `pixels`. The pack appears under its
    name only when it is complete and on disk, and its index after it: a pack without one does not count.

    Parameters
    ----------
    pixels
        Shape (height, width, 3), uint8.
    path
        Where the pack goes; its folder is made when missing.
    source
        The file that the pixels came from, for the index.
    scale, notes
        By how much the pixels were enlarged, and what decoding noted; for the index.

    Raises
    ------
    PackError
        When a tile does not come back as it was; nothing is left behind then.
    """
    height, width = pixels.shape[:2]
    path.parent.mkdir(parents=True, exist_ok=True)
    with Waiting(path) as waiting:
        with waiting.opened() as file:
            offsets, digest = _write_tiles(pixels, Pyramid(width, height), file)
        index_path(path).unlink(missing_ok=True)  # it is of the pack that was there before
        waiting.take_its_place()
    index = PackIndex(width, height, scale, offsets, hash_pixels(pixels), digest, source, notes)
    write_index(index, path)
    return index


def write_index(index: PackIndex, pack: Path) -> None:
    """Write or replace the index of a pack, whole or not at all."""
    write_whole(index_path(pack), index.to_json())


class PackReader:
    """Tiles of one pack, by slices. Any number of threads may read at once.

    The file is closed with the last reference, so that a reader can be dropped while another thread reads.

    Raises
    ------
    PackError
        When the pack or its index is missing or they do not fit each other.
    """

    def __init__(self, path: Path) -> None:
        self.path = path
        self.index = read_index(path)
        self._pyramid = self.index.pyramid
        try:
            self._descriptor = os.open(path, os.O_RDONLY)
        except OSError as error:
            raise PackError(f"{path.name} cannot be opened; run `studyapp tile` again") from error
        self._finalizer = weakref.finalize(self, os.close, self._descriptor)
        size = os.fstat(self._descriptor).st_size
        if size != self.index.size:
            self.close()
            raise PackError(
                f"{path.name} has {size} bytes instead of {self.index.size}; run `studyapp tile` again"
            )

    @property
    def width(self) -> int:
        """Full resolution in pixels."""
        return self.index.width

    @property
    def height(self) -> int:
        """Full resolution in pixels."""
        return self.index.height

    @property
    def levels(self) -> tuple[tuple[int, int], ...]:
        """Size of each level, coarsest first."""
        return self._pyramid.sizes

    def tile(self, level: int, col: int, row: int) -> bytes | None:
        """Return a tile's WebP file, or None when there is no such tile."""
        place = self._pyramid.position(level, col, row)
        if place is None:
            return None
        start, end = self.index.offsets[place : place + 2]
        if not self._finalizer.alive:
            raise PackError(f"{self.path.name} is closed; open it again")
        data = os.pread(self._descriptor, end - start, start)
        if len(data) != end - start:
            raise PackError(f"{self.path.name} was cut off while it was open; run `studyapp tile` again")
        return data

    def close(self) -> None:
        """Give the file back; only when no thread reads any more."""
        self._finalizer()

    def __enter__(self) -> "PackReader":
        return self

    def __exit__(self, *_: object) -> None:
        self.close()


def _write_tiles(pixels: Pixels, pyramid: Pyramid, file: BinaryIO) -> tuple[tuple[int, ...], str]:
    """Write all tiles, coarsest level first; return their offsets and the SHA-256 of it all."""
    levels = [Image.fromarray(pixels)]
    while len(levels) < len(pyramid.sizes):
        levels.append(halve(levels[-1]))
    offsets, digest = [0], hashlib.sha256()
    finest = len(levels) - 1
    for level in range(len(levels)):
        image = levels.pop()
        for left, top, width, height in pyramid.boxes(level):
            data = webp.encode(image.crop((left, top, left + width, top + height)))
            if level == finest:
                _verify(data, pixels[top : top + height, left : left + width], left, top)
            file.write(data)
            digest.update(data)
            offsets.append(offsets[-1] + len(data))
    return tuple(offsets), digest.hexdigest()


def _verify(data: bytes, expected: Pixels, left: int, top: int) -> None:
    if not np.array_equal(webp.decode(data), expected):
        raise PackError(
            f"the tile at {left},{top} does not decode to its source; check the memory and the Pillow build"
        )
