"""Choice models and resampling: our seconds, the goal, and the peer library's seconds on the same data.

Peers: choix.ilsr_top1 for Plackett-Luce (refits: one fit times a thousand); for the draws of S3 a plain
loop that takes the means of the drawn judges and images (a hundred draws, scaled up). The best of several
runs counts, so that other work on the machine disturbs little. `--crowd` adds ten million vote rows with
their peak memory.
"""

import argparse
import resource
import subprocess
import sys
import time
from collections.abc import Callable
from typing import Any

import numpy as np

from analysis.models.choices import choices_of
from analysis.models.plackett_luce import fit_plackett_luce, refit_plackett_luce
from analysis.parts import Parts
from analysis.planning.simulation import simulate_ranks
from analysis.resampling.draws import PointsTable, s3_draws, two_way_weights
from analysis.rule import read_rule
from analysis.votes import validate_votes

TEAMS = 12
QUALITY = np.linspace(0.8, -0.8, TEAMS)
CROWD_GOAL_GIB = 4


def main(argv: list[str] | None = None) -> None:
    """Print the table."""
    parser = argparse.ArgumentParser(prog="bench_models", description=__doc__)
    parser.add_argument("--runs", type=int, default=7)
    parser.add_argument("--crowd", action="store_true", help="also ten million vote rows (a minute, 4 GiB)")
    parser.add_argument("--crowd-child", action="store_true", help=argparse.SUPPRESS)
    options = parser.parse_args(argv)
    if options.crowd_child:
        crowd()
        return
    print(f"{'what':<48} {'ours':>10} {'goal':>9} {'peer':>10} {'ratio':>8}")
    for bench in (small_fit, large_fit, refits, draws, draws_with_a_conflict):
        _print(*bench(options.runs))
    if options.crowd:
        subprocess.run([sys.executable, "-m", "benchmarks.bench_models", "--crowd-child"], check=True)


def small_fit(runs: int) -> tuple[str, float, float, float]:
    """1,000 ballots x 12 teams."""
    return "Plackett-Luce, 1,000 ballots x 12", *_fit_against_peer(1_000, runs)


def large_fit(runs: int) -> tuple[str, float, float, float]:
    """100,000 ballots x 12 teams."""
    return "Plackett-Luce, 100,000 ballots x 12", *_fit_against_peer(100_000, runs)


def refits(runs: int) -> tuple[str, float, float, float]:
    """1,000 two-way refits of 15 judges x 50 images x 12 teams."""
    rank, shown = _ballots(750)
    choices = choices_of(rank, shown)
    judge, image = np.divmod(np.arange(750), 50)

    def ours() -> None:
        (weights,) = two_way_weights(15, 50, draws=1_000, chunk=1_000, rng=np.random.default_rng(1))
        refit_plackett_luce(choices, weights[0][:, judge] * weights[1][:, image])

    return "1,000 two-way refits of 15 x 50 x 12", _best(ours, runs), 1.5, 1_000 * _peer_fit(rank)


def draws(runs: int, *, conflict: bool = False) -> tuple[str, float, float, float]:
    """10,000 draws of S3 for 20 judges x 50 images x 12 teams."""
    rank = simulate_ranks(QUALITY, judges=20, images=50, rng=np.random.default_rng(2))[0]
    points = np.array([0.0, 3, 2, 1])[rank]
    flat = points.reshape(20, -1)
    shown = np.ones_like(flat)
    if conflict:
        shown[3, ::TEAMS] = flat[3, ::TEAMS] = 0
    table = PointsTable(flat, shown, 50, TEAMS, not conflict)

    def loop() -> None:
        rng = np.random.default_rng(1)
        for _ in range(100):
            points[rng.integers(20, size=20)][:, rng.integers(50, size=50)].mean(axis=0).sum(axis=0)

    ours = _best(lambda: s3_draws(table, draws=10_000, rng=np.random.default_rng(1)), runs)
    what = "10,000 two-way draws of S3, 20 x 50 x 12"
    return what + (", a conflict" if conflict else ""), ours, 1.0, 100 * _best(loop, 2)


def draws_with_a_conflict(runs: int) -> tuple[str, float, float, float]:
    """The same where one judge does not see one team, so that every image has its own number of judges."""
    return draws(runs, conflict=True)


def crowd() -> None:
    """Ten million vote rows: model, draws and their peak memory."""
    import pandas as pd

    from analysis.models.summary import model_summary
    from analysis.resampling.joint import joint_draws, observe
    from analysis.resampling.summary import bootstrap_summary

    judges, images = 8_334, 100
    rank = simulate_ranks(QUALITY, judges=judges, images=images, rng=np.random.default_rng(3))[0]
    judge, image, team = (axis.ravel() for axis in np.indices(rank.shape, dtype=np.int32))
    votes = pd.DataFrame(
        {
            "judge": pd.Categorical.from_codes(judge, [f"J{j:05d}" for j in range(judges)]),
            "image": pd.Categorical.from_codes(image, [f"{i:03d}" for i in range(images)]),
            "team": pd.Categorical.from_codes(team, [f"T{t:02d}" for t in range(TEAMS)]),
            "slot": (team + 1).astype(np.int16),
            "rank": pd.array(np.where(rank > 0, rank, -1).ravel(), dtype="Int16"),
        }
    )
    votes["rank"] = votes["rank"].mask(votes["rank"] < 0)
    del judge, image, team, rank
    parts: dict[str, Callable[[], Any]] = {
        "model": lambda: model_summary(validate_votes(votes), slots=False),
        "model with slot effects": lambda: model_summary(validate_votes(votes)),
        "bootstrap, 2,000 draws": lambda: bootstrap_summary(
            joint_draws(
                observe(validate_votes(votes), Parts(), read_rule("user-study")), draws=2_000, seed=1
            ),
            refits=0,
        ),
    }
    for name, part in parts.items():
        seconds = _best(part, 1)
        peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 2**20
        print(
            f"{len(votes):,} vote rows: {name}: {seconds:.1f} s, peak {peak:.2f} GiB, goal {CROWD_GOAL_GIB}"
        )


def _fit_against_peer(ballots: int, runs: int) -> tuple[float, float, float]:
    rank, shown = _ballots(ballots)
    goal = 0.005 if ballots <= 1_000 else 0.05
    return _best(lambda: fit_plackett_luce(rank, shown), runs), goal, _peer_fit(rank)


def _peer_fit(rank: np.ndarray) -> float:
    """The peer takes the ballots as (winner, losers); making that list is not counted."""
    import choix

    order = np.argsort(np.where(rank > 0, rank, TEAMS), axis=1, kind="stable").tolist()
    data = [(ballot[place], tuple(ballot[place + 1 :])) for ballot in order for place in range(3)]
    return _best(lambda: choix.ilsr_top1(TEAMS, data), 3 if len(rank) < 10_000 else 1)


def _ballots(number: int) -> tuple[np.ndarray, np.ndarray]:
    rank = simulate_ranks(QUALITY, judges=number, images=1, rng=np.random.default_rng(1))[0, :, 0]
    return rank, np.ones(rank.shape, dtype=bool)


def _best(function: Callable[[], Any], runs: int) -> float:
    seconds = []
    for _ in range(runs):
        start = time.perf_counter()
        function()
        seconds.append(time.perf_counter() - start)
    return min(seconds)


def _print(what: str, ours: float, goal: float, peer: float) -> None:
    said = [f"{1000 * value:.1f} ms" for value in (ours, goal, peer)]
    print(f"{what:<48} {said[0]:>10} {said[1]:>9} {said[2]:>10} {peer / ours:>7.0f}x")


if __name__ == "__main__":
    main()
