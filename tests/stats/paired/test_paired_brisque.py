"""BRISQUE by OpenCV's definition, next to what OpenCV 4.10.0 (cv2.quality) gives for the same pictures."""

import numpy as np
import pytest

from analysis.errors import AnalysisError
from analysis.paired.brisque import brisque
from analysis.paired.pixels import grey

OPENCV = {
    "leaves": (42.96516, 42.18824),
    "odd": (42.38159, 42.54633),
    "many-blocks": (43.04932, 43.83923),
    "clipped": (5.78346, 0.0),
}


@pytest.mark.parametrize("name", OPENCV)
def test_values_are_opencvs(pictures, name):
    """OpenCV computes in single precision, and cuts to 0 to 100; a step of the shape's grid is 0.02."""
    for picture, value in zip(pictures[name], OPENCV[name], strict=True):
        assert max(brisque(picture), 0.0) == pytest.approx(value, abs=0.03)


def test_grey_is_that_of_the_colours(pictures):
    picture, _ = pictures["odd"]
    assert brisque(picture) == brisque(grey(picture))


def test_what_has_no_value_is_said():
    with pytest.raises(AnalysisError, match="has no structure"):
        brisque(np.full((40, 40, 3), 7, np.uint8))
    with pytest.raises(AnalysisError, match="16 pixels on each side; this image is 40x9"):
        brisque(np.zeros((9, 40, 3), np.uint8))
