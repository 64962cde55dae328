"""How often 95 % intervals of S3 hold the truth, over simulated studies of known worths and tastes.

The truth is the expected S3 over all judges and images. Wanted: 93 to 98 %. Beside the interval that is
reported stand the plain pigeonhole, the analytic one, and the ways that are too short: resampling judges,
images, or single votes only; and how often the simultaneous intervals behind the tie groups hold for all
pairs.
"""

import argparse
import time

import numpy as np

from analysis.planning.simulation import simulate_ranks
from analysis.points import image_points, summed
from analysis.resampling.draws import PointsTable, points_table, s3_draws
from analysis.resampling.ends import interval_over_ends, possible_ends
from analysis.resampling.intervals import (
    analytic_interval,
    calibrated,
    percentile_interval,
    widened_where_few,
)
from analysis.resampling.ranks import tie_groups
from analysis.rule import POINTS, minmax
from analysis.votes import BallotArrays

SCALE = np.array([0.0, *POINTS])
FIELDS = {
    "spread": np.linspace(1, -1, 10),
    "close": np.linspace(0.1, -0.1, 10),
    "rare": np.array([1, 1, 0.9, 0.5, 0.5, 0, 0, -4.2, -5, -6]),
}
"""Log worths: from 1 to -1; nearly equal teams; two equal leaders and three teams hardly ever picked."""


def main(argv: list[str] | None = None) -> None:
    """Print the coverages."""
    parser = argparse.ArgumentParser(prog="coverage", description=__doc__)
    parser.add_argument("--studies", type=int, default=1000)
    parser.add_argument("--judges", type=int, default=15)
    parser.add_argument("--images", type=int, default=50)
    parser.add_argument("--image-sd", type=float, default=0.6)
    parser.add_argument("--judge-sd", type=float, default=0.3)
    parser.add_argument("--answered", type=float, default=1.0, help="share of the ballots that are there")
    parser.add_argument("--field", choices=FIELDS, default="spread")
    parser.add_argument("--draws", type=int, default=1000)
    parser.add_argument("--seed", type=int, default=1)
    options = parser.parse_args(argv)
    start = time.perf_counter()
    shares = coverage(**vars(options))
    seconds = time.perf_counter() - start
    print(", ".join(f"{name} {value}" for name, value in vars(options).items()) + f"; {seconds:.0f} s")
    for name, share in shares.items():
        print(f"  {name:<40} {100 * share:5.1f} %")


def coverage(
    *,
    studies: int,
    judges: int,
    images: int,
    image_sd: float = 0.6,
    judge_sd: float = 0.3,
    answered: float = 1.0,
    field: str = "spread",
    draws: int = 1000,
    seed: int = 1,
) -> dict[str, float]:
    """Share of the intervals that hold the truth, by kind of interval."""
    tastes = {"image_sd": image_sd, "judge_sd": judge_sd}
    rng = np.random.default_rng(seed)
    quality = FIELDS[field]
    truth = true_s3(images, quality, tastes, rng)
    totals: dict[str, float] = {}
    for _ in range(studies):
        rank = simulate_ranks(quality, judges=judges, images=images, rng=rng, **tastes)[0]
        for name, hit in hits(as_ballots(rank, answered, rng), truth, draws, rng).items():
            totals[name] = totals.get(name, 0.0) + hit / studies
    return totals


def true_s3(
    images: int, quality: np.ndarray, tastes: dict[str, float], rng: np.random.Generator
) -> np.ndarray:
    """Expected S3, from 40 studies of 200 judges and 200 images."""
    means = [
        SCALE[simulate_ranks(quality, judges=200, images=200, rng=rng, **tastes)[0]].mean(axis=(0, 1))
        for _ in range(40)
    ]
    return images * np.mean(means, axis=0)


