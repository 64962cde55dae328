"""Whether one image is another saved as JPEG: saving that at the right quality explains the difference."""

import io

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from analysis.preflight.sketch import Grey

_QUALITIES = range(99, 69, -1)
_ROUNDING = 0.6  # mean squared difference that colour conversion leaves; a JPEG that only smooths leaves more
_EXPLAINED = 0.5  # of the difference: as much may be left at the right quality, where 0.2 is usual


def jpeg_quality(original: Grey, copy: Grey) -> int | None:
    """Return the quality at which `original`, saved as JPEG, becomes `copy`; None when none explains it.

    Only luma is compared, and the tables are those of libjpeg.

    Parameters
    ----------
    original, copy
        Patches (n, side, side) whose corners lie on the grid of 8 x 8 pixels that JPEG has.
    """
    side = original.shape[-1] // 8 * 8
    first, second = original[:, :side, :side], copy[:, :side, :side]
    # The quality is looked for where the two differ most, and must then explain the other patches, too.
    place = int(np.argmax([_mse(one, other) for one, other in zip(first, second, strict=True)]))
    left = {quality: _mse(_saved(first[place], quality), second[place]) for quality in _QUALITIES}
    best = min(left, key=left.__getitem__)
    if left[best] >= _EXPLAINED * _mse(first[place], second[place]):
        return None
    whole = first.reshape(-1, side), second.reshape(-1, side)
    allowed = min(_ROUNDING, _EXPLAINED * _mse(*whole))
    return best if _mse(_saved(whole[0], best), whole[1]) < allowed else None


def _saved(grey: Grey, quality: int) -> Grey:
    buffer = io.BytesIO()
    Image.fromarray(grey).save(buffer, "JPEG", quality=quality)
    with Image.open(buffer) as image:
        return np.asarray(image)


def _mse(first: NDArray, second: NDArray) -> float:
    return float(np.mean((first.astype(np.float32) - second) ** 2))
