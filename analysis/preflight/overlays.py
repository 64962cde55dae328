"""Marks that all images of a team have at one place: letters, a logo, a stamp.

What a team's image has more or less than the other candidates (or than its input) is taken at each place in
units of that image's own spread, cut off at `_MOST`, and averaged over the images. Differences that honest
methods make belong to the scene and average out; a mark stays.
"""

from collections import defaultdict
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray
from scipy import ndimage

LEAST_IMAGES = 5
"""With fewer images chance alone makes what looks like a mark."""

_MOST = 3.0
_SMOOTH, _WIDE = 1.0, 31
_EDGE = 4  # pixels along the border, where methods do leave traces
_FAINTEST = 0.75  # of 255: a spread below this is rounding
_MAD = 1.4826  # from the median absolute deviation to the standard deviation
_HIGH = 4.5
_AREA = 100


@dataclass(frozen=True)
class Mark:
    """Where a mark is, as the part of a view: its name, the box in it (x, y, width, height), and its area."""

    view: int
    box: tuple[int, int, int, int]
    area: int
    height: float


@dataclass
class Marks:
    """Collects what the images of one team have in common; `add` for each image, then `found`."""

    _sums: dict[tuple[int, int, int], NDArray[np.float32]] = field(default_factory=dict)
    _counts: dict[tuple[int, int, int], int] = field(default_factory=lambda: defaultdict(int))

    def add(self, view: int, difference: NDArray[np.float32]) -> None:
        """Take in the `scaled` difference of one image in one view (a patch, or the small version)."""
        key = (view, *difference.shape)
        self._sums[key] = self._sums[key] + difference if key in self._sums else difference
        self._counts[key] += 1

    def found(self, common: "Marks | None" = None) -> list[Mark]:
        """Return the marks, the largest first, leaving out what the inputs themselves have in `common`."""
        marks = []
        for key, total in self._sums.items():
            if self._counts[key] < LEAST_IMAGES:
                continue
            height = np.abs(total) / np.sqrt(self._counts[key])
            high = height > _HIGH
            if common is not None and key in common._sums:
                theirs = np.abs(common._sums[key]) / np.sqrt(common._counts[key])
                high &= theirs <= _HIGH
            marks += [_mark(key[0], place, piece, height) for place, piece in _pieces(high)]
        return sorted((mark for mark in marks if mark.area >= _AREA), key=lambda mark: -mark.area)


def scaled(difference: NDArray[np.float32]) -> NDArray[np.float32]:
    """Return a difference without what is wide, in units of its own spread, cut off."""
    smooth, wide = ndimage.gaussian_filter(difference, _SMOOTH), ndimage.uniform_filter(difference, _WIDE)
    values = np.asarray(smooth - wide, np.float32)
    inner = values[_EDGE:-_EDGE, _EDGE:-_EDGE]
    spread = _MAD * float(np.median(np.abs(inner - np.median(inner))))
    result = np.zeros_like(values)
    result[_EDGE:-_EDGE, _EDGE:-_EDGE] = np.clip(inner / max(spread, _FAINTEST), -_MOST, _MOST)
    return result


def _pieces(high: NDArray[np.bool_]) -> list[tuple[tuple[slice, slice], NDArray[np.bool_]]]:
    # Letters are near each other but do not touch.
    near = ndimage.binary_dilation(high, iterations=3)
    labels = np.empty(near.shape, np.int32)
    ndimage.label(near, output=labels)
    boxes = ndimage.find_objects(labels)
    return [(box, high[box] & (labels[box] == number)) for number, box in enumerate(boxes, start=1)]


def _mark(
    view: int, place: tuple[slice, slice], piece: NDArray[np.bool_], height: NDArray[np.float32]
) -> Mark:
    rows, columns = np.nonzero(piece)
    top, left = place[0].start + int(rows.min()), place[1].start + int(columns.min())
    size = int(np.ptp(columns)) + 1, int(np.ptp(rows)) + 1
    return Mark(view, (left, top, *size), int(piece.sum()), float(height[place][piece].max()))
