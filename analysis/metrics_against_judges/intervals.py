"""Intervals of measures, and tests of their differences, with judges and images both taken as samples.

Draws of judges and images together spread too widely: they count three times what is neither the judges' nor
the images' alone (Owen 2007). So the same draws are looked at three times, with judges and images drawn, with
judges alone and with images alone. What is left of the first spread beyond the other two is counted twice too
often and taken off, as in `analysis.resampling.two_way`; the draws keep their shape and get that width.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy.stats import t as student

from analysis.metrics_against_judges.scene import Drawn, Key, Scene, Weights
from analysis.resampling.draws import two_way_weights
from analysis.resampling.intervals import percentile_interval
from analysis.resampling.two_way import Sampling, combined_variance, stretched

Array = NDArray[Any]
FITS = 200
"""Draws of what takes a fit, the first of them all."""
_LIMITS = {"rmse": (0.0, np.inf), "outliers": (0.0, 1.0), "accuracy": (0.0, 1.0)}


@dataclass(frozen=True)
class Measured:
    """Measures of M metrics as observed, and in draws of which judges, images or both are drawn.

    Attributes
    ----------
    observed : dict of (M,) float
    both, judges, images : dict of (R, M) float
        Empty where nothing is known of others.
    sizes : (judges, images)
    """

    observed: Mapping[Key, Array]
    both: Mapping[Key, Array]
    judges: Mapping[Key, Array]
    images: Mapping[Key, Array]
    sizes: tuple[int, int]
    sampling: Sampling

    def draws(self, key: Key) -> int:
        """How many draws there are of a measure."""
        return len(self.both[key]) if key in self.both else 0

    def interval(self, key: Key) -> Array:
        """(M, 2); NaN where there is none."""
        value = self.observed[key]
        if not self.draws(key):
            return np.full((len(value), 2), np.nan)
        half, _ = self._half(key, lambda drawn: drawn)
        there = np.flatnonzero(np.isfinite(half) & np.isfinite(value))
        found = np.full((len(value), 2), np.nan)
        if len(there):
            level = self.sampling.level
            drawn = stretched(self.both[key][:, there], value[there], half[there], level=level)
            found[there] = np.clip(percentile_interval(drawn, level=level), *_LIMITS.get(key[1], (-1.0, 1.0)))
        return found

    def difference(self, key: Key, one: int, other: int) -> tuple[float, Array, float]:
        """One metric's measure less another's, its interval, and a two-sided p of no difference."""
        value = float(self.observed[key][one] - self.observed[key][other])
        nothing = np.full(2, np.nan)
        if not self.draws(key) or not np.isfinite(value):
            return value, nothing, np.nan
        half, p = self._half(key, lambda drawn: drawn[:, [one]] - drawn[:, [other]], value)
        return value, value + np.array([-1.0, 1.0]) * half[0], float(p[0])

    def _half(self, key: Key, taken: Callable[[Array], Array], value: float = 0.0) -> tuple[Array, Array]:
        """Half widths of the intervals of what is taken of the draws, and the p of a value."""
        judges, images = self.sizes
        spreads = [_variance(taken(drawn[key])) for drawn in (self.both, self.judges, self.images)]
        of_judges = spreads[1] * judges / max(judges - 1, 1)
        of_images = spreads[2] * images / max(images - 1, 1)
        shared = np.maximum(spreads[0] - of_judges - of_images, 0)
        freedom = (judges - 1, images - 1, (judges - 1) * (images - 1))
        variance, df = combined_variance(
            (of_judges, of_images, shared), freedom, resample=self.sampling.resample
        )
        variance = np.where(spreads[0] > 0, variance, np.nan)
        with np.errstate(invalid="ignore", divide="ignore"):
            error = np.sqrt(variance)
            return (
                error * student.ppf((1 + self.sampling.level) / 2, df),
                2 * student.sf(np.abs(value) / error, df),
            )


def measure(scene: Scene, *, sampling: Sampling, fits: int = FITS, rng: np.random.Generator) -> Measured:
    """Measure metrics as they are and in draws of judges, images and pairs, one set of draws for all metrics.

    Parameters
    ----------
    scene : Scene
    sampling : Sampling
    fits : int
        How many of the draws are used for what takes a fit; 0 gives it no interval.
    rng : numpy.random.Generator
    """
    observed = {**scene.measured(scene.observed), **scene.fitted(scene.observed)}
    first = {key: values[0] for key, values in observed.items()}
    judges, images, _ = scene.judged.size
    if not sampling.draws or not scene.judged.user.enough(sampling.resample):
        return Measured(first, {}, {}, {}, (judges, images), sampling)
    weights = _weights(scene, sampling, rng)
    once = scene.once
    both = scene.drawn(weights)
    alone = scene.drawn(Weights(weights.judges, once.images, once.pairs), like=both)
    of_images = scene.drawn(Weights(once.judges, weights.images, weights.pairs), like=scene.observed)
    together, by_judges, by_images = (_measured(scene, drawn, fits) for drawn in (both, alone, of_images))
    return Measured(first, together, by_judges, by_images, (judges, images), sampling)


def _weights(scene: Scene, sampling: Sampling, rng: np.random.Generator) -> Weights:
    judges, images, _ = scene.judged.size
    of_answers, of_pairs = rng.spawn(2)
    parts = two_way_weights(
        judges, images, draws=sampling.draws, chunk=sampling.draws, rng=of_answers, resample=sampling.resample
    )
    drawn = [np.concatenate(weights) for weights in zip(*parts, strict=True)]
    count = scene.n_pairs
    pairs = np.ones((1, 0))
    if count:
        pairs = np.ones((1, count))
        if sampling.resample != "judges":
            pairs = of_pairs.multinomial(count, np.full(count, 1 / count), size=sampling.draws).astype(float)
    return Weights(drawn[0], drawn[1], pairs)


def _measured(scene: Scene, drawn: Drawn, fits: int) -> dict[Key, Array]:
    return {**scene.measured(drawn), **(scene.fitted(drawn.first(fits)) if fits else {})}


def _variance(drawn: Array) -> Array:
    """Of each column, over the draws in which it is defined; NaN where that is less than half of them."""
    known = np.isfinite(drawn)
    size = known.sum(axis=0)
    with np.errstate(invalid="ignore", divide="ignore"):
        mean = np.where(known, drawn, 0.0).sum(axis=0) / size
        spread = np.where(known, np.square(drawn - mean), 0.0).sum(axis=0) / (size - 1)
    return np.where(2 * size >= len(drawn), spread, np.nan)
