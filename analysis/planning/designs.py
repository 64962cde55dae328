"""How many judges and images does a study need? Simulated studies of every size, from the same tastes.

A design is good enough when the best team also gets the most points often enough. Beyond some number of
judges more images help more than more judges, because the images' own tastes remain: the table shows
where.
"""

from collections.abc import Iterator, Sequence
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy.stats import t as student

from analysis.errors import AnalysisError
from analysis.planning.simulation import simulate_ranks

Array = NDArray[Any]
PODIUM = 3
_CELLS = 2_000_000  # simulated candidates held at once


def evenly_spaced(teams: int, advantage: float) -> Array:
    """Log worths of teams each of which beats the next with the probability `advantage`.

    Examples
    --------
    >>> evenly_spaced(3, 0.55).round(3).tolist()
    [0.201, -0.0, -0.201]
    """
    if teams < 2:
        raise AnalysisError(f"{teams} teams; a study to plan has at least two")
    if not 0.5 < advantage < 1:
        raise AnalysisError(
            f"advantage {advantage:g} must lie between 0.5 and 1: the chance that first beats second"
        )
    gap = np.log(advantage / (1 - advantage))
    return -gap * (np.arange(teams) - (teams - 1) / 2)


def simulate_designs(
    quality: ArrayLike,
    *,
    judges: Sequence[int],
    images: Sequence[int],
    image_sd: float,
    judge_sd: float,
    points: Sequence[float],
    studies: int = 400,
    rng: np.random.Generator,
) -> list[dict[str, Any]]:
    """How often simulated studies of each size find the truth.

    Parameters
    ----------
    quality : (N,) float
        True log worths, in any order.
    judges, images : sequence of int
        Sizes to try. The smaller designs are parts of the largest one, so that sizes are compared on the
        same votes.
    image_sd, judge_sd : float
        Standard deviations of the image x team and judge x team tastes, in log units.
    points : sequence of float
        Points of the first place, the second, ...
    studies : int
        Simulated studies for each size; the standard error of a share p is sqrt(p (1 - p) / studies).
    rng : numpy.random.Generator

    Returns
    -------
    list of dict
        For each size: `judges`, `images`, `p_best` (the best team has the most points; ties count by shares),
        `p_podium` (the three best teams are the first three, in order) and `p_clear` (the 95 % two-way
        interval of the difference between the two best teams lies above zero; None with one judge or
        image).
    """
    quality = np.sort(np.asarray(quality, dtype=float))[::-1]
    _check(quality, judges, images, (image_sd, judge_sd), studies)
    sizes = [(j, i) for i in images for j in judges]
    sums = {size: np.zeros(3) for size in sizes}
    for batch in _batches(studies, max(judges) * max(images) * len(quality)):
        rank = simulate_ranks(
            quality,
            judges=max(judges),
            images=max(images),
            image_sd=image_sd,
            judge_sd=judge_sd,
            places=len(points),
            studies=batch,
            rng=rng,
        )
        earned = np.array([0.0, *points], dtype=np.float32)[rank]
        for j, i in sizes:
            sums[j, i] += _found(earned[:, :j, :i])
    return [_row(size, sums[size] / studies) for size in sizes]


def designs_needed(grid: Sequence[dict[str, Any]], *, target: float = 0.9) -> list[dict[str, Any]]:
    """For each number of images in a grid, the fewest judges whose p_best reaches the target, or None."""
    rows = []
    for images in sorted({row["images"] for row in grid}):
        enough = [row["judges"] for row in grid if row["images"] == images and row["p_best"] >= target]
        rows.append({"images": images, "judges": min(enough, default=None), "target": target})
    return rows


def _check(
    quality: Array, judges: Sequence[int], images: Sequence[int], sds: tuple[float, float], studies: int
) -> None:
    if len(quality) < 2 or not np.isfinite(quality).all():
        raise AnalysisError("give the log worths of at least two teams, all of them finite")
    for name, values in (("judges", judges), ("images", images), ("studies", [studies])):
        if not len(values) or min(values) < 1:
            raise AnalysisError(f"{name} {list(values)}: give whole numbers from 1")
    if any(not (np.isfinite(sd) and sd >= 0) for sd in sds):
        raise AnalysisError(f"standard deviations {sds[0]:g} (images), {sds[1]:g} (judges) must be 0 or more")


def _batches(studies: int, cells: int) -> Iterator[int]:
    size = max(1, _CELLS // cells)
    for start in range(0, studies, size):
        yield min(size, studies - start)


def _found(earned: Array) -> Array:
    """How many studies find the best, the podium, and a clear lead; points (S, J, I, N), best team first."""
    total = earned.sum(axis=(1, 2), dtype=float)
    top = total == total.max(axis=1, keepdims=True)
    best = (top[:, 0] / top.sum(axis=1)).sum()
    podium = min(PODIUM, total.shape[1] - 1)
    order = np.ones(len(total), dtype=bool)
    for place in range(podium):
        order &= total[:, place] > total[:, place + 1 :].max(axis=1)
    return np.array([best, order.sum(), _clear(earned[..., 0].astype(float) - earned[..., 1])])


def _clear(difference: Array) -> float:
    """In how many studies the two-way 95 % interval of a (S, J, I) difference lies above zero."""
    _, judges, images = difference.shape
    if min(judges, images) < 2:
        return float("nan")
    mean = difference.mean(axis=(1, 2))
    of_judge, of_image = difference.mean(axis=2), difference.mean(axis=1)
    rest = difference - of_judge[:, :, None] - of_image[:, None, :] + mean[:, None, None]
    parts = [
        of_judge.var(axis=1, ddof=1) / judges,
        of_image.var(axis=1, ddof=1) / images,
        (rest**2).sum(axis=(1, 2)) / ((judges - 1) * (images - 1) * judges * images),
    ]
    df = (judges - 1, images - 1, (judges - 1) * (images - 1))
    variance = np.maximum(parts[0] + parts[1] - parts[2], np.maximum(parts[0], parts[1]))
    spread = variance > 0
    freedom = variance[spread] ** 2 / sum(p[spread] ** 2 / d for p, d in zip(parts, df, strict=True))
    clear = mean[spread] > student.ppf(0.975, freedom) * np.sqrt(variance[spread])
    return float(clear.sum() + (mean[~spread] > 0).sum())


def _row(size: tuple[int, int], shares: Array) -> dict[str, Any]:
    best, podium, clear = (None if np.isnan(share) else float(share) for share in shares)
    return {"judges": size[0], "images": size[1], "p_best": best, "p_podium": podium, "p_clear": clear}
