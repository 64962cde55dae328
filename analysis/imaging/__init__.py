"""From an image file to pixels: which files are accepted, and what is done to them."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Pixels = NDArray[np.uint8]
"""(height, width, 3), RGB."""

MAX_PIXELS = 80_000_000
"""The largest image that is accepted by default."""

SRGB = "sRGB"
"""What the space of a file that says nothing, or sRGB, is called."""


@dataclass(frozen=True)
class Policy:
    """What may be done to a study's image files, for judging and scoring alike.

    Attributes
    ----------
    max_pixels
        The largest width x height.
    convert
        Whether other colour spaces are converted to sRGB; else such files are refused.
    mix
        Whether files of one image may come in different colour spaces.
    base
        Whether the SDR picture of a file with an HDR gain map is taken; else such files are refused.
    """

    max_pixels: int = MAX_PIXELS
    convert: bool = True
    mix: bool = False
    base: bool = False

    def allows(self, needs: tuple[str, ...]) -> bool:
        """Tell whether pixels may be used that came about by these (`convert`, `base`)."""
        return all(getattr(self, name) for name in needs)


USUAL = Policy()
"""The default: files are converted if those of an image are alike."""
ACCEPTED = Policy(mix=True, base=True)
"""For files that a study has let in, by whatever policy it has."""
