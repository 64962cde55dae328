"""The design of a study: who sees which image when, and which team stands in which slot.

A pure function of the study key and three numbered lists (judges, images, teams). Judges may be added later
without changing what earlier judges see.

Slots. Judges are cut into blocks of N (the number of teams) by number, images into blocks of N by a keyed
shuffle. Each block of images has a random Latin square S, which gives team t on image c the mark S(c, t).
Each block of judges has another one for each block of images, T, and judge r sees a mark in slot T(r, mark).
So (team, slot) counts stay within one over the judges of one image and over the images of one judge, and over
the whole study where N divides the number of judges or of images
(`docs/decisions/0003-the-keyed-design.md` says what holds otherwise, and why).

All judges' orders of a block are the one square S under other names of its marks. Whatever judges tell each
other, what they know of how a team's places on two images go together is what one of them alone knows.

Images. Judges come in pairs: the first has a keyed shuffle, the second its reverse, so over each pair every
image is equally early and late.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache

from studyapp.core.keyed import keyed_shuffle
from studyapp.core.latin import latin_square

DESIGN = "keyed latin squares 2"


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
    image_block, column = divmod(_places(key, images)[image], count)
    marks = _square(key, count, "marks", image_block)[column]
    slot_of = _square(key, count, "slots", judge_block, image_block)[row]
    slots = [""] * count
    for team, mark in zip(teams, marks, strict=True):
        slots[slot_of[mark]] = team
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


# Every judge of a block needs the same squares; drawing one of 12 x 12 takes 10 ms.
_square = lru_cache(maxsize=512)(latin_square)


@lru_cache(maxsize=8)
def _places(key: bytes, images: int) -> tuple[int, ...]:
    """Where each image stands in the keyed order that is cut into blocks."""
    order = keyed_shuffle(key, range(images), "image blocks")
    return tuple(sorted(range(images), key=order.__getitem__))
