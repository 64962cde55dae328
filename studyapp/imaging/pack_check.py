"""Whether a tile pack is still what was tiled: its bytes by their hash, its pixels by theirs."""

from dataclasses import dataclass
from pathlib import Path

import numpy as np

from analysis.files import file_sha256
from analysis.imaging import Pixels
from analysis.imaging.decode import hash_pixels
from studyapp.core.tiles import TILE
from studyapp.imaging import webp
from studyapp.imaging.pack_index import PackError
from studyapp.imaging.pack_reader import PackReader


@dataclass(frozen=True)
class PackCheck:
    """A pack to check, what to call it, and the SHA-256 of the pixels it was made from."""

    pack: Path
    name: str
    sha256_pixels: str

    def __str__(self) -> str:
        return self.name


def misfit(check: PackCheck) -> str | None:
    """Return what is wrong with a pack, or None."""
    try:
        checked_pixels(check)
    except PackError as error:
        return str(error)
    return None


def checked_pixels(check: PackCheck) -> Pixels:
    """Return a pack's full resolution, put together from its tiles.

    The bytes are compared with the SHA-256 in the index beside the pack, which tells a damaged disk; the
    decoded pixels with the one handed in, which tells a pack that was replaced together with its index.

    Raises
    ------
    PackError
        Naming the pack and what is wrong with it.
    """
    try:
        with PackReader(check.pack) as reader:
            if file_sha256(check.pack) != reader.index.sha256_pack:
                raise PackError(f"{check.name} was changed: its SHA-256 differs from the one in its index")
            pixels = _pixels(reader)
    except (OSError, ValueError, SyntaxError) as error:
        raise PackError(f"{check.name} cannot be read ({error})") from error
    if hash_pixels(pixels) != check.sha256_pixels:
        raise PackError(f"{check.name} shows different pixels from those in the commitment")
    return pixels


def _pixels(reader: PackReader) -> Pixels:
    pixels = np.empty((reader.height, reader.width, 3), np.uint8)
    finest = len(reader.levels) - 1
    for left, top, width, height in reader.index.pyramid.boxes(finest):
        tile = reader.tile(finest, left // TILE, top // TILE)
        if tile is None:
            raise PackError(f"{reader.path.name} lacks the tile at {left},{top}")
        pixels[top : top + height, left : left + width] = webp.decode(tile)
    return pixels
