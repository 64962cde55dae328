"""Adaptive pairs, recomputed: the batch that follows from the key and from all earlier pairs and answers.

Written from docs/decisions/0009-adaptive-pairs.md.
"""

from collections import Counter
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import combinations
from typing import Any

import numpy as np
from scipy.special import entr, expit

from analysis.verify.keyed import shuffled

WAITED_FOR = 3600.0
ALIKE = 1e-9
POINTS, WEIGHTS = np.polynomial.hermite.hermgauss(32)

Duel = tuple[int, int]
"""Two teams by number, from 0, the lower first."""


@dataclass
class Given:
    """A pair that a judge was given."""

    judge: int
    image: int
    left: int
    right: int
    at: float
    outcome: float | None = None

    @property
    def duel(self) -> Duel:
        """The two without their sides."""
        return min(self.left, self.right), max(self.left, self.right)


@dataclass
class Ground:
    """Everything that a draw takes into account; for test judges only the pairs that they were given."""

    teams: int
    images: int
    counted: dict[str, Given] = field(default_factory=dict)
    """By trial: the pairs given to judges who count."""
    waiting: dict[str, Given] = field(default_factory=dict)
    """Those of them without an answer."""
    own: dict[int, list[Given]] = field(default_factory=dict)
    """By judge, including test judges."""
    shown: Counter[tuple[Duel, int]] = field(default_factory=Counter)
    by_image: Counter[int] = field(default_factory=Counter)
    times: Counter[Duel] = field(default_factory=Counter)
    asked: Counter[Duel] = field(default_factory=Counter)
    won: dict[Duel, float] = field(default_factory=dict)
    """How often the lower of two was preferred; no preference is a half."""

    def give(self, trial: str, given: Given, *, counts: bool) -> None:
        """A judge is given a pair."""
        self.own.setdefault(given.judge, []).append(given)
        if counts:
            self.counted[trial] = self.waiting[trial] = given
            self.shown[given.duel, given.image] += 1
            self.by_image[given.image] += 1
            self.times[given.duel] += 1

    def answer(self, trial: str, outcome: float | None) -> None:
        """A judge answers: 1 for left, 0 for right, a half for neither, None for no answer."""
        given = self.counted.get(trial)
        if given is None:
            return
        for said, times in ((given.outcome, -1), (outcome, 1)):
            if said is not None:
                lower = said if given.left < given.right else 1 - said
                self.asked[given.duel] += times
                self.won[given.duel] = self.won.get(given.duel, 0.0) + times * lower
        given.outcome = outcome
        if outcome is None:
            self.waiting[trial] = given
        else:
            self.waiting.pop(trial, None)


def batch_of(
    key: bytes,
    ground: Ground,
    judge: int,
    batch: int,
    at: float,
    conflicts: Collection[int],
    most: int,
    *,
    even: bool,
) -> list[tuple[int, int, int]]:
    """Return image, left and right of the judge's next pairs, in random order."""
    duels = list(combinations(range(ground.teams), 2))
    waiting = [one for one in ground.waiting.values() if at - one.at <= WAITED_FOR]
    elsewhere = Counter((one.duel, one.image) for one in waiting if one.judge != judge)
    had = {(one.duel, one.image) for one in ground.own.get(judge, ())}
    screens = Counter(one.duel for one in waiting)
    told = {duel: -float(ground.asked[duel] + screens[duel]) for duel in duels}
    if not even:
        told = _information(ground, duels, screens)
    chance = {duel: place for place, duel in enumerate(_shuffled_duels(key, duels, judge, batch))}
    level = _levels(told)
    open_images = {
        duel: [image for image in range(ground.images) if (duel, image) not in had]
        for duel in duels
        if not {*duel} & {*conflicts}
    }
    candidates = [duel for duel, images in open_images.items() if images]
    candidates.sort(
        key=lambda duel: (
            min(elsewhere[duel, image] for image in open_images[duel]), level[duel], chance[duel]
        )
    )  # fmt: skip
    tree = _spanning(candidates)[:most]
    tree.sort(key=chance.__getitem__)
    here: Counter[int] = Counter()
    found = []
    for duel in tree:
        number = duels.index(duel)
        order = shuffled(key, range(ground.images), "adaptive image", judge, batch, number)
        image = min(
            (image for image in order if image in open_images[duel]),
            key=lambda image: (
                elsewhere[duel, image],
                here[image],
                ground.shown[duel, image],
                ground.by_image[image],
            ),
        )
        here[image] += 1
        sides = shuffled(key, list(duel), "adaptive side", number)
        found.append((image, *(reversed(sides) if ground.times[duel] % 2 else sides)))
    return found


