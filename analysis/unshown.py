"""Ballots on which a team was not shown: the places it would be expected to have taken.

A judge with a conflict of interest does not see a team. The other teams fill its places on that ballot, so
that the mean of a ballot's points is too high for them and the team not shown falls behind. Here the team
is put back where the other judges of the same image placed it, and the others move down by that much.
"""

import math
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import permutations, product

import numpy as np

from analysis.texts import plural, say
from analysis.votes import BallotArrays

_ROUNDS = 200
_SETTLED = 1e-11

Filling = tuple[int, ...]
"""The place of each team that was not shown, 0 if not among the first."""


@dataclass
class _Group:
    """Ballots on one image that lack the same teams, and how likely each filling of their places is."""

    ballots: np.ndarray
    hidden: tuple[int, ...]
    chances: dict[Filling, float]
    donors: int = 0


def expected_points(arrays: BallotArrays, scale: np.ndarray) -> np.ndarray:
    """Points of each row as if its ballot had shown every candidate of the image, shape (R,).

    Parameters
    ----------
    arrays
        A team shown in no ballot on an image has no candidate there and takes no place.
    scale
        Points of no place, the first place, the second, ...; at least one more than there are places.

    Notes
    -----
    Judge j was not shown the teams H on an image. Every judge who was shown all of H there lends their places
    with equal weight, put into j's order: a team that j placed k-th takes the k-th place left. If the
    lender's own ballot lacks teams, it is completed first (the fixed point of both). So a complete study is
    unchanged, and if a ballot lacks at most one team, the points of an image still add up to one ballot's.
    A ballot whose missing teams no other judge saw together is left unchanged.
    """
    points = worth_of(arrays, slice(None), scale)
    for groups in _groups(arrays):
        for group in groups:
            if group.hidden:
                worth = _worths(group, scale, arrays.places)
                for ballot in group.ballots:
                    rows = slice(arrays.start[ballot], arrays.start[ballot + 1])
                    points[rows] = worth_of(arrays, rows, worth)
    return points


def worth_of(arrays: BallotArrays, rows: slice, scale: np.ndarray) -> np.ndarray:
    """Points of rows as given; equal places get the mean of the places that they take up.

    Parameters
    ----------
    scale
        Points of no place, the first place, the second, ...
    """
    rank = arrays.rank[rows]
    if not arrays.has_ties:
        return scale[rank]
    tied = arrays.tied[rows]
    below = np.concatenate([[0.0], np.cumsum(scale[1:])])
    before = np.maximum(rank - 1, 0)
    return np.where(rank > 0, (below[before + np.where(rank > 0, tied, 0)] - below[before]) / tied, scale[0])


def unshown_note(arrays: BallotArrays) -> str | None:
    """Say how many ballots lack a team that others were shown, and how this was handled; None if none do."""
    groups = [group for image in _groups(arrays) for group in image if group.hidden]
    if not groups:
        return None
    short = sum(len(group.ballots) for group in groups)
    alone = sum(len(group.ballots) for group in groups if not group.donors)
    note = say(
        "%(short)s of %(ballots)s did not show every team (conflicts of interest): on these, a team gets the "
        "points it would be expected to earn against all teams, with the missing ones placed where the other "
        "judges placed them on that image",
        short=short,
        ballots=plural("%(count)s ballot", "%(count)s ballots", arrays.size),
    )
    if not alone:
        return note
    return say(
        "%(note)s; %(alone)s of them count unchanged, because no other judge saw the missing teams there",
        note=note,
        alone=alone,
    )


def gaps_in_words(arrays: BallotArrays, *, images: int | None = None) -> tuple[str, ...]:
    """Say which images have no ballots and which teams had no candidate on an image, so that S3 uses fewer.

    Parameters
    ----------
    images
        The number of images in the study; None if unknown.
    """
    found = len(arrays.images)
    said: list[str] = []
    if images is not None and images > found:
        said.append(
            say(
                "%(lacking)s of %(images)s images have no ballots that count; S3 uses %(found)s",
                lacking=images - found,
                images=images,
                found=found,
            )
        )
    shown = np.zeros((found, len(arrays.teams)), dtype=bool)
    shown[arrays.image[arrays.ballot], arrays.team] = True
    said += [
        say(
            "%(team)s was shown on %(shown)s of %(images)s images and earns nothing on the others",
            team=arrays.teams[team],
            shown=int(shown[:, team].sum()),
            images=found,
        )
        for team in np.flatnonzero(~shown.all(axis=0))
    ]
    return tuple(said)


