"""What a mean time hides: a cold start, a drift over the run, outliers, and whose rank hangs on them."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd
from scipy import stats

from analysis.audit.findings import Finding
from analysis.efficiency.times import Series, Timed, Times

COLD_RATIO, COLD_SPREADS = 1.5, 4.0
"""A first image stands out when it takes 1.5 times what it should, four robust deviations away."""
DRIFT_LEVEL, DRIFT_LEAST = 0.95, 0.02
"""A drift is told when chance makes one with less than 5 % (Holm's over all runs), and it is 2 % or more."""
_BLOCKS, _FEWEST_BLOCKS, _IN_BLOCK = 20, 6, 3
_OTHERS = 2  # other models from which what an image takes is known
_MAD = 1.4826


@dataclass(frozen=True)
class Drift:
    """Change of the time over one series.

    Attributes
    ----------
    change, low, high
        By how much the end is slower than the beginning, as a share, and its 95 % interval: Theil and Sen's
        slope through the medians of blocks of images, what each image takes by itself removed as far as
        known.
    p
        Of Kendall's tau between block and time.
    by_image
        Whether what each image takes was known, from other passes or other models.
    """

    model: str
    series: str
    change: float
    low: float
    high: float
    p: float
    by_image: bool


def audit_times(times: Times) -> list[Finding]:
    """Return what the times of each image say: averages, cold start, outliers, ranks, drift."""
    return [*_averages(times), *_cold(times.models), *_ranks(times.models), *_drifts(times.models)]


def times_table(models: Sequence[Timed]) -> pd.DataFrame:
    """Return a row for each model, the fastest by its mean first; ranks are shared by equal times."""
    table = pd.DataFrame(
        {
            "model": [one.model for one in models],
            "images": [sum(len(series.ms) for series in one.series) for one in models],
            "mean_ms": [one.mean for one in models],
            "without_first_ms": [one.mean_without_first for one in models],
            "median_ms": [one.median for one in models],
            "first_ms": [float(np.mean([series.ms[0] for series in one.series])) for one in models],
        }
    )
    for name in ("mean", "without_first", "median"):
        table[f"rank_{name}"] = table[f"{name}_ms"].rank(method="min").astype("Int64")
    return table.sort_values(["mean_ms", "model"], ignore_index=True)


def rank_changes(before: Sequence[float], after: Sequence[float], names: Sequence[str]) -> list[str]:
    """Return who changes rank, as "A 2 -> 1"."""
    return [
        f"{name} {int(old)} -> {int(new)}"
        for name, old, new in zip(names, before, after, strict=True)
        if not (np.isnan(old) or np.isnan(new)) and old != new
    ]


def drifts(models: Sequence[Timed]) -> list[Drift]:
    """Return the drift of every series that is long enough for one (18 images)."""
    found = []
    for one in models:
        for series in one.series:
            blocks = min(_BLOCKS, len(series.ms) // _IN_BLOCK)
            if blocks < _FEWEST_BLOCKS:
                continue
            values, by_image = _own(one, series, models)
            medians = np.array([np.median(block) for block in np.array_split(values, blocks)])
            steps = np.arange(blocks)
            slope = tuple(map(float, stats.theilslopes(medians, steps, alpha=DRIFT_LEVEL)))
            change, low, high = (np.expm1(end * (blocks - 1)) for end in (slope[0], slope[2], slope[3]))
            p = 1.0 if np.ptp(medians) == 0 else float(stats.kendalltau(steps, medians)[1])  # pyright: ignore
            found.append(Drift(one.model, series.name, change, low, high, p, by_image))
    return found


def _own(one: Timed, series: Series, models: Sequence[Timed]) -> tuple[np.ndarray, bool]:
    """Log times without what each image takes: by other passes, or by the median of the other models."""
    logs = np.log(series.ms)
    if len(set(series.images)) < len(series.images):
        means = pd.Series(logs).groupby(list(series.images)).transform("mean").to_numpy()
        return logs - means, True
    others = [
        np.log(other.ms)
        for model in models
        if model is not one
        for other in model.series
        if other.name == series.name and other.images == series.images
    ]
    if len(others) < _OTHERS:
        return logs - np.median(logs), False
    takes = np.median([other - np.median(other) for other in others], axis=0)
    return logs - np.median(logs) - takes, True


def _averages(times: Times) -> list[Finding]:
    """The averages that a file states are those of its times."""
    off = []
    for one in times.models:
        for series in one.series:
            stated = times.averages.get((one.model, series.name))
            if stated is not None and abs(stated / series.ms.mean() - 1) > 1e-6:
                off.append(
                    (
                        one.model,
                        f"{one.model}, {series.name}: {stated:.4f} (its times: {series.ms.mean():.4f})",
                    )
                )
    if not times.averages:
        return []
    if not off:
        return [Finding("averages", "ok", f"all {len(times.averages)} stated averages match their times")]
    why = f"stated averages do not match their times: {'; '.join(said for _, said in off)}"
    return [Finding("averages", "wrong", why, teams=tuple(dict.fromkeys(model for model, _ in off)))]


def _cold(models: Sequence[Timed]) -> list[Finding]:
    said, teams = [], []
    for one in models:
        for series in one.series:
            ratio = _cold_ratio(one, series, models)
            if ratio is not None:
                where = f" ({series.name})" if series.name else ""
                said.append(f"{one.model}{where} {series.ms[0]:.3g} ms, {ratio:.1f} times the rest")
                teams.append(one.model)
    if not said:
        return [Finding("cold start", "ok", "no first image stands out from the rest of its run")]
    why = f"first images take longer than they should: {'; '.join(said)}"
    return [Finding("cold start", "note", why, teams=tuple(dict.fromkeys(teams)))]


def _cold_ratio(one: Timed, series: Series, models: Sequence[Timed]) -> float | None:
    """How many times what it should the first image takes, None where it does not stand out."""
    if len(series.ms) < 4:
        return None
    if len(set(series.images)) < len(series.images):
        # Against the same image in later passes, which the mean of all passes would hide.
        later = [
            ms
            for image, ms in zip(series.images[1:], series.ms[1:], strict=True)
            if image == series.images[0]
        ]
        rest = np.log(later) if later else np.log(series.ms[1:])
        first = float(np.log(series.ms[0]))
    else:
        values, _ = _own(one, series, models)
        first, rest = float(values[0]), values[1:]
    middle = float(np.median(rest))
    spread = _MAD * float(np.median(np.abs(rest - middle)))
    stands_out = first - middle > max(np.log(COLD_RATIO), COLD_SPREADS * spread)
    return float(np.exp(first - middle)) if stands_out else None


def _ranks(models: Sequence[Timed]) -> list[Finding]:
    """Ranks of time by mean, without the first images, and by median."""
    if len(models) < 2:
        return []
    table, found = times_table(models), []
    for name, what in (("without_first", "without the first image of each run"), ("median", "by medians")):
        changes = rank_changes(
            _floats(table["rank_mean"]), _floats(table[f"rank_{name}"]), list(table["model"])
        )
        said = f"{what}: {', '.join(changes)}" if changes else f"{what} nobody changes rank"
        who = tuple(change.rsplit(" ", 3)[0] for change in changes)
        found.append(Finding(f"ranks of time {what}", "note" if changes else "ok", said, teams=who))
    return found


def _floats(ranks: pd.Series) -> list[float]:
    return list(ranks.to_numpy(dtype=float, na_value=np.nan))


def _drifts(models: Sequence[Timed]) -> list[Finding]:
    found = drifts(models)
    if not found:
        return [Finding("drift", "unchecked", f"runs are shorter than {_IN_BLOCK * _FEWEST_BLOCKS} images")]
    adjusted = _holm(np.array([one.p for one in found]))
    told = [
        one
        for one, p in zip(found, adjusted, strict=True)
        if p < 1 - DRIFT_LEVEL and abs(one.change) >= DRIFT_LEAST
    ]
    if not told:
        largest = max(found, key=lambda one: abs(one.change))
        return [Finding("drift", "ok", f"no run drifts; the largest change is {_change(largest)}")]
    why = f"the time drifts over a run: {'; '.join(map(_change, told))}"
    if not all(one.by_image for one in told):
        why += "; the cost of each image is unknown, so it may be due to the order of the images"
    return [Finding("drift", "note", why, teams=tuple(dict.fromkeys(one.model for one in told)))]


def _change(one: Drift) -> str:
    where = f" ({one.series})" if one.series else ""
    interval = f"95 % interval {one.low:+.1%} to {one.high:+.1%}"
    return f"{one.model}{where} {one.change:+.1%} from start to end ({interval})"


def _holm(p: np.ndarray) -> np.ndarray:
    """Holm's adjusted probabilities."""
    order = np.argsort(p)
    steps = np.maximum.accumulate(p[order] * np.arange(len(p), 0, -1))
    found = np.empty(len(p))
    found[order] = np.minimum(steps, 1.0)
    return found
