"""The design of a study, recomputed from the revealed key: who saw which image when, and who stood where."""

import base64
import hashlib
import hmac
import math
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Any, TypeVar

import numpy as np

DESIGN = "keyed latin squares 2"
WITH_CHECKS = "keyed latin squares 2, hidden trials 1"
KNOWN_WORSE = "known-worse"
"""Stands for a team where a golden trial shows the candidate that is known to be worse."""

T = TypeVar("T")
Shown = tuple[str, str, tuple[str, ...]]
"""Kind, image and teams in slots 1, 2, ..."""


@dataclass(frozen=True)
class Trial:
    """One judge looking at one image; `slots[k]` is the team in slot k + 1."""

    judge: str
    kind: str
    position: int
    image: str
    public_id: str
    slots: tuple[str, ...]


def judge_trials(
    key: bytes, listing: Mapping[str, Any], judge: str, number: int, conflicts: Collection[str]
) -> list[Trial]:
    """Return the practice trial and then the judge's sequence: counted trials, repeats and golden trials.

    Parameters
    ----------
    key
        The study key.
    listing
        The list inside the commitment.
    judge, number
        The judge's label, and their number in the design, from 0.
    conflicts
        Ids of the teams that this judge must not be shown.
    """
    images, teams = listing["images"], [team["id"] for team in listing["teams"]]
    seen = shuffled(key, images, "image order", number // 2)
    seen = seen if number % 2 == 0 else seen[::-1]
    shown = [team for team in teams if team not in conflicts]

    def without_conflicts(slots: Sequence[str]) -> tuple[str, ...]:
        return tuple(team for team in slots if team not in conflicts)

    practice = without_conflicts(shuffled(key, teams, "practice slots", number))
    main = [
        ("main", image, without_conflicts(_slots(key, number, images.index(image), len(images), teams)))
        for image in seen
    ]
    sequence = _with_checks(key, number, main, shown, listing.get("checks", {}))
    plan = [("practice", 1, listing["practice"] or seen[-1], practice)]
    plan += [(kind, place, image, slots) for place, (kind, image, slots) in enumerate(sequence, start=1)]
    return [
        Trial(judge, kind, place, image, opaque(key, "trial", number, kind, place), slots)
        for kind, place, image, slots in plan
    ]


def shuffled(key: bytes, items: Sequence[T], *label: object) -> list[T]:
    """Shuffle by Fisher and Yates, from the last place down, with 32-bit words of the keyed stream."""
    result, words = list(items), _words(key, _encoded(("stream", *label)))
    for last in reversed(range(1, len(result))):
        usable = (1 << 32) // (last + 1) * (last + 1)
        pick = next(word for word in words if word < usable) % (last + 1)
        result[last], result[pick] = result[pick], result[last]
    return result


def opaque(key: bytes, *label: object) -> str:
    """Return the name by which browsers know something: 24 characters of its keyed hash."""
    return base64.urlsafe_b64encode(_mac(key, _encoded(("name", *label)))).decode("ascii")[:24]


def _with_checks(
    key: bytes, judge: int, main: list[Shown], teams: Sequence[str], checks: Mapping[str, Sequence[str]]
) -> list[Shown]:
    """Mix repeats and golden trials in, after the counted trial of their image, if possible by a third."""
    hidden = [("golden", image) for image in checks.get("golden", ())]
    hidden += [("repeat", image) for image in checks.get("repeats", ())]
    place = {image: number for number, (_, image, _) in enumerate(main)}
    gap = math.ceil((len(main) + len(hidden)) / 3)
    sequence, inserts = list(main), []
    for kind, image in hidden:
        first = min(place[image] + gap, len(main))
        before = shuffled(key, range(first, len(main) + 1), "hidden place", kind, judge, image)[0]
        inserts.append((before, kind, place[image], image))
    for before, kind, _, image in sorted(inserts, reverse=True):
        slots = tuple(shuffled(key, teams, f"{kind} slots", judge, image))
        if kind == "golden":
            replaced = shuffled(key, teams, "golden team", judge, image)[0]
            slots = tuple(KNOWN_WORSE if team == replaced else team for team in slots)
        sequence.insert(before, (kind, image, slots))
    return sequence


def _slots(key: bytes, judge: int, image: int, images: int, teams: Sequence[str]) -> list[str]:
    n = len(teams)
    place = shuffled(key, range(images), "image blocks").index(image)
    marks = random_square(key, n, "marks", place // n)[place % n]
    slot_of = random_square(key, n, "slots", judge // n, place // n)[judge % n]
    where = {team: slot_of[mark] for team, mark in zip(teams, marks, strict=True)}
    return sorted(teams, key=where.__getitem__)


@lru_cache(maxsize=512)
def random_square(key: bytes, n: int, *label: object) -> list[list[int]]:
    """Draw a square by 8 n rounds of Jacobson and Matthews' chain from the square (row + column) % n."""
    cube = np.zeros((n, n, n), dtype=np.int8)
    rows, columns = np.indices((n, n))
    cube[rows, columns, (rows + columns) % n] = 1
    words = _words(key, _encoded(("stream", "latin square", *label)))

    def draw(bound: int) -> int:
        usable = (1 << 32) // bound * bound
        return next(word for word in words if word < usable) % bound

    proper = 0 if n > 1 else 8 * n
    corner: tuple[int, int, int] | None = None
    while proper < 8 * n:
        row, column, mark = corner or _empty_cell(cube, draw)
        # On the three lines through the corner, a one to trade with: of two the one that is drawn.
        lines = (cube[:, column, mark], cube[row, :, mark], cube[row, column, :])
        ones = [[place for place, value in enumerate(line.tolist()) if value == 1] for line in lines]
        r, c, m = (line[draw(2)] if corner else line[0] for line in ones)
        cube[[row, row, r, r], [column, c, column, c], [mark, m, m, mark]] += 1
        cube[[r, row, row, r], [column, c, column, c], [mark, mark, m, m]] -= 1
        corner = (r, c, m) if cube[r, c, m] < 0 else None
        proper += corner is None
    return cube.argmax(axis=2).tolist()


def _empty_cell(cube: np.ndarray, draw: Callable[[int], int]) -> tuple[int, int, int]:
    n = len(cube)
    row, column, step = draw(n), draw(n), draw(n - 1)
    return row, column, step if step < cube[row, column].argmax() else step + 1


def _words(key: bytes, label: bytes) -> Iterator[int]:
    block = 0
    while True:
        mac = _mac(key, block.to_bytes(8, "big") + label)
        yield from (int.from_bytes(mac[start : start + 4], "big") for start in range(0, 32, 4))
        block += 1


def _mac(key: bytes, message: bytes) -> bytes:
    return hmac.new(key, message, hashlib.sha256).digest()


def _encoded(parts: Sequence[object]) -> bytes:
    texts = [str(part).encode("utf-8") for part in parts]
    return b"".join(len(text).to_bytes(4, "big") + text for text in texts)
