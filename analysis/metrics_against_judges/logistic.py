"""The monotonic four-parameter logistic that brings a metric onto the judges' scale.

    f(x) = a + b / (1 + exp(-(x - c) / s)),    s > 0

It is the function of VQEG's validations (VQEG 2000, 2003; the constants are b1 = a + b, b2 = a, b3 = c,
b4 = s), and monotonic, as ITU-T P.1401 wants a mapping to be. The five-parameter form that is also met
(Sheikh, Sabir and Bovik 2006) adds a linear term: it need not be monotonic, and costs one more parameter.

For given c and s the best a and b are a regression, so that fitting means: find the two for which the
correlation is highest (variable projection; Golub and Pereyra 1973). All rows of a stack are fitted at once.
"""

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy.special import expit

from analysis.metrics_against_judges.ranks import weighted_pearson

Array = NDArray[Any]
PARAMETERS = 4
FEWEST = 6
"""Candidates that a fit needs; four would always lie on the curve."""
_STEEPEST, _FLATTEST = np.log(0.02), np.log(20.0)
"""Of log(s / sd of x): beyond them the curve is a step, or a line."""
_FARTHEST = 10.0
"""Of (c - mean of x) / sd of x."""
_SETTLED = 1e-12
_STEPS = 200
_STEPS_FROM_NEAR = 6
"""Of a resample, which starts where the fit to all data ended."""


@dataclass(frozen=True)
class Fit:
    """Fits of R rows.

    Attributes
    ----------
    a, b, c, s : (R,) float
        NaN where no fit is possible. `b` is negative where judges' scores fall as x rises.
    plcc : (R,) float
        Correlation of f(x) with the scores, with the sign of b.
    """

    a: Array
    b: Array
    c: Array
    s: Array
    plcc: Array

    def __call__(self, x: Array) -> Array:
        """(R, S) what the judges' scores would be for x, (S,) or (R, S)."""
        x = np.atleast_2d(x)
        return self.a[:, None] + self.b[:, None] * expit((x - self.c[:, None]) / self.s[:, None])


def fit_logistic(x: Array, y: Array, weights: Array | None = None, *, near: "Fit | None" = None) -> Fit:
    """Fit y = f(x) by least squares.

    Parameters
    ----------
    x : (S,) or (R, S) float
        The metric.
    y : (S,) or (R, S) float
        The judges' scores.
    weights : (R, S) float, optional
        How often each candidate counts.
    near : Fit, optional
        One fit to data of which these are resamples; a few steps from there are enough.

    Returns
    -------
    Fit
        NaN throughout for a row with fewer than six candidates, or where x or y does not vary.
    """
    x, y = np.broadcast_arrays(np.atleast_2d(x), np.atleast_2d(y))
    weights = np.ones(x.shape) if weights is None else weights
    x, y, weights = np.broadcast_arrays(x, y, weights)
    known = np.isfinite(x) & np.isfinite(y) & (weights > 0)
    weights = np.where(known, weights, 0.0)
    x, y = np.where(known, x, 0.0), np.where(known, y, 0.0)
    usable = (known.sum(axis=1) >= FEWEST) & np.isfinite(weighted_pearson(x, y, weights))
    found = np.full((5, len(x)), np.nan)
    if usable.any():
        found[:, usable] = _fit(x[usable], y[usable], weights[usable], near)
    return Fit(*found)


def _fit(x: Array, y: Array, weights: Array, near: Fit | None) -> Array:
    centre, spread = _moments(x, weights)
    z = (x - centre) / spread
    if near is None or np.isnan(near.c[0]):
        place, width = _start(z, y, weights)
        steps = _STEPS
    else:
        place = np.clip((near.c[0] - centre[:, 0]) / spread[:, 0], -_FARTHEST, _FARTHEST)
        width = np.clip(np.log(near.s[0] / spread[:, 0]), _STEEPEST, _FLATTEST)
        steps = _STEPS_FROM_NEAR
    place, width = _improved(z, y, weights, place, width, steps)
    a, b, _ = _regression(z, y, weights, place, width)
    mapped = a[:, None] + b[:, None] * _curve(z, place, width)
    plcc = np.sign(b) * np.abs(weighted_pearson(mapped, y, weights))
    return np.stack([a, b, centre[:, 0] + spread[:, 0] * place, spread[:, 0] * np.exp(width), plcc])


