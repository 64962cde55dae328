"""Attacks on the orders of slots: judges who know some teams try to follow the others from image to image.

Every attack guesses that two slots, on two images, hold the same team. Images are taken in runs of as many as
there are teams, within which the design balances the orders of a judge.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from itertools import combinations, permutations, product

import numpy as np

JUDGES = 4
"""So many judges are tried together: what two of them cannot do is not in the orders."""
KNOWN = 3
"""So many teams, or pairs of teams, are taken as known, one after the other."""
RENAMINGS = 200

Guess = tuple[int, int, int, int]
"""Image and team, image and team: the guess is right when the teams are the same."""
Attack = Callable[[np.ndarray, range], Iterator[tuple[tuple[int, ...], Guess]]]


@dataclass(frozen=True)
class Linked:
    """How often one attack was right, and how often it is by chance.

    `chance` and `deviation` are those of the number of hits when all teams but the known ones are renamed on
    each image by itself, which leaves nothing to link.
    """

    attack: str
    hits: int
    guesses: int
    chance: float
    deviation: float

    @property
    def share(self) -> float:
        """Share of right guesses, 0 without any guess."""
        return self.hits / self.guesses if self.guesses else 0.0

    @property
    def excess(self) -> float:
        """By how many standard deviations there are more hits than by chance."""
        return (self.hits - self.chance) / self.deviation if self.deviation else 0.0


def try_to_link(orders: np.ndarray, *, seed: int = 0) -> list[Linked]:
    """Play every attack.

    Parameters
    ----------
    orders
        Numbers of teams, judges x images x slots; each row holds every team once.
    seed
        For the renamings.
    """
    rng = np.random.default_rng(seed)
    return [_played(attack, orders[:JUDGES], rng) for attack in (same_place, same_step, fixed_distance)]


def same_place(orders: np.ndarray, images: range) -> Iterator[tuple[tuple[int, ...], Guess]]:
    """Two looks at two images, by one judge or two: where the known team has one place, all have."""
    place = orders.argsort(axis=2)
    judges, _, teams = orders.shape
    looks = list(product(range(judges), images))
    for known in range(min(KNOWN, teams)):
        for (j, c), (k, d) in combinations(looks, 2):
            slot = place[j, c, known]
            if c != d and slot == place[k, d, known]:
                for other in range(teams):
                    if other != slot:
                        yield (known,), (c, orders[j, c, other], d, orders[k, d, other])


def same_step(orders: np.ndarray, images: range) -> Iterator[tuple[tuple[int, ...], Guess]]:
    """Two judges match the candidates of one image: the step between their orders leads to the next image.

    It is taken as often as it takes the known team where it stands there.
    """
    place = orders.argsort(axis=2)
    judges, _, teams = orders.shape
    for known in range(min(KNOWN, teams)):
        for j, k in permutations(range(judges), 2):
            for c, d in permutations(images, 2):
                step = place[k, c, orders[j, c]]
                now, wanted = np.arange(teams), place[j, d, known]
                start = place[j, c, known]
                for _ in range(teams):
                    now = step[now]
                    if now[start] == wanted:
                        break
                else:
                    continue
                for slot in range(teams):
                    if slot != start:
                        yield (known,), (c, orders[j, c, slot], d, orders[j, d, now[slot]])


def fixed_distance(orders: np.ndarray, images: range) -> Iterator[tuple[tuple[int, ...], Guess]]:
    """One judge knows two teams: a third stands from the second as the second stands from the first."""
    place = orders.argsort(axis=2)
    judges, _, teams = orders.shape
    for first, second in list(permutations(range(min(KNOWN, teams)), 2)):
        for j in range(judges):
            step = {place[j, c, first]: place[j, c, second] for c in images}
            for c, d in combinations(images, 2):
                slots = [step.get(place[j, image, second]) for image in (c, d)]
                if None not in slots:
                    found = [int(orders[j, image, slot]) for image, slot in zip((c, d), slots, strict=True)]
                    if not {first, second} & set(found):
                        yield (first, second), (c, found[0], d, found[1])


def _played(attack: Attack, orders: np.ndarray, rng: np.random.Generator) -> Linked:
    _, images, teams = orders.shape
    runs = [range(start, min(start + teams, images)) for start in range(0, images, teams)]
    guesses: dict[tuple[int, ...], list[Guess]] = {}
    for run in runs:
        for known, guess in attack(orders, run):
            guesses.setdefault(known, []).append(guess)
    hits, total = 0, 0
    renamed_hits = np.zeros(RENAMINGS)
    for known, listed in guesses.items():
        c, a, d, b = np.array(listed).T
        hits, total = hits + int((a == b).sum()), total + len(listed)
        others = np.setdiff1d(np.arange(teams), known)
        for number in range(RENAMINGS):
            names = np.tile(np.arange(teams), (images, 1))
            names[:, others] = rng.permuted(np.tile(others, (images, 1)), axis=1)
            renamed_hits[number] += (names[c, a] == names[d, b]).sum()
    name = attack.__name__.replace("_", " ")
    return Linked(name, hits, total, float(renamed_hits.mean()), float(renamed_hits.std()))
