"""Spearman's rho, Kendall's tau-b and the share of pairs ordered alike, of whole stacks of scores."""

from collections.abc import Mapping
from typing import Any

import numpy as np
from numpy.typing import NDArray

Array = NDArray[Any]
FEWEST = 3
"""Candidates that a correlation needs; two always give 1 or -1."""
_NUMBERS = 300_000
"""Signs held at once: as many as a processor keeps near."""
_TINY = 1e-9


def agreement(judged: Array, metric: Array) -> dict[str, Array]:
    """Agreement of two scores over the candidates of the last axis.

    Parameters
    ----------
    judged, metric : (..., N) float
        Broadcast against each other; NaN where a candidate has no score, which leaves it out.

    Returns
    -------
    dict
        `srocc` and `krcc`, undefined (NaN) for fewer than three candidates or where either score is the same
        for all; `accuracy`, the share of the pairs that judges order which the metric orders alike, a pair
        that the metric leaves tied counting half, undefined where either orders none.

    Notes
    -----
    With the signs s of all differences, tau-b is sum(s s') / sqrt(sum(s^2) sum(s'^2)), and half the sum of a
    candidate's signs is the distance of its mean rank from the middle.

    Examples
    --------
    >>> found = agreement(np.array([1.0, 2, 3, 4]), np.array([1.0, 3, 2, 4]))
    >>> {name: round(float(value), 3) for name, value in found.items()}
    {'srocc': 0.8, 'krcc': 0.667, 'accuracy': 0.833}
    """
    judged, metric = np.broadcast_arrays(judged, metric)
    shape, n = judged.shape[:-1], judged.shape[-1]
    ours, theirs = judged.reshape(-1, n), metric.reshape(-1, n)
    step = max(1, _NUMBERS // max(1, n * n))
    parts = [
        _agreement(ours[start : start + step], theirs[start : start + step])
        for start in range(0, max(1, len(ours)), step)
    ]
    return {name: np.concatenate([part[name] for part in parts]).reshape(shape) for name in parts[0]}


def _agreement(judged: Array, metric: Array) -> Mapping[str, Array]:
    known = np.isfinite(judged) & np.isfinite(metric)
    one, two = _signs(judged, known), _signs(metric, known)
    product = _sum(one, two)
    ordered, apart = _sum(one, one), _sum(two, two)
    first, second = (_ranks(signs, judged.shape[1]) for signs in (one, two))
    enough = known.sum(axis=1) >= FEWEST
    with np.errstate(invalid="ignore", divide="ignore"):
        found = {
            "srocc": (first * second).sum(axis=1) / np.sqrt((first**2).sum(axis=1) * (second**2).sum(axis=1)),
            "krcc": product / np.sqrt(ordered * apart),
            "accuracy": np.where(apart > 0, (1 + product / ordered) / 2, np.nan),
        }
    return {
        name: values if name == "accuracy" else np.where(enough, values, np.nan)
        for name, values in found.items()
    }


def _signs(values: Array, known: NDArray[np.bool_]) -> Array:
    """(B, N * N) signs of the differences; 0 if one of the two is unknown.

    Differences that only rounding makes are none: means of the same answers, summed in another order. Sums of
    signs are whole numbers, which single precision holds exactly.
    """
    filled = np.where(known, values, 0.0)
    equal = _TINY * np.abs(filled).max(axis=1, initial=0.0)[:, None, None]
    difference = filled[:, :, None] - filled[:, None, :]
    signs = (difference > equal).astype(np.float32) - (difference < -equal)
    if not known.all():
        signs *= known[:, :, None] & known[:, None, :]
    return signs.reshape(len(values), -1)


def _sum(one: Array, two: Array) -> Array:
    return np.einsum("bk,bk->b", one, two).astype(np.float64)


def _ranks(signs: Array, n: int) -> Array:
    """(B, N) twice the distance of each candidate's mean rank from the middle."""
    return signs.reshape(len(signs), n, n).sum(axis=2).astype(np.float64)


def weighted_srocc(judged: Array, metrics: Array, weights: Array) -> Array:
    """Spearman's rho in which a candidate counts as often as its weight says, row by row.

    Parameters
    ----------
    judged : (R, S) float
    metrics : (M, S) float
    weights : (R, S) float
        Whole numbers; 0 leaves a candidate out, as a missing score does.

    Returns
    -------
    (R, M) float
        NaN where fewer than three candidates count, or either score is the same for all.
    """
    found = np.full((len(judged), len(metrics)), np.nan)
    scored = np.isfinite(judged) & (weights > 0)
    order = np.argsort(np.where(scored, judged, 0.0), axis=1, kind="stable")
    for number, metric in enumerate(metrics):
        known = scored & np.isfinite(metric)
        counts = np.where(known, weights, 0.0)
        own = np.argsort(metric, kind="stable")
        ours = _weighted_ranks(np.where(scored, judged, 0.0), counts, order)
        theirs = _weighted_ranks(np.nan_to_num(metric)[None], counts, own[None])
        rho = weighted_pearson(ours, theirs, counts)
        found[:, number] = np.where(known.sum(axis=1) >= FEWEST, rho, np.nan)
    return found


def weighted_pearson(one: Array, two: Array, weights: Array) -> Array:
    """Pearson's correlation along the last axis; NaN where nothing varies."""
    total = weights.sum(axis=-1, keepdims=True)
    with np.errstate(invalid="ignore", divide="ignore"):
        first = one - (weights * one).sum(axis=-1, keepdims=True) / total
        second = two - (weights * two).sum(axis=-1, keepdims=True) / total
        spread = (weights * first**2).sum(axis=-1) * (weights * second**2).sum(axis=-1)
        size = (weights * one**2).sum(axis=-1) * (weights * two**2).sum(axis=-1)
        found = (weights * first * second).sum(axis=-1) / np.sqrt(spread)
    return np.where(spread > _TINY**2 * size, found, np.nan)


def _weighted_ranks(values: Array, weights: Array, order: Array) -> Array:
    """(R, S) mean ranks, from 0, of rows in which candidate s stands weights[s] times.

    `order` sorts the values; one row of both does for all.
    """
    ordered = np.take_along_axis(values, order, 1)
    equal = _TINY * np.abs(values).max(axis=1, keepdims=True)
    group = np.zeros(ordered.shape, dtype=np.int64)
    np.cumsum(np.diff(ordered, axis=1) > equal, axis=1, out=group[:, 1:])
    place = np.empty_like(group)
    np.put_along_axis(place, order, group, 1)
    rows, size = weights.shape
    cell = place + np.arange(rows)[:, None] * size
    standing = np.bincount(cell.ravel(), weights.ravel(), rows * size).reshape(rows, size)
    middle = np.cumsum(standing, axis=1) - standing / 2
    return np.take_along_axis(middle, np.broadcast_to(place, weights.shape), 1)
