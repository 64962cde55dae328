"""An image file becomes pixels: which files are taken, and what is done to them."""

import numpy as np
from numpy.typing import NDArray

Pixels = NDArray[np.uint8]
"""(height, width, 3), RGB."""

MAX_PIXELS = 80_000_000
"""The largest image that is taken where nothing else is said."""
