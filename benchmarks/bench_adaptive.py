"""Drawing a judge's next pairs: milliseconds for a batch, beside the published script's seconds.

The script that Mikhailiuk et al. published in 2020 took 1.9 to 3.5 s for a batch of 12 items when it was last
measured; it is not run here. `--gain` says what drawing by information is worth: how well worths are found
from as many pairs as a balanced design gives.
"""

import argparse
import time

import numpy as np

from analysis.models.bradley_terry import fit_bradley_terry
from analysis.models.pair_counts import count_pairs
from studyapp.core.adaptive import Pair, Tally, draw_batch

TEAMS, IMAGES, JUDGES, PAIRS = 12, 50, 20, 44
PUBLISHED = (1.9, 3.5)
KEY = bytes(range(32))


def main(argv: list[str] | None = None) -> None:
    """Print the table."""
    parser = argparse.ArgumentParser(prog="bench_adaptive", description=__doc__)
    parser.add_argument("--gain", type=int, default=0, metavar="STUDIES", help="how many studies to simulate")
    options = parser.parse_args(argv)
    rng = np.random.default_rng(0)
    seconds: list[float] = []
    study(np.linspace(1.5, -1.5, TEAMS), rng, seconds)
    typical, worst = np.median(seconds), max(seconds)
    print(f"{'what':<48} {'ours':>10} {'goal':>9} {'peer':>12} {'ratio':>8}")
    print(
        f"{f'a batch of {TEAMS} items, median (worst {1000 * worst:.1f} ms)':<48} {1000 * typical:>7.1f} ms "
        f"{10 * PUBLISHED[0]:>6.0f} ms {PUBLISHED[0]:>5} to {PUBLISHED[1]} s {PUBLISHED[0] / typical:>7.0f}x"
    )
    if options.gain:
        gain(options.gain, rng)


def gain(studies: int, rng: np.random.Generator) -> None:
    """Compare what both designs find: the error of log worths, their spread, the best three in order."""
    for spread in (0.3, 1.0, 2.0):
        found: dict[str, list[list[float]]] = {"by information": [], "balanced": []}
        for _ in range(studies):
            worth = rng.normal(0, spread, TEAMS)
            worth -= worth.mean()
            for name, design in (("by information", study), ("balanced", balanced)):
                fit = fit_bradley_terry(design(worth, rng), ties="half")
                inside = np.abs(fit.log_worth - worth) <= 1.96 * fit.se
                podium = np.argsort(-fit.log_worth)[:3] == np.argsort(-worth)[:3]
                error = ((fit.log_worth - worth) ** 2).mean()
                wide = (fit.log_worth @ worth) / (worth @ worth)
                found[name].append([error, wide, inside.mean(), podium.all()])
        for name, rows in found.items():
            error, wide, inside, podium = np.mean(rows, axis=0)
            print(
                f"  sd {spread} {name:<15} mean squared error {error:.3f}, spread {wide:.2f} of the true, "
                f"{100 * inside:.0f} % in 95 % intervals, podium in order in {100 * podium:.0f} %"
            )


def study(worth: np.ndarray, rng: np.random.Generator, seconds: list[float] | None = None):
    """Let judges answer, one batch after the other in turn; return the counts."""
    tally, rows = Tally(TEAMS, IMAGES), []
    had = [0] * JUDGES
    for batch in range(PAIRS):
        for judge in range(JUDGES):
            start = time.perf_counter()
            most, even = PAIRS - had[judge], (batch * JUDGES + judge) % 2 == 0
            pairs = draw_batch(KEY, tally, judge, batch, even=even, at=0.0, most=most)
            if pairs and not even and seconds is not None:
                seconds.append(time.perf_counter() - start)
            for pair in pairs:
                trial = f"{judge}/{had[judge]}"
                tally.hand_out(trial, judge, pair, 0.0, counts=True)
                outcome = answer(worth, pair, rng)
                tally.answer(trial, outcome)
                rows.append((pair.left, pair.right, outcome))
                had[judge] += 1
        if min(had) == PAIRS:
            break
    left, right, outcome = np.array(rows).T
    return count_pairs(left.astype(int), right.astype(int), outcome, TEAMS)


def balanced(worth: np.ndarray, rng: np.random.Generator):
    """Ask every pair equally often, as often in all."""
    first, second = np.triu_indices(TEAMS, 1)
    order = np.concatenate([rng.permutation(len(first)) for _ in range(JUDGES * PAIRS // len(first) + 1)])
    order = order[: JUDGES * PAIRS]
    left, right = first[order], second[order]
    chance = 1 / (1 + np.exp(worth[right] - worth[left]))
    return count_pairs(left, right, (rng.random(len(left)) < chance).astype(float), TEAMS)


def answer(worth: np.ndarray, pair: Pair, rng: np.random.Generator) -> float:
    """Answer by the model of Bradley and Terry."""
    return float(rng.random() < 1 / (1 + np.exp(worth[pair.right] - worth[pair.left])))


if __name__ == "__main__":
    main()
