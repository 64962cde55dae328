"""The colour photographs inside the scikit-image wheel, read from disk and never downloaded."""

from importlib.util import find_spec
from pathlib import Path

import numpy as np
from PIL import Image

from studyapp.errors import StudyError

PHOTOGRAPHS = {
    "astronaut": "astronaut.png",
    "chelsea": "chelsea.png",
    "coffee": "coffee.png",
    "hubble": "hubble_deep_field.jpg",
    "ihc": "ihc.png",
    "motorcycle": "motorcycle_left.png",
    "motorcycle-right": "motorcycle_right.png",
    "retina": "retina.jpg",
    "rocket": "rocket.jpg",
}

_NEEDED = {"skimage": "scikit-image", "cv2": "OpenCV", "pywt": "PyWavelets"}


def require_demo_extra() -> None:
    """Raise StudyError when a library that the sample study needs is not installed."""
    missing = [name for module, name in _NEEDED.items() if find_spec(module) is None]
    if missing:
        raise StudyError(f"the sample study needs {', '.join(missing)}; install studyapp[demo]")


def load_photograph(name: str) -> np.ndarray:
    """Read one photograph.

    Parameters
    ----------
    name
        A key of `PHOTOGRAPHS`.

    Returns
    -------
    numpy.ndarray
        uint8, height x width x 3, RGB.

    Raises
    ------
    StudyError
        When scikit-image, or this photograph in it, is not installed.

    Examples
    --------
    >>> load_photograph("chelsea").shape
    (300, 451, 3)
    """
    path = _folder() / PHOTOGRAPHS[name]
    if not path.is_file():
        raise StudyError(f"the photograph {path.name} is missing from {path.parent}; reinstall scikit-image")
    with Image.open(path) as image:
        return np.asarray(image.convert("RGB"))


def _folder() -> Path:
    # skimage.data itself would fetch missing files from the network; the files' folder needs no import.
    require_demo_extra()
    spec = find_spec("skimage")
    locations = spec.submodule_search_locations if spec else None
    return Path((locations or [""])[0]) / "data"
