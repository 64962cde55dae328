"""Pictures of a team's sheet: a part of its image beside the input, and the whole with judges' marks."""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import numpy as np
import pandas as pd
from PIL import Image, ImageDraw, ImageFont

from analysis.fonts import MAIN_FILES, main_folder
from analysis.gallery.places import Place, differing, marked
from analysis.imaging import Pixels
from analysis.imaging.crops import Rect, as_jpeg, cut_out
from analysis.imaging.scale import scale_of
from analysis.paired.images import judged_pixels
from studyapp.imaging.ingest import enlarge

LONGEST = 720
"""Pixels of the longer side of an image with marks."""
HUES = {"better": "#1d70b8", "worse": "#c2410c"}
BOTH = "#4c4c4c"


@dataclass(frozen=True)
class Mark:
    """A region that a judge drew: its number in the table of reasons, and what was said."""

    number: int
    rect: Rect
    direction: str


def beside_input(candidate: Path, given: Path | None, reasons: pd.DataFrame) -> tuple[Place, list[bytes]]:
    """Return the same part of a candidate and of its input as JPEG files, the candidate's first.

    The part is where most judges marked something, else where the two differ most; without an input of a
    fitting size the middle, and the candidate alone.

    Raises
    ------
    AnalysisError
        If the candidate cannot be read.
    """
    own = judged_pixels(candidate)
    size = (own.shape[1], own.shape[0])
    before = None if given is None else _as_large(judged_pixels(given), size)
    both = [own] if before is None else [own, before]
    place = marked(reasons, size)
    if place is None:
        place = differing(both)
        if before is not None:
            place = Place(place.rect, "where it differs most from the input")
    return place, [as_jpeg(cut_out(picture, place.rect)) for picture in both]


def with_marks(candidate: Path, marks: Sequence[Mark]) -> bytes:
    """Return the whole image as a JPEG file, small, with the regions and their numbers drawn on it.

    Raises
    ------
    AnalysisError
        If it cannot be read.
    """
    whole = Image.fromarray(judged_pixels(candidate))
    scale = min(1.0, LONGEST / max(whole.size))
    shown = whole.resize((round(whole.width * scale), round(whole.height * scale)), Image.Resampling.LANCZOS)
    pen, font = ImageDraw.Draw(shown), _font()
    for rect, numbers, directions in _together(marks):
        left, top, width, height = (round(value * scale) for value in rect)
        hue = HUES[directions.pop()] if len(directions) == 1 else BOTH
        pen.rectangle((left - 1, top - 1, left + width + 1, top + height + 1), outline="white", width=4)
        pen.rectangle((left, top, left + width, top + height), outline=hue, width=2)
        text = ", ".join(map(str, numbers))
        box = pen.textbbox((0, 0), text, font=font)
        x = min(max(left, 0), shown.width - box[2] - 6)
        y = top - box[3] - 5 if top > box[3] + 5 else top + height + 2
        y = min(y, shown.height - box[3] - 5)
        pen.rectangle((x, y, x + box[2] + 6, y + box[3] + 4), fill=hue)
        pen.text((x + 3, y + 1), text, fill="white", font=font)
    return as_jpeg(np.asarray(shown))


def _together(marks: Sequence[Mark]) -> list[tuple[Rect, list[int], set[str]]]:
    """Join marks of the same place, whose numbers would cover each other."""
    found: dict[Rect, tuple[list[int], set[str]]] = {}
    for mark in marks:
        numbers, directions = found.setdefault(mark.rect, ([], set()))
        numbers.append(mark.number)
        directions.add(mark.direction)
    return [(rect, *said) for rect, said in found.items()]


def _as_large(given: Pixels, size: tuple[int, int]) -> Pixels | None:
    scale = scale_of((given.shape[1], given.shape[0]), size)
    return None if scale is None else enlarge(given, scale)


@cache
def _font() -> ImageFont.FreeTypeFont:
    return ImageFont.truetype(main_folder() / MAIN_FILES[1], 15)
