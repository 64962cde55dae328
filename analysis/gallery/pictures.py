"""The candidates of an image that stand out, at one and the same place, as small files."""

from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pandas as pd

from analysis.errors import AnalysisError
from analysis.gallery.choice import ImageChoice
from analysis.gallery.places import Place, place_of
from analysis.imaging import Pixels
from analysis.imaging.crops import Rect, as_jpeg, cut_out
from analysis.imaging.scale import scale_of
from analysis.paired.images import judged_pixels
from analysis.processes import cores

INPUT = None
"""The key of the input beside those of the teams."""
Files = Mapping[str | None, Path]


@dataclass(frozen=True)
class Crops:
    """Parts of an image's candidates.

    Attributes
    ----------
    place
        None if no picture could be read.
    files
        JPEG files by team, and of the input.
    problems
        What could not be shown, and why.
    """

    place: Place | None
    files: Mapping[str | None, bytes]
    problems: tuple[str, ...]


def crops_of(choice: ImageChoice, files: Files, *, reasons: pd.DataFrame, maps: pd.DataFrame | None) -> Crops:
    """Cut the candidates that stand out, and the input, at one place.

    The place is where most judges marked something about these candidates; else where judges looked longest;
    else where these candidates differ most.

    Parameters
    ----------
    files
        The picture of each team, and of the input.
    reasons
        As `analysis.reasons.reading.read_reasons` returns them.
    maps
        As `analysis.looking.reading.read_maps` returns them.
    """
    teams = list(choice.shown)
    wanted = {key: files[key] for key in (INPUT, *teams) if key in files}
    pictures, problems = _read(wanted)
    problems += [f"no picture of {team} is given" for team in teams if team not in files]
    own = {team: pictures[team] for team in teams if team in pictures}
    if not own:
        return Crops(None, {}, tuple(problems))
    shape = next(iter(own.values())).shape
    for team in [team for team, picture in own.items() if picture.shape != shape]:
        problems.append(f"the picture of {team} has another size ({_size(own.pop(team))})")
    size = (shape[1], shape[0])
    said = reasons[(reasons["image"].astype(str) == choice.image) & reasons["team"].astype(str).isin(teams)]
    place = place_of(size, image=choice.image, reasons=said, maps=maps, pictures=list(own.values()))
    made: dict[str | None, bytes] = {}
    if INPUT in pictures:
        part = _of_input(pictures[INPUT], place.rect, size)
        if part is None:
            problems.append(f"the input has another size ({_size(pictures[INPUT])}) and is not shown")
        else:
            made[INPUT] = as_jpeg(part)
    made |= {team: as_jpeg(cut_out(picture, place.rect)) for team, picture in own.items()}
    return Crops(place, made, tuple(problems))


def _read(files: Files) -> tuple[dict[str | None, Pixels], list[str]]:
    """Return the pictures that can be read, and of the others why not."""

    def read(path: Path) -> Pixels | str:
        try:
            return judged_pixels(path)
        except AnalysisError as error:
            return str(error)

    with ThreadPoolExecutor(min(len(files), cores()) or 1) as pool:
        found = dict(zip(files, pool.map(read, files.values()), strict=True))
    problems = [
        f"the picture of {'the input' if key is INPUT else key} cannot be shown: {one}"
        for key, one in found.items()
        if isinstance(one, str)
    ]
    return {key: one for key, one in found.items() if not isinstance(one, str)}, problems


def _of_input(picture: Pixels, rect: Rect, size: tuple[int, int]) -> Pixels | None:
    """Return the same part of the input; one that is smaller by a whole number is enlarged by repetition."""
    times = scale_of((picture.shape[1], picture.shape[0]), size)
    if times is None:
        return None
    enlarged = np.repeat(np.repeat(cut_out(picture, _smaller(rect, times)), times, axis=0), times, axis=1)
    return cut_out(enlarged, (rect.left % times, rect.top % times, rect.width, rect.height))


def _smaller(rect: Rect, times: int) -> Rect:
    left, top = rect.left // times, rect.top // times
    right, bottom = -(-(rect.left + rect.width) // times), -(-(rect.top + rect.height) // times)
    return Rect(left, top, right - left, bottom - top)


def _size(picture: Pixels) -> str:
    return f"{picture.shape[1]} x {picture.shape[0]}"
