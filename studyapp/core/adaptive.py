"""Adaptive pairs: which pairs a judge is shown next, given all that was handed out and answered so far.

A batch is a tree that reaches every team, of the pairs whose answers are expected to tell most (Mikhailiuk,
Wilmot, Perez-Ortiz, Yue and Mantiuk 2020), and every second one of those that were asked least. Teams are the
items; answers are counted over all images, and each pair goes through the images evenly.
docs/decisions/0009-adaptive-pairs.md has every step and the reasons;
`analysis.verify.draws` takes them again with code of its own.

Pure: the same key and the same counts give the same batch on any machine.
"""

from collections import Counter, defaultdict
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from itertools import combinations

import numpy as np
from numpy.typing import NDArray

from studyapp.core.keyed import keyed_shuffle

ADAPTIVE_DESIGN = "adaptive pairs 1"
WAITED_FOR = 3600.0
"""Seconds that an answer is expected to come: then the judge is taken to have left."""
_SPREAD = 1.0
"""Variance of log worths before any answer: two of three teams lie within one unit of the middle."""
_SAME = 1e-9
"""Informations that differ by less are equal, whatever machine computed them."""
_CONVERGED = 1e-13
_NODES, _WEIGHTS = np.polynomial.hermite_e.hermegauss(32)
_WEIGHTS = _WEIGHTS / _WEIGHTS.sum()

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]


@dataclass(frozen=True)
class Pair:
    """What a judge is shown: numbers of an image and of the teams left and right, from 0."""

    image: int
    left: int
    right: int


@dataclass(frozen=True)
class Place:
    """A place in a judge's sequence: its kind and which of that kind; or what it repeats."""

    kind: str
    number: int


@dataclass
class _Handed:
    """A pair that was handed out, and what became of it."""

    judge: int
    number: int
    image: int
    left: int
    right: int
    at: float
    outcome: float | None = None


class Tally:
    """All pairs handed out to judges who count, and their answers as they stand."""

    def __init__(self, teams: int, images: int) -> None:
        self.teams, self.images = teams, images
        self.first, self.second = np.triu_indices(teams, 1)
        self.number = np.zeros((teams, teams), dtype=np.int64)
        self.number[self.first, self.second] = np.arange(len(self.first))
        self.number += self.number.T
        self.wins: Floats = np.zeros((teams, teams))
        """How often the row was preferred to the column; no preference is half a win for each."""
        self.shown: Ints = np.zeros((len(self.first), images), dtype=np.int64)
        """How often each pair (row) was handed out on each image."""
        self._handed: dict[str, _Handed] = {}
        self._waiting: dict[str, _Handed] = {}
        self._own: defaultdict[int, list[Pair]] = defaultdict(list)

    def hand_out(self, trial: str, judge: int, pair: Pair, at: float, *, counts: bool) -> None:
        """Note that a judge was given a pair, at so many seconds; `counts` is false for test judges."""
        number = int(self.number[pair.left, pair.right])
        self._own[judge].append(pair)
        if counts:
            handed = _Handed(judge, number, pair.image, pair.left, pair.right, at)
            self._handed[trial] = self._waiting[trial] = handed
            self.shown[number, pair.image] += 1

    def answer(self, trial: str, outcome: float | None) -> None:
        """Note an answer: 1 for the left one, 0 for the right one, 0.5 for neither, None for none at all."""
        handed = self._handed.get(trial)
        if handed is None:
            return
        for value, sign in ((handed.outcome, -1), (outcome, 1)):
            if value is not None:
                self.wins[handed.left, handed.right] += sign * value
                self.wins[handed.right, handed.left] += sign * (1 - value)
        handed.outcome = outcome
        if outcome is None:
            self._waiting[trial] = handed
        else:
            self._waiting.pop(trial, None)

    def waiting(self, at: float) -> list[tuple[int, int, int]]:
        """Return judge, pair and image of what is still expected to be answered."""
        return [
            (item.judge, item.number, item.image)
            for item in self._waiting.values()
            if at - item.at <= WAITED_FOR
        ]

    def own(self, judge: int) -> list[Pair]:
        """Return all that a judge was given, in order."""
        return self._own[judge]


