"""Paired metrics of one 12-megapixel pair: ours and pyiqa's in the same run, seconds and peak memory.

Each metric runs in a process of its own, on one thread unless told otherwise (the engine shares pairs among
processes of one thread), so that CPU seconds, which other work on the machine disturbs little, compare.
pyiqa's columns stay empty where it is not installed. Networks have random weights. pyiqa needs 13 GB for SSIM
and 18 GB for DISTS at this size, so DISTS is timed on a quarter of it unless `--full` is given. The engine
around the metrics is timed by bench_scoring.
"""

import argparse
import json
import os
import resource
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

import numpy as np

WIDTH, HEIGHT = 4032, 3024
GOALS = {
    "psnr": "by decoding",
    "ssim": "25x, < 1 GB",
    "niqe": "5x",
    "lpips": "1x, half memory",
    "dists": "1x, half memory",
}


def main(argv: list[str] | None = None) -> None:
    """Print the table."""
    parser = argparse.ArgumentParser(prog="bench_metrics", description=__doc__)
    parser.add_argument("--metrics", nargs="+", choices=list(GOALS), default=list(GOALS))
    parser.add_argument("--no-peer", action="store_true", help="ours only")
    parser.add_argument("--full", action="store_true", help="DISTS at 12 megapixels too (18 GB)")
    parser.add_argument("--threads", type=int, default=1, help="threads of each library")
    parser.add_argument("--child", nargs=4, help=argparse.SUPPRESS)
    options = parser.parse_args(argv)
    if options.child:
        who, metric, width, height = options.child
        print(json.dumps(measure(who, metric, int(width), int(height))))
        return
    os.environ["OMP_NUM_THREADS"] = str(options.threads)
    with tempfile.TemporaryDirectory() as home:
        _metrics(options, Path(home))


def measure(who: str, metric: str, width: int, height: int) -> dict[str, float]:
    """Compute one metric once; the process ends with it."""
    gt = photograph(width, height)
    result = gt // 2 + 64 + np.random.default_rng(1).integers(0, 16, gt.shape, np.uint8)
    compute = _ours(metric) if who == "ours" else _pyiqa(metric)
    started, cpu = time.perf_counter(), time.process_time()
    value = compute([result], gt)[0]
    return {
        "value": value,
        "seconds": time.perf_counter() - started,
        "cpu": time.process_time() - cpu,
        "megabytes": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1000,
    }


def photograph(width: int, height: int) -> np.ndarray:
    """Smooth areas, edges and noise, of any size."""
    rng = np.random.default_rng(0)
    coarse = rng.integers(0, 200, (height // 32 + 1, width // 32 + 1, 3), np.uint8)
    blocks = np.repeat(np.repeat(coarse, 32, axis=0), 32, axis=1)[:height, :width]
    return blocks + rng.integers(0, 40, blocks.shape, np.uint8)


def _ours(metric: str) -> Callable:
    from analysis.paired.backends import Tools, measure_of
    from analysis.paired.weights import file_sha256, torch_cache

    trusted = frozenset(file_sha256(path) for path in torch_cache().glob("*.pth"))
    return measure_of(metric, Tools(trusted=trusted))


def _pyiqa(metric: str) -> Callable:
    from analysis.paired.pyiqa_backend import PyiqaMetric

    return PyiqaMetric(metric)


def _metrics(options: argparse.Namespace, home: Path) -> None:
    try:
        from benchmarks.made_up_weights import write_checkpoints, write_pyiqa_files

        write_checkpoints(home / "hub" / "checkpoints")
        write_pyiqa_files(home / "hub" / "pyiqa")
    except ImportError:
        print("no torch: LPIPS, DISTS and pyiqa are left out")
        options.metrics = [metric for metric in options.metrics if metric not in ("lpips", "dists")]
        options.no_peer = True
    header = f"{'metric':<8}{'megapixels':>11}{'ours s':>9}{'cpu s':>8}{'MB':>7}"
    print(header + f"{'pyiqa s':>10}{'cpu s':>8}{'MB':>7}{'times':>7}{'differs':>10}  goal")
    for metric in options.metrics:
        small = metric == "dists" and not options.full
        size = (WIDTH // 2, HEIGHT // 2) if small else (WIDTH, HEIGHT)
        ours = _child("ours", metric, size, home)
        peer = None if options.no_peer else _child("pyiqa", metric, size, home)
        _print(metric, size, ours, peer)


def _child(who: str, metric: str, size: tuple[int, int], home: Path) -> dict[str, float] | None:
    command = [sys.executable, "-m", "benchmarks.bench_metrics", "--child", who, metric, *map(str, size)]
    done = subprocess.run(
        command, env={**os.environ, "TORCH_HOME": str(home)}, stdout=subprocess.PIPE, text=True, check=False
    )
    return json.loads(done.stdout.splitlines()[-1]) if done.returncode == 0 else None


def _print(metric: str, size: tuple[int, int], ours: dict | None, peer: dict | None) -> None:
    line = f"{metric:<8}{size[0] * size[1] / 1e6:>11.1f}{_figures(ours, 9)}{_figures(peer, 10)}"
    if ours and peer:
        differs = abs(ours["value"] - peer["value"]) / abs(peer["value"])
        line += f"{peer['seconds'] / ours['seconds']:>7.1f}{differs:>10.1e}"
    else:
        line += f"{'-':>7}{'-':>10}"
    print(f"{line}  {GOALS[metric]}", flush=True)


def _figures(seen: dict | None, width: int) -> str:
    if seen is None:
        return f"{'-':>{width}}{'-':>8}{'-':>7}"
    return f"{seen['seconds']:>{width}.2f}{seen['cpu']:>8.2f}{seen['megabytes']:>7.0f}"


if __name__ == "__main__":
    main()
