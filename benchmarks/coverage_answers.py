"""How often 95 % intervals of Bradley-Terry worths, JOD and mean opinion scores hold the truth, where
judges and images are both samples. Wanted: 93 to 98 %.

The truth is what very many judges would say of very many images. Beside the interval that is reported stand
the ways that take answers as independent.
"""

import argparse

import numpy as np

from analysis.models.bradley_terry import fit_bradley_terry
from analysis.models.pair_summary import jod_scores, pair_scores
from analysis.models.thurstone import fit_thurstone
from analysis.planning.simulated_answers import simulated_pairs, simulated_ratings
from analysis.resampling.rating_draws import rating_scores, student_intervals, two_way_mos
from analysis.resampling.two_way import Sampling

MANY = 250


def main(argv: list[str] | None = None) -> None:
    """Print the coverages."""
    parser = argparse.ArgumentParser(prog="coverage_answers", description=__doc__)
    parser.add_argument("--studies", type=int, default=500)
    parser.add_argument("--judges", type=int, default=15)
    parser.add_argument("--images", type=int, default=30)
    parser.add_argument("--share", type=float, default=1.0, help="share of the answers that are there")
    parser.add_argument("--draws", type=int, default=500)
    parser.add_argument("--seed", type=int, default=1)
    options = vars(parser.parse_args(argv))
    print(", ".join(f"{name} {value}" for name, value in options.items()))
    for name, share in {**of_pairs(**options), **of_ratings(**options)}.items():
        print(f"  {name:<45} {100 * share:5.1f} %")


def of_pairs(
    *, studies: int, judges: int, images: int, share: float, draws: int, seed: int
) -> dict[str, float]:
    """Share of the teams whose worth and JOD lie in their interval."""
    rng = np.random.default_rng(seed)
    many = [simulated_pairs(rng, judges=MANY, images=MANY, share=0.2).counts for _ in range(6)]
    worth = np.mean([fit_bradley_terry(counts).log_worth for counts in many], axis=0)
    jod = np.mean([fit_thurstone(counts).jod for counts in many], axis=0)
    found = {"worths: reported": 0.0, "JOD: reported": 0.0, "worths: answers taken as independent": 0.0}
    for _ in range(studies):
        pairs = simulated_pairs(rng, judges=judges, images=images, share=share)
        scores, fit = pair_scores(pairs, ties="davidson", sampling=Sampling(draws), rng=rng)
        plain = fit.log_worth[:, None] + 1.96 * fit.se[:, None] * [-1, 1]
        found["worths: reported"] += held(scores.interval(), worth) / studies
        found["worths: answers taken as independent"] += held(plain, worth) / studies
        quality, _ = jod_scores(pairs, sampling=Sampling(draws), rng=rng)
        found["JOD: reported"] += held(quality.interval(), jod) / studies
    return found


def of_ratings(
    *, studies: int, judges: int, images: int, share: float, draws: int, seed: int
) -> dict[str, float]:
    """Share of the teams whose mean opinion score lies in its interval."""
    rng = np.random.default_rng(seed)
    many = [two_way_mos(simulated_ratings(rng, judges=MANY, images=MANY))[0] for _ in range(8)]
    truth = np.mean(many, axis=0)
    found = {"MOS: reported": 0.0, "MOS: scores taken as independent (t)": 0.0}
    for _ in range(studies):
        ratings = simulated_ratings(rng, judges=judges, images=images, share=share)
        scores, _ = rating_scores(ratings, sampling=Sampling(draws), rng=rng)
        found["MOS: reported"] += held(scores.interval(), truth) / studies
        found["MOS: scores taken as independent (t)"] += held(student_intervals(ratings), truth) / studies
    return found


def held(interval: np.ndarray, truth: np.ndarray) -> float:
    """Share of the truths inside."""
    return float(((interval[:, 0] <= truth) & (truth <= interval[:, 1])).mean())


if __name__ == "__main__":
    main()
