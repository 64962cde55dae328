"""Judging which candidates are nearly those of another team, the input or the ground truth."""

from collections import defaultdict
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

import numpy as np

from analysis.preflight.evidence import Evidence, Nearness
from analysis.preflight.finding import INPUT, TRUTH, Finding, which

# dB; docs/preflight.md has the distributions.
_LEAST = 40.0
_NEAR, _CLOSER = 45.0, 16.0
_NOISE = 0.8  # how evenly two candidates differ of which one is the other with noise
_NEAR_INPUT, _NEAR_TRUTH, _CLOSER_ONE = 52.0, 45.0, 10.0
_SAME = 67.0  # the same pixels, which the folder check tells by their hashes
# Images: more of them where only nearness speaks for a copy.
_HALF, _MOST, _FEW = 0.5, 0.6, 3

_ASK = "ask the teams whether they share a method, or whether one used the other's results"


@dataclass(frozen=True)
class _Near:
    """How near two images are, and whether noise or JPEG explains all of the difference."""

    psnr: float
    explained: bool


def judge_duplicates(evidence: Evidence) -> Iterator[Finding]:
    """Yield pairs of teams whose candidates are nearly the same, and candidates that are input or truth."""
    between: dict[tuple[str, str], dict[str, _Near]] = defaultdict(dict)
    others: dict[tuple[str, str], dict[str, _Near]] = defaultdict(dict)
    for image, near in evidence.nearness.items():
        teams = [place for place, name in enumerate(near.names) if name]
        for place, first in enumerate(teams):
            for second in teams[place + 1 :]:
                if (found := _copied(near, teams, first, second)) is not None:
                    between[str(near.names[first]), str(near.names[second])][image] = found
        for name, word, least in (("", INPUT, _NEAR_INPUT), (None, TRUTH, _NEAR_TRUTH)):
            if name in near.names:
                for team, found in _nearest(near, teams, near.names.index(name), least):
                    others[team, word][image] = found
    for (first, second), found in between.items():
        total = len(set(evidence.seen[first]) & set(evidence.seen[second]))
        if _many(found, total):
            what = f"nearly the same as {first} in {which(found, total)} ({_decibels(found)})"
            yield Finding("copy", second, tuple(sorted(found)), what, _ASK, other=first)
    for (team, word), found in others.items():
        total = len(evidence.seen[team])
        if _many(found, total):
            what = f"nearly the same as the {word} in {which(found, total)} ({_decibels(found)})"
            remedy = "ask the team whether this is intended"
            yield Finding("copy", team, tuple(sorted(found)), what, remedy, other=word)


def _copied(near: Nearness, teams: list[int], first: int, second: int) -> _Near | None:
    value = float(near.psnr[first, second])
    if (first, second) in near.moved:
        return _Near(value, True)
    if not _LEAST <= value < _SAME:
        return None
    if "" in near.names and near.psnr[[first, second], near.names.index("")].min() >= value:
        return None  # both did little to the input
    if near.evenness.get((first, second), 0) >= _NOISE or (first, second) in near.qualities:
        return _Near(value, True)
    others = [place for place in teams if place not in (first, second)]
    levelled = near.levelled
    nearest = levelled[np.ix_([first, second], others)].max() if others else np.inf
    apart = levelled[first, second] >= nearest + _CLOSER
    return _Near(value, False) if apart and value >= _NEAR else None


def _nearest(near: Nearness, teams: list[int], place: int, least: float) -> Iterator[tuple[str, _Near]]:
    values = near.psnr[place]
    for team in teams:
        value, explained = float(values[team]), (team, place) in near.qualities
        others = [values[other] for other in teams if other != team]
        apart = not others or value >= max(others) + _CLOSER_ONE
        if value < _SAME and (explained or (value >= least and apart)):
            yield str(near.names[team]), _Near(value, explained)


def _many(found: Mapping[str, _Near], total: int) -> bool:
    explained = sum(one.explained for one in found.values())
    return explained >= max(1, _HALF * total) or len(found) >= max(_FEW, _MOST * total)


def _decibels(found: Mapping[str, _Near]) -> str:
    return f"PSNR {np.median([one.psnr for one in found.values()]):.1f} dB at the median"
