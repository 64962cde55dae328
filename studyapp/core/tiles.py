"""Tile geometry: which levels an image has, and which rectangle each tile covers. No pixels here."""

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from typing import NamedTuple

TILE = 256
"""Side of a tile in pixels; tiles do not overlap."""

COARSEST = 512
"""Longest side, in pixels, up to which a whole level is one tile."""


class Box(NamedTuple):
    """A rectangle in the pixels of one level: left, top, width, height."""

    left: int
    top: int
    width: int
    height: int


def level_sizes(width: int, height: int) -> list[tuple[int, int]]:
    """Return the sizes of all levels, coarsest first; the last one is the full resolution.

    Each level is half of the next, rounded up, until the longest side is at most 512 pixels.

    Parameters
    ----------
    width, height
        Full resolution in pixels.

    Raises
    ------
    ValueError
        When a side is not positive.

    Examples
    --------
    >>> level_sizes(4032, 3024)
    [(504, 378), (1008, 756), (2016, 1512), (4032, 3024)]
    >>> level_sizes(513, 1)
    [(257, 1), (513, 1)]
    """
    if width < 1 or height < 1:
        raise ValueError(f"an image of {width}x{height} pixels has no tiles; both sides must be at least 1")
    sizes = [(width, height)]
    while max(sizes[-1]) > COARSEST:
        width, height = sizes[-1]
        sizes.append(((width + 1) // 2, (height + 1) // 2))
    return sizes[::-1]


@dataclass(frozen=True)
class Pyramid:
    """The levels of one image and the tiles of each; level 0 is the coarsest, and one tile.

    Examples
    --------
    >>> pyramid = Pyramid(600, 300)
    >>> pyramid.grid(0), pyramid.grid(1)
    ((1, 1), (3, 2))
    >>> pyramid.box(1, 2, 1)
    Box(left=512, top=256, width=88, height=44)
    >>> pyramid.count
    7
    """

    width: int
    height: int

    @cached_property
    def sizes(self) -> tuple[tuple[int, int], ...]:
        """Size of each level, coarsest first."""
        return tuple(level_sizes(self.width, self.height))

    @cached_property
    def _first(self) -> tuple[int, ...]:
        """Number of tiles before each level, and at the end the number of all."""
        totals = [0]
        for level in range(len(self.sizes)):
            columns, rows = self.grid(level)
            totals.append(totals[-1] + columns * rows)
        return tuple(totals)

    @property
    def count(self) -> int:
        """Number of tiles of all levels."""
        return self._first[-1]

    def grid(self, level: int) -> tuple[int, int]:
        """Columns and rows of a level."""
        if level == 0:
            return 1, 1
        width, height = self.sizes[level]
        return -(-width // TILE), -(-height // TILE)

    def box(self, level: int, col: int, row: int) -> Box:
        """Rectangle of a tile in the pixels of its level."""
        width, height = self.sizes[level]
        if level == 0:
            return Box(0, 0, width, height)
        left, top = col * TILE, row * TILE
        return Box(left, top, min(TILE, width - left), min(TILE, height - top))

    def boxes(self, level: int) -> Iterator[Box]:
        """All rectangles of a level, row by row."""
        columns, rows = self.grid(level)
        return (self.box(level, col, row) for row in range(rows) for col in range(columns))

    def position(self, level: int, col: int, row: int) -> int | None:
        """Number of a tile, counting from the coarsest level row by row; None outside the image."""
        if not 0 <= level < len(self.sizes):
            return None
        columns, rows = self.grid(level)
        if not (0 <= col < columns and 0 <= row < rows):
            return None
        return self._first[level] + row * columns + col
