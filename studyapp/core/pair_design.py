"""The design of paired comparisons: which two candidates a judge compares on which image, and who is left.

A pure function of the study key, the judge's number, the sorted images and the teams. All pairs of all images
are one deck. Judges who follow each other deal it out: each round of `shares` judges has every pair of every
image once, so that after any number of judges all pairs have been dealt equally often, to within one.

The deck is laid so that each share is balanced by itself, and stays so when other judges vanish: card t shows
image t and pair t, each counted round and round, so that a share has all images equally often to within one
and all pairs to within two. Pairs go round in the rounds of a tournament (the circle method), where each team
plays once before any plays again.

Sides. In the deck the cards of a pair show it in either order by turns, and every second round shows each
card the other way round: both orders of a pair of an image are equally often, to within one, over the judges,
and both orders of a pair over the images of one judge. docs/decisions/0308 says why it is done so.
"""

import math
from collections.abc import Sequence
from functools import lru_cache

from studyapp.core.keyed import keyed_shuffle

PAIR_DESIGN = "dealt pairs 1"

Card = tuple[str, str, str]
"""Image, the team on the left, the team on the right."""


def pair_share(
    key: bytes, judge: int, images: Sequence[str], teams: Sequence[str], shares: int
) -> tuple[Card, ...]:
    """Return what judge number `judge` (from 0) compares, in the order of the deck.

    Parameters
    ----------
    key
        The study key, 32 bytes.
    judge
        The judge's number, from 0.
    images, teams
        Sorted image names, and team ids in the order of study.yaml.
    shares
        Judges by whom all pairs of all images are compared once; 1 where each judge compares all.
    """
    dealt, share = divmod(judge, shares)
    deck = _deck(key, dealt, tuple(images), tuple(teams))
    return deck[share * len(deck) // shares : (share + 1) * len(deck) // shares]


def count_shares(images: int, teams: int, most: int | None) -> int:
    """Return how many judges deal out all pairs once, when none gets more than `most`.

    Examples
    --------
    >>> count_shares(10, 8, 50), count_shares(10, 8, None)
    (6, 1)
    """
    return 1 if most is None else math.ceil(images * math.comb(teams, 2) / most)


def team_pairs(teams: Sequence[str]) -> list[tuple[str, str]]:
    """Return every pair, in rounds in which each team comes once; each team stands first as often as second.

    Examples
    --------
    >>> team_pairs("abcd")
    [('d', 'a'), ('b', 'c'), ('b', 'd'), ('a', 'c'), ('c', 'd'), ('a', 'b')]
    """
    count = len(teams)
    turning = count - 1 + count % 2  # an odd team out plays against an empty chair, which has the last number
    rounds = [
        [
            (turning, turn),
            *(((turn + step) % turning, (turn - step) % turning) for step in range(1, (turning + 1) // 2)),
        ]
        for turn in range(turning)
    ]
    return [
        (teams[first], teams[second])
        for pairs in rounds
        for first, second in (_by_turns(*pair, count) for pair in pairs if max(pair) < count)
    ]


def _by_turns(first: int, second: int, count: int) -> tuple[int, int]:
    """Put first whoever sits less than half around the table before the other."""
    ahead = (second - first) % count
    return (first, second) if (2 * ahead, first) < (count, second) else (second, first)


@lru_cache(maxsize=32)
def _deck(key: bytes, dealt: int, images: tuple[str, ...], teams: tuple[str, ...]) -> tuple[Card, ...]:
    """Lay the deck that is dealt for the time `dealt`; two times in a row it differs in the sides alone."""
    pile, turned = divmod(dealt, 2)
    shown = keyed_shuffle(key, images, "pair images", pile)
    pairs = team_pairs(keyed_shuffle(key, teams, "pair teams", pile))
    # After so many cards image and pair would meet again: the pairs go on by one.
    meet = math.lcm(len(shown), len(pairs))
    seen = [turned] * len(pairs)
    deck = []
    for card in range(len(shown) * len(pairs)):
        pair = (card + card // meet) % len(pairs)
        left, right = pairs[pair] if seen[pair] % 2 == 0 else reversed(pairs[pair])
        seen[pair] += 1
        deck.append((shown[card % len(shown)], left, right))
    return tuple(deck)
