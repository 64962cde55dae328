"""Small plots for tables: a dot and its interval in each row, all on one scale; only numbers, for SVG."""

import math
from collections.abc import Sequence
from dataclasses import dataclass

WIDTH, MARGIN = 260, 14
"""Pixels: of the plot, and of what is left free on either side for labels."""
_TICKS = (2, 5, 10)


@dataclass(frozen=True)
class Mark:
    """A row's dot and whiskers in pixels; None for what is not known."""

    value: float | None
    low: float | None
    high: float | None


@dataclass(frozen=True)
class Plot:
    """The rows, and the ticks of their scale: where, and what it says."""

    marks: tuple[Mark, ...]
    ticks: tuple[tuple[float, str], ...]
    width: int = WIDTH


def intervals(values: Sequence[tuple[float, float, float]]) -> Plot | None:
    """Lay out values with their intervals, NaN for unknown; None if nothing is known.

    Examples
    --------
    >>> plot = intervals([(3.0, 2.0, 4.0), (1.0, float("nan"), float("nan"))])
    >>> [label for _, label in plot.ticks]
    ['1', '2', '3', '4']
    """
    known = [number for row in values for number in row if math.isfinite(number)]
    if not known:
        return None
    low, high = min(known), max(known)
    if low == high:
        low, high = low - 0.5, high + 0.5
    step = _step(high - low)
    inner = WIDTH - 2 * MARGIN

    def place(number: float) -> float | None:
        return round(MARGIN + (number - low) / (high - low) * inner, 1) if math.isfinite(number) else None

    decimals = max(0, -math.floor(math.log10(step) + 1e-9))
    first, last = math.ceil(low / step - 1e-9), math.floor(high / step + 1e-9)
    ticks = [
        (place(number * step) or 0.0, f"{number * step:.{decimals}f}") for number in range(first, last + 1)
    ]
    return Plot(tuple(Mark(*map(place, row)) for row in values), tuple(ticks))


def _step(extent: float) -> float:
    """A round step that gives five ticks or so."""
    rough = extent / 5
    power = 10.0 ** math.floor(math.log10(rough))
    return next(factor * power for factor in (1, *_TICKS) if factor * power >= rough * 0.999)
