"""The design of a study: who sees which image when, and which team stands in which slot.

A pure function of the study key and three numbered lists (judges, images, teams). Judges may be added later
without changing what earlier judges see.

Slots. Judges and images are cut into blocks of N (the number of teams). Within a block, judge r and image c
get row `L(r, c)` of a keyed N x N Latin square M, and team t stands in slot `M(L(r, c), t)`. L is a Latin
rectangle every prefix of whose rows uses the N symbols equally often to within one, so that for any number
of judges each team stands in each slot equally often (to within one) over the judges of one image, over the
images of one judge, and over the whole study. Every block has its own keyed square: nothing learnt about
one block of images helps with another.

Images. Judges come in pairs: the first has a keyed shuffle, the second its reverse, so over each pair every
image is equally early and late.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from math import gcd

from studyapp.core.keyed import keyed_shuffle


@dataclass(frozen=True)
class TrialPlan:
    """One judge looking at one image: `slots[k]` is the team in slot k + 1."""

    image: str
    slots: tuple[str, ...]


def image_order(key: bytes, judge: int, images: Sequence[str]) -> list[str]:
    """Return the order in which judge number `judge` (from 0) sees `images`."""
    order = keyed_shuffle(key, images, "image order", judge // 2)
    return order if judge % 2 == 0 else order[::-1]


def slot_order(key: bytes, judge: int, image: int, images: int, teams: Sequence[str]) -> tuple[str, ...]:
    """Return the teams in slots 1, 2, ... for judge number `judge` on image number `image` of `images`.

    Parameters
    ----------
    key
        The study key, 32 bytes.
    judge, image
        Numbers from 0, in the order of invitation and of the sorted image names.
    images
        How many images count in the study.
    teams
        Team ids in the order of study.yaml.
    """
    count = len(teams)
    judge_block, row = divmod(judge, count)
    image_block, column = divmod(image, count)
    width = min(count, images - image_block * count)
    block = ("slots", judge_block, image_block)
    columns = keyed_shuffle(key, range(width), *block, "columns")
    square_row = _latin_rectangle(row, columns[column], width, count)
    rows = keyed_shuffle(key, range(count), *block, "rows")
    turns = keyed_shuffle(key, range(count), *block, "teams")
    places = keyed_shuffle(key, range(count), *block, "places")
    slots = [""] * count
    for team, turn in zip(teams, turns, strict=True):
        slots[places[(rows[square_row] + turn) % count]] = team
    return tuple(slots)


def practice_order(key: bytes, judge: int, teams: Sequence[str]) -> tuple[str, ...]:
    """Return the teams in slots 1, 2, ... of the practice trial, which is never counted."""
    return tuple(keyed_shuffle(key, teams, "practice slots", judge))


def judge_plan(key: bytes, judge: int, images: Sequence[str], teams: Sequence[str]) -> list[TrialPlan]:
    """Return all counted trials of judge number `judge` in the order in which they are shown."""
    number = {image: index for index, image in enumerate(images)}
    return [
        TrialPlan(image, slot_order(key, judge, number[image], len(images), teams))
        for image in image_order(key, judge, images)
    ]


def _latin_rectangle(row: int, column: int, width: int, symbols: int) -> int:
    """Entry of a `symbols` x `width` Latin rectangle with equitable prefixes.

    Row r holds the symbols r*width, ..., r*width + width - 1 modulo `symbols`, so every prefix of rows is
    equitable. After symbols/gcd rows the same sets come again; shifting the columns by one then keeps every
    column free of repeats.
    """
    period = symbols // gcd(symbols, width)
    return (row * width + (column + row // period) % width) % symbols
