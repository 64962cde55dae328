"""Counts of a large image from those of small ones, exact or not at all."""

from collections.abc import Mapping
from fractions import Fraction


def extrapolated(values: Mapping[int, int], at: int) -> int | None:
    """Return the value at `at` of the polynomial of the lowest degree through the values.

    The polynomial is fitted to the smallest sizes and must give all others exactly, one at least; None where
    it does not.

    Examples
    --------
    >>> extrapolated({1: 8, 2: 14, 3: 24, 4: 38}, 16)   # 2 n^2 + 6
    518
    >>> extrapolated({1: 8, 2: 14, 3: 24, 4: 39}, 16) is None
    True
    """
    sizes = sorted(values)
    for used in range(1, len(sizes)):
        fitted = {size: values[size] for size in sizes[:used]}
        if all(_lagrange(fitted, size) == values[size] for size in sizes[used:]):
            value = _lagrange(fitted, at)
            return int(value) if value.denominator == 1 and value >= 0 else None
    return None


def _lagrange(values: Mapping[int, int], at: int) -> Fraction:
    total = Fraction(0)
    for size, value in values.items():
        term = Fraction(value)
        for other in values:
            if other != size:
                term *= Fraction(at - other, size - other)
        total += term
    return total