def draw_batch(
    key: bytes,
    tally: Tally,
    judge: int,
    batch: int,
    *,
    even: bool,
    at: float,
    conflicts: Collection[int] = (),
    most: int | None = None,
) -> list[Pair]:
    """Return the next pairs of a judge, in an order of chance; `in_places` says when each is shown.

    Parameters
    ----------
    key
        The study key, 32 bytes.
    tally
        What was handed out and answered so far.
    judge, batch
        The judge's number in the design, from 0, and which of their batches it is, from 1.
    even
        Whether those pairs are due that were asked least, and not those that tell most.
    at
        Seconds, on the clock of `Tally.hand_out`.
    conflicts
        Numbers of the teams that this judge must not be shown.
    most
        How many places are left in the judge's sequence.
    """
    others, waiting = np.zeros_like(tally.shown), np.zeros(len(tally.first))
    for who, pair, image in tally.waiting(at):
        waiting[pair] += 1
        if who != judge:
            others[pair, image] += 1
    free = np.ones(tally.shown.shape, dtype=bool)
    for had in tally.own(judge):
        free[tally.number[had.left, had.right], had.image] = False
    asked = (tally.wins + tally.wins.T)[tally.first, tally.second] + waiting
    told = -asked if even else information(tally.wins, waiting)
    order = keyed_shuffle(key, range(len(tally.first)), "adaptive pairs", judge, batch)
    crowd = np.where(free, others, np.iinfo(np.int64).max).min(axis=1)
    usable: NDArray[np.bool_] = np.any(free, axis=1)
    for team in conflicts:
        usable[(tally.first == team) | (tally.second == team)] = False
    tree = _tree(tally, told, crowd, usable, order)[:most]
    rank = {pair: place for place, pair in enumerate(order)}
    found = _on_images(key, tally, sorted(tree, key=rank.__getitem__), others, free, judge, batch)
    return [_turned(key, tally, pair, image) for pair, image in found]


def information(wins: Floats, waiting: Floats) -> Floats:
    """Return what the answer to each pair is expected to tell of the log worths, in nats.

    Log worths have a normal prior; their posterior is taken as normal around its peak. An answer tells the
    mutual information of itself and the difference of the two log worths. Answers on their way (`waiting`, by
    pair) narrow the posterior as if they were in, without moving its peak.

    Examples
    --------
    >>> nothing = information(np.zeros((3, 3)), np.zeros(3))
    >>> one = information(np.array([[0.0, 5, 0], [5, 0, 0], [0, 0, 0]]), np.zeros(3))
    >>> bool(one[0] < one[1] < nothing[0])
    True
    """
    teams = len(wins)
    first, second = np.triu_indices(teams, 1)
    asked = (wins + wins.T)[first, second]
    worth, precision = np.zeros(teams), np.eye(teams)
    for _ in range(100):
        chance = _logistic(worth[:, None] - worth)
        slope = (wins - (wins + wins.T) * chance).sum(axis=1) - worth / _SPREAD
        precision = _precision(asked, chance, first, second)
        step = np.linalg.solve(precision, slope)
        # The likelihood is concave, but a full step from far away can overshoot.
        worth = worth + step * min(1.0, 2.0 / max(np.abs(step).max(), 1e-300))
        if np.abs(step).max() < _CONVERGED:
            break
    chance = _logistic(worth[:, None] - worth)
    spread = np.linalg.inv(_precision(asked + waiting, chance, first, second))
    variance = spread[first, first] + spread[second, second] - 2 * spread[first, second]
    middle = worth[first] - worth[second]
    drawn = _logistic(middle[:, None] + np.sqrt(np.maximum(variance, 0))[:, None] * _NODES)
    return _entropy(drawn @ _WEIGHTS) - _entropy(drawn) @ _WEIGHTS


