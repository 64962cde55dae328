"""The report and the votes table: our seconds beside the goals.

The whole report (HTML, PDF, LaTeX) of 20 judges x 50 images x 12 teams; with `--crowd` also reading,
checking and scoring ten million vote rows, with the peak memory.
"""

import argparse
import resource
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import numpy as np

from analysis.parts import Parts
from analysis.rule import POINTS, read_rule

REPORT_GOAL_S = 20.0
CROWD_GOAL_GIB = 4.0
CROWD_BALLOTS = 1_000_000
TEAMS = 12


def main(argv: list[str] | None = None) -> None:
    """Print the table."""
    parser = argparse.ArgumentParser(prog="bench_report", description=__doc__)
    parser.add_argument("--crowd", action="store_true", help="also ten million vote rows")
    parser.add_argument("--crowd-child", type=Path, help=argparse.SUPPRESS)
    options = parser.parse_args(argv)
    if options.crowd_child:
        score_crowd(options.crowd_child)
        return
    seconds = report_seconds()
    print(f"{'report, 20 x 50 x 12':<40} {seconds:8.1f} s   goal {REPORT_GOAL_S:.0f} s")
    if options.crowd:
        with tempfile.TemporaryDirectory() as folder:
            votes = Path(folder) / "votes.csv"
            write_crowd(votes)
            command = [sys.executable, "-m", "benchmarks.bench_report", "--crowd-child", str(votes)]
            subprocess.run(command, check=True)


def report_seconds() -> float:
    """Seconds for the report of one study, imports included."""
    from analysis.planning.simulation import simulate_ranks, simulated_votes
    from analysis.resampling.joint import joint_draws, observe
    from analysis.votes import validate_votes

    rng = np.random.default_rng(1)
    quality = np.linspace(1, -1, TEAMS)
    ranks = simulate_ranks(quality, judges=20, images=50, image_sd=0.6, judge_sd=0.3, rng=rng)[0]
    votes = simulated_votes(ranks, rng=rng)
    with tempfile.TemporaryDirectory() as folder:
        start = time.perf_counter()
        from analysis.report.write import write_report

        write_report(
            joint_draws(observe(validate_votes(votes), Parts(), read_rule("user-study")), seed=0),
            Path(folder),
        )
        return time.perf_counter() - start


def write_crowd(path: Path) -> None:
    """Write 1,000,000 ballots of 10 candidates from 20,000 judges."""
    order = np.random.default_rng(1).permuted(np.tile(np.arange(10), (1000, 1)), axis=1)
    with path.open("w", encoding="utf-8") as out:
        out.write("judge,image,team,slot,rank\n")
        for ballot in range(CROWD_BALLOTS):
            judge, image = divmod(ballot, 50)
            out.writelines(
                f"judge{judge:06},{image:03},team{team},{slot},{slot if slot < 4 else ''}\n"
                for slot, team in enumerate(order[ballot % 1000], start=1)
            )


def score_crowd(path: Path) -> None:
    """Read, check and score, and print seconds and peak memory."""
    from analysis.points import team_points
    from analysis.votes import read_votes

    start = time.perf_counter()
    votes = read_votes(path)
    team_points(votes, points=POINTS)
    seconds = time.perf_counter() - start
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 2**20
    print(f"{f'read and score {len(votes.table):,} vote rows':<40} {seconds:8.1f} s")
    print(f"{'  peak memory':<40} {peak:8.2f} GiB goal {CROWD_GOAL_GIB:.0f} GiB")


if __name__ == "__main__":
    main()
