"""The design of paired comparisons, recomputed: the deck of all pairs, the judge's share, and its order."""

import math
from collections.abc import Collection, Mapping, Sequence
from functools import lru_cache
from itertools import combinations
from typing import Any

from analysis.verify.keyed import shuffled
from analysis.verify.mixed import in_order
from analysis.verify.shown import CONTROLS, KNOWN_WORSE, Shown

DEALT = "dealt pairs 1"


def dealt_pairs(
    key: bytes, listing: Mapping[str, Any], number: int, conflicts: Collection[str]
) -> tuple[list[Shown], list[Shown]]:
    """Draw the comparisons of a judge: the practice trials, then the sequence."""
    images, teams = listing["images"], [team["id"] for team in listing["teams"]]
    asked, checks = listing["protocol"], listing.get("checks", {})
    allowed = [team for team in teams if team not in conflicts]
    cards = len(images) * len(teams) * (len(teams) - 1) // 2
    most = asked["pairs_per_judge"]
    judges = 1 if most is None else -(-cards // most)
    begin, end = (cards * (number % judges + step) // judges for step in (0, 1))
    deck = deck_of(key, number // judges, tuple(images), tuple(teams))
    main = [shown for shown in deck[begin:end] if not set(shown.slots) & set(conflicts)]
    hidden = hidden_pairs(key, listing, number, allowed)
    sequence = in_order(key, number, main, checks.get("repeats", ()), hidden, asked["stabilising"])
    last = sequence[-1].image if sequence else images[-1]
    return training(key, listing, number, listing["practice"] or last, allowed), sequence


def hidden_pairs(key: bytes, listing: Mapping[str, Any], number: int, allowed: Sequence[str]) -> list[Shown]:
    """Draw the golden trials of a judge, then the identical pairs."""
    hidden = []
    for image in listing.get("checks", {}).get("golden", ()):
        pair = (KNOWN_WORSE, shuffled(key, allowed, "golden team", number, image)[0])
        hidden.append(Shown("golden", image, tuple(shuffled(key, pair, "golden slots", number, image))))
    where = shuffled(key, listing["images"], "identical images", number)
    whose = shuffled(key, allowed, "identical teams", number)
    for count in range(listing["protocol"]["identical"]):
        team = whose[count % len(whose)]
        hidden.append(Shown("identical", where[count % len(where)], (team, team)))
    return hidden


def known_of(listing: Mapping[str, Any]) -> list[str]:
    """Return what the study's own practice image has besides the teams' candidates."""
    there = {team for image, team, _ in listing["pictures"] if image == listing["practice"]}
    return [control for control in CONTROLS if control in there]


def training(
    key: bytes, listing: Mapping[str, Any], number: int, image: str, allowed: Sequence[str]
) -> list[Shown]:
    """Draw the practice trials: a team with the best and the worst there is, or two teams."""
    own, known = shuffled(key, allowed, "practice slots", number), known_of(listing)
    compared = [*known, own[0]] if known else own[:2]
    pairs = shuffled(key, list(combinations(compared, 2)), "practice order", number)
    return [
        Shown("practice", image, tuple(shuffled(key, pair, "practice sides", number, place)))
        for place, pair in enumerate(pairs, start=1)
    ]


@lru_cache(maxsize=32)
def deck_of(key: bytes, time: int, images: tuple[str, ...], teams: tuple[str, ...]) -> list[Shown]:
    """Lay the deck: card t has image t and pair t, round and round, pairs skipping one at each meeting."""
    row = shuffled(key, images, "pair images", time // 2)
    pairs = tournament(shuffled(key, teams, "pair teams", time // 2))
    meeting = len(row) * len(pairs) // math.gcd(len(row), len(pairs))
    deck = []
    turned = dict.fromkeys(pairs, time % 2 == 1)
    for card in range(len(row) * len(pairs)):
        pair = pairs[(card % len(pairs) + card // meeting) % len(pairs)]
        deck.append(Shown("main", row[card % len(row)], pair[::-1] if turned[pair] else pair))
        turned[pair] = not turned[pair]
    return deck


def tournament(order: Sequence[str]) -> list[tuple[str, str]]:
    """Return all pairs in rounds: one item stays, the others rotate; the one nearer the front is first."""
    chairs: list[str | None] = [*order, *([None] if len(order) % 2 else [])]
    still, turning = chairs[-1], chairs[:-1]
    found = []
    for turn in range(len(turning)):
        table = turning[turn:] + turning[:turn]
        meets = [(still, table[0])]
        meets += [(table[step], table[-step]) for step in range(1, len(chairs) // 2)]
        found += [_seated(order, one, other) for one, other in meets if one is not None and other is not None]
    return found


def _seated(order: Sequence[str], one: str, other: str) -> tuple[str, str]:
    first, second = order.index(one), order.index(other)
    ahead, behind = (second - first) % len(order), (first - second) % len(order)
    if ahead == behind:
        return (one, other) if first < second else (other, one)
    return (one, other) if ahead < behind else (other, one)
