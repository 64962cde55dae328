"""The result of every screening rule: a few numbers for each judge, and who deserves a second look."""

from dataclasses import dataclass, field

import numpy as np


@dataclass(frozen=True)
class Flags:
    """The outcome of one rule for J judges.

    Attributes
    ----------
    name
        Short key.
    says
        What a flag means, in plain language.
    columns
        Numbers by name, each of shape (J,); NaN if a judge has none.
    flagged
        Whether the rule flags the judge, bool of shape (J,).
    undefined
        Why the rule cannot be applied to this study, or None.
    """

    name: str
    says: str
    columns: dict[str, np.ndarray]
    flagged: np.ndarray
    undefined: str | None = None
    notes: dict[str, float] = field(default_factory=dict)


def not_applicable(name: str, says: str, judges: int, reason: str) -> Flags:
    """A rule that cannot be applied: no columns, no flags, the reason."""
    return Flags(name, says, {}, np.zeros(judges, dtype=bool), reason)


def robust_z(values: np.ndarray) -> np.ndarray:
    """Distance from the median in units of 1.4826 times the median absolute deviation.

    One bad judge shifts the mean and the standard deviation and so hides, but hardly affects these.

    Returns
    -------
    ndarray
        NaN for missing values, and for all if fewer than four values are known or half of them are equal.

    Examples
    --------
    >>> robust_z(np.array([0.40, 0.44, 0.38, 0.42, 0.05])).round(1).tolist()
    [0.0, 1.3, -0.7, 0.7, -11.8]
    """
    known = ~np.isnan(values)
    if known.sum() < 4:
        return np.full(len(values), np.nan)
    distance = values - np.median(values[known])
    scale = 1.4826 * np.median(np.abs(distance[known]))
    return distance / scale if scale > 1e-12 else np.full(len(values), np.nan)


def rows_by(code: np.ndarray, size: int) -> list[np.ndarray]:
    """The rows of each code 0, ..., size - 1.

    >>> [rows.tolist() for rows in rows_by(np.array([1, 0, 1]), 3)]
    [[1], [0, 2], []]
    """
    order = np.argsort(code, kind="stable")
    return np.split(order, np.cumsum(np.bincount(code, minlength=size))[:-1])
