"""Pictures of a finding: what to look at, side by side, so that nobody has to search for it.

Which ones they are of each kind, `analysis.preflight.finding.PANELS` says.
"""

from collections.abc import Mapping, Sequence

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from analysis.imaging import Pixels
from analysis.imaging.crops import cut_out
from analysis.preflight.borders import frames
from analysis.preflight.evidence import SMALL_VIEW
from analysis.preflight.finding import PANELS, gain_of
from analysis.preflight.matching import grey
from analysis.preflight.sketch import PATCH, patches_of, sketch
from analysis.preflight.tone import levels

Box = tuple[int, int, int, int]
"""x, y, width and height in pixels of a candidate."""

PANEL = 192
"""Longest side of a panel."""

_DETAIL = 96  # pixels across of a detail; each is then shown as two by two
_LEAST = 32


def panels(kind: str, pictures: Mapping[str, Pixels], mark: Sequence[int] | None = None) -> list[Pixels]:
    """Return the panels of a finding, in the order of `PANELS`, all of one size.

    Parameters
    ----------
    kind
        Of the finding.
    pictures
        By name, those among `PANELS[kind]`; an input may be smaller by a whole number.
    mark
        Of the finding.
    """
    team = pictures["team"]
    box = _box(kind, team, mark)
    shown = {name: _cut(one, box, team.shape) for name, one in pictures.items()}
    if "difference" in PANELS[kind]:
        first = next(one for name, one in shown.items() if name != "team")
        shown["difference"] = _difference(first, shown["team"], gain_of(kind))
    return [_enlarged(shown[name]) for name in PANELS[kind]]


def _box(kind: str, team: Pixels, mark: Sequence[int] | None) -> Box:
    """Return the part to show."""
    height, width = team.shape[:2]
    if kind == "border":
        return _at_border(team)
    if mark is not None:
        return _around(mark, (width, height))
    if "difference" in PANELS[kind]:
        return _liveliest(team, corners_only=kind in ("scale", "rotation"))
    return 0, 0, width, height


def _liveliest(team: Pixels, *, corners_only: bool) -> Box:
    """Return the middle of the patch with most detail, in a corner where a fault is largest there."""
    height, width = team.shape[:2]
    side, places = patches_of((width, height))
    chosen = places[[0, 2, 6, 8]] if corners_only else places
    inner = min(side, _DETAIL)
    start = (side - inner) // 2
    boxes = [(int(x) + start, int(y) + start, inner, inner) for x, y in chosen]
    return max(boxes, key=lambda box: float(_cut(team, box, team.shape).std()))


def _at_border(team: Pixels) -> Box:
    """Return a piece of the side that has the widest border, in the middle of that side."""
    height, width = team.shape[:2]
    seen = sketch(team)
    widest = max(frames(seen) if seen else (), key=lambda frame: frame.width, default=None)
    inner = min(width, height, _LEAST if widest is None else max(_LEAST, 3 * widest.width))
    x, y = (width - inner) // 2, (height - inner) // 2
    side = "left" if widest is None else widest.side
    return {
        "left": (0, y, inner, inner),
        "right": (width - inner, y, inner, inner),
        "top": (x, 0, inner, inner),
        "bottom": (x, height - inner, inner, inner),
    }[side]


def _around(mark: Sequence[int], size: tuple[int, int]) -> Box:
    """Return a square around a mark; its place in a view says where it is in the image."""
    view, x, y, across, down = mark
    width, height = size
    if view == SMALL_VIEW:
        x, across = (value * width // PATCH for value in (x, across))
        y, down = (value * height // PATCH for value in (y, down))
    else:
        left, top = (int(value) for value in patches_of(size)[1][view])
        x, y = x + left, y + top
    inner = min(width, height, max(2 * _LEAST, 3 * max(across, down) // 2))
    left = min(max(0, x + across // 2 - inner // 2), width - inner)
    top = min(max(0, y + down // 2 - inner // 2), height - inner)
    return left, top, inner, inner


def _cut(picture: Pixels, box: Box, full: tuple[int, ...]) -> Pixels:
    """Return the part of a picture that shows what the box shows of a picture of the full size."""
    x, y, width, height = box
    if picture.shape == full:
        return cut_out(picture, box)
    across, down = picture.shape[1] / full[1], picture.shape[0] / full[0]
    part = (x * across, y * down, (x + width) * across, (y + height) * down)
    sized = Image.fromarray(picture).resize((width, height), Image.Resampling.BICUBIC, box=part)
    return np.asarray(sized)


def _difference(first: Pixels, second: Pixels, gain: int) -> Pixels:
    mine, theirs = (grey(one.astype(np.float32)) for one in (first, second))
    times, add = levels(mine, theirs)
    apart = 128 + gain * (theirs - times * mine - add)
    return np.repeat(_bytes(apart)[..., None], 3, axis=2)


def _bytes(values: NDArray) -> NDArray[np.uint8]:
    return np.clip(np.rint(values), 0, 255).astype(np.uint8)


def _enlarged(part: Pixels) -> Pixels:
    """Return a detail as a panel whose pixels can be told apart; what is larger is reduced."""
    longest = max(part.shape[:2])
    if longest > PANEL:
        small = Image.fromarray(np.ascontiguousarray(part))
        small.thumbnail((PANEL, PANEL), Image.Resampling.BOX, reducing_gap=2.0)
        return np.asarray(small)
    times = PANEL // longest
    return np.repeat(np.repeat(part, times, axis=0), times, axis=1)
