"""The small form of a site: of each picture an overview, and parts of it pixel for pixel.

Parts are the organisers' regions, of every picture; what judges marked, of the candidate that they spoke of
and of the input; and the middle, where an image has neither.
"""

import io
from collections import defaultdict
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field

import numpy as np
from PIL import Image

from analysis.imaging import Pixels
from studyapp.core.tiles import TILE, Box
from studyapp.imaging import webp
from studyapp.imaging.pack_index import PackError, PackIndex
from studyapp.imaging.pack_reader import PackReader
from studyapp.services.publishing.contents import Scene, Shown
from studyapp.services.publishing.marks import Mark

LARGEST = 1024
"""Pixels of a part each way; of a larger region the middle."""
USUAL = 512
"""Of the middle of an image in which nobody pointed anywhere."""
OVERVIEW = "overview.webp"
BYTES_A_PIXEL = 0.12
"""Of an overview, about."""


@dataclass(frozen=True)
class Part:
    """A place on an image and what it is: a region, a mark, or the middle."""

    name: str
    """Of its file."""
    box: Box
    region: str | None = None
    marks: tuple[Mark, ...] = ()


@dataclass
class Parts:
    """The parts of an image, and which of them each picture has."""

    all: list[Part] = field(default_factory=list)
    of: dict[str, list[Part]] = field(default_factory=lambda: defaultdict(list))


def parts_of(scene: Scene, regions: list[Mark], marks: list[Mark]) -> Parts:
    """Say what is cut out of an image's pictures."""
    found = Parts()
    marked: dict[Box, list[Mark]] = defaultdict(list)
    for mark in (mark for mark in marks if mark["x"] is not None):
        marked[_within(scene, _box(mark))].append(mark)
    boxes = {_within(scene, _box(region)): region["name"] for region in regions}
    if not boxes and not marked:
        boxes[_middle(Box(0, 0, scene.width, scene.height), USUAL)] = ""
    for box, name in boxes.items():
        part = Part(_name(box), box, name, tuple(marked.pop(box, ())))
        found.all.append(part)
        for picture in scene.pictures:
            found.of[picture.place].append(part)
    for box, own in sorted(marked.items()):
        part = Part(_name(box), box, None, tuple(own))
        found.all.append(part)
        teams = {mark["team"] for mark in own}
        for picture in scene.pictures:
            if picture is scene.input or picture.team in teams:
                found.of[picture.place].append(part)
    return found


def crops(picture: Shown, parts: list[Part]) -> Iterator[tuple[str, bytes]]:
    """Yield the name and content of each file: the overview, then each part as lossless WebP.

    Raises
    ------
    PackError
        When a tile is missing or damaged.
    """
    try:
        with PackReader(picture.pack) as reader:
            yield OVERVIEW, _overview(reader)
            for part in parts:
                yield part.name, webp.encode(Image.fromarray(_pixels(reader, part.box)))
    except (OSError, SyntaxError) as error:
        raise PackError(f"{picture.pack.name} cannot be read ({error})") from error


def crops_size(index: PackIndex, parts: list[Part]) -> list[int]:
    """Return about how many bytes each file has, from the index of a pack alone."""
    width, height = index.pyramid.sizes[0]
    return [int(width * height * BYTES_A_PIXEL), *(_size(index, part.box) for part in parts)]


def _size(index: PackIndex, box: Box) -> int:
    total = 0.0
    for tile, share in _tiles(index, box):
        place = index.pyramid.position(*tile) or 0
        total += (index.offsets[place + 1] - index.offsets[place]) * share
    return int(total)


def _tiles(index: PackIndex, box: Box) -> Iterator[tuple[tuple[int, int, int], float]]:
    """The tiles of full resolution that a place touches, and which share of each it needs."""
    pyramid = index.pyramid
    finest = len(pyramid.sizes) - 1
    edge = TILE if finest else max(index.width, index.height)  # the coarsest level is one tile
    for row in range(box.top // edge, -(-(box.top + box.height) // edge)):
        for column in range(box.left // edge, -(-(box.left + box.width) // edge)):
            tile = pyramid.box(finest, column, row)
            wide = min(tile.left + tile.width, box.left + box.width) - max(tile.left, box.left)
            high = min(tile.top + tile.height, box.top + box.height) - max(tile.top, box.top)
            yield (finest, column, row), wide * high / (tile.width * tile.height)


def _pixels(reader: PackReader, box: Box) -> Pixels:
    """Put a place together from the tiles that it touches."""
    pixels = np.empty((box.height, box.width, 3), np.uint8)
    for (level, column, row), _ in _tiles(reader.index, box):
        tile = reader.index.pyramid.box(level, column, row)
        data = reader.tile(level, column, row)
        if data is None:
            raise PackError(f"{reader.path.name} lacks the tile {level}/{column}_{row}")
        left, top = max(tile.left, box.left), max(tile.top, box.top)
        right = min(tile.left + tile.width, box.left + box.width)
        bottom = min(tile.top + tile.height, box.top + box.height)
        pixels[top - box.top : bottom - box.top, left - box.left : right - box.left] = webp.decode(data)[
            top - tile.top : bottom - tile.top, left - tile.left : right - tile.left
        ]
    return pixels


def _overview(reader: PackReader) -> bytes:
    buffer = io.BytesIO()
    coarsest = Image.fromarray(webp.decode(reader.tile(0, 0, 0) or b""))
    coarsest.save(buffer, "WEBP", quality=80, method=4)
    return buffer.getvalue()


def _box(rect: Mapping[str, int]) -> Box:
    return Box(rect["x"], rect["y"], rect["width"], rect["height"])


def _within(scene: Scene, box: Box) -> Box:
    """What of a place lies in all pictures of the image, and is not too large."""
    width = min([scene.width, *(one.index.width for one in scene.pictures)])
    height = min([scene.height, *(one.index.height for one in scene.pictures)])
    left, top = min(max(box.left, 0), width - 1), min(max(box.top, 0), height - 1)
    right, bottom = min(box.left + box.width, width), min(box.top + box.height, height)
    return _middle(Box(left, top, max(right - left, 1), max(bottom - top, 1)), LARGEST)


def _middle(box: Box, most: int) -> Box:
    width, height = min(box.width, most), min(box.height, most)
    return Box(box.left + (box.width - width) // 2, box.top + (box.height - height) // 2, width, height)


def _name(box: Box) -> str:
    return f"{box.left}_{box.top}_{box.width}x{box.height}.webp"
