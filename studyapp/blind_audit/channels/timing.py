"""Response times: nothing about one team comes slower or faster than about the others."""

from collections import defaultdict
from collections.abc import Iterator

import numpy as np
from scipy.stats import mannwhitneyu

from studyapp.blind_audit.evidence import Evidence, Timing

_CHANCE = 1e-5
_LEAST = 0.0005
"""Seconds; smaller differences cannot be seen through a network, and a busy machine makes them by itself."""
_SHARE = 0.25


def response_times(evidence: Evidence) -> Iterator[str]:
    """No team's tiles, and no refusals about it, take longer than the others', by many requests, twice."""
    for kind in sorted({item.kind for item in evidence.timings}):
        timings = [item for item in evidence.timings if item.kind == kind]
        halves = [_shifts([item for item in timings if item.half == half]) for half in (0, 1)]
        for team, (shift, least) in halves[0].items():
            again, _ = halves[1].get(team, (0.0, least))
            if min(abs(shift), abs(again)) > least and shift * again > 0:
                yield f"{kind} of team {team}: {1000 * shift:+.2f} ms, then {1000 * again:+.2f} ms"


def _shifts(timings: list[Timing]) -> dict[str, tuple[float, float]]:
    """Return for each team the significant shift of its times, 0 when there is none, and what counts as one.

    Times are compared within a cell, so that images and places of the tile do not matter.
    """
    cells = defaultdict(list)
    for item in timings:
        cells[item.cell].append(item)
    residuals = defaultdict(list)
    for items in cells.values():
        middle = float(np.median([item.seconds for item in items]))
        for item in items:
            residuals[item.team].append(item.seconds - middle)
    if len(residuals) < 2:
        return {}
    least = max(_LEAST, _SHARE * float(np.median([item.seconds for item in timings])))
    return {team: (_shift(team, residuals), least) for team in residuals}


def _shift(team: str, residuals: dict[str, list[float]]) -> float:
    own = residuals[team]
    others = [value for other, values in residuals.items() if other != team for value in values]
    if mannwhitneyu(own, others).pvalue > _CHANCE / len(residuals):
        return 0.0
    return float(np.median(own) - np.median(others))
