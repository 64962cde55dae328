"""Which way round a candidate shows its scene, and whether it shows that scene at all."""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from analysis.preflight.matching import Values, common_small, grey
from analysis.preflight.shift import cross_spectra, shift_of
from analysis.preflight.sketch import Sketch

_SIDE = 128
_REACH = 0.25  # of the shorter side
_LIKE = 0.7  # correlation: of honest results 0.95 and more, of other scenes up to 0.65
_CLEARER = 1.1  # times the peak of the picture as it is: of turned ones 1.07 and more, of others up to 0.98
_FLAT = 2.0  # standard deviation of grey values

TURNS: dict[str, Callable[[Values], Values]] = {
    "rotated by 180 degrees": lambda values: values[::-1, ::-1],
    "mirrored left to right": lambda values: values[:, ::-1],
    "mirrored top to bottom": lambda values: values[::-1],
    "rotated by 90 degrees clockwise": lambda values: np.rot90(values, -1),
    "rotated by 90 degrees anticlockwise": np.rot90,
    "mirrored along a diagonal": lambda values: values.T,
    "mirrored along the other diagonal": lambda values: values[::-1, ::-1].T,
}
"""What a candidate may be, and how to make its input so."""


def thumbnail(values: NDArray) -> Values:
    """Return a grey picture averaged down to sides of at most 128 pixels."""
    step = -(-max(values.shape) // _SIDE)
    height, width = (length // step * step for length in values.shape)
    blocks = values[:height, :width].reshape(height // step, step, width // step, step)
    return blocks.mean(axis=(1, 3), dtype=np.float32)


@dataclass(frozen=True)
class Likeness:
    """How much a candidate looks like its input.

    Attributes
    ----------
    correlation
        Of the two thumbnails, pixel by pixel: 1 for the same but for brightness and contrast.
    peak
        How clear the correlation is when one may be moved, see `Shift.peak`.
    turn
        The name in `TURNS` of what makes the input look more like the candidate, or None.
    turned_correlation
        The correlation with the input turned so.
    flat
        Whether one of them has too little contrast to say.
    """

    correlation: float
    peak: float
    turn: str | None
    turned_correlation: float
    flat: bool

    @property
    def unlike(self) -> bool:
        """Whether the two, as they are, do not show the same."""
        return not self.flat and self.correlation < _LIKE

    @property
    def turned(self) -> str | None:
        """How the candidate is turned, or None when it is not, or shows something else."""
        if self.flat or self.turned_correlation < max(_LIKE, self.correlation):
            return None
        return self.turn


def ways_round(source: Sketch, candidate: Sketch) -> Likeness:
    """Compare a candidate with its input as it is, and turned in each way."""
    first, second = (thumbnail(grey(small)) for small in common_small(source, candidate))
    peak = _peak(first, second)
    flat = min(float(first.std()), float(second.std())) < _FLAT
    best, turn, turned_correlation = peak * _CLEARER, None, 0.0
    for name, change in TURNS.items():
        turned = np.ascontiguousarray(change(first))
        if turned.shape == second.shape and (other := _peak(turned, second)) > best:
            best, turn, turned_correlation = other, name, correlation(turned, second)
    return Likeness(correlation(first, second), peak, turn, turned_correlation, flat)


def correlation(first: NDArray, second: NDArray) -> float:
    """Return Pearson's correlation of two pictures of one size, 0 when one of them is plain."""
    mine, theirs = first - first.mean(), second - second.mean()
    spread = float(np.sqrt(np.sum(mine**2) * np.sum(theirs**2)))
    return float(np.sum(mine * theirs)) / spread if spread > 0 else 0.0


def _peak(first: Values, second: Values) -> float:
    reach = _REACH * min(first.shape)
    return shift_of(cross_spectra(first, second), first.shape, reach).peak
