"""A judge's trials in an adaptive study: positions that the key gives, filled with the pairs drawn so far."""

from collections.abc import Collection, Mapping, Sequence
from itertools import combinations
from typing import Any

from analysis.verify.adaptive import places_of
from analysis.verify.dealt import hidden_pairs, training
from analysis.verify.keyed import shuffled
from analysis.verify.shown import Shown

ADAPTIVE = "adaptive pairs 1"
Drawn = tuple[int, int, int]
"""Image, the team on the left and the team on the right by number, from 0."""


def adaptive_pairs(
    key: bytes, listing: Mapping[str, Any], number: int, conflicts: Collection[str], drawn: Sequence[Drawn]
) -> tuple[list[Shown], list[Shown]]:
    """Return the practice trials, then the sequence; a trial that was not drawn has no image.

    Parameters
    ----------
    drawn
        The pairs that the ledger says this judge was given, in order.
    """
    images, teams = listing["images"], [team["id"] for team in listing["teams"]]
    allowed = [team for team in teams if team not in conflicts]
    practice = training(key, listing, number, listing["practice"] or images[-1], allowed)
    sequence = _first(key, listing, number, allowed)
    hidden: dict[str, list[Shown]] = {"golden": [], "identical": []}
    for shown in hidden_pairs(key, listing, number, allowed):
        hidden[shown.kind].append(shown)
    main = [Shown("main", images[image], (teams[left], teams[right])) for image, left, right in drawn]
    counted = 0
    for kind, which in judge_places(key, listing, number, len(allowed)):
        shown = Shown(kind, "", ())
        if kind in hidden:
            shown = hidden[kind][which]
        elif kind == "main" and which < len(main):
            shown = main[which]
        elif kind == "repeat" and which < counted <= len(main):
            sides = shuffled(key, main[which].slots, "repeat sides", number, len(sequence) + 1)
            shown = Shown("repeat", main[which].image, tuple(sides))
        counted += kind == "main"
        sequence.append(shown)
    return practice, sequence


def judge_places(key: bytes, listing: Mapping[str, Any], number: int, allowed: int) -> list[tuple[str, int]]:
    """Return kind and number of each place of a judge who may see so many teams."""
    asked, checks = listing["protocol"], listing.get("checks", {})
    cells = len(listing["images"]) * allowed * (allowed - 1) // 2
    return places_of(
        key,
        number,
        min(asked["pairs_per_judge"], cells),
        repeats=len(checks.get("repeats", ())),
        golden=len(checks.get("golden", ())),
        identical=asked["identical"],
    )


def _first(key: bytes, listing: Mapping[str, Any], number: int, allowed: Sequence[str]) -> list[Shown]:
    """Draw the trials that come first and do not count."""
    places = shuffled(key, listing["images"], "stabilising images", number)
    pairs = shuffled(key, list(combinations(allowed, 2)), "stabilising pairs", number)
    found = []
    for count in range(listing["protocol"]["stabilising"]):
        sides = shuffled(key, pairs[count % len(pairs)], "stabilising", number, count)
        found.append(Shown("stabilising", places[count % len(places)], tuple(sides)))
    return found
