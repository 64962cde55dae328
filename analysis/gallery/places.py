"""Which part of an image to show at 1:1: where judges marked or looked, or where candidates differ most."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from analysis.amounts import how_many
from analysis.imaging import Pixels
from analysis.imaging.crops import Rect
from analysis.looking.coverage import cell_areas, total_map

SIDE = 224
"""Pixels of a crop; four stand beside each other on a page."""
LONGER = 1.1
"""How many times longer than the average of the image a part must have been on the screen to count as looked
at; nothing is said by judges who saw the image as a whole.
"""
_BLOCK = 8


@dataclass(frozen=True)
class Place:
    """A part of an image, and why it is this one."""

    rect: Rect
    why: str


def place_of(
    size: tuple[int, int],
    *,
    image: str,
    reasons: pd.DataFrame,
    maps: pd.DataFrame | None,
    pictures: Sequence[Pixels],
) -> Place:
    """Return which part of an image to show.

    Parameters
    ----------
    size
        Width and height of the image.
    reasons
        About the candidates that are shown, on this image.
    maps
        Of all images.
    pictures
        The candidates that are shown.
    """
    if max(size) <= SIDE:
        return Place(Rect(0, 0, *size), "the whole image")
    found = marked(reasons, size) or (None if maps is None else looked(maps, image, size))
    return found or differing(pictures)


def marked(reasons: pd.DataFrame, size: tuple[int, int]) -> Place | None:
    """Return where most judges marked something: the most judges with a rectangle whose middle is in it."""
    drawn = reasons[reasons["width"].notna()]
    if drawn.empty:
        return None
    middle = (drawn[["x", "y"]].to_numpy() + drawn[["width", "height"]].to_numpy() / 2).astype(float)
    judges = drawn["judge"].astype(str).to_numpy()
    found = []
    for x, y in middle:
        rect = around(x, y, size)
        end = np.array([rect.left + rect.width, rect.top + rect.height])
        inside = ((middle >= rect[:2]) & (middle <= end)).all(axis=1)
        found.append((-len(set(judges[inside])), -int(inside.sum()), rect.top, rect.left, rect))
    judged, marks, _, _, rect = min(found)
    return Place(rect, f"marked by {how_many(-judged, 'judges')} ({how_many(-marks, 'regions')})")


def looked(maps: pd.DataFrame, image: str, size: tuple[int, int]) -> Place | None:
    """Return where judges looked longest; None if nobody looked closer at one part than at another."""
    own = maps[(maps["image"].astype(str) == image) & (maps["kind"].astype(str) == "main")]
    if own.empty or tuple(own[["width", "height"]].iloc[0].astype(int)) != size:
        return None
    seconds, cell = total_map(own, image), float(own["cell"].iloc[0])
    if not seconds.sum():
        return None
    density = seconds / cell_areas(own, image)
    width, height = (min(SIDE, side) for side in size)
    lefts, tops = (_starts(side, length, cell) for side, length in zip(size, (width, height), strict=True))
    times = (
        _overlaps(tops, height, density.shape[0], cell)
        @ density
        @ _overlaps(lefts, width, density.shape[1], cell).T
    )
    row, column = np.unravel_index(np.argmax(np.round(times, 9)), times.shape)
    longer = times[row, column] / (width * height) / (seconds.sum() / (size[0] * size[1]))
    if longer < LONGER:
        return None
    rect = Rect(int(lefts[column]), int(tops[row]), width, height)
    return Place(rect, f"where {how_many(own['judge'].nunique(), 'judges')} looked longest")


def differing(pictures: Sequence[Pixels]) -> Place:
    """Return where pictures of one size differ most: the largest mean difference of their luma."""
    height, width = pictures[0].shape[:2]
    rect = Rect(0, 0, min(SIDE, width), min(SIDE, height))
    why = "where these candidates differ most"
    if len(pictures) < 2:
        return Place(around(width / 2, height / 2, (width, height)), "the middle")
    grey = np.stack([_blocks(picture) for picture in pictures])
    apart = np.pad(grey.max(axis=0) - grey.min(axis=0), ((1, 0), (1, 0))).cumsum(axis=0).cumsum(axis=1)
    down, across = (max(1, min(length // _BLOCK, side - 1)) for length, side in zip(
        (rect.height, rect.width), apart.shape, strict=True
    ))  # fmt: skip
    sums = apart[down:, across:] - apart[:-down, across:] - apart[down:, :-across] + apart[:-down, :-across]
    row, column = np.unravel_index(np.argmax(np.round(sums, 6)), sums.shape)
    left, top = min(int(column) * _BLOCK, width - rect.width), min(int(row) * _BLOCK, height - rect.height)
    return Place(rect._replace(left=left, top=top), why)


def around(x: float, y: float, size: tuple[int, int]) -> Rect:
    """Return the crop with this middle, moved inwards at the edges of the image."""
    width, height = (min(SIDE, side) for side in size)
    left, top = (
        int(min(max(round(middle - length / 2), 0), side - length))
        for middle, length, side in zip((x, y), (width, height), size, strict=True)
    )
    return Rect(left, top, width, height)


def _starts(side: int, length: int, cell: float) -> NDArray[np.int64]:
    """Where crops begin that are tried: with the middle of each cell in their middle."""
    middles = np.arange(cell / 2, side + cell / 2, cell)
    return np.clip(np.round(middles - length / 2), 0, side - length).astype(np.int64)


def _overlaps(starts: NDArray[np.int64], length: int, cells: int, cell: float) -> NDArray[np.float64]:
    """How many pixels of each crop lie in each cell, along one side."""
    begin = np.arange(cells) * cell
    low = np.maximum(starts[:, None], begin)
    high = np.minimum(starts[:, None] + length, begin + cell)
    return np.clip(high - low, 0, None)


def _blocks(picture: Pixels) -> NDArray[np.float64]:
    """Luma of a picture, averaged over blocks; what is left at the right and lower edge is cut off."""
    rows, columns = (min(_BLOCK, side) for side in picture.shape[:2])
    height, width = picture.shape[0] // rows, picture.shape[1] // columns
    part = picture[: height * rows, : width * columns].astype(np.float32)
    luma = part @ np.array([0.299, 0.587, 0.114], dtype=np.float32)
    return luma.reshape(height, rows, width, columns).mean(axis=(1, 3)).astype(np.float64)
