"""The design of a study, recomputed from the revealed key: who saw which image when, and who stood where."""

import base64
import hashlib
import hmac
import math
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, TypeVar

DESIGN = "keyed latin rectangle 1"
WITH_CHECKS = "keyed latin rectangle 1, hidden trials 1"
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
        Trial(judge, kind, place, image, opaque(key, "trial", number, kind, image), slots)
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
    (judge_block, row), (image_block, column) = divmod(judge, n), divmod(image, n)
    width = min(n, images - image_block * n)

    def square(part: str, size: int) -> list[int]:
        return shuffled(key, range(size), "slots", judge_block, image_block, part)

    column = square("columns", width)[column]
    turn = row // (n // math.gcd(n, width))
    line = square("rows", n)[(row * width + (column + turn) % width) % n]
    places = square("places", n)
    where = {
        team: places[(line + offset) % n] for team, offset in zip(teams, square("teams", n), strict=True)
    }
    return sorted(teams, key=where.__getitem__)


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
