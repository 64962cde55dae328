"""How many decimals tell unequal numbers apart."""

import math
from collections.abc import Iterable

import numpy as np

MOST_DECIMALS = 9
"""What differs by less is shown as equal."""
_NO_DECIMALS = 1e15  # a larger float has no ninth decimal, and rounding it overflows


def telling(values: Iterable[float | None], fewest: int = 2) -> int:
    """Return how many decimals keep unequal values unequal, and nonzero values from looking like 0.

    Parameters
    ----------
    values
        Numbers; missing ones do not count, and those that differ by less than 1e-9 are equal.
    fewest
        The smallest number of decimals; the largest is `MOST_DECIMALS`.

    Examples
    --------
    >>> telling([95.261, None, 95.264, 1.5]), telling([95.26, 1.5])
    (3, 2)
    """
    numbers = np.array(
        [value for value in values if value is not None and not math.isnan(value)], dtype=float
    )
    known = np.round(numbers[np.abs(numbers) < _NO_DECIMALS], MOST_DECIMALS)
    distinct = np.unique(np.append(known, 0.0))
    for decimals in range(fewest, MOST_DECIMALS):
        if len(np.unique(np.round(distinct, decimals))) == len(distinct):
            return decimals
    return MOST_DECIMALS
