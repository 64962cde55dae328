"""Frames around a candidate: rows or columns of one value, or that only repeat the next."""

from dataclasses import dataclass

from analysis.preflight.sketch import Sketch

SIDES = ("left", "top", "right", "bottom")

_PLAIN = 1.5  # standard deviation of a row of one value, with room for JPEG
_LIVELY = 4.0  # that of a row, or of the step to it, that is part of a picture
_SAME = 0.02  # mean difference of two rows, of which one repeats the other
_LEAST = 2  # a single row may repeat the next by chance
_DIFFERENT = 1.0  # mean difference of rows of a picture


@dataclass(frozen=True)
class Frame:
    """A border along one side: how many pixels wide, and whether plain or repeating the picture's edge."""

    side: str
    width: int
    plain: bool


def frames(seen: Sketch) -> list[Frame]:
    """Return the borders of an image that end abruptly within the part of it that was described."""
    found = []
    for side, rows in zip(SIDES, seen.edges.tolist(), strict=True):
        plain = _leading([spread < _PLAIN for spread, _ in rows])
        if 0 < plain < len(rows) and max(rows[plain][0], rows[plain - 1][1]) > _LIVELY:
            found.append(Frame(side, plain, plain=True))
        repeated = _leading([spread >= _LIVELY and step < _SAME for spread, step in rows])
        steps = sorted(step for _, step in rows[repeated:])
        # Where rows repeat each other everywhere the picture was enlarged so.
        if _LEAST <= repeated < len(rows) and steps[len(steps) // 4] >= _DIFFERENT:
            found.append(Frame(side, repeated, plain=False))
    return found


def _leading(marks: list[bool]) -> int:
    return next((place for place, mark in enumerate(marks) if not mark), len(marks))