def _improved(
    z: Array, y: Array, weights: Array, place: Array, width: Array, steps: int
) -> tuple[Array, Array]:
    """Levenberg and Marquardt's method, on the rows that still move."""
    place, width = place.copy(), width.copy()
    moving, damping = np.arange(len(z)), np.full(len(z), 1e-3)
    for _ in range(steps):
        data = z[moving], y[moving], weights[moving]
        _, b, left = _regression(*data, place[moving], width[moving])
        step = _step(data[0], data[2], place[moving], width[moving], b, left, damping[moving])
        at = np.clip(place[moving] + step[:, 0], -_FARTHEST, _FARTHEST)
        log_s = np.clip(width[moving] + step[:, 1], _STEEPEST, _FLATTEST)
        before, after = (
            (data[2] * error**2).sum(axis=1) for error in (left, _regression(*data, at, log_s)[2])
        )
        better = after < before
        damping[moving] = np.where(better, damping[moving] / 5, damping[moving] * 5)
        gained = before - after > _SETTLED * before
        place[moving[better]], width[moving[better]] = at[better], log_s[better]
        moving = moving[np.where(better, gained, damping[moving] < 1e9)]
        if not len(moving):
            break
    return place, width


def _moments(x: Array, weights: Array) -> tuple[Array, Array]:
    total = weights.sum(axis=1, keepdims=True)
    mean = (weights * x).sum(axis=1, keepdims=True) / total
    return mean, np.sqrt((weights * (x - mean) ** 2).sum(axis=1, keepdims=True) / total)


def _start(z: Array, y: Array, weights: Array) -> tuple[Array, Array]:
    """The best of a grid: the surface may have two tops."""
    best, place, width = np.full(len(z), np.inf), np.zeros(len(z)), np.zeros(len(z))
    for at in np.linspace(-2.5, 2.5, 7):
        for log_s in (-2.0, -0.7, 0.3, 2.0):
            tried = np.full(len(z), at), np.full(len(z), log_s)
            error = (weights * _regression(z, y, weights, *tried)[2] ** 2).sum(axis=1)
            less = error < best
            best[less], place[less], width[less] = error[less], at, log_s
    return place, width


def _curve(z: Array, place: Array, width: Array) -> Array:
    return expit((z - place[:, None]) * np.exp(-width)[:, None])


def _regression(z: Array, y: Array, weights: Array, place: Array, width: Array) -> tuple[Array, Array, Array]:
    """a, b and what is left of y, the regression of y on the curve."""
    curve = _curve(z, place, width)
    off, spread, mean = _centred(curve, weights)
    level = _mean(y, weights)
    b = _ratio(_dot(off * weights, y), spread)
    a = level - b * mean
    return a, b, y - a[:, None] - b[:, None] * curve


def _step(
    z: Array, weights: Array, place: Array, width: Array, b: Array, left: Array, damping: Array
) -> Array:
    """(R, 2) a damped Gauss-Newton step of place and width, with the regression taken out (Kaufman 1975)."""
    curve = _curve(z, place, width)
    off, spread, _ = _centred(curve, weights)
    of_place = curve * (curve - 1) * (np.exp(-width) * b)[:, None]
    of_width = of_place * (z - place[:, None])
    one, two = (_projected(slope, off, spread, weights) for slope in (of_place, of_width))
    first, second = one * weights, two * weights
    more = 1 + damping
    aa, bb = _dot(first, one) * more + 1e-12, _dot(second, two) * more + 1e-12
    ab, pull, push = _dot(first, two), _dot(first, left), _dot(second, left)
    determinant = aa * bb - ab**2
    return np.stack([bb * pull - ab * push, aa * push - ab * pull], axis=1) / determinant[:, None]


def _projected(slope: Array, off: Array, spread: Array, weights: Array) -> Array:
    share = _ratio(_dot(slope * weights, off), spread)
    return slope - _mean(slope, weights)[:, None] - share[:, None] * off


def _centred(curve: Array, weights: Array) -> tuple[Array, Array, Array]:
    mean = _mean(curve, weights)
    off = curve - mean[:, None]
    return off, _dot(off * weights, off), mean


def _mean(values: Array, weights: Array) -> Array:
    return _dot(values, weights) / weights.sum(axis=1)


def _ratio(part: Array, whole: Array) -> Array:
    return np.divide(part, whole, out=np.zeros_like(whole), where=whole > 1e-12)


def _dot(one: Array, two: Array) -> Array:
    return np.einsum("rs,rs->r", one, two)
