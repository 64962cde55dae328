"""Where a candidate shows the scene, against its input: moved, enlarged, turned."""

from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from analysis.preflight.matching import Values, common_patches, common_small, grey, overlapping
from analysis.preflight.shift import Shift, cross_spectra, shift_of
from analysis.preflight.sketch import Sketch

_REACH = 0.2  # of the shorter side, for the small versions
_CLEAR = 6.0  # a peak by chance stays below, in 99 of 100
_PATCHES = 5  # as many must agree before an enlargement is believed
_AGREE = 0.75  # pixels
_LEAST_SIDE = 40  # a smaller patch of a much smaller input says less than the small version


@dataclass(frozen=True)
class Placement:
    """How the scene lies in a candidate.

    Attributes
    ----------
    dx, dy
        Pixels of the candidate, to the right and down.
    peak
        How clear it is, see `Shift.peak`.
    enlarged, turned
        How much larger than in the input it is (0.01 is one per cent), and by what angle in degrees it is
        turned, clockwise; None when too few parts of the picture agree on it.
    corner
        By how many pixels these two move the corners.
    """

    dx: float
    dy: float
    peak: float
    enlarged: float | None = None
    turned: float | None = None
    corner: float = 0.0

    @property
    def clear(self) -> bool:
        """Whether it is more than chance."""
        return self.peak >= _CLEAR


def placement(source: Sketch, candidate: Sketch, scale: int) -> Placement:
    """Measure a candidate against its input, which is `scale` times smaller."""
    first, second = (grey(small) for small in common_small(source, candidate))
    unit = candidate.size[0] / first.shape[1]
    whole = cross_spectra(first, second)
    coarse = shift_of(whole, first.shape, _REACH * min(first.shape))
    found = _Field(*_blocks(first, second), unit).placement(candidate.size, coarse, 1.5)
    found = replace(found, peak=coarse.peak)
    if unit <= scale or coarse.peak < _CLEAR:
        return found
    patches, theirs, middles = common_patches(source, candidate, scale)
    side = patches.shape[-1]
    if side < _LEAST_SIDE or max(abs(found.dx), abs(found.dy), found.corner) > side * scale / 4:
        return found
    field = _Field(patches, theirs, middles, scale)
    near = Shift(found.dx / scale, found.dy / scale, found.peak)
    spread = (1.5 * unit + found.corner) / scale
    fine = field.placement(candidate.size, near, spread)
    return fine if fine.clear else found


@dataclass(frozen=True)
class _Field:
    """Parts of two pictures at the same places; one pixel of theirs is `unit` pixels of the candidate."""

    first: Values
    second: Values
    middles: NDArray[np.float64]
    unit: float

    def placement(self, size: tuple[int, int], common: Shift, reach: float) -> Placement:
        """Return what the shifts of the parts say when each may differ from the common one by `reach`."""
        # Parts that were cut at the same place have less in common the further one is moved, and that would
        # draw the found towards zero: so they are cut again, whole pixels further.
        steps = round(common.dx), round(common.dy)
        first, second, corner = overlapping(self.first, self.second, *steps)
        shape, side = first.shape[-2:], min(first.shape[-2:])
        spectra = cross_spectra(first, second)
        near = common.dx - steps[0], common.dy - steps[1]
        reach = max(reach, side / 8)
        parts = [shift_of(each, shape, reach, near) for each in spectra]
        whole = shift_of(spectra.sum(axis=0), shape, reach, near)
        dx, dy = whole.dx + steps[0], whole.dy + steps[1]
        clear = np.array([each.peak >= _CLEAR for each in parts])
        moves = np.array([(each.dx, each.dy) for each in parts]) + steps
        middles = self.middles - np.array(self.first.shape[:0:-1]) / 2 + corner + np.array(shape[::-1]) / 2
        fit = _similarity(middles[clear], moves[clear], np.array(size) / self.unit / 2)
        if fit is None:
            return Placement(dx * self.unit, dy * self.unit, whole.peak)
        (dx, dy), enlarged, turned = fit
        reached = float(np.hypot(enlarged, turned)) * float(np.hypot(*size)) / 2
        return Placement(
            dx * self.unit, dy * self.unit, whole.peak, enlarged, float(np.degrees(turned)), reached
        )


def _similarity(
    places: NDArray, moves: NDArray, middle: NDArray
) -> tuple[tuple[float, float], float, float] | None:
    """Fit shift, enlargement and angle to moves at places, by least squares; None when they do not agree.

    A move at (x, y) from the middle is (dx + e x - a y, dy + a x + e y). The worst place is left out
    until all agree.
    """
    while len(places) >= _PATCHES:
        (x, y), ones, none = (places - middle).T, np.ones(len(places)), np.zeros(len(places))
        rows = np.concatenate([np.stack([ones, none, x, -y], 1), np.stack([none, ones, y, x], 1)])
        found, *_ = np.linalg.lstsq(rows, np.concatenate([moves[:, 0], moves[:, 1]]), rcond=None)
        wrong = np.hypot(*(np.concatenate([moves[:, 0], moves[:, 1]]) - rows @ found).reshape(2, -1))
        if wrong.max() <= _AGREE:
            dx, dy, enlarged, turned = found.tolist()
            return (dx, dy), enlarged, turned
        keep = np.arange(len(places)) != int(wrong.argmax())
        places, moves = places[keep], moves[keep]
    return None


def _blocks(first: Values, second: Values) -> tuple[Values, Values, NDArray[np.float64]]:
    """Cut three by three overlapping squares out of both, and return where their middles are."""
    height, width = first.shape
    side = min(height, width) // 2
    starts = [
        (x, y)
        for y in np.linspace(0, height - side, 3, dtype=int)
        for x in np.linspace(0, width - side, 3, dtype=int)
    ]
    cut = [np.stack([values[y : y + side, x : x + side] for x, y in starts]) for values in (first, second)]
    return cut[0], cut[1], np.array(starts) + side / 2
