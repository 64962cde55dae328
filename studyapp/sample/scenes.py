"""The scenes of the sample study: which part of which photograph each image shows."""

from dataclasses import dataclass
from functools import lru_cache
from typing import Literal

import numpy as np

from studyapp.sample.photographs import PHOTOGRAPHS, load_photograph

Size = Literal["full", "small"]
Role = Literal["practice", "unpaired", "paired"]

SEED = 20240
MOSAIC_CELL = (504, 432)


@dataclass(frozen=True)
class Scene:
    """One image of the sample study.

    `box` is (left, top, width, height) in pixels of the photograph; the mosaic has no photograph of its own
    and takes only the width and height.
    """

    image: str
    role: Role
    photograph: str
    box: tuple[int, int, int, int]

    def original(self) -> np.ndarray:
        """Return the undamaged pixels: uint8, height x width x 3."""
        left, top, width, height = self.box
        if self.photograph == "mosaic":
            return mosaic(width, height, rng=np.random.default_rng(SEED))
        return _photograph(self.photograph)[top : top + height, left : left + width].copy()


_FULL = (
    Scene("000", "practice", "motorcycle-right", (360, 40, 360, 360)),
    Scene("001", "unpaired", "astronaut", (0, 0, 512, 512)),
    Scene("002", "unpaired", "chelsea", (0, 0, 451, 300)),
    Scene("003", "unpaired", "coffee", (0, 0, 600, 400)),
    Scene("004", "unpaired", "hubble", (0, 0, 600, 600)),
    Scene("005", "unpaired", "ihc", (0, 0, 512, 300)),
    Scene("006", "unpaired", "motorcycle", (0, 0, 741, 500)),
    Scene("007", "unpaired", "retina", (40, 300, 800, 800)),
    Scene("008", "unpaired", "rocket", (0, 0, 640, 427)),
    Scene("009", "unpaired", "retina", (860, 240, 480, 640)),
    Scene("010", "unpaired", "mosaic", (0, 0, 4032, 3024)),
    Scene("101", "paired", "hubble", (600, 0, 400, 600)),
    Scene("102", "paired", "ihc", (0, 300, 512, 212)),
    Scene("103", "paired", "motorcycle-right", (0, 40, 360, 360)),
    Scene("104", "paired", "retina", (400, 1100, 600, 250)),
)
_SMALL = (
    Scene("000", "practice", "coffee", (300, 60, 256, 256)),
    Scene("001", "unpaired", "astronaut", (130, 0, 320, 256)),
    Scene("002", "unpaired", "chelsea", (60, 30, 320, 256)),
    Scene("003", "unpaired", "rocket", (200, 120, 400, 300)),
    Scene("101", "paired", "ihc", (0, 0, 256, 256)),
)


def scenes(size: Size) -> tuple[Scene, ...]:
    """Return the scenes of the full sample study, or of the small one made for tests."""
    return {"full": _FULL, "small": _SMALL}[size]


def mosaic(width: int, height: int, *, rng: np.random.Generator) -> np.ndarray:
    """Lay the photographs side by side at their native resolution, flipped, turned and cropped at random.

    Nothing is scaled, so that every part of the mosaic has a photograph's own detail. A photograph smaller
    than its cell is continued by its mirror image.

    Parameters
    ----------
    width, height
        In pixels; cells at the right and lower border are cut off.
    rng
        Decides the order, the crops, the flips and the half turns.

    Returns
    -------
    numpy.ndarray
        uint8, height x width x 3.
    """
    cell_width, cell_height = MOSAIC_CELL
    canvas = np.empty((height, width, 3), np.uint8)
    names: list[str] = []
    for top in range(0, height, cell_height):
        for left in range(0, width, cell_width):
            names = names or [str(name) for name in rng.permutation(sorted(PHOTOGRAPHS))]
            cell = _cell(_photograph(names.pop()), rng)
            target = canvas[top : top + cell_height, left : left + cell_width]
            target[:] = cell[: target.shape[0], : target.shape[1]]
    return canvas


def _cell(photograph: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    width, height = MOSAIC_CELL
    missing = [
        (0, max(0, need - have)) for need, have in zip((height, width), photograph.shape, strict=False)
    ]
    filled = np.pad(photograph, [*missing, (0, 0)], mode="symmetric")
    top = int(rng.integers(filled.shape[0] - height + 1))
    left = int(rng.integers(filled.shape[1] - width + 1))
    cell = filled[top : top + height, left : left + width]
    vertical, horizontal = (int(step) for step in rng.choice([-1, 1], size=2))
    return cell[::vertical, ::horizontal]


@lru_cache(maxsize=len(PHOTOGRAPHS))
def _photograph(name: str) -> np.ndarray:
    return load_photograph(name)
