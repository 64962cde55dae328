"""regions.csv: rectangles of an image that every judge is led to first."""

from collections.abc import Mapping, Sequence
from pathlib import Path

from analysis.did_you_mean import nearest
from studyapp.core.csv_file import Row, check_rows, read_csv
from studyapp.errors import Problem, errors_of

REGIONS_FILE = "regions.csv"
EDGES = ("x", "y", "width", "height")
Rect = tuple[int, int, int, int]


def read_regions(path: Path, images: Sequence[str]) -> tuple[dict[str, list[Rect]], list[Problem]]:
    """Read regions.csv and name everything wrong with it.

    Parameters
    ----------
    path
        The file; columns image, x, y, width and height, in pixels of the image, in the order of stepping.
    images
        The study's image names.
    """
    file = read_csv(path, required=["image", *EDGES])
    if errors_of(file.problems):
        return {}, file.problems

    def rule(row: Row) -> list[tuple[str, str]]:
        return _problems_of(row, images)

    wrong = check_rows(path.name, file.rows, rule)
    regions: dict[str, list[Rect]] = {}
    for row in [] if wrong else file.rows:
        x, y, width, height = (int(row.values[edge]) for edge in EDGES)
        regions.setdefault(row.values["image"], []).append((x, y, width, height))
    return regions, [*file.problems, *wrong]


def outside(regions: Mapping[str, Sequence[Rect]], sizes: Mapping[str, tuple[int, int]]) -> list[Problem]:
    """Name the regions that reach beyond their image, given each image's width and height."""
    return [
        Problem(REGIONS_FILE, f"{rect} reaches beyond image {image} of {sizes[image]}", "make it smaller")
        for image, rects in regions.items()
        for rect in rects
        if rect[0] + rect[2] > sizes[image][0] or rect[1] + rect[3] > sizes[image][1]
    ]


def _problems_of(row: Row, images: Sequence[str]) -> list[tuple[str, str]]:
    found = []
    image = row.values["image"]
    if image not in images:
        meant = nearest(image, images)
        remedy = (
            f"did you mean {meant!r}?" if meant else "use the name of a file in input/, without its extension"
        )
        found.append((f"no image {image!r}", remedy))
    for edge in EDGES:
        text = row.values[edge]
        if not text.isdecimal() or (edge in ("width", "height") and int(text) == 0):
            found.append((f"{edge} {text!r} is not a number of pixels", "write a whole number of pixels"))
    return found
