"""A team of 100 pairs from files to SCORE: the engine's time against the sum of its parts.

The parts are reading, hashing and decoding both files of each pair, and PSNR, SSIM and NIQE, one after the
other in one warm process. The engine has to start its processes, hand out the pairs and collect the values
besides; its goal is 1.3 times the parts' time shared among the processors. How much the machine itself loses
when all its processors work is told by bare processes that share the parts without the engine. Rounds
alternate and medians are printed. CPU time is trusted on a machine that others use, wall time only on a quiet
one.
"""

import argparse
import os
import resource
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from statistics import median

import numpy as np

from analysis.paired.backends import Tools, measure_of
from analysis.paired.engine import score_pairs
from analysis.paired.folder import find_pairs
from analysis.paired.images import Decoder, content_hash
from analysis.paired.measuring import Pair
from analysis.processes import cores
from analysis.rule import read_rule

REDUCED = read_rule("reduced").final

Times = tuple[float, float]  # wall and CPU seconds


def main(argv: list[str] | None = None) -> None:
    """Print a table for many small pairs and one for a few of 12 megapixels."""
    parser = argparse.ArgumentParser(prog="bench_scoring", description=__doc__)
    parser.add_argument("--pairs", type=int, default=100, help="small pairs")
    parser.add_argument("--large", type=int, default=6, help="pairs of 12 megapixels; 0: leave them out")
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--child", nargs=3, help=argparse.SUPPRESS)
    options = parser.parse_args(argv)
    if options.child:
        folder, first, step = options.child
        _parts(find_pairs(Path(folder))[int(first) :: int(step)])
        return
    for count, width, height in ((options.pairs, 1024, 768), (options.large, 4032, 3024)):
        if count:
            with tempfile.TemporaryDirectory() as folder:
                _write(Path(folder), count, width, height)
                _report(Path(folder), options.rounds, f"{count} pairs of {width}x{height}")


def _write(folder: Path, count: int, width: int, height: int) -> None:
    from PIL import Image

    from benchmarks.bench_metrics import photograph

    picture = photograph(width, height)
    for name, shift in (("gt", 0), ("teams/team", 9)):
        (folder / name).mkdir(parents=True)
        for i in range(count):  # every file another
            pixels = np.roll(picture, i, axis=0) + np.uint8(shift)
            Image.fromarray(pixels).save(folder / name / f"{i:03d}.png", compress_level=1)


def _report(folder: Path, rounds: int, what: str) -> None:
    pairs = find_pairs(folder)
    _parts(pairs[:1])  # imports, and the files' way into memory
    ways: dict[str, Callable[[], object]] = {
        "parts": lambda: _parts(pairs),
        "bare": lambda: _bare(folder),
        "engine": lambda: score_pairs(pairs, formula=REDUCED),
        "one process": lambda: score_pairs(pairs, formula=REDUCED, workers=1),
    }
    seen: dict[str, list[Times]] = {way: [] for way in ways}
    for _ in range(rounds):
        for way, work in ways.items():
            seen[way].append(_timed(work))
    wall, cpu = ({way: median(t[i] for t in times) for way, times in seen.items()} for i in (0, 1))
    shared = wall["parts"] / cores()
    print(f"\n{what}, {cores()} processors, medians of {rounds}; load {os.getloadavg()[0]:.1f}")
    print(f"{'':<38}{'wall s':>8}{'cpu s':>8}{'wall ratio':>12}{'cpu ratio':>11}")
    for way, name, against in (
        ("parts", "the parts, one after the other", wall["parts"]),
        ("bare", "the parts in bare processes", shared),
        ("engine", "engine (goal 1.3)", shared),
        ("one process", "engine with one process", wall["parts"]),
    ):
        ratios = f"{wall[way] / against:>12.2f}{cpu[way] / cpu['parts']:>11.2f}"
        print(f"{name:<38}{wall[way]:>8.2f}{cpu[way]:>8.2f}{ratios}", flush=True)


def _parts(pairs: Sequence[Pair]) -> None:
    measures = [measure_of(metric, Tools()) for metric in REDUCED.score.names()]
    for pair in pairs:
        pixels, decode = [], Decoder()
        for path in pair.files:
            data = decode.read(path)
            content_hash(data)
            pixels.append(decode(data, path.name))
        for measure in measures:
            measure(pixels[1:], pixels[0])


def _bare(folder: Path) -> None:
    command = [sys.executable, "-m", "benchmarks.bench_scoring", "--child", str(folder)]
    children = [subprocess.Popen([*command, str(i), str(cores())]) for i in range(cores())]
    for child in children:
        if child.wait():
            raise SystemExit("a bare process failed")


def _timed(work: Callable[[], object]) -> Times:
    started, cpu = time.perf_counter(), _cpu()
    work()
    return time.perf_counter() - started, _cpu() - cpu


def _cpu() -> float:
    usages = [resource.getrusage(who) for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN)]
    return sum(usage.ru_utime + usage.ru_stime for usage in usages)


if __name__ == "__main__":
    main()
