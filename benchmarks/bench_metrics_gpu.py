"""LPIPS and DISTS on a GPU: results per second, ours and pyiqa's loop, and how busy the GPU is.

Ours takes all results of a pair together, in batches, as the engine calls it; both orders in memory are
timed. pyiqa's loop hands over one result after the other. Images are in memory, so that only the networks
and the way to the GPU are timed. Random weights. Goals: 3 times pyiqa's results per second, the GPU busy
above 80 %. Where there is no GPU it says so and ends; `--device cpu` tries the benchmark itself. It has
never been run on a GPU.
"""

import argparse
import math
import os
import subprocess
import tempfile
import threading
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np

from benchmarks.bench_metrics import photograph
from benchmarks.gpu_figures import busy, rates, utilisations

Measure = Callable[[Sequence[np.ndarray], np.ndarray], list[float]]
GOALS = "goals: 3 times pyiqa's rate, busy above 80 %"


def main(argv: list[str] | None = None) -> None:
    """Print a line for each metric and way."""
    parser = argparse.ArgumentParser(prog="bench_metrics_gpu", description=__doc__)
    parser.add_argument("--width", type=int, default=4032)
    parser.add_argument("--height", type=int, default=3024)
    parser.add_argument("--teams", type=int, default=8, help="results of one ground truth")
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--device", choices=["cuda", "cpu"], default="cuda")
    options = parser.parse_args(argv)
    try:
        import torch
    except ImportError:
        print("no torch, so no networks and no GPU: nothing measured")
        return
    if options.device == "cuda" and not torch.cuda.is_available():
        print(f"torch {torch.__version__} finds no GPU: nothing measured")
        return
    name = (
        torch.cuda.get_device_name()
        if options.device == "cuda"
        else "a processor, which says nothing of GPUs"
    )
    print(f"{name}; torch {torch.__version__}; {GOALS}")
    sizes = {"width": options.width, "height": options.height, "teams": options.teams}
    for metric in ("lpips", "dists"):
        found = compared(metric, **sizes, rounds=options.rounds, device=options.device)
        peer = found["pyiqa"].rate if "pyiqa" in found else math.nan
        for way, one in found.items():
            print(
                f"{metric:<7}{way:<22}{one.rate:>8.2f} results/s {one.rate / peer:>6.2f} times pyiqa, "
                f"GPU busy {one.busy:>4.0%}, value {one.value:.7f}",
                flush=True,
            )


@dataclass(frozen=True)
class Compared:
    """Results per second, the share of time in which the GPU computed, and the value of the first result."""

    rate: float
    busy: float
    value: float


def compared(
    metric: str, *, width: int, height: int, teams: int, rounds: int, device: str
) -> dict[str, Compared]:
    """Let every way of a metric measure all results of one ground truth, in turns."""
    gt = photograph(width, height)
    rng = np.random.default_rng(1)
    results = [gt // 2 + 64 + rng.integers(0, 16, gt.shape, np.uint8) for _ in range(teams)]
    with tempfile.TemporaryDirectory() as home:
        os.environ["TORCH_HOME"] = home
        ways = _ways(metric, Path(home), device)
        seconds: dict[str, list[float]] = {way: [] for way in ways}
        samples: dict[str, list[float]] = {way: [] for way in ways}
        values = {way: measure(results[:1], gt)[0] for way, measure in ways.items()}  # warm-up
        for _ in range(rounds):
            for way, measure in ways.items():
                with _Watch() as watch:
                    measure(results, gt)  # returns numbers, so the GPU has finished
                seconds[way].append(watch.seconds)
                samples[way] += watch.samples
    return {way: Compared(rates(seconds[way], teams), busy(samples[way]), values[way]) for way in ways}


def _ways(metric: str, home: Path, device: str) -> dict[str, Measure]:
    from analysis.errors import AnalysisError
    from analysis.paired.definitions import ALEXNET, VGG16
    from analysis.paired.dists import Dists
    from analysis.paired.feeding import on_gpu
    from analysis.paired.lpips import Lpips
    from analysis.paired.pyiqa_backend import PyiqaMetric
    from analysis.paired.weights import load_state
    from benchmarks.made_up_weights import write_checkpoints, write_pyiqa_files

    folder = home / "hub" / "checkpoints"
    trusted = write_checkpoints(folder)
    write_pyiqa_files(home / "hub" / "pyiqa")
    kind, name = {"lpips": (Lpips, ALEXNET), "dists": (Dists, VGG16)}[metric]
    state, fed = load_state(name, folder, trusted), on_gpu(_memory(device))
    ways: dict[str, Measure] = {
        "ours": kind(state, device, feeding=fed),
        "ours, channels first": kind(state, device, feeding=replace(fed, channels_last=False)),
    }
    try:
        ways["pyiqa"] = PyiqaMetric(metric, device)
    except AnalysisError as error:
        print(f"no peer: {error}")
    return ways


def _memory(device: str) -> int:
    import torch

    return torch.cuda.get_device_properties(device).total_memory if device == "cuda" else 8 << 30


class _Watch:
    """Time, and per cents of it in which the GPU computed, as nvidia-smi says meanwhile."""

    def __enter__(self) -> "_Watch":
        self.samples: list[float] = []
        self._over = threading.Event()
        self._thread = threading.Thread(target=self._look)
        self._thread.start()
        self._started = time.perf_counter()
        return self

    def __exit__(self, *_error: object) -> None:
        self.seconds = time.perf_counter() - self._started
        self._over.set()
        self._thread.join()

    def _look(self) -> None:
        query = ["nvidia-smi", "--query-gpu=index,utilization.gpu", "--format=csv,noheader,nounits"]
        while not self._over.wait(0.2):
            try:
                said = subprocess.run(query, capture_output=True, text=True, check=True).stdout
            except (OSError, subprocess.CalledProcessError):
                return  # no figure is better than a made-up one
            self.samples += utilisations(said, index=_index())


def _index() -> str:
    """The GPU that torch calls the first, as nvidia-smi numbers it (CUDA_DEVICE_ORDER=PCI_BUS_ID)."""
    return os.environ.get("CUDA_VISIBLE_DEVICES", "0").split(",")[0].strip() or "0"


if __name__ == "__main__":
    main()
