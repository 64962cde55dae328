"""Awards for ranks: how many of the first class, the second, and so on."""

from collections.abc import Sequence

import numpy as np

from analysis.rule.teams import Array
from analysis.texts import joined, say

ORDINALS = (
    say("first"), say("second"), say("third"), say("fourth"), say("fifth"), say("sixth"), say("seventh"),
    say("eighth"), say("ninth"),
)  # fmt: skip


def award_classes(ranks: Array, awards: Sequence[int]) -> Array:
    """The class of award of each rank: 0 for the first class, ..., len(awards) for none.

    A team tied across the border of two classes counts as the better one; without a rank (0) it has no
    award.
    """
    ranks = np.asarray(ranks)
    classes = np.searchsorted(np.cumsum(awards), ranks - 1, side="right")
    return np.where(ranks > 0, classes, len(awards))


def award_names(ranks: Array, awards: Sequence[int]) -> list[str | None]:
    """Return the award of each rank (N,): "first", ..., None, or "tied: first/second" across a border.

    Examples
    --------
    >>> award_names(np.array([1, 2, 2, 4, 0]), (1, 1, 1))
    ['first', 'tied: second/third', 'tied: second/third', None, None]
    """
    ranks = np.asarray(ranks)
    sizes = {int(rank): int((ranks == rank).sum()) for rank in np.unique(ranks)}
    return [_award(int(rank), sizes[int(rank)], awards) if rank > 0 else None for rank in ranks]


def _award(rank: int, tied: int, awards: Sequence[int]) -> str | None:
    """The award of the teams that share the places rank .. rank + tied - 1."""
    places = award_classes(np.arange(rank, rank + tied), awards)
    won = [None if place == len(awards) else ORDINALS[place] for place in np.unique(places)]
    if len(won) > 1:
        return say("tied: %(awards)s", awards=joined("/", [name or say("none") for name in won]))
    return won[0]
