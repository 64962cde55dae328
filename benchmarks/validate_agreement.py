"""Are the intervals and the screening as good as they say? Simulated studies with known truth.

15 judges, 50 images, 12 teams; image x team effects of standard deviation .6, judge x team effects of .3 (log
units).
"""

import argparse

import numpy as np

from analysis.agreement.blocks import blocks
from analysis.agreement.concordance import concordance_test
from analysis.agreement.intervals import estimate_all, mean_statistic
from analysis.agreement.judges import leave_one_out
from analysis.agreement.measures import measure
from analysis.planning.simulation import simulated_votes
from analysis.screening.consensus import against_chance, outlying
from analysis.votes import BallotArrays, validate_votes

JUDGES, IMAGES, TEAMS = 15, 50, 12
IMAGE_SD, JUDGE_SD = 0.6, 0.3
COVERED = ("kendall_w", "krippendorff_alpha_ordinal", "fleiss_kappa_top1", "top3_overlap")


def main(argv: list[str] | None = None) -> None:
    """Print coverage of the intervals, and how often screening is right."""
    parser = argparse.ArgumentParser(prog="validate_agreement", description=__doc__)
    parser.add_argument("--studies", type=int, default=1000)
    parser.add_argument("--seed", type=int, default=1)
    options = parser.parse_args(argv)
    rng = np.random.default_rng(options.seed)
    for images in (8, 20, IMAGES):
        _print_coverage(options.studies, images, rng)
    for at_random in (0, 1, 3):
        _print_screening(options.studies, at_random, rng)


def _print_coverage(studies: int, images: int, rng: np.random.Generator) -> None:
    """One panel of judges, many samples of images; the truth is the same panel on 10,000 images."""
    taste = rng.normal(0, JUDGE_SD, (JUDGES, 1, TEAMS))
    truth = {name: value.value for name, value in _estimates(_panel(taste, 10_000, rng), rng).items()}
    hits = dict.fromkeys(COVERED, 0)
    for _ in range(studies):
        found = _estimates(_panel(taste, images, rng), rng)
        for name in COVERED:
            low, high = found[name].ci
            hits[name] += low <= truth[name] <= high
    for name in COVERED:
        share = hits[name] / studies
        print(f"{images} images: {name:28} covers {share:6.1%} of {studies} (truth {truth[name]:.3f})")


def _estimates(ballots: BallotArrays, rng: np.random.Generator) -> dict:
    parts = list(blocks(ballots))
    w = concordance_test(parts, permutations=1, rng=rng).observed
    statistics = measure(parts, TEAMS, depth=3, rbo_p=0.9).statistics | {"kendall_w": mean_statistic(w, "")}
    return estimate_all(statistics)


def _print_screening(studies: int, at_random: int, rng: np.random.Generator) -> None:
    caught = wrongly = one_rule = 0
    for _ in range(studies):
        taste = rng.normal(0, JUDGE_SD, (JUDGES, 1, TEAMS))
        ballots = _panel(taste, IMAGES, rng, at_random)
        judges = leave_one_out(blocks(ballots), JUDGES, permutations=499, rng=rng)
        chance, outlier = against_chance(judges).flagged, outlying(judges).flagged
        caught += int((chance & outlier)[:at_random].sum())
        wrongly += int((chance & outlier)[at_random:].sum())
        one_rule += int((chance | outlier)[at_random:].sum())
    honest = studies * (JUDGES - at_random)
    print(
        f"{at_random} judges at random: proposed {caught} of {studies * at_random} of them, and "
        f"{wrongly} of {honest} honest ones (one rule alone would flag {one_rule})"
    )


def _panel(taste: np.ndarray, images: int, rng: np.random.Generator, at_random: int = 0) -> BallotArrays:
    quality = np.linspace(0.8, -0.8, TEAMS)
    utility = quality + taste + rng.normal(0, IMAGE_SD, (1, images, TEAMS))
    utility[:at_random] = 0
    order = np.argsort(-(utility + rng.gumbel(size=utility.shape)), axis=-1)
    rank = np.zeros(utility.shape, dtype=np.int8)
    np.put_along_axis(rank, order[..., :3], np.array([1, 2, 3], dtype=np.int8), axis=-1)
    return validate_votes(simulated_votes(rank, rng=rng)).ballots


if __name__ == "__main__":
    main()
