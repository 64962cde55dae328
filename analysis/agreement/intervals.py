"""Intervals by resampling images, for statistics that are functions of per-image sums."""

from collections.abc import Callable, Iterator
from dataclasses import asdict, dataclass

import numpy as np
from scipy.special import ndtr, ndtri

_CELLS = 1 << 22
_MIN_DEFINED = 0.95


@dataclass(frozen=True)
class Estimate:
    """A number with its interval, or the reasons why there is none.

    Attributes
    ----------
    value
        None where undefined; `undefined` then says why.
    ci
        95 % bias-corrected percentile interval over resampled images; None where there is none, and
        `ci_undefined` then says why.
    chance
        What unrelated judges would give on average, where it is known.
    """

    value: float | None
    ci: tuple[float, float] | None = None
    undefined: str | None = None
    ci_undefined: str | None = None
    chance: float | None = None

    def as_dict(self) -> dict:
        """Return a JSON-ready dictionary."""
        return asdict(self) | {"ci": list(self.ci) if self.ci else None}


@dataclass(frozen=True)
class ImageStatistic:
    """A statistic of a study as a function of sums over its images.

    Attributes
    ----------
    sums
        Shape (I, F): what each image adds.
    function
        Maps summed rows, shape (..., F), to values of shape (...); NaN where undefined.
    undefined
        Why the value is undefined, if it is.
    chance
        See `Estimate`.
    """

    sums: np.ndarray
    function: Callable[[np.ndarray], np.ndarray]
    undefined: str
    chance: float | None = None


def mean_statistic(values: np.ndarray, undefined: str, chance: float | None = None) -> ImageStatistic:
    """The mean of the per-image values that are defined (not NaN)."""
    defined = ~np.isnan(values)
    sums = np.column_stack([np.where(defined, values, 0.0), defined])
    return ImageStatistic(sums, lambda total: ratio(total[..., 0], total[..., 1]), undefined, chance)


def ratio(numerator: np.ndarray, denominator: np.ndarray) -> np.ndarray:
    """Divide, with NaN where the denominator is (nearly) 0.

    >>> ratio(np.array([1.0, 2.0]), np.array([0.0, 4.0]))
    array([nan, 0.5])
    """
    return np.divide(
        numerator, denominator, out=np.full(np.shape(numerator), np.nan), where=np.abs(denominator) > 1e-12
    )


def estimate_all(
    statistics: dict[str, ImageStatistic], *, draws: int, rng: np.random.Generator
) -> dict[str, Estimate]:
    """Estimate every statistic on the images and on `draws` resamples of them, the same resamples for all."""
    sums = np.column_stack([statistic.sums for statistic in statistics.values()])
    ends = np.cumsum([statistic.sums.shape[1] for statistic in statistics.values()])
    observed = np.split(sums.sum(axis=0), ends[:-1])
    resampled: dict[str, list[np.ndarray]] = {name: [] for name in statistics}
    for part in _resampled(sums, draws, rng):
        for name, total in zip(statistics, np.split(part, ends[:-1], axis=1), strict=True):
            resampled[name].append(statistics[name].function(total))
    return {
        name: _estimate(statistic, total, np.concatenate(resampled[name]), len(sums))
        for (name, statistic), total in zip(statistics.items(), observed, strict=True)
    }


def bias_corrected_interval(observed: float, resampled: np.ndarray) -> tuple[float, float]:
    """Efron's bias-corrected 95 % percentile interval; NaN among the resamples are left out.

    For a mean it is the plain percentile interval. Kappa needs the correction: repeated images make the
    shares of the teams more unequal, so that its resamples lie too low (88 % coverage without, 92 % with it).

    >>> low, high = bias_corrected_interval(0.5, np.linspace(0, 1, 1001))
    >>> round(low, 3), round(high, 3)
    (0.025, 0.975)
    """
    known = resampled[~np.isnan(resampled)]
    share = np.mean(known < observed) + np.mean(known == observed) / 2
    z0 = ndtri(np.clip(share, 1 / (len(known) + 1), len(known) / (len(known) + 1)))
    low, high = np.quantile(known, ndtr(2 * z0 + ndtri([0.025, 0.975])))
    return float(low), float(high)


def percentile_interval(values: np.ndarray) -> tuple[float, float]:
    """The 2.5 % and 97.5 % quantiles of the values that are not NaN."""
    low, high = np.nanquantile(values, [0.025, 0.975])
    return float(low), float(high)


def _estimate(statistic: ImageStatistic, total: np.ndarray, resampled: np.ndarray, images: int) -> Estimate:
    value = float(statistic.function(total))
    if np.isnan(value):
        return Estimate(None, undefined=statistic.undefined, ci_undefined=statistic.undefined)
    if images < 2:
        return Estimate(value, ci_undefined="one image: nothing to resample", chance=statistic.chance)
    if np.mean(~np.isnan(resampled)) < _MIN_DEFINED:
        reason = f"undefined in {np.isnan(resampled).sum()} of {len(resampled)} resamples of the images"
        return Estimate(value, ci_undefined=reason, chance=statistic.chance)
    return Estimate(value, bias_corrected_interval(value, resampled), chance=statistic.chance)


def _resampled(sums: np.ndarray, draws: int, rng: np.random.Generator) -> Iterator[np.ndarray]:
    """Sums over resampled images, in parts of bounded memory."""
    images, columns = sums.shape
    step = max(1, _CELLS // max(images, columns))
    for start in range(0, draws, step):
        size = min(step, draws - start)
        yield rng.multinomial(images, np.full(images, 1 / images), size=size) @ sums
