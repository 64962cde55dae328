"""How many judges and images does a study need? Simulated studies of every size, from the same tastes.

A design is good enough when the best team also comes first often enough. Beyond some number of
judges more images help more than more judges, because the images' own tastes remain: the table shows
where.
"""

from collections.abc import Iterator, Sequence
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from analysis.amounts import how_many
from analysis.errors import AnalysisError
from analysis.planning.asking import Asking

Array = NDArray[Any]
_CELLS = 2_000_000  # simulated candidates held at once


def evenly_spaced(teams: int, advantage: float) -> Array:
    """Log worths of teams each of which beats the next with the probability `advantage`.

    Examples
    --------
    >>> evenly_spaced(3, 0.55).round(3).tolist()
    [0.201, -0.0, -0.201]
    """
    if teams < 2:
        raise AnalysisError(f"{how_many(teams, 'teams')} cannot be compared; plan for at least two")
    if not 0.5 < advantage < 1:
        raise AnalysisError(
            f"advantage {advantage:g} is not between 0.5 and 1; give the chance that the first beats the "
            "second"
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
    asking: Asking,
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
    asking : Asking
    studies : int
        Simulated studies for each size; the standard error of a share p is sqrt(p (1 - p) / studies).
    rng : numpy.random.Generator

    Returns
    -------
    list of dict
        For each size: `judges`, `images`, `answers` (that each judge gives), `p_best` (the best team comes
        first; ties count by shares), `p_podium` (the three best teams are the first three, in order) and
        `p_clear` (the 95 % two-way interval of the difference between the two best teams lies above zero;
        None with one judge or image).
    """
    quality = np.sort(np.asarray(quality, dtype=float))[::-1]
    _check(quality, judges, images, (image_sd, judge_sd), studies)
    sizes = [(j, i) for i in images for j in judges]
    sums = {size: np.zeros(3) for size in sizes}
    cells = max(judges) * asking.answers(max(images), len(quality)) * len(quality)
    for batch in _batches(studies, max(cells, max(judges) * max(images) * len(quality))):
        answers = asking.simulate(
            quality,
            judges=max(judges),
            images=max(images),
            sds=(image_sd, judge_sd),
            studies=batch,
            rng=rng,
        )
        for j, i in sizes:
            sums[j, i] += asking.found(answers, j, i)
    return [_row(size, asking.answers(size[1], len(quality)), sums[size] / studies) for size in sizes]


def designs_needed(grid: Sequence[dict[str, Any]], *, target: float = 0.9) -> list[dict[str, Any]]:
    """For each number of images in a grid, the fewest judges whose p_best, and p_podium, reach the target.

    None where no number of judges does.
    """
    rows = []
    for images in sorted({row["images"] for row in grid}):
        enough = {
            name: [row["judges"] for row in grid if row["images"] == images and row[name] >= target]
            for name in ("p_best", "p_podium")
        }
        fewest = {name: min(judges, default=None) for name, judges in enough.items()}
        rows.append(
            {"images": images, "judges": fewest["p_best"], "podium": fewest["p_podium"], "target": target}
        )
    return rows


def _check(
    quality: Array, judges: Sequence[int], images: Sequence[int], sds: tuple[float, float], studies: int
) -> None:
    if len(quality) < 2 or not np.isfinite(quality).all():
        raise AnalysisError("give the log worths of at least two teams, all of them finite")
    for name, values in (("judges", judges), ("images", images), ("studies", [studies])):
        if not len(values) or min(values) < 1:
            raise AnalysisError(f"{name} {list(values)}: give whole numbers of at least 1")
    if any(not (np.isfinite(sd) and sd >= 0) for sd in sds):
        raise AnalysisError(f"standard deviations {sds[0]:g} (images), {sds[1]:g} (judges) must be 0 or more")


def _batches(studies: int, cells: int) -> Iterator[int]:
    size = max(1, _CELLS // cells)
    for start in range(0, studies, size):
        yield min(size, studies - start)


def _row(size: tuple[int, int], answers: int, shares: Array) -> dict[str, Any]:
    best, podium, clear = (None if np.isnan(share) else float(share) for share in shares)
    row = {"judges": size[0], "images": size[1], "answers": answers}
    return row | {"p_best": best, "p_podium": podium, "p_clear": clear}