def hits(ballots: BallotArrays, truth: np.ndarray, draws: int, rng: np.random.Generator) -> dict[str, float]:
    """Share of the teams whose interval holds the truth, for each kind of interval."""
    table = points_table(ballots, points=POINTS)
    s3 = summed(image_points(ballots, points=POINTS))
    judges, images = table.n_judges, table.n_images
    pigeonhole = s3_draws(table, draws=draws, rng=rng)
    _, analytic = analytic_interval(ballots, points=POINTS)
    ours = calibrated(pigeonhole, s3, analytic, highest=3 * images)
    ours = widened_where_few(ours, ballots, rng=rng, points=POINTS)
    samples = {
        "reported (calibrated two-way)": ours,
        "plain pigeonhole": pigeonhole,
        "judges only": table.s3(_times(judges, draws, rng), np.ones((draws, images))),
        "images only": table.s3(np.ones((draws, judges)), _times(images, draws, rng)),
    }
    if table.complete:
        samples["single votes"] = _votes_alone(table, draws, rng)
    found = {name: _held(percentile_interval(sample), truth) for name, sample in samples.items()}
    found |= _normalised_held(s3, ours, truth)
    found["analytic two-way"] = _held(analytic, truth)
    found["all pairs at once (tie groups)"] = _pairs_held(s3, ours, truth)
    return found


def as_ballots(rank: np.ndarray, answered: float, rng: np.random.Generator) -> BallotArrays:
    """A share of the ballots (J, I, N), at least one on every image, without the detour over a table."""
    judges, images, teams = rank.shape
    there = rng.random((judges, images)) < answered
    there[rng.integers(judges, size=images), np.arange(images)] = True
    judge, image = (codes.astype(np.int32) for codes in np.nonzero(there))
    team = np.tile(np.arange(teams, dtype=np.int32), len(judge))
    start = np.arange(0, len(team) + 1, teams)
    names = [np.array([f"{n:04d}" for n in range(size)], dtype=object) for size in rank.shape]
    return BallotArrays(*names, judge, image, start, team, team + 1, rank[there].astype(np.int16).ravel())


def _times(n: int, draws: int, rng: np.random.Generator) -> np.ndarray:
    return rng.multinomial(n, np.full(n, 1 / n), draws).astype(float)


def _votes_alone(table: PointsTable, draws: int, rng: np.random.Generator) -> np.ndarray:
    ballots = table.points.reshape(table.n_judges * table.n_images, -1)
    return _times(len(ballots), draws, rng) @ ballots / table.n_judges


def _normalised_held(s3: np.ndarray, draws: np.ndarray, truth: np.ndarray) -> dict[str, float]:
    """S3n as reported and by plain percentiles; the team observed first on its own."""
    ends = possible_ends(s3, draws)
    every = np.arange(len(draws))
    over = interval_over_ends(lambda rows, pair: minmax(draws[rows], pair), every, ends)
    plain = percentile_interval(minmax(draws))
    true, first = minmax(truth), [int(np.argmax(truth))]
    return {
        "S3n (reported)": _held(over, true),
        "S3n of the best team": _held(over[first], true[first]),
        "S3n by plain percentiles": _held(plain, true),
        "the same of the best team": _held(plain[first], true[first]),
        "width of S3n (reported)": float(np.ptp(over, axis=1).mean()),
        "width of S3n by plain percentiles": float(np.ptp(plain, axis=1).mean()),
        **{f"S3 of the team {place} from the end": _held(*_one(draws, truth, -place)) for place in (1, 2, 3)},
    }


def _one(draws: np.ndarray, truth: np.ndarray, team: int) -> tuple[np.ndarray, np.ndarray]:
    return percentile_interval(draws[:, [team]]), truth[[team]]


def _held(interval: np.ndarray, truth: np.ndarray) -> float:
    return float(((interval[:, 0] <= truth + 1e-9) & (truth <= interval[:, 1] + 1e-9)).mean())


def _pairs_held(s3: np.ndarray, draws: np.ndarray, truth: np.ndarray) -> float:
    _, critical, error = tie_groups(s3, draws)
    off = np.abs((s3[:, None] - s3) - (truth[:, None] - truth))
    return float((off <= critical * error + 1e-9).all())


if __name__ == "__main__":
    main()
