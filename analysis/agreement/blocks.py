"""The ballots of one image as a dense matrix; going image by image keeps memory linear in the votes."""

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property

import numpy as np

from analysis.votes import BallotArrays


@dataclass(frozen=True)
class Block:
    """The m ballots of one image over the n teams that any of them shows.

    Attributes
    ----------
    image
        Code of the image.
    ballot, judge, team
        Codes of the rows (m,), their judges (m,) and the columns (n,).
    ranks
        Mid-ranks, shape (m, n): the place of a team that the judge placed (the mean of the places that equal
        ones take up), the mean of the places left for the others ((k + 1 + s) / 2 with k placed of s shown),
        NaN where the team was not shown.
    """

    image: int
    ballot: np.ndarray
    judge: np.ndarray
    team: np.ndarray
    ranks: np.ndarray

    @cached_property
    def shown(self) -> np.ndarray:
        """Whether a team was shown, shape (m, n)."""
        return ~np.isnan(self.ranks)

    @cached_property
    def deviations(self) -> np.ndarray:
        """Mid-ranks less their mean in the ballot, 0 where not shown, shape (m, n); every row sums to 0."""
        return centred(self.ranks)

    @cached_property
    def groups(self) -> list[tuple[np.ndarray, np.ndarray]]:
        """Rows with one and the same set of teams shown: pairs of (rows, shown of shape (n,))."""
        if self.shown.all():
            return [(np.arange(len(self.ballot)), self.shown[0])]
        kinds, kind = np.unique(self.shown, axis=0, return_inverse=True)
        return [(np.flatnonzero(kind == index), shown) for index, shown in enumerate(kinds)]


def blocks(ballots: BallotArrays) -> Iterator[Block]:
    """Yield the ballots of each image, in the order of `ballots.images`."""
    order = np.argsort(ballots.image, kind="stable")
    ends = np.searchsorted(ballots.image[order], np.arange(len(ballots.images)), side="right")
    for image, ballot in enumerate(np.split(order, ends[:-1])):
        yield _block(ballots, image, ballot)


def mid_ranks(places: np.ndarray) -> np.ndarray:
    """Return mid-ranks of ballots given as places.

    Parameters
    ----------
    places
        Shape (m, n): 1, 2, ... for the teams placed, 0 for those shown and not placed, below 0 for those not
        shown.

    Examples
    --------
    >>> mid_ranks(np.array([[2, 1, 0, 0, 3, -1]]))
    array([[2. , 1. , 4.5, 4.5, 3. , nan]])
    >>> mid_ranks(np.array([[1, 2, 2, 4]]))
    array([[1. , 2.5, 2.5, 4. ]])
    """
    placed, shown = (places > 0).sum(axis=1), (places >= 0).sum(axis=1)
    rest = (placed + 1 + shown) / 2
    own = places.astype(float)
    ordered = np.sort(places, axis=1)
    if ((ordered[:, 1:] == ordered[:, :-1]) & (ordered[:, 1:] > 0)).any():
        own += ((places[:, :, None] == places[:, None, :]).sum(axis=2) - 1) / 2
    return np.where(places > 0, own, np.where(places == 0, rest[:, None], np.nan))


def centred(ranks: np.ndarray) -> np.ndarray:
    """Return the rows less their means, 0 where NaN.

    >>> centred(np.array([[1.0, 3.0, np.nan, 2.0]]))
    array([[-1.,  1.,  0.,  0.]])
    """
    shown = ~np.isnan(ranks)
    ranks = np.where(shown, ranks, 0.0)
    mean = ranks.sum(axis=1) / np.maximum(shown.sum(axis=1), 1)
    return np.where(shown, ranks - mean[:, None], 0.0)


def _block(ballots: BallotArrays, image: int, ballot: np.ndarray) -> Block:
    length = ballots.start[ballot + 1] - ballots.start[ballot]
    row = np.repeat(np.arange(len(ballot)), length)
    within = np.arange(len(row)) - np.repeat(np.cumsum(length) - length, length)
    source = np.repeat(ballots.start[ballot], length) + within
    team, column = np.unique(ballots.team[source], return_inverse=True)
    places = np.full((len(ballot), len(team)), -1, dtype=np.int16)
    places[row, column] = ballots.rank[source]
    return Block(image, ballot, ballots.judge[ballot], team, mid_ranks(places))
