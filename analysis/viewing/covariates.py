"""Whether judges who looked in one way agree with the others more than judges who looked in another.

Judges are few, and chose their screens and rooms themselves. So everything comes with its number of judges
and an interval, a group of one or two is counted and not measured, and nothing is called an effect.
"""

from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np
import pandas as pd
from scipy.stats import norm, rankdata
from scipy.stats import t as student

FEWEST = 3
"""Judges of a group that has a mean: of fewer, the mean says what one person did."""
FEWEST_OF_EYES = 5
"""Judges of every group by what their eyes saw: data about health is compared in no smaller ones."""
FEWEST_OF_TREND = 5

WORDS = (
    "exact", "checkerboard", "gamut", "hdr", "touch", "light", "brightness", "blue_light", "auto_brightness",
    "panel",
)  # fmt: skip
NUMBERS = ("pixels_per_degree", "window", "dpr", "distance_cm", "dark", "bright")
EYES_WORDS, EYES_NUMBERS = ("colours",), ("acuity",)

Interval = tuple[float, float] | None


@dataclass(frozen=True)
class Group:
    """Judges with one value of a condition.

    Attributes
    ----------
    mean, interval
        Of their agreement with the others; None below `FEWEST` judges.
    difference, difference_interval
        From the judges with any other value (Welch); None where either side has fewer than `FEWEST`.
    """

    condition: str
    value: str
    judges: int
    mean: float | None = None
    interval: Interval = None
    difference: float | None = None
    difference_interval: Interval = None


@dataclass(frozen=True)
class Trend:
    """Rank correlation of a condition with agreement; `lowest` to `highest` are not given for eyes."""

    condition: str
    judges: int
    lowest: float | None
    median: float | None
    highest: float | None
    correlation: float | None = None
    interval: Interval = None


@dataclass(frozen=True)
class Covariates:
    """Every condition that differs between judges."""

    groups: tuple[Group, ...]
    trends: tuple[Trend, ...]

    @property
    def compared(self) -> int:
        """How many intervals say whether a condition goes with agreement."""
        return len(self._intervals())

    @property
    def apart(self) -> int:
        """How many of them do not contain 0."""
        return sum(not low <= 0 <= high for low, high in self._intervals())

    def _intervals(self) -> list[tuple[float, float]]:
        # Two groups of one condition are one comparison seen from both sides.
        by_groups: dict[str, list[Group]] = {}
        for group in self.groups:
            by_groups.setdefault(group.condition, []).append(group)
        seen = []
        for groups in by_groups.values():
            told = [group.difference_interval for group in groups if group.difference_interval]
            seen += told[:1] if len(groups) == 2 else told
        return seen + [trend.interval for trend in self.trends if trend.interval]


def covariates(judges: pd.DataFrame, agreement: pd.Series) -> Covariates:
    """Compare the agreement of judges by how they looked.

    Parameters
    ----------
    judges
        From `analysis.viewing.reading.read_conditions`.
    agreement
        How far each judge agrees with the others, by judge; higher is more.
    """
    known = agreement.astype(float).dropna()
    judges = judges.loc[judges.index.intersection(known.index)]
    known = known.reindex(judges.index)
    groups: list[Group] = []
    for name in (*WORDS, *EYES_WORDS):
        groups += _groups(name, judges, known)
    trends = [_trend(name, judges, known) for name in (*NUMBERS, *EYES_NUMBERS) if name in judges]
    return Covariates(tuple(groups), tuple(trend for trend in trends if trend is not None))


def _groups(name: str, judges: pd.DataFrame, agreement: pd.Series) -> Iterable[Group]:
    if name not in judges:
        return []
    told = judges[name].dropna().astype(str)
    sizes = told.value_counts().sort_index()
    if len(sizes) < 2 or (name in EYES_WORDS and sizes.min() < FEWEST_OF_EYES):
        return []
    values = agreement.reindex(told.index)
    return [
        _group(name, str(value), values[told == value].to_numpy(), values[told != value].to_numpy())
        for value in sizes.index
    ]


def _group(condition: str, value: str, own: np.ndarray, rest: np.ndarray) -> Group:
    if len(own) < FEWEST:
        return Group(condition, value, len(own))
    mean, half = float(own.mean()), _half(own.var(ddof=1) / len(own), len(own) - 1)
    interval = None if half is None else (mean - half, mean + half)
    if len(rest) < FEWEST:
        return Group(condition, value, len(own), mean, interval)
    difference = mean - float(rest.mean())
    apart = _welch(own, rest)
    limits = None if apart is None else (difference - apart, difference + apart)
    return Group(condition, value, len(own), mean, interval, difference, limits)


def _welch(own: np.ndarray, rest: np.ndarray) -> float | None:
    """Half of the interval of a difference of means of groups that may vary unequally."""
    shares = np.array([own.var(ddof=1) / len(own), rest.var(ddof=1) / len(rest)])
    if shares.sum() == 0:
        return None
    freedom = shares.sum() ** 2 / (shares**2 / np.array([len(own) - 1, len(rest) - 1])).sum()
    return _half(float(shares.sum()), float(freedom))


def _half(variance: float, freedom: float) -> float | None:
    return float(student.ppf(0.975, freedom) * np.sqrt(variance)) if variance > 0 else None


def _trend(name: str, judges: pd.DataFrame, agreement: pd.Series) -> Trend | None:
    told = judges[name].astype(float).dropna()
    if told.nunique() < 2 or (name in EYES_NUMBERS and len(told) < 2 * FEWEST_OF_EYES):
        return None
    seen = (None, None, None) if name in EYES_NUMBERS else (told.min(), told.median(), told.max())
    values = agreement.reindex(told.index)
    if len(told) < FEWEST_OF_TREND or values.nunique() < 2:
        return Trend(name, len(told), *seen)
    correlation = float(np.corrcoef(rankdata(told), rankdata(values))[0, 1])
    return Trend(name, len(told), *seen, correlation, _spearman_interval(correlation, len(told)))


def _spearman_interval(correlation: float, judges: int) -> Interval:
    """95 % interval of a rank correlation, with the variance of Bonett and Wright (2000)."""
    if abs(correlation) > 1 - 1e-12:
        return None
    half = float(norm.ppf(0.975)) * np.sqrt((1 + correlation**2 / 2) / (judges - 3))
    middle = np.arctanh(correlation)
    return float(np.tanh(middle - half)), float(np.tanh(middle + half))
