"""The outcome of a check, and the precision of a printed column."""

from dataclasses import dataclass

import numpy as np
import pandas as pd

MOST_DECIMALS = 6


@dataclass(frozen=True)
class Finding:
    """The outcome of one check.

    Attributes
    ----------
    check
        What was checked.
    verdict
        "ok", "wrong" (cannot be correct), "note" (worth knowing, proves nothing) or "unchecked".
    message
        One sentence.
    expected, found
        The two figures compared, if any.
    teams
        The rows concerned.
    """

    check: str
    verdict: str
    message: str
    expected: float | None = None
    found: float | None = None
    teams: tuple[str, ...] = ()


@dataclass(frozen=True)
class Printed:
    """A column of numbers as printed, precise to `unit`: one in the last decimal, because some truncate."""

    name: str
    values: np.ndarray
    unit: float

    @property
    def complete(self) -> bool:
        """Whether no value is missing."""
        return not np.isnan(self.values).any()


def as_printed(name: str, raw: pd.Series, values: pd.Series) -> Printed:
    """Return the column with the precision of its most precise text.

    Examples
    --------
    >>> as_printed("escore", pd.Series(["20.9", "5.45", "0"]), pd.Series([20.9, 5.45, 0.0])).unit
    0.01
    """
    decimals = max((_decimals(value) for value in raw.dropna().unique()), default=0)
    return Printed(name, values.to_numpy(dtype=float), float(f"1e-{min(decimals, MOST_DECIMALS)}"))


def _decimals(value: object) -> int:
    """Decimals of a text; a number in memory is taken as precise to at least two."""
    if isinstance(value, float):
        return max(2, len(f"{value:.{MOST_DECIMALS}f}".rstrip("0").partition(".")[2]))
    return len(str(value).strip().replace(",", ".").partition(".")[2])
