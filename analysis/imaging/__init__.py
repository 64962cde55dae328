"""From an image file to pixels: which files are accepted, and what is done to them."""

import numpy as np
from numpy.typing import NDArray

Pixels = NDArray[np.uint8]
"""(height, width, 3), RGB."""

MAX_PIXELS = 80_000_000
"""The largest image that is accepted by default."""
