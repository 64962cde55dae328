"""Intervals over images, by the jackknife, for statistics that are functions of per-image sums."""

from collections.abc import Callable
from dataclasses import asdict, dataclass

import numpy as np
from scipy.stats import t as student

from analysis.amounts import how_many


@dataclass(frozen=True)
class Estimate:
    """A number with its interval, or the reasons why there is none.

    Attributes
    ----------
    value
        None if undefined; `undefined` then says why.
    ci
        95 % interval over images, see `jackknife_interval`; None if there is none, and `ci_undefined` then
        says why.
    chance
        What unrelated judges would give on average, if known.
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


def estimate_all(statistics: dict[str, ImageStatistic]) -> dict[str, Estimate]:
    """Estimate every statistic, with its interval over the images."""
    return {name: _estimate(statistic) for name, statistic in statistics.items()}


def jackknife_interval(value: float, without: np.ndarray) -> tuple[float, float]:
    """The 95 % t interval of the jackknife, about the value less its bias (Tukey 1958, Miller 1974).

    For a mean it is the t interval. Percentiles of resampled images are too short where images are few (8
    images: 91 % for most measures, 60 % for kappa, whose chance term grows with the repeats).

    Parameters
    ----------
    value
        Of all images.
    without : (I,)
        The values with one image left out.

    Examples
    --------
    >>> low, high = jackknife_interval(2.0, np.array([2.5, 2.0, 1.5]))
    >>> round(low, 2), round(high, 2)
    (-0.48, 4.48)
    """
    images = len(without)
    centre = images * value - (images - 1) * without.mean()
    error = np.sqrt((images - 1) / images * ((without - without.mean()) ** 2).sum())
    half = student.ppf(0.975, images - 1) * error
    return float(centre - half), float(centre + half)


def _estimate(statistic: ImageStatistic) -> Estimate:
    total, images = statistic.sums.sum(axis=0), len(statistic.sums)
    value = float(statistic.function(total))
    if np.isnan(value):
        return Estimate(None, undefined=statistic.undefined, ci_undefined=statistic.undefined)
    if images < 2:
        return Estimate(
            value,
            ci_undefined="with only one image there is nothing to compare it with",
            chance=statistic.chance,
        )
    without = statistic.function(total - statistic.sums)
    if np.isnan(without).any():
        reason = f"undefined without one of {how_many(int(np.isnan(without).sum()), 'images')}"
        return Estimate(value, ci_undefined=reason, chance=statistic.chance)
    low, high = jackknife_interval(value, without)
    # No coefficient of agreement lies beyond these: few images may say no more than that.
    return Estimate(value, (max(low, -1.0), min(high, 1.0)), chance=statistic.chance)