def _groups(arrays: BallotArrays) -> Iterator[list[_Group]]:
    """The groups of each image on which some ballot lacks a team, with settled chances."""
    size, n = np.diff(arrays.start), len(arrays.teams)
    if (size == n).all():
        return
    order = np.argsort(arrays.image, kind="stable")
    for ballots in np.split(order, np.cumsum(np.bincount(arrays.image))[:-1]):
        if (size[ballots] == n).all():
            continue
        rank = np.full((len(ballots), n), -1)
        for row, ballot in enumerate(ballots):
            rows = slice(arrays.start[ballot], arrays.start[ballot + 1])
            rank[row, arrays.team[rows]] = arrays.rank[rows]
        candidates = (rank >= 0).any(axis=0)
        kinds, kind = np.unique(~(rank >= 0) & candidates, axis=0, return_inverse=True)
        groups = [
            _Group(np.flatnonzero(kind == k), tuple(map(int, np.flatnonzero(row))), {})
            for k, row in enumerate(kinds)
        ]
        _settle(groups, rank, arrays.places)
        for group in groups:
            group.ballots = ballots[group.ballots]
        yield groups


def _settle(groups: list[_Group], rank: np.ndarray, places: int) -> None:
    """Set the chances of every group's fillings from the ballots that showed its missing teams."""
    lent = [
        [
            (donor, _fillings(rank[donor.ballots], group.hidden))
            for donor in groups
            if not set(donor.hidden) & set(group.hidden)
        ]
        for group in groups
    ]
    for group, donors in zip(groups, lent, strict=True):
        group.donors = sum(len(donor.ballots) for donor, _ in donors)
        group.chances = {(0,) * len(group.hidden): 1.0}
    last = np.inf
    for _ in range(_ROUNDS):
        found = [
            _lent(donors, group.donors, places) if group.hidden and group.donors else group.chances
            for group, donors in zip(groups, lent, strict=True)
        ]
        change = max(_distance(new, group.chances) for new, group in zip(found, groups, strict=True))
        for group, new in zip(groups, found, strict=True):
            # Two ballots that complete each other would swing to and fro; half steps settle between.
            group.chances = _halfway(group.chances, new) if change > last / 2 else new
        if change < _SETTLED:
            return
        last = change


def _fillings(rank: np.ndarray, teams: tuple[int, ...]) -> dict[Filling, float]:
    """How often ballots gave some teams each filling; equal places are given in every order alike."""
    found: dict[Filling, float] = {}
    for row in rank:
        own = [int(row[team]) for team in teams]
        orders = [_orders(place, own.count(place), int((row == place).sum())) for place in sorted({*own})]
        chance = 1 / math.prod(map(len, orders))
        for order in product(*orders):
            taken = {place: iter(places) for place, places in zip(sorted({*own}), order, strict=True)}
            filling = tuple(next(taken[place]) for place in own)
            found[filling] = found.get(filling, 0.0) + chance
    return found


def _orders(place: int, own: int, tied: int) -> list[tuple[int, ...]]:
    """The places that so many of the teams that share one can take."""
    return [(0,) * own] if place == 0 else list(permutations(range(place, place + tied), own))


def _lent(donors: list[tuple[_Group, dict[Filling, float]]], total: int, places: int) -> dict[Filling, float]:
    chances: dict[Filling, float] = {}
    for donor, counts in donors:
        for filling, chance in donor.chances.items():
            moved = _moved(filling, places)
            for taken, count in counts.items():
                place = tuple(moved[k] for k in taken)
                chances[place] = chances.get(place, 0.0) + chance * count / total
    return chances


def _moved(filling: Filling, places: int) -> list[int]:
    """The place that each place on the ballot (0 first) becomes once the filling's places are taken."""
    free = [place for place in range(1, places + 1) if place not in filling]
    return [0, *free, *[0] * (places - len(free))]


def _worths(group: _Group, scale: np.ndarray, places: int) -> np.ndarray:
    """Expected points of no place, the first place on the ballot, the second, ..."""
    parts = [chance * scale[_moved(filling, places)] for filling, chance in sorted(group.chances.items())]
    return np.sum(parts, axis=0)


def _distance(one: dict[Filling, float], other: dict[Filling, float]) -> float:
    return max(abs(one.get(key, 0.0) - other.get(key, 0.0)) for key in {*one, *other})


def _halfway(one: dict[Filling, float], other: dict[Filling, float]) -> dict[Filling, float]:
    return {key: (one.get(key, 0.0) + other.get(key, 0.0)) / 2 for key in {**one, **other}}
