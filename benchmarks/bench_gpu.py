"""All checks that need a GPU, each part in a process of its own and within its share of 8 minutes.

`benchmarks/gpu.sh` runs it. Without a GPU it says so and ends with status 2.
"""

import argparse
import json
import subprocess
import sys
import time
from dataclasses import asdict

from benchmarks.gpu_figures import (
    BARE_GOAL,
    BUSY_GOAL,
    PEER_GOAL,
    RUNS_GOAL,
    Figure,
    at_least,
    seconds_for,
    spread,
    table,
    within,
)

WHOLE_S = 470.0
LIMITS_S = {"tests": 170.0, "metrics": 150.0, "timing": 150.0}
MISSED, NO_GPU = 1, 2
_TESTS = [
    "-m",
    "pytest",
    "-q",
    "-p",
    "no:xdist",
    "-m",
    "gpu",
    "tests/stats/efficiency/test_measuring_gpu.py",
]
_PASSED, _NONE_CHOSEN = 0, 5


def main(argv: list[str] | None = None) -> None:
    """Run the parts and print the figures, or one part for the parent process."""
    parser = argparse.ArgumentParser(prog="bench_gpu", description=__doc__)
    parser.add_argument("--part", choices=list(LIMITS_S), help="one part alone; its figures as JSON")
    options = parser.parse_args(argv)
    reason = why_no_gpu()
    if reason:
        print(f"no GPU checks: {reason}. Nothing was measured.", file=sys.stderr)
        raise SystemExit(NO_GPU)
    if options.part:
        print(json.dumps([asdict(figure) for figure in PARTS[options.part]()]))
        return
    started, figures = time.monotonic(), []
    print(_machine(), flush=True)
    for part in LIMITS_S:
        figures += run_part(part, seconds_for(part, LIMITS_S, time.monotonic() - started, WHOLE_S))
    print(table(figures), end="")
    print(f"{time.monotonic() - started:.0f} s in all")
    if not all(figure.met for figure in figures):
        raise SystemExit(MISSED)


def why_no_gpu() -> str:
    """Why there is nothing to check, "" where there is a GPU."""
    try:
        import torch
    except ImportError:
        return "PyTorch is not installed; install a build with CUDA (pip install torch)"
    if torch.cuda.is_available():
        return ""
    if torch.version.cuda is None:
        return f"torch {torch.__version__} is a build without CUDA; install one with it (pip install torch)"
    return f"torch {torch.__version__} finds no GPU; nvidia-smi has to list one"


def run_part(part: str, seconds: float) -> list[Figure]:
    """Run a part in a process of its own; one that fails or takes too long misses its goal."""
    if not seconds:
        return [Figure(part, "not run", "in 8 minutes", met=False)]
    command = [sys.executable, "-m", "benchmarks.bench_gpu", "--part", part]
    try:
        done = subprocess.run(command, stdout=subprocess.PIPE, text=True, timeout=seconds, check=False)
        return [Figure(**figure) for figure in json.loads(done.stdout.splitlines()[-1])]
    except subprocess.TimeoutExpired:
        return [Figure(part, "too slow", f"in {seconds:.0f} s", met=False)]
    except (IndexError, TypeError, ValueError):
        return [Figure(part, f"status {done.returncode}", "to end well", met=False)]


def tests() -> list[Figure]:
    """The tests marked gpu."""
    done = subprocess.run([sys.executable, *_TESTS], stdout=sys.stderr, check=False)
    return [tests_figure(done.returncode)]


def tests_figure(status: int) -> Figure:
    """Return what pytest's exit status says; no test at all is a goal missed, too."""
    shown = {_PASSED: "pass", _NONE_CHOSEN: "none found"}.get(status, "fail")
    return Figure("tests marked gpu", shown, "pass", status == _PASSED)


def metrics() -> list[Figure]:
    """LPIPS and DISTS beside pyiqa's loop, and how busy the GPU is."""
    from benchmarks.bench_metrics_gpu import compared

    figures = []
    for metric in ("lpips", "dists"):
        found = compared(metric, width=2040, height=1356, teams=8, rounds=5, device="cuda")
        ours, peer = found["ours"], found.get("pyiqa")
        figures.append(Figure(f"{metric}: results a second", f"{ours.rate:.2f}", "", met=True))
        figures.append(against_peer(metric, ours.rate, peer.rate if peer else None))
        figures.append(at_least(f"{metric}: GPU busy", ours.busy, BUSY_GOAL, ".0%"))
    return figures


def against_peer(metric: str, ours: float, peer: float | None) -> Figure:
    """Return our rate against pyiqa's, which has to be installed for it."""
    name = f"{metric}: times pyiqa's loop"
    if peer is None:
        return Figure(name, "no pyiqa", "pip install 'studyapp[pyiqa]'", met=False)
    return at_least(name, ours / peer, PEER_GOAL)


def timing() -> list[Figure]:
    """Two timings of one model, and our clocks beside a bare loop of events."""
    from benchmarks.bench_measuring import clocks, runs

    bare, ours, watched = clocks(300, device="cuda", side=512)
    return [
        within("our clock and a bare event loop", ours / bare - 1, BARE_GOAL),
        within("watched in a main, and a bare event loop", watched / bare - 1, BARE_GOAL),
        within("two timings of one model", spread(runs(2, device="cuda", side=512, passes=100)), RUNS_GOAL),
    ]


PARTS = {"tests": tests, "metrics": metrics, "timing": timing}


def _machine() -> str:
    import torch

    name, memory = torch.cuda.get_device_name(), torch.cuda.get_device_properties(0).total_memory
    return f"{name}, {memory / 2**30:.0f} GiB; torch {torch.__version__}, CUDA {torch.version.cuda}"


if __name__ == "__main__":
    main()
