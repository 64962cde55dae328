"""Is "a new study would put it first in X % of the cases" true? Simulated studies, each held twice.

For each kind of field: the chance stated for the announced winner, by plain resamples and as reported; how
often the winner of the first study wins the second, and is truly (among) the best; the same where the chance
stated is high; and how often the 95 % intervals of the ranks hold all true ranks.
"""

import argparse
import time

import numpy as np

from analysis.planning.simulation import simulate_ranks
from analysis.points import image_points, summed
from analysis.resampling.draws import points_table, s3_draws
from analysis.resampling.intervals import analytic_interval, calibrated
from analysis.resampling.ranks import rank_intervals, tie_groups
from analysis.resampling.replication import new_study_draws, truth_draws
from analysis.rule import POINTS, ranks
from benchmarks.coverage import SCALE, as_ballots

TASTES = {"image_sd": 0.6, "judge_sd": 0.3}
FIELDS = {
    "equal teams": np.zeros(10),
    "close: each beats the next with 52.5 %": np.linspace(0.45, -0.45, 10),
    "spread: from 1 to -1": np.linspace(1, -1, 10),
    "two equal leaders before a spread": np.array([1, 1, *np.linspace(0.4, -1, 8)]),
}
HIGH = 0.8


def main(argv: list[str] | None = None) -> None:
    """Print a line for each field."""
    parser = argparse.ArgumentParser(prog="replication", description=__doc__)
    parser.add_argument("--studies", type=int, default=400)
    parser.add_argument("--judges", type=int, default=15)
    parser.add_argument("--images", type=int, default=50)
    parser.add_argument("--draws", type=int, default=2000)
    parser.add_argument("--seed", type=int, default=1)
    options = parser.parse_args(argv)
    for name, quality in FIELDS.items():
        start = time.perf_counter()
        found = held_twice(quality, **vars(options))
        said = ", ".join(f"{key} {value:.2f}" for key, value in found.items())
        print(f"{name}: {said} ({time.perf_counter() - start:.0f} s)", flush=True)


def held_twice(
    quality: np.ndarray, *, studies: int, judges: int, images: int, draws: int = 2000, seed: int = 1
) -> dict[str, float]:
    """Chances stated for the announced winner, and what came of it, means over the studies."""
    rng = np.random.default_rng(seed)
    rows = np.array([_held_twice(quality, judges, images, draws, rng) for _ in range(studies)])
    plain, stated, best, again, truly, ranks_held = rows.T
    high = stated >= HIGH
    return {
        "stated by plain resamples": plain.mean(),
        "stated": stated.mean(),
        "wins again": again.mean(),
        "stated best": best.mean(),
        "truly best": truly.mean(),
        "stated high in": high.mean(),
        "stated there": stated[high].mean() if high.any() else np.nan,
        "wins again there": again[high].mean() if high.any() else np.nan,
        "rank intervals hold": ranks_held.mean(),
    }


def _held_twice(
    quality: np.ndarray, judges: int, images: int, draws: int, rng: np.random.Generator
) -> tuple[float, ...]:
    rank = simulate_ranks(quality, judges=judges, images=images, studies=2, rng=rng, **TASTES)
    ballots = as_ballots(rank[0], 1.0, rng)
    s3 = summed(image_points(ballots, points=POINTS))
    _, analytic = analytic_interval(ballots, points=POINTS)
    plain = calibrated(
        s3_draws(points_table(ballots, points=POINTS), draws=draws, rng=rng), s3, analytic, highest=3 * images
    )
    truth = truth_draws(s3, plain - s3, size=draws, rng=rng)
    new = new_study_draws(truth, plain - s3, bounds=(0, 3.0 * images), rng=rng)
    winner = int(np.argmax(s3))
    second = SCALE[rank[1]].mean(axis=0).sum(axis=0)
    low, high = rank_intervals(s3, *tie_groups(s3, plain)[1:])
    # Equal teams may stand in any order; each of their ranks is true.
    first, last = (
        (quality[:, None] < quality - 1e-9).sum(axis=1),
        (quality[:, None] <= quality + 1e-9).sum(axis=1),
    )
    held = (low <= last) & (first + 1 <= high)
    return (
        *((ranks(sample) == 1).mean(axis=0)[winner] for sample in (plain, new, truth)),
        float(second[winner] >= second.max() - 1e-9),
        float(quality[winner] >= quality.max()),
        float(held.all()),
    )


if __name__ == "__main__":
    main()
