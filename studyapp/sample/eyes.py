"""How simulated judges look: they fetch tiles, recognise the photograph, and appraise what they see."""

import hashlib
import io
from collections.abc import Callable, Mapping
from threading import Lock
from typing import Any

import numpy as np
from PIL import Image

from studyapp.core.tiles import Pyramid
from studyapp.sample.appraisal import appraise, pyramid
from studyapp.sample.browser import SimulationError

# Where a large image is looked at in full resolution, as fractions of its tile grid.
PLACES = ((0.3, 0.25), (0.65, 0.4), (0.45, 0.75))
_MAX_DIFFERENCE = 40.0

View = tuple[int, int, int]
Fetch = Callable[[str], bytes]


class Eyes:
    """Sees candidates beside the originals; shared by the judges of one simulation.

    A tile that was seen before is known again by the hash of its bytes, so that every view is decoded and
    appraised once, however many judges look at it. That shortcut is the simulation's own: the judges still
    fetch every tile they look at.

    Parameters
    ----------
    originals
        Undamaged pixels by image: uint8, height x width x 3.
    """

    def __init__(self, originals: Mapping[str, np.ndarray]) -> None:
        sizes = {image: Pyramid(pixels.shape[1], pixels.shape[0]) for image, pixels in originals.items()}
        self._geometry = sizes
        self._levels = {
            image: pyramid(pixels, len(sizes[image].sizes)) for image, pixels in originals.items()
        }
        self._seen: dict[tuple[str, View, bytes], np.ndarray] = {}
        self._names: dict[bytes, str] = {}
        self._lock = Lock()

    def recognise(self, trial: Any, fetch: Fetch) -> str:
        """Return which original the trial's input was made from: the nearest of its size.

        Raises
        ------
        SimulationError
            When none is near.
        """
        content = fetch(_address(trial["input"], (0, 0, 0)))
        digest = hashlib.sha256(content).digest()
        if digest not in self._names:
            size = trial["image"]["width"], trial["image"]["height"]
            seen = _decode(content).astype(np.int16)
            distances = {
                image: float(np.abs(levels[0] - seen).mean())
                for image, levels in self._levels.items()
                if (self._geometry[image].width, self._geometry[image].height) == size
            }
            nearest = min(distances, key=lambda image: distances[image], default=None)
            if nearest is None or distances[nearest] > _MAX_DIFFERENCE:
                raise SimulationError(
                    f"no original looks like the {size[0]}x{size[1]} input shown; "
                    "simulated judges can judge only the sample study"
                )
            self._names[digest] = nearest
        return self._names[digest]

    def views(self, image: str, places: tuple[int, ...]) -> list[View]:
        """Return what to look at, as (level, column, row): the whole, and `places` in full resolution."""
        geometry = self._geometry[image]
        last = len(geometry.sizes) - 1
        columns, rows = geometry.grid(last)
        close = [(last, int(PLACES[place][0] * columns), int(PLACES[place][1] * rows)) for place in places]
        return [(0, 0, 0), *(close if last else [])]

    def appraise(self, image: str, slot: Any, views: list[View], fetch: Fetch) -> np.ndarray:
        """Return the mean of the appraisals of one slot's `views`: a number for each feature."""
        return np.mean([self._appraise(image, view, fetch(_address(slot, view))) for view in views], axis=0)

    def _appraise(self, image: str, view: View, content: bytes) -> np.ndarray:
        known = image, view, hashlib.sha256(content).digest()
        # One look at a time: a second thread would only repeat the same work on the same processors.
        with self._lock:
            if known not in self._seen:
                level, column, row = view
                left, top, width, height = self._geometry[image].box(level, column, row)
                original = self._levels[image][level][top : top + height, left : left + width]
                self._seen[known] = appraise(_decode(content), original)
            return self._seen[known]


def _address(pane: Any, view: View) -> str:
    level, column, row = view
    return f"{pane['tiles']}/{level}/{column}_{row}"


def _decode(content: bytes) -> np.ndarray:
    with Image.open(io.BytesIO(content)) as image:
        return np.asarray(image.convert("RGB"))
