"""Numbers in words, the same everywhere in the report."""

from collections.abc import Sequence
from typing import Any

from analysis.report.blocks import NOTHING


def share(p: float | None) -> str:
    """Return a probability as a percentage that never claims certainty."""
    if p is None:
        return NOTHING
    if p > 0.995:
        return "more than 99 %"
    return "less than 1 %" if p < 0.005 else f"{100 * p:.0f} %"


def span(interval: Sequence[float | None] | None, decimals: int = 2) -> str:
    """Return an interval as "1.20 to 3.40", the spaces non-breaking."""
    if interval is None or any(limit is None for limit in interval):
        return NOTHING
    low, high = (f"{limit:.{decimals}f}" for limit in interval)
    return f"{low}\u00a0to\u00a0{high}"


def p_value(p: float | None) -> str:
    """Return a p value, none smaller than 0.0001."""
    if p is None:
        return "p undefined"
    return "p < 0.0001" if p < 0.0001 else f"p = {p:.4f}" if p < 0.01 else f"p = {p:.2f}"


def listed(names: Sequence[Any]) -> str:
    """Return names as "A, B and C"."""
    texts = [str(name) for name in names]
    return " and ".join([", ".join(texts[:-1]), texts[-1]]) if len(texts) > 1 else "".join(texts)


def some(names: Sequence[Any], most: int) -> str:
    """Return names as "A, B and 3 more" if they are more than `most`, otherwise as `listed` does."""
    if len(names) <= most:
        return listed(names)
    return f"{', '.join(map(str, names[: most - 1]))} and {len(names) - most + 1} more"


def reliability_in_words(reliability: float) -> str:
    """Describe the reliability of the panel's mean, with the usual bounds .7, .8 and .9."""
    bounds = ((0.9, "high"), (0.8, "good"), (0.7, "acceptable"))
    return next((word for bound, word in bounds if reliability >= bound), "low")


def alpha_in_words(alpha: float) -> str:
    """Describe Krippendorff's alpha by his own bounds, .8 and .667 (Krippendorff 2018)."""
    if alpha >= 0.8:
        return "high enough to rely on any single judge"
    return (
        "enough for tentative conclusions from a single judge"
        if alpha >= 0.667
        else "too low to rely on a single judge"
    )
