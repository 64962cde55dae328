"""How often 95 % intervals of a metric's agreement with judges hold the value of such studies.

The truth is the mean over all studies of the same teams, each with other judges and other images: what a
study of this size finds on average. Wanted: 93 to 98 %.
"""

import argparse

import numpy as np
import pandas as pd

from analysis.metrics_against_judges.intervals import measure
from analysis.metrics_against_judges.judged import judged_scores
from analysis.metrics_against_judges.scene import Key, Metric, Scene
from analysis.resampling.two_way import Sampling
from analysis.user_study.of_votes import VoteStudy
from analysis.votes import validate_votes

TASTE_OF_IMAGES, TASTE_OF_JUDGES = 0.6, 0.3


def main(argv: list[str] | None = None) -> None:
    """Print the coverages."""
    parser = argparse.ArgumentParser(prog="coverage_metrics", description=__doc__)
    parser.add_argument("--studies", type=int, default=500)
    parser.add_argument("--judges", type=int, default=15)
    parser.add_argument("--images", type=int, default=50)
    parser.add_argument("--teams", type=int, default=10)
    parser.add_argument(
        "--noise", type=float, default=0.8, help="of the metric, sd; log worths go from 0 to 2"
    )
    parser.add_argument("--draws", type=int, default=500)
    parser.add_argument("--fits", type=int, default=0, help="draws of PLCC, RMSE and outliers")
    parser.add_argument("--seed", type=int, default=1)
    options = vars(parser.parse_args(argv))
    print(", ".join(f"{name} {value}" for name, value in options.items()))
    for (level, name), (truth, share) in coverage(**options).items():
        print(f"  {level:<12}{name:<12}{truth:8.3f}{100 * share:8.1f} %")


def coverage(
    *,
    studies: int,
    judges: int,
    images: int,
    teams: int,
    noise: float,
    draws: int,
    fits: int,
    seed: int,
) -> dict[Key, tuple[float, float]]:
    """By level and measure: the mean value, and the share of the intervals that hold it."""
    rng = np.random.default_rng(seed)
    found: list[dict[Key, tuple[float, float, float]]] = []
    for _ in range(studies):
        scene = simulated_scene(rng, judges=judges, images=images, teams=teams, noise=noise)
        measured = measure(scene, sampling=Sampling(draws), fits=fits, rng=rng)
        intervals = {key: measured.interval(key)[0] for key in measured.both}
        found.append(
            {key: (float(measured.observed[key][0]), low, high) for key, (low, high) in intervals.items()}
        )
    truth = {key: float(np.mean([one[key][0] for one in found])) for key in found[0]}
    return {
        key: (value, float(np.mean([one[key][1] <= value <= one[key][2] for one in found])))
        for key, value in truth.items()
    }


def simulated_scene(
    rng: np.random.Generator, *, judges: int, images: int, teams: int, noise: float, metrics: int = 1
) -> Scene:
    """Top-3 votes of teams whose quality goes from 0 to 2, and metrics that see it and each image's taste."""
    quality = np.linspace(0, 2, teams)
    taste = quality + rng.normal(0, TASTE_OF_IMAGES, (images, teams))
    of_judges = rng.normal(0, TASTE_OF_JUDGES, (judges, 1, teams))
    liked = taste + of_judges + rng.gumbel(size=(judges, images, teams))
    place = np.argsort(np.argsort(-liked, axis=2), axis=2) + 1
    votes = validate_votes(votes_table(np.where(place <= 3, place, 0)))
    values = [taste + rng.normal(0, noise * (1 + number / 4), taste.shape) for number in range(metrics)]
    named = [Metric(f"metric{number}", "higher", "candidates", own) for number, own in enumerate(values)]
    return Scene(judged_scores(VoteStudy(votes, (3, 2, 1))), named)


def votes_table(rank: np.ndarray) -> pd.DataFrame:
    """Votes of ranks (J, I, N), 0 where not placed."""
    names = {
        name: [f"{letter}{number:03}" for number in range(size)]
        for name, letter, size in zip(("judge", "image", "team"), "JIT", rank.shape, strict=True)
    }
    codes = np.indices(rank.shape).reshape(3, -1)
    table = pd.DataFrame(
        {
            name: pd.Categorical.from_codes(code.tolist(), pd.Index(labels))
            for (name, labels), code in zip(names.items(), codes, strict=True)
        }
    )
    placed = pd.Series(rank.ravel(), dtype="Int16")
    return table.assign(rank=placed.where(placed > 0))


if __name__ == "__main__":
    main()
