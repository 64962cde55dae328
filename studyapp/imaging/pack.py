"""Tile packs: all tiles of an image in one file, written whole or not at all."""

import hashlib
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO

import numpy as np
from PIL import Image

from analysis.files import Waiting, write_whole
from analysis.imaging import SRGB, Pixels
from analysis.imaging.decode import hash_pixels
from studyapp.core.tiles import TILE, Pyramid
from studyapp.imaging import webp
from studyapp.imaging.pack_index import PackError, PackIndex, Source, index_path

_STRIP = 2 * TILE
"""Rows; even, so that each half of a strip is that strip of the half."""


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
    pixels: Pixels,
    path: Path,
    *,
    source: Source,
    scale: int = 1,
    notes: tuple[str, ...] = (),
    space: str = SRGB,
    needs: tuple[str, ...] = (),
    decoder: str = "",
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
    scale, notes, space, needs, decoder
        By how much the pixels were enlarged, what decoding noted, the file's colours, what decoding needed,
        and what decoded; for the index.

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
    index = PackIndex(
        width, height, scale, offsets, hash_pixels(pixels), digest, source, notes, space, needs, decoder
    )
    write_index(index, path)
    return index


def write_index(index: PackIndex, pack: Path) -> None:
    """Write or replace the index of a pack, whole or not at all."""
    write_whole(index_path(pack), index.to_json())


def _write_tiles(pixels: Pixels, pyramid: Pyramid, file: BinaryIO) -> tuple[tuple[int, ...], str]:
    """Write all tiles, coarsest level first; return their offsets and the SHA-256 of it all."""
    coarser = _coarser_levels(pixels, len(pyramid.sizes) - 1)
    offsets, digest = [0], hashlib.sha256()
    for level in range(len(pyramid.sizes)):
        image = coarser.pop() if coarser else None
        for left, top, width, height in pyramid.boxes(level):
            if image is not None:
                data = webp.encode(image.crop((left, top, left + width, top + height)))
            else:
                tile = pixels[top : top + height, left : left + width]
                data = webp.encode(Image.fromarray(tile))
                _verify(data, tile, left, top)
            file.write(data)
            digest.update(data)
            offsets.append(offsets[-1] + len(data))
    return tuple(offsets), digest.hexdigest()


def _coarser_levels(pixels: Pixels, count: int) -> list[Image.Image]:
    """Return the levels above the full resolution, the coarsest last.

    The first is made strip by strip: a second copy of the whole image is memory that has to be found first.
    """
    if not count:
        return []
    height, width = pixels.shape[:2]
    levels = [Image.new("RGB", ((width + 1) // 2, (height + 1) // 2))]
    for top in range(0, height, _STRIP):
        levels[0].paste(halve(Image.fromarray(pixels[top : top + _STRIP])), (0, top // 2))
    while len(levels) < count:
        levels.append(halve(levels[-1]))
    return levels


def _verify(data: bytes, expected: Pixels, left: int, top: int) -> None:
    if not np.array_equal(webp.decode(data), expected):
        raise PackError(
            f"the tile at {left},{top} does not decode to its source; check the memory and the Pillow build"
        )
