"""Agreement of a study of 20 judges, 50 images and 12 teams, beside the peers doing the same, in one run.

What is printed is the best of the runs, in CPU seconds of user and system together. Where the peer's work is
too much to wait for, it does a stated part of it and its time is scaled up.
"""

import argparse
import time
from collections.abc import Callable

import krippendorff
import numpy as np
import pandas as pd
import pingouin
from scipy.stats import kendalltau, spearmanr

from analysis.agreement import agreement_summary, krippendorff_alpha
from analysis.agreement.blocks import Block, blocks
from analysis.agreement.concordance import concordance_test
from analysis.agreement.pairwise import pair_sums, spearman, tau_b
from analysis.planning.simulation import simulate_ranks, simulated_votes
from analysis.votes import validate_votes

JUDGES, IMAGES, TEAMS, PERMUTATIONS = 20, 50, 12, 9999
PEER_PERMUTATIONS = 2


def main(argv: list[str] | None = None) -> None:
    """Print the table."""
    parser = argparse.ArgumentParser(prog="bench_agreement", description=__doc__)
    parser.add_argument("--runs", type=int, default=3)
    runs = parser.parse_args(argv).runs
    votes = _study()
    parts = list(blocks(validate_votes(votes).ballots))
    print(f"{JUDGES} judges x {IMAGES} images x {TEAMS} teams; CPU seconds, best of {runs}")
    print(f"{'':44}{'ours':>10}{'goal':>8}{'peer':>10}{'ratio':>9}")
    ours = _best(lambda: _permute(parts), runs)
    peer = _best(lambda: _pingouin(parts), 1) * (PERMUTATIONS + 1) / (PEER_PERMUTATIONS + 1)
    _line(f"{PERMUTATIONS} permutations of W (pingouin, scaled)", ours, peer, goal=2.0)
    _line("the same (every ballot permuted by numpy)", ours, _best(lambda: _numpy(parts), 1))
    for name, embedding, measure in [("Spearman", spearman, spearmanr), ("tau-b", tau_b, kendalltau)]:
        ours = _best(lambda embedding=embedding: [pair_sums(part, embedding).mean for part in parts], runs)
        peer = _best(lambda measure=measure: _pairs(parts[:5], measure), 1) * IMAGES / 5
        _line(f"mean {name} of all pairs (scipy, scaled)", ours, peer)
    values = np.hstack([part.ranks for part in parts])
    ours = _best(lambda: krippendorff_alpha(values), runs)
    peer = _best(lambda: krippendorff.alpha(values, level_of_measurement="ordinal"), runs)
    _line("alpha, ordinal (krippendorff)", ours, peer)
    ours = _best(lambda: agreement_summary(validate_votes(votes), rng=np.random.default_rng(0)), runs)
    _line("everything: agreement_summary", ours, None)


def _study() -> pd.DataFrame:
    rng = np.random.default_rng(0)
    rank = simulate_ranks(np.linspace(0, 2, TEAMS), judges=JUDGES, images=IMAGES, rng=rng)[0]
    return simulated_votes(rank, rng=rng)


def _permute(parts: list[Block]) -> None:
    concordance_test(parts, permutations=PERMUTATIONS, rng=np.random.default_rng(0))


def _pingouin(parts: list[Block]) -> None:
    """W of every image for the data and for PEER_PERMUTATIONS permutations."""
    rng = np.random.default_rng(0)
    for part in parts:
        for _ in range(PEER_PERMUTATIONS + 1):
            pingouin.friedman(pd.DataFrame(rng.permuted(part.ranks, axis=1)))


def _numpy(parts: list[Block]) -> None:
    """The same permutations without the list of forms: numpy shuffles each ballot."""
    rng = np.random.default_rng(0)
    for part in parts:
        total = np.zeros((PERMUTATIONS, TEAMS))
        for row in part.deviations:
            total += rng.permuted(np.broadcast_to(row, total.shape), axis=1)
        np.einsum("bt,bt->b", total, total)


def _pairs(parts: list[Block], measure: Callable[..., object]) -> None:
    for part in parts:
        for first in range(JUDGES):
            for second in range(first):
                measure(part.ranks[first], part.ranks[second])


def _best(work: Callable[[], object], runs: int) -> float:
    seconds = []
    for _ in range(runs):
        started = time.process_time()
        work()
        seconds.append(time.process_time() - started)
    return min(seconds)


def _line(what: str, ours: float, peer: float | None, *, goal: float | None = None) -> None:
    limit = f"{goal:8.1f}" if goal else f"{'':8}"
    beside = f"{peer:10.4f}{peer / ours:8.0f}x" if peer is not None else ""
    print(f"{what:44}{ours:10.4f}{limit}{beside}")


if __name__ == "__main__":
    main()
