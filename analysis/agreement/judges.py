"""Each judge against the rest of the panel."""

from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np
from scipy.stats import rankdata

from analysis.agreement.blocks import Block, centred
from analysis.agreement.concordance import permutation_p
from analysis.agreement.intervals import jackknife_interval
from analysis.agreement.shuffles import shuffles


@dataclass(frozen=True)
class LeaveOneOut:
    """Agreement of one judge with the sum of the others.

    Attributes
    ----------
    value
        Spearman correlation of the judge's ranks with the summed ranks of the others, mean over the images
        for which it is defined; NaN if there are none.
    ci
        95 % interval over resampled images; None below two images.
    images
        The number of images in the mean.
    p
        Permutation p of the value, permuting the judge's own ballots.
    q99
        99 % quantile of the same permutations: a judge who shares no opinion stays below it 99 times in 100.
    """

    value: float
    ci: tuple[float, float] | None
    images: int
    p: float
    q99: float


@dataclass(frozen=True)
class Directions:
    """Ballots of a block and the rest of the panel as unit vectors, whose products are Spearman correlations.

    Attributes
    ----------
    mine, rest
        Shape (m, n); 0 if unknown.
    known
        Whether the judge and another saw the team, shape (m, n).
    correlation
        Shape (m,); NaN where a side tells no teams apart.
    """

    mine: np.ndarray
    rest: np.ndarray
    known: np.ndarray
    correlation: np.ndarray


def directions(block: Block) -> Directions:
    """Set each ballot against the mean of the others' ranks, over the teams that both sides saw."""
    seen = block.shown.sum(axis=0) - block.shown
    rest = block.deviations.sum(axis=0) - block.deviations
    known = block.shown & (seen > 0)
    # Rounded, because equal means of different numbers of judges may differ in the last bit.
    rest = np.where(known, (rest / np.maximum(seen, 1)).round(9), np.nan)
    mine, rest = (_unit_ranks(side) for side in (np.where(known, block.ranks, np.nan), rest))
    product = np.einsum("jt,jt->j", mine, rest)
    defined = mine.any(axis=1) & rest.any(axis=1)
    return Directions(mine, rest, known, np.where(defined, product, np.nan))


def leave_one_out(
    blocks: Iterable[Block], judges: int, *, permutations: int, rng: np.random.Generator
) -> list[LeaveOneOut]:
    """Compare every judge with the rest and with chance.

    Parameters
    ----------
    blocks
        The ballots of each image.
    judges
        Number of judges; their codes start at 0.
    permutations
        Random permutations for the chance level.
    """
    ballots: list[list[tuple[np.ndarray, np.ndarray]]] = [[] for _ in range(judges)]
    for block in blocks:
        sides = directions(block)
        for row in np.flatnonzero(~np.isnan(sides.correlation)):
            known = sides.known[row]
            ballots[block.judge[row]].append((sides.mine[row, known], sides.rest[row, known]))
    return [_against_chance(own, permutations, rng) for own in ballots]


def _against_chance(
    ballots: list[tuple[np.ndarray, np.ndarray]], permutations: int, rng: np.random.Generator
) -> LeaveOneOut:
    if not ballots:
        return LeaveOneOut(np.nan, None, 0, np.nan, np.nan)
    values = np.array([mine @ rest for mine, rest in ballots])
    chance = np.zeros(permutations)
    for mine, rest in ballots:
        chance += shuffles(mine, permutations, rng) @ rest
    value, chance = float(values.mean()), chance / len(values)
    q99 = float(np.quantile(chance, 0.99))
    return LeaveOneOut(value, _interval(values), len(values), permutation_p(value, chance), q99)


def _interval(values: np.ndarray) -> tuple[float, float] | None:
    """The t interval of the mean over images."""
    if len(values) < 2:
        return None
    low, high = jackknife_interval(values.mean(), (values.sum() - values) / (len(values) - 1))
    return max(low, -1.0), min(high, 1.0)


def _unit_ranks(values: np.ndarray) -> np.ndarray:
    """Ranks within each row as a centred vector of length 1; 0 for NaN, and for rows that are constant."""
    known = ~np.isnan(values)
    ranks = rankdata(np.where(known, values, np.inf), axis=1)
    vectors = centred(np.where(known, ranks, np.nan))
    norms = np.sqrt(np.einsum("jt,jt->j", vectors, vectors))
    return vectors / np.where(norms > 0, norms, 1.0)[:, None]
