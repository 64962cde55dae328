"""Parts of a picture cut out of its tile pack, pixel for pixel."""

from dataclasses import dataclass
from pathlib import Path

from analysis.files import write_whole
from analysis.imaging.crops import as_png, cut_out
from studyapp.core.tiles import Box
from studyapp.imaging.pack_check import PackCheck, checked_pixels
from studyapp.imaging.pack_index import PackError


@dataclass(frozen=True)
class Cut:
    """A pack, and what to cut out of it: rectangles and the PNG files to write."""

    check: PackCheck
    parts: tuple[tuple[Box, Path], ...]

    def __str__(self) -> str:
        return str(self.check)


def cut(task: Cut) -> str | None:
    """Write the parts as PNG; return what is wrong with the pack, and then nothing was written."""
    try:
        pixels = checked_pixels(task.check)
    except PackError as error:
        return str(error)
    for box, path in task.parts:
        path.parent.mkdir(parents=True, exist_ok=True)
        write_whole(path, as_png(cut_out(pixels, box)))
    return None