def places(
    key: bytes, judge: int, counted: int, *, repeats: int = 0, golden: int = 0, identical: int = 0
) -> list[Place]:
    """Return the places of a judge's sequence, before anything is drawn for them.

    Between two hidden trials lies a counted one, as far as there are enough. A repeat shows a counted trial
    again that lies at least a third of the sequence back, if that can be.

    Examples
    --------
    >>> [place.kind for place in places(bytes(32), 0, 5, repeats=1, golden=1)]
    ['main', 'main', 'golden', 'main', 'main', 'main', 'repeat']
    """
    hidden = [Place("golden", number) for number in range(golden)]
    hidden += [Place("identical", number) for number in range(identical)]
    gap = -(-(counted + len(hidden) + repeats) // 3)
    early = keyed_shuffle(key, range(max(counted - gap, 0) + 1), "repeated pairs", judge)
    hidden += [Place("repeat", min(early[number % len(early)], counted - 1)) for number in range(repeats)]
    free = set(range(1, counted + 1))
    found = [Place("main", number) for number in range(counted)]
    put: list[tuple[int, int, Place]] = []
    for number, place in enumerate(hidden):
        least = min(place.number + gap, counted) if place.kind == "repeat" else 1
        order = keyed_shuffle(key, range(least, counted + 1), "hidden pair", judge, number)
        after = next((after for after in order if after in free), order[0])
        free.discard(after)
        put.append((after, number, place))
    for after, _, place in sorted(put, key=lambda item: item[:2], reverse=True):
        found.insert(after, place)
    return found


def stabilising(key: bytes, judge: int, images: int, teams: Sequence[int], count: int) -> list[Pair]:
    """Return the comparisons that come first and do not count: drawn by chance, no image twice in a row."""
    seen = keyed_shuffle(key, range(images), "stabilising images", judge)
    pairs = keyed_shuffle(key, list(combinations(teams, 2)), "stabilising pairs", judge)
    return [
        Pair(
            seen[number % images],
            *keyed_shuffle(key, pairs[number % len(pairs)], "stabilising", judge, number),
        )
        for number in range(count)
    ]


def in_places(
    pairs: Sequence[Pair],
    segment: Sequence[Place],
    shown: Sequence[Pair],
    hidden: Mapping[Place, int],
    before: int | None,
) -> list[Pair]:
    """Put a batch into the counted places of a segment so that no image follows itself, if that can be.

    Parameters
    ----------
    pairs
        The batch.
    segment
        Places in a row, with as many counted ones.
    shown
        All counted trials of the judge before.
    hidden
        Images of golden and identical trials.
    before
        The image that the judge sees before.

    Returns
    -------
    list of Pair
        Of all orders that will do the first, where those that keep to the order of the batch for longer come
        first; the batch as it is where none will do.
    """
    repeated = {place.number for place in segment if place.kind == "repeat"}
    failed: set[object] = set()

    def fill(number: int, left: list[Pair], counted: list[Pair], last: int | None) -> list[Pair] | None:
        if number == len(segment):
            return counted
        place = segment[number]
        if place.kind != "main":
            image = counted[place.number].image if place.kind == "repeat" else hidden[place]
            return None if image == last else fill(number + 1, left, counted, image)
        images = Counter(pair.image for pair in left)
        known = tuple(counted[which].image for which in repeated if which < len(counted))
        state = (number, last, frozenset(images.items()), known)
        if state in failed:
            return None
        for image in images:
            if image != last:
                pair = next(pair for pair in left if pair.image == image)
                rest = [other for other in left if other is not pair]
                if found := fill(number + 1, rest, [*counted, pair], image):
                    return found
        failed.add(state)
        return None

    found = fill(0, list(pairs), list(shown), before)
    return list(pairs) if found is None else found[len(shown) :]


def _tree(tally: Tally, told: Floats, crowd: Ints, usable: NDArray[np.bool_], order: list[int]) -> list[int]:
    """The tree of the pairs that fewest others have before them, and of those that tell most."""
    level = _levels(told)
    best = sorted((pair for pair in order if usable[pair]), key=lambda pair: (crowd[pair], level[pair]))
    root = list(range(tally.teams))

    def top(team: int) -> int:
        while root[team] != team:
            root[team] = root[root[team]]
            team = root[team]
        return team

    tree = []
    for pair in best:
        one, other = top(int(tally.first[pair])), top(int(tally.second[pair]))
        if one != other:
            root[one] = other
            tree.append(pair)
    return tree


def _levels(told: Floats) -> Ints:
    """Rank by information, the highest first; what differs by rounding alone has one rank."""
    order = np.argsort(-told, kind="stable")
    level = np.zeros(len(told), dtype=np.int64)
    level[order[1:]] = np.cumsum(np.diff(told[order]) < -_SAME)
    return level


def _on_images(
    key: bytes, tally: Tally, pairs: list[int], others: Ints, free: NDArray[np.bool_], judge: int, batch: int
) -> list[tuple[int, int]]:
    """Give each pair the image on which it was shown least, of those that nobody has before them."""
    taken = np.zeros(tally.images, dtype=np.int64)
    total = tally.shown.sum(axis=0)
    found = []
    for pair in pairs:
        order = keyed_shuffle(key, range(tally.images), "adaptive image", judge, batch, pair)
        image = min(
            (image for image in order if free[pair, image]),
            key=lambda image: (others[pair, image], taken[image], tally.shown[pair, image], total[image]),
        )
        taken[image] += 1
        found.append((pair, image))
    return found


def _turned(key: bytes, tally: Tally, pair: int, image: int) -> Pair:
    """Turn a pair: its sides change from one handing out to the next, whoever gets it."""
    one, other = int(tally.first[pair]), int(tally.second[pair])
    sides = keyed_shuffle(key, [one, other], "adaptive side", pair)
    left, right = sides if tally.shown[pair].sum() % 2 == 0 else sides[::-1]
    return Pair(image, left, right)


def _precision(asked: Floats, chance: Floats, first: Ints, second: Ints) -> Floats:
    teams = len(chance)
    told = asked * chance[first, second] * chance[second, first]
    found = np.zeros((teams, teams))
    found[first, second] = found[second, first] = -told
    found[np.diag_indices(teams)] = -found.sum(axis=1) + 1 / _SPREAD
    return found


def _logistic(value: Floats) -> Floats:
    return 0.5 * (1 + np.tanh(value / 2))


def _entropy(chance: Floats) -> Floats:
    """Entropy of yes or no, in nats; 0 where one of the two is certain."""
    inside = np.clip(chance, 1e-300, 1.0)
    outside = np.clip(1 - chance, 1e-300, 1.0)
    return -(chance * np.log(inside) + (1 - chance) * np.log(outside))
