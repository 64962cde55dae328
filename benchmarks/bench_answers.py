"""Pairs and ratings by the million: our seconds, the goal, and the peers' on the same data in the same run.

Bradley-Terry: choix takes a list of (winner, loser), evalica lists of both sides and of winners; making these
lists is not counted. The crowd is 42,000 comparisons by 4,700 judges of 150 images and 8 teams; the peer's
bootstrap draws single votes, so that it does less and says less. Wall seconds, the best of several runs.
"""

import argparse
import resource
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Any

import choix
import evalica
import krippendorff
import numpy as np
import pandas as pd

from analysis.agreement.alpha import alpha_of_rows
from analysis.models.bradley_terry import fit_bradley_terry, refit_bradley_terry
from analysis.models.pair_counts import count_pairs
from analysis.pairs import ANSWERS, Pairs, read_pairs
from analysis.resampling.pair_draws import pair_cells, worth_draws

ITEMS, COMPARISONS = 100, 1_000_000
JUDGES, IMAGES, TEAMS, VOTES, REFITS = 4_700, 150, 8, 42_000, 1_000
ROWS, UNITS = 1_000_000, 50_000
PEER_REFITS = 50


def main(argv: list[str] | None = None) -> None:
    """Print the table."""
    parser = argparse.ArgumentParser(prog="bench_answers", description=__doc__)
    parser.add_argument("--runs", type=int, default=3)
    runs = parser.parse_args(argv).runs
    print(f"{'what':<58} {'ours':>9} {'goal':>9} {'peer':>9} {'ratio':>8}")
    bradley_terry(runs)
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "pairs.csv"
        crowd().to_csv(path, index=False)
        two_way(read_pairs(path), runs)
        command(path)
    alpha(runs)


def bradley_terry(runs: int) -> None:
    """1,000,000 comparisons of 100 items, a tenth of them ties, which count as half wins."""
    first, second, answer = _comparisons(ITEMS, COMPARISONS, np.random.default_rng(0))
    outcome = np.array([1, 0, 0.5])[answer]

    def ours() -> None:
        fit_bradley_terry(count_pairs(first, second, outcome, ITEMS), ties="half")

    winner = [evalica.Winner.X, evalica.Winner.Y, evalica.Winner.Draw]
    xs, ys, winners = first.tolist(), second.tolist(), [winner[code] for code in answer]
    by_evalica = _best(lambda: evalica.bradley_terry(xs, ys, winners), runs)
    won = outcome >= 0.5
    listed = list(
        zip(np.where(won, first, second).tolist(), np.where(won, second, first).tolist(), strict=True)
    )
    by_choix = _best(lambda: choix.ilsr_pairwise(ITEMS, listed), 1)
    fastest = min(by_evalica, by_choix)
    _line(
        f"Bradley-Terry, {COMPARISONS:,} of {ITEMS} (evalica {by_evalica:.2f}, choix {by_choix:.2f})",
        _best(ours, runs),
        1.2 * fastest,
        fastest,
    )


def two_way(pairs: Pairs, runs: int) -> None:
    """1,000 refits to resamples of judges and images, with Davidson's ties."""
    fit = fit_bradley_terry(pairs.counts)
    refit = partial(refit_bradley_terry, fit=fit)

    def ours() -> None:
        worth_draws(pair_cells(pairs), refit, draws=REFITS, rng=np.random.default_rng(1))

    winner = [evalica.Winner.X, evalica.Winner.Y, evalica.Winner.Draw, evalica.Winner.Draw]
    xs, ys = pairs.first.tolist(), pairs.second.tolist()
    winners = [winner[code] for code in pairs.answer]
    peer = _best(
        lambda: evalica.bootstrap(
            evalica.bradley_terry,
            xs,
            ys,
            winners,
            n_resamples=PEER_REFITS,
            bootstrap_method="percentile",
            random_state=0,
        ),
        1,
    )
    what = f"{REFITS:,} refits of {VOTES:,} votes (evalica, single votes, scaled)"
    _line(what, _best(ours, runs), 10.0, peer * REFITS / PEER_REFITS)


def command(path: Path) -> None:
    """`studyapp analyse pairs` on that table, in a process of its own, with its peak memory."""
    start = time.perf_counter()
    subprocess.run(
        [Path(sys.executable).with_name("studyapp"), "analyse", "pairs", path, "--format", "json"],
        check=True,
        capture_output=True,
    )
    seconds = time.perf_counter() - start
    peak = resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss / 2**20
    _line(f"studyapp analyse pairs on it, peak {peak:.2f} GiB (goal 1)", seconds, 20.0, None)


def alpha(runs: int) -> None:
    """Krippendorff's ordinal alpha of 1,000,000 ratings, 1 to 5; the peer gets the values counted by unit."""
    rng = np.random.default_rng(0)
    unit = rng.integers(UNITS, size=ROWS)
    score = np.clip(np.round(rng.normal(3, 1, UNITS)[unit] + rng.normal(size=ROWS)), 1, 5)

    def peer() -> None:
        counts = np.bincount(unit * 5 + score.astype(int) - 1, minlength=UNITS * 5).reshape(UNITS, 5)
        krippendorff.alpha(value_counts=counts, level_of_measurement="ordinal")

    ours = _best(lambda: alpha_of_rows(unit, score), runs)
    _line(f"alpha, ordinal, {ROWS:,} rows (krippendorff)", ours, 5.0, _best(peer, runs))


def crowd() -> pd.DataFrame:
    """A crowd's comparisons; every judge gives about nine."""
    rng = np.random.default_rng(2)
    first, second, answer = _comparisons(TEAMS, VOTES, rng)
    judge, image = rng.integers(JUDGES, size=VOTES), rng.integers(IMAGES, size=VOTES)
    return pd.DataFrame(
        {
            "judge": [f"J{n:05d}" for n in judge],
            "image": [f"{n:03d}" for n in image],
            "team_a": [f"T{n}" for n in first],
            "team_b": [f"T{n}" for n in second],
            "answer": np.array(ANSWERS)[answer],
        }
    )


def _comparisons(
    items: int, size: int, rng: np.random.Generator
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    worth = np.linspace(1, -1, items)
    first = rng.integers(items, size=size)
    second = (first + rng.integers(1, items, size=size)) % items
    chance = 1 / (1 + np.exp(worth[second] - worth[first]))
    drawn = rng.random(size)
    return first, second, np.where(drawn < 0.9 * chance, 0, np.where(drawn < 0.9, 1, 2))


def _best(function: Callable[[], Any], runs: int) -> float:
    seconds = []
    for _ in range(runs):
        start = time.perf_counter()
        function()
        seconds.append(time.perf_counter() - start)
    return min(seconds)


def _line(what: str, ours: float, goal: float, peer: float | None) -> None:
    beside = ["", ""] if peer is None else [f"{peer:.2f} s", f"{peer / ours:.1f}x"]
    print(f"{what:<58} {ours:>7.2f} s {goal:>7.2f} s {beside[0]:>9} {beside[1]:>8}", flush=True)


if __name__ == "__main__":
    main()
