"""Figures of the GPU checks and their goals: arithmetic that needs no GPU."""

import math
import statistics
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

PEER_GOAL, BUSY_GOAL = 3.0, 0.80
RUNS_GOAL, BARE_GOAL = 0.02, 0.01


@dataclass(frozen=True)
class Figure:
    """A figure, its goal in words, and whether it is met: what is not known is not met."""

    name: str
    shown: str
    goal: str
    met: bool


def at_least(name: str, value: float, goal: float, form: str = ".2f") -> Figure:
    """Return a figure that has to reach its goal.

    Examples
    --------
    >>> at_least("times pyiqa", 3.4, 3.0)
    Figure(name='times pyiqa', shown='3.40', goal='at least 3.00', met=True)
    >>> at_least("busy", float("nan"), 0.8, ".0%").met
    False
    """
    return Figure(name, _shown(value, form), f"at least {goal:{form}}", value >= goal)


def within(name: str, value: float, goal: float, form: str = "+.2%") -> Figure:
    """Return a figure that may be off by its goal either way."""
    return Figure(name, _shown(value, form), f"within {goal:.0%}", abs(value) <= goal)


def spread(values: Sequence[float]) -> float:
    """By how much the largest exceeds the smallest, as a share of it; NaN for fewer than two."""
    return max(values) / min(values) - 1 if len(values) > 1 and min(values) > 0 else math.nan


def rates(seconds: Sequence[float], results: int) -> float:
    """Results per second: the median over rounds of so many results."""
    return results / statistics.median(seconds) if seconds else math.nan


def utilisations(text: str, index: str) -> list[float]:
    """Return the per cents of one GPU in what nvidia-smi prints: lines "index, utilisation".

    Examples
    --------
    >>> utilisations("0, 97\\n1, 3\\n0, 95\\n0, [N/A]\\n", "0")
    [97.0, 95.0]
    """
    found = []
    for line in text.splitlines():
        number, _, value = line.partition(",")
        if number.strip() == index and value.strip().isdigit():
            found.append(float(value))
    return found


def busy(samples: Sequence[float]) -> float:
    """The share of time in which the GPU computed: the median of per cents; NaN where nothing was seen."""
    return statistics.median(samples) / 100 if samples else math.nan


def seconds_for(part: str, limits: Mapping[str, float], spent: float, whole: float) -> float:
    """Seconds that a part may take: its own, or what is left of the whole; 0 when it is over.

    Examples
    --------
    >>> [seconds_for("tests", {"tests": 150}, spent, whole=470) for spent in (30, 400, 500)]
    [150, 70, 0]
    """
    return max(min(limits[part], whole - spent), 0)


def table(figures: Sequence[Figure]) -> str:
    """Return a line for each figure."""
    width = max((len(one.name) for one in figures), default=0)
    return "".join(
        f"{one.name:<{width}}  {one.shown:>12}  {one.goal:<16} {'met' if one.met else 'MISSED'}\n"
        for one in figures
    )


def _shown(value: float, form: str) -> str:
    return "not known" if math.isnan(value) else f"{value:{form}}"
