"""Whether a run's reports can be true: a model's own code could have written them."""
# pyright: reportMissingImports=false

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from analysis.efficiency.measuring.conventions import Model
from analysis.efficiency.measuring.inside.pictures import size_of
from analysis.efficiency.measuring.results import Run
from analysis.processes import cores

MARGIN = 4  # products of 8 bits, sparse ones, and convolutions by fewer products (Winograd's) are faster
SIDE = 1024
MOST_BYTES, ODD_BYTES = 1024, 64  # of weights for a parameter; training saves 16 to 32
_SMALL_FILE = 1_000_000
_SLOW_S, _SLOWER = 10, 100
_REPEATS, _CPU_SIZE, _GPU_SIZE = 20, 512, 8192


@dataclass(frozen=True)
class Doubts:
    """Why a run is refused ("" if it is not), and what is odd about it."""

    refusal: str
    remarks: tuple[str, ...] = ()


def doubts_of(counted: Run, run: Run, model: Model, inputs: Sequence[Path], device: str) -> Doubts:
    """Compare what a run reports with what the machine can do, and with the files.

    Parameters
    ----------
    counted
        The model's run that has the counts, its first.
    run
        The run whose times are checked.
    """
    for refusal in (_too_fast(counted, run, inputs, device), _too_few(counted, model)):
        if refusal:
            return Doubts(refusal)
    return Doubts("", tuple(_odd(counted, run, model)))


def _too_fast(counted: Run, run: Run, inputs: Sequence[Path], device: str) -> str:
    if counted.counts is None or not run.times:
        return ""
    images = sum(_least_work(*size_of(str(path))) for path in inputs)
    flops = float(counted.counts["flops"]) * images
    most = peak_flops(device)
    fastest = min(sum(times) for times in run.times)
    needed = flops / most * 1e3
    if fastest >= needed:
        return ""
    return (
        f"reported {fastest:.3g} ms for {flops / 1e9:.3g} GFLOPs, but this machine reaches at most "
        f"{most / 1e12:.3g} TFLOP/s, which takes {needed:.3g} ms: its times cannot be true"
    )


def _least_work(height: int, width: int) -> float:
    """The least part of the FLOPs at 1024x1024 that an image costs: attention grows with pixels squared."""
    share = height * width / SIDE**2
    return share * min(share, 1.0)


def _too_few(counted: Run, model: Model) -> str:
    size = weights_bytes(model)
    if counted.params is None or size <= _SMALL_FILE + MOST_BYTES * counted.params:
        return ""
    return (
        f"reported {counted.params:,} parameters but has {size / 1e6:,.1f} MB of weights, more than "
        f"{MOST_BYTES} bytes per parameter; leave only the weights in the file, or its parameters are not "
        "accepted"
    )


def _odd(counted: Run, run: Run, model: Model) -> Iterator[str]:
    size, params = weights_bytes(model), counted.params
    if params is not None and size > _SMALL_FILE + ODD_BYTES * params:
        yield f"has {size / 1e6:,.1f} MB of weights for {params:,} parameters: not all of them were counted"
    if params and counted.counts is not None and counted.counts["flops"] < 2 * params:
        yield (
            "has fewer FLOPs than parameters: not all of its work was counted, or some parameters were "
            "never used"
        )
    reported = max((sum(times) for times in run.times), default=0.0) / 1e3
    if run.restoring_s > max(_SLOW_S, _SLOWER * reported):
        yield (
            f"took {run.restoring_s:.0f} s to load and to restore the images once, but later reported "
            f"{reported:.3g} s for them"
        )


def weights_bytes(model: Model) -> int:
    """Return the size of the weights that a model is measured with: those of its name, or of the script's."""
    named = [model.root / path for path in model.choice.paths] if model.choice else []
    weights = [path for path in named if path.is_file()] or ([model.weights] if model.weights else [])
    return sum(_bytes(path) for path in weights)


def _bytes(path: Path) -> int:
    if path.is_file():
        return path.stat().st_size
    # Of a folder the largest: others may belong to networks that are not used.
    return max((item.stat().st_size for item in path.rglob("*") if item.is_file()), default=0)


@cache
def peak_flops(device: str) -> float:
    """Return FLOP/s that no model exceeds on this machine: the best of its matrix products, times `MARGIN`.

    On a CPU one thread's best is multiplied by the number of processors, so that a busy machine does not look
    slow.
    """
    import torch

    on_gpu = device.startswith("cuda")
    size = _GPU_SIZE if on_gpu else _CPU_SIZE
    threads = torch.get_num_threads()
    torch.set_num_threads(1)
    try:
        kinds = (torch.float32, torch.bfloat16)
        best = min(_seconds(torch.rand(size, size, device=device).to(kind), on_gpu) for kind in kinds)
    finally:
        torch.set_num_threads(threads)
    return 2 * size**3 / best * (1 if on_gpu else cores()) * MARGIN


def _seconds(matrix: object, on_gpu: bool) -> float:
    """The best time of one product of a matrix with itself."""
    import time

    import torch

    times = []
    for _ in range(_REPEATS):
        begun = time.perf_counter()
        _ = matrix @ matrix  # pyright: ignore
        if on_gpu:
            torch.cuda.synchronize()
        times.append(time.perf_counter() - begun)
    return min(times)
