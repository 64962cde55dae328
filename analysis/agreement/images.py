"""How well each image separates the teams."""

from collections.abc import Iterable

import numpy as np
from scipy.stats import false_discovery_control

from analysis.agreement.blocks import Block


def points_entropy(points: np.ndarray) -> np.ndarray:
    """Entropy of each image's shares of points, shape (I,): 0 if one team has all, 1 if all share equally.

    >>> points_entropy(np.array([[2.0, 2.0, 2.0], [6.0, 0.0, 0.0]])).round(3)
    array([1., 0.])
    """
    share = np.nan_to_num(points)
    share = share / share.sum(axis=1, keepdims=True)
    logs = np.log(share, out=np.zeros_like(share), where=share > 0)
    teams = (~np.isnan(points)).sum(axis=1)
    entropy = -(share * logs).sum(axis=1)
    return np.divide(entropy, np.log(teams), out=np.full(len(points), np.nan), where=teams > 1) + 0.0


def first_margin(points: np.ndarray) -> np.ndarray:
    """Points between the first and the second of each image, shape (I,); NaN with a single team.

    >>> first_margin(np.array([[1.0, 2.5, 2.0], [0.0, 3.0, 3.0]]))
    array([0.5, 0. ])
    """
    if points.shape[1] < 2:
        return np.full(len(points), np.nan)
    ordered = np.sort(np.where(np.isnan(points), -np.inf, points), axis=1)
    margin = ordered[:, -1] - ordered[:, -2]
    return np.where(np.isfinite(margin), margin, np.nan)


def false_discovery(p: np.ndarray) -> np.ndarray:
    """Benjamini-Hochberg adjusted p-values; NaN stay NaN and do not count."""
    adjusted, known = np.full(len(p), np.nan), ~np.isnan(p)
    if known.any():
        adjusted[known] = false_discovery_control(p[known])
    return adjusted


def first_picks(blocks: Iterable[Block], teams: int) -> np.ndarray:
    """Count first places, shape (I, N)."""
    return np.stack(
        [np.bincount(block.team, weights=(block.ranks == 1).sum(axis=0), minlength=teams) for block in blocks]
    )
