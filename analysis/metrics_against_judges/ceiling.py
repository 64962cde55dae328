"""How high a correlation with these judges can be at all: what their own noise leaves possible.

A perfect metric knows what judges in general would say; what these judges said is that and noise. Its
correlation with them is at best the square root of the reliability of their scores (Spearman 1904), which is
estimated in two ways:

- halves: judges are split in two at random, again and again, and the halves' scores correlated, r. All judges
  together have the reliability 2 r / (1 + r) (Spearman 1910; Brown 1910).
- repeats: what the same judges said of the same trials, shown again unannounced. The two correlate at the
  reliability itself. The tastes of these very judges count as true here, so this ceiling is the higher one.

Kendall's tau and the share of pairs follow other laws: tau is turned into the correlation that belongs to it
where scores are normal, sin(pi tau / 2) (Greiner 1909), and back.
"""

from collections.abc import Callable, Mapping
from typing import Any

import numpy as np
from numpy.typing import NDArray

from analysis.metrics_against_judges.judged import By, JudgedScores, asked_twice, judged_scores
from analysis.metrics_against_judges.ranks import FEWEST, agreement, weighted_pearson, weighted_srocc
from analysis.metrics_against_judges.scene import Key
from analysis.user_study.base import UserStudy
from analysis.user_study.read import Answers

Array = NDArray[Any]
HALVES = 200
"""Random splits of the judges."""
_FEWEST_JUDGES = 4
Ceilings = Mapping[Key, tuple[float | None, str | None]]
"""By level and measure: the ceiling, or why there is none."""


def from_halves(judged: JudgedScores, *, rng: np.random.Generator) -> Ceilings:
    """Return the ceilings that split halves of the judges allow."""
    judges, images, _ = judged.size
    if judges < _FEWEST_JUDGES:
        return _none(f"split halves need at least {_FEWEST_JUDGES} judges, but there are {judges}")
    one = np.zeros((HALVES, judges))
    for row in one:
        row[rng.permutation(judges)[: judges // 2]] = 1.0
    every = np.ones((HALVES, images))
    found = _agreements(
        *((judged.candidates(w), judged.teams(w, every)) for w in (one, 1 - one)),
    )
    return {key: _possible(_mean(values), key, _stepped_up) for key, values in found.items()}


def from_repeats(answers: Answers, user: Callable[[Answers], UserStudy], by: By) -> tuple[Ceilings, int]:
    """Return the ceilings that hidden repeats allow, and on how many images there are some."""
    asked = asked_twice(answers)
    if asked is None:
        return _none("the study has no answered repeats"), 0
    scores = []
    for half in asked:
        judged = judged_scores(user(half), by)
        judges, images, _ = judged.size
        candidates = judged.candidates(np.ones((1, judges)))
        teams = judged.teams(np.ones((1, judges)), np.ones((1, images)))
        scores.append((judged.user, candidates[0], teams[0]))
    (first, one, _), (second, two, _) = scores
    images = [image for image in first.images if image in second.images]
    teams = [team for team in first.teams if team in second.teams]
    lined = [
        found[np.ix_([own.images.index(i) for i in images], [own.teams.index(t) for t in teams])][None]
        for own, found in ((first, one), (second, two))
    ]
    found = _agreements(*((part, np.full((1, len(teams)), np.nan)) for part in lined))
    few = "repeats cover few images and say nothing about the teams' scores on all images"
    return {
        key: (None, few) if key[0] == "teams" else _possible(_mean(values), key, lambda r: r)
        for key, values in found.items()
    }, len(images)


def _agreements(one: tuple[Array, Array], other: tuple[Array, Array]) -> dict[Key, Array]:
    """Agreement of two parts of the answers at each level, row by row."""
    (ours, our_teams), (theirs, their_teams) = one, other
    found: dict[Key, Array] = {}
    for name, values in agreement(ours, theirs).items():
        found["image", name] = _mean(values, axis=1)
    for name, values in agreement(our_teams, their_teams).items():
        found["teams", name] = values
    found["image", "plcc"] = _mean(_pearson(ours, theirs), axis=1)
    found["teams", "plcc"] = _pearson(our_teams, their_teams)
    flat = ours.reshape(len(ours), -1), theirs.reshape(len(theirs), -1)
    found["candidates", "plcc"] = _pearson(*flat)
    ones = np.ones((1, flat[0].shape[1]))
    found["candidates", "srocc"] = np.array(
        [weighted_srocc(a[None], b[None], ones)[0, 0] for a, b in zip(*flat, strict=True)]
    )
    return found


def _pearson(one: Array, other: Array) -> Array:
    known = np.isfinite(one) & np.isfinite(other)
    found = weighted_pearson(np.where(known, one, 0.0), np.where(known, other, 0.0), known.astype(float))
    return np.where(known.sum(axis=-1) >= FEWEST, found, np.nan)


def _possible(r: float, key: Key, whole: Callable[[float], float]) -> tuple[float | None, str | None]:
    if not np.isfinite(r):
        return None, "the judges' scores do not vary enough to be correlated"
    measure = key[1]
    if measure == "accuracy":
        r = 2 * r - 1
    if measure in ("krcc", "accuracy"):
        r = float(np.sin(np.pi * r / 2))
    if r <= 0:
        return None, "the judges agree no better than by chance"
    r = float(np.sqrt(whole(r)))
    if measure in ("krcc", "accuracy"):
        r = float(2 * np.arcsin(r) / np.pi)
    return ((1 + r) / 2 if measure == "accuracy" else r), None


def _stepped_up(r: float) -> float:
    return 2 * r / (1 + r)


def _none(why: str) -> Ceilings:
    keys = [(level, name) for level in ("image", "teams") for name in ("srocc", "krcc", "plcc", "accuracy")]
    return {key: (None, why) for key in [*keys, ("candidates", "srocc"), ("candidates", "plcc")]}


def _mean(values: Array, axis: int | None = None) -> Any:
    known = np.isfinite(values)
    with np.errstate(invalid="ignore", divide="ignore"):
        return np.where(known, values, 0.0).sum(axis=axis) / known.sum(axis=axis)
