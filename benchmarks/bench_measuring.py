"""The clock of `studyapp measure` beside a bare perf_counter loop, and two runs of one model side by side.

The clocks take turns on one network in one process and one thread, so that whatever else runs meets all of
them alike. Two runs are two processes, as teams' models get them, and carry the machine's noise.
"""

import argparse
import os
import tempfile
import time
from pathlib import Path
from typing import Any

import numpy as np
from PIL import Image

RUNS_GOAL, BARE_GOAL = 0.02, 0.01
MODEL = """\
import torch
from torch import nn


class Net(nn.Module):
    def __init__(self):
        super().__init__()
        layers = [nn.Conv2d(3, 16, 3, padding=1)]
        for _ in range(3):
            layers += [nn.ReLU(), nn.Conv2d(16, 16, 3, padding=1)]
        self.body = nn.Sequential(*layers, nn.Conv2d(16, 3, 3, padding=1))

    def forward(self, x):
        return x + self.body(x)
"""


def main(argv: list[str] | None = None) -> None:
    """Print the ratios."""
    parser = argparse.ArgumentParser(prog="bench_measuring", description=__doc__)
    parser.add_argument("--forwards", type=int, default=600)
    parser.add_argument("--runs", type=int, default=4)
    options = parser.parse_args(argv)
    os.environ["OMP_NUM_THREADS"] = "1"
    bare, ours, watched = clocks(options.forwards)
    print(f"a forward by a bare loop: {bare:.3f} ms, median of {options.forwards}")
    print(f"  by the clock of factories {ours / bare - 1:+.2%} (goal on a GPU: {BARE_GOAL:.0%})")
    print(f"  watched inside a main     {watched / bare - 1:+.2%} (goal on a GPU: {BARE_GOAL:.0%})")
    found = runs(options.runs)
    spread = max(found) / min(found) - 1
    shown = ", ".join(f"{value:.3f}" for value in found)
    print(f"runs of one model: {shown} ms, spread {spread:.1%} (goal on a GPU: {RUNS_GOAL:.0%})")


def clocks(forwards: int, *, device: str = "cpu", side: int = 128) -> np.ndarray:
    """Median milliseconds by a bare loop, our clock and the watch, which take turns."""
    import torch

    from analysis.efficiency.measuring.inside.clocks import clock_for
    from analysis.efficiency.measuring.inside.watching import Watch

    torch.set_num_threads(1)
    names: dict[str, Any] = {}
    exec(MODEL, names)
    place = torch.device(device)
    net, image = names["Net"]().eval().to(place), torch.rand(1, 3, side, side, device=place)
    clock, bare = clock_for(place, None, None), _bare_events if place.type == "cuda" else _bare_counter
    times = np.empty((forwards, 3))
    with torch.inference_mode():
        for _ in range(20):
            net(image)
        for row in times:
            row[0] = bare(net, image)
            begun = clock.start()
            net(image)
            row[1] = clock.stop(begun)
            with Watch(clock) as watch:
                net(image)
            row[2] = watch.times[0]
    return np.median(times, axis=0)


def _bare_counter(net: Any, image: Any) -> float:
    start = time.perf_counter()
    net(image)
    return (time.perf_counter() - start) * 1e3


def _bare_events(net: Any, image: Any) -> float:
    import torch

    torch.cuda.synchronize()
    start, stop = (torch.cuda.Event(enable_timing=True) for _ in range(2))
    start.record()
    net(image)
    stop.record()
    torch.cuda.synchronize()
    return float(start.elapsed_time(stop))


def runs(count: int, *, device: str = "cpu", side: int = 128, passes: int = 300) -> list[float]:
    """Median milliseconds of an image in runs of their own."""
    from analysis.efficiency.measuring.conventions import find_models
    from analysis.efficiency.measuring.plan import Plan
    from analysis.efficiency.measuring.run import measure_models
    from analysis.efficiency.measuring.table import passes_of

    with tempfile.TemporaryDirectory() as folder:
        root = Path(folder)
        (root / "models").mkdir()
        (root / "models" / "team01_Net.py").write_text(MODEL, encoding="utf-8")
        (root / "input").mkdir()
        pixels = np.random.default_rng(1).integers(0, 255, (side, side, 3), dtype=np.uint8)
        Image.fromarray(pixels).save(root / "input" / "001.png")
        plan = Plan(device=device, rounds=count, passes=passes)
        (one,) = measure_models(find_models(root), [root / "input" / "001.png"], plan)
        if one.problem:
            raise SystemExit(one.problem)
        return [float(np.median(times)) for times in np.split(passes_of(one), count)]


if __name__ == "__main__":
    main()
