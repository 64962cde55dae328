"""The design of a study, recomputed from the revealed key: who saw which image when, which team was where."""

import math
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

import numpy as np

from analysis.verify.adaptive_trials import ADAPTIVE, Drawn, adaptive_pairs
from analysis.verify.dealt import DEALT, dealt_pairs
from analysis.verify.keyed import drawing, opaque, shuffled
from analysis.verify.shown import CONTROLS, KNOWN_WORSE, Shown
from analysis.verify.singles import SINGLES, shown_singly

DESIGN = "keyed latin squares 2"
WITH_CHECKS = "keyed latin squares 2, hidden trials 1"
DRAWN_BY = {"pairwise": DEALT, "acr": SINGLES, "acr_hr": SINGLES, "dcr": SINGLES}
"""The designs of the protocols that do not show all candidates at once."""


def design_of(listing: Mapping[str, Any]) -> str:
    """Return the design that the list in a commitment must name."""
    kind = listing["protocol"]["kind"] if "protocol" in listing else "top_k"
    if kind == "pairwise" and listing["protocol"]["design"] == "adaptive":
        return ADAPTIVE
    return DRAWN_BY.get(kind, WITH_CHECKS if "checks" in listing else DESIGN)


@dataclass(frozen=True)
class Trial:
    """One judge looking at one image; `slots[k]` is the team in slot k + 1, `beside` the reference."""

    judge: str
    kind: str
    position: int
    image: str
    public_id: str
    slots: tuple[str, ...]
    beside: str | None


def judge_trials(
    key: bytes,
    listing: Mapping[str, Any],
    judge: str,
    number: int,
    conflicts: Collection[str],
    drawn: Sequence[Drawn] = (),
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
    drawn
        In an adaptive study, the pairs that this judge was given; later trials have no image.
    """
    if listing["design"] == ADAPTIVE:
        practice, sequence = adaptive_pairs(key, listing, number, conflicts, drawn)
    else:
        draw = {DEALT: dealt_pairs, SINGLES: shown_singly}.get(listing["design"], _all_at_once)
        practice, sequence = draw(key, listing, number, conflicts)
    asked = listing.get("protocol", {"kind": "top_k"})
    stands = asked["kind"] == "dcr" or (asked["kind"] == "pairwise" and asked["reference"])
    beside = "reference" if stands else None
    return [
        Trial(
            judge,
            shown.kind,
            place,
            shown.image,
            opaque(key, "trial", number, shown.kind, place),
            shown.slots,
            beside if shown.image else None,
        )
        for part in (practice, sequence)
        for place, shown in enumerate(part, start=1)
    ]


def _all_at_once(
    key: bytes, listing: Mapping[str, Any], number: int, conflicts: Collection[str]
) -> tuple[list[Shown], list[Shown]]:
    """Draw a judge's trials where each shows all candidates: the practice trial, then the sequence."""
    asked = listing.get("protocol", {})
    controls = [control for control in CONTROLS if asked.get(control)]
    images, teams = listing["images"], [*(team["id"] for team in listing["teams"]), *controls]
    seen = shuffled(key, images, "image order", number // 2)
    seen = seen if number % 2 == 0 else seen[::-1]
    shown = [team for team in teams if team not in conflicts]

    def without_conflicts(slots: Sequence[str]) -> tuple[str, ...]:
        return tuple(team for team in slots if team not in conflicts)

    practice = without_conflicts(shuffled(key, teams, "practice slots", number))
    main = [
        Shown("main", image, without_conflicts(_slots(key, number, images.index(image), len(images), teams)))
        for image in seen
    ]
    sequence = _with_checks(key, number, main, shown, listing.get("checks", {}))
    return [Shown("practice", listing["practice"] or seen[-1], practice)], sequence


def _with_checks(
    key: bytes, judge: int, main: list[Shown], teams: Sequence[str], checks: Mapping[str, Sequence[str]]
) -> list[Shown]:
    """Mix repeats and golden trials in, after the counted trial of their image, if possible by a third."""
    hidden = [("golden", image) for image in checks.get("golden", ())]
    hidden += [("repeat", image) for image in checks.get("repeats", ())]
    place = {shown.image: number for number, shown in enumerate(main)}
    gap = math.ceil((len(main) + len(hidden)) / 3)
    sequence, inserts = list(main), []
    for kind, image in hidden:
        first = min(place[image] + gap, len(main))
        before = shuffled(key, range(first, len(main) + 1), "hidden place", kind, judge, image)[0]
        inserts.append((before, kind, place[image], image))
    for before, kind, _, image in sorted(inserts, reverse=True):
        slots = tuple(shuffled(key, teams, f"{kind} slots", judge, image))
        if kind == "golden":
            own = [team for team in teams if team not in CONTROLS]
            replaced = shuffled(key, own, "golden team", judge, image)[0]
            slots = tuple(KNOWN_WORSE if team == replaced else team for team in slots)
        sequence.insert(before, Shown(kind, image, slots))
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
    draw = drawing(key, "latin square", *label)

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