def places_of(
    key: bytes, judge: int, counted: int, *, repeats: int, golden: int, identical: int
) -> list[tuple[str, int]]:
    """Return kind and number of each place: of a repeat the number of the counted trial that it repeats."""
    total = counted + repeats + golden + identical
    back = (total + 2) // 3
    hidden = [("golden", n) for n in range(golden)] + [("identical", n) for n in range(identical)]
    early = shuffled(key, range(max(counted - back, 0) + 1), "repeated pairs", judge)
    hidden += [("repeat", min(early[n % len(early)], counted - 1)) for n in range(repeats)]
    after: dict[int, list[int]] = {}
    for number, (kind, which) in enumerate(hidden):
        earliest = min(which + back, counted) if kind == "repeat" else 1
        order = shuffled(key, range(earliest, counted + 1), "hidden pair", judge, number)
        unused = [place for place in order if place not in after]
        after.setdefault((unused or order)[0], []).append(number)
    sequence = [hidden[number] for number in after.get(0, ())]
    for number in range(counted):
        sequence.append(("main", number))
        sequence += [hidden[which] for which in after.get(number + 1, ())]
    return sequence


def arranged(
    pairs: Sequence[tuple[int, int, int]],
    segment: Sequence[tuple[str, int]],
    earlier: Sequence[int],
    hidden: Mapping[tuple[str, int], int],
    before: int | None,
) -> list[tuple[int, int, int]]:
    """Return the first order of the pairs in which no image follows itself; unchanged if there is none."""
    dead: set[object] = set()

    def orders(
        place: int, left: tuple[int, ...], images: tuple[int, ...], last: int | None
    ) -> Iterator[tuple[int, ...]]:
        if place == len(segment):
            yield ()
            return
        kind, number = segment[place]
        if kind != "main":
            image = images[number] if kind == "repeat" else hidden[kind, number]
            if image != last:
                yield from orders(place + 1, left, images, image)
            return
        needed = tuple(
            images[which] for kind, which in segment[place:] if kind == "repeat" and which < len(images)
        )
        state = place, last, tuple(sorted(pairs[which][0] for which in left)), needed
        if state in dead:
            return
        tried: set[int] = set()
        for which in left:
            image = pairs[which][0]
            if image == last or image in tried:
                continue
            tried.add(image)
            rest = tuple(other for other in left if other != which)
            for tail in orders(place + 1, rest, (*images, image), image):
                yield (which, *tail)
                return
        dead.add(state)

    first = next(orders(0, tuple(range(len(pairs))), tuple(earlier), before), None)
    return [pairs[which] for which in (range(len(pairs)) if first is None else first)]


def opened(key: bytes, teams: int, judge: int, batch: int, pairs: Any) -> list[tuple[int, int, int]]:
    """Read the pairs of a draw, where teams have names of that batch only: image, left and right, from 0."""
    names = shuffled(key, range(teams), "drawn names", judge, batch)
    return [(image - 1, names[left - 1], names[right - 1]) for image, left, right in pairs]


def _shuffled_duels(key: bytes, duels: Sequence[Duel], judge: int, batch: int) -> list[Duel]:
    return [duels[n] for n in shuffled(key, range(len(duels)), "adaptive pairs", judge, batch)]


def _information(ground: Ground, duels: Sequence[Duel], waiting: Mapping[Duel, int]) -> dict[Duel, float]:
    """Mutual information of each answer and the difference of the two log worths, in nats."""
    design = np.zeros((len(duels), ground.teams))
    for n, (one, other) in enumerate(duels):
        design[n, one], design[n, other] = 1, -1
    asked = np.array([ground.asked[duel] for duel in duels], dtype=float)
    won = np.array([ground.won.get(duel, 0.0) for duel in duels])
    worth = np.zeros(ground.teams)

    def curvature(times: np.ndarray) -> np.ndarray:
        chance = expit(design @ worth)
        return np.eye(ground.teams) + design.T @ ((times * chance * (1 - chance))[:, None] * design)

    for _ in range(200):
        slope = design.T @ (won - asked * expit(design @ worth)) - worth
        step = np.linalg.solve(curvature(asked), slope)
        worth = worth + step / max(1.0, np.abs(step).max() / 2)
        if np.abs(step).max() < 1e-13:
            break
    on_their_way = np.array([waiting.get(duel, 0) for duel in duels])
    variance = np.einsum("pi,pi->p", design, np.linalg.solve(curvature(asked + on_their_way), design.T).T)
    chance = expit((design @ worth)[:, None] + np.sqrt(2 * variance)[:, None] * POINTS)
    weight = WEIGHTS / np.sqrt(np.pi)
    mean = chance @ weight
    told = _entropy(mean) - _entropy(chance) @ weight
    return dict(zip(duels, told.tolist(), strict=True))


def _entropy(chance: np.ndarray) -> np.ndarray:
    return entr(chance) + entr(1 - chance)


def _levels(told: Mapping[Duel, float]) -> dict[Duel, int]:
    """Ranks from the highest on; a rank holds on while the next is lower by rounding alone."""
    found: dict[Duel, int] = {}
    level, last = 0, None
    for duel in sorted(told, key=lambda duel: -told[duel]):
        if last is not None and last - told[duel] > ALIKE:
            level += 1
        found[duel], last = level, told[duel]
    return found


def _spanning(duels: Sequence[Duel]) -> list[Duel]:
    """Of duels in order those that join what was not joined before."""
    group: dict[int, frozenset[int]] = {team: frozenset([team]) for duel in duels for team in duel}
    tree = []
    for duel in duels:
        one, other = group[duel[0]], group[duel[1]]
        if one != other:
            tree.append(duel)
            group |= dict.fromkeys(one | other, one | other)
    return tree
