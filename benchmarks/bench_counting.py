"""Counting: ours, fvcore, PyTorch's FlopCounterMode on the CPU, ptflops and thop against counts by hand.

Each cell is the counter's multiply-accumulates by those of the hand count, in per cent. ptflops and thop are
no dependencies of ours: install them to see their columns. Inputs are 1x3x64x64, for the others really run.
The last table is the time that our count takes at 1x3x1024x1024.
"""

import contextlib
import importlib.util
import io
import time
import warnings
from collections.abc import Callable

SIDE = 64
_PACKAGES = {"fvcore": "fvcore", "ptflops": "ptflops", "thop": "thop"}


def main(_argv: list[str] | None = None) -> None:
    """Print both tables."""
    if importlib.util.find_spec("torch") is None:
        print("no torch: nothing to count")
        return
    warnings.simplefilter("ignore")
    from benchmarks import counted_models

    cases = counted_models.cases(SIDE)
    counters = {
        "ours": _ours,
        "fvcore": _fvcore,
        "FlopCounterMode": _torch,
        "ptflops": _ptflops,
        "thop": _thop,
    }
    absent = [name for name in counters if importlib.util.find_spec(_PACKAGES.get(name, "torch")) is None]
    if absent:
        print(f"not installed: {', '.join(absent)}")
    counters = {name: counter for name, counter in counters.items() if name not in absent}
    print(f"{'per cent of the count by hand':<34}{'MMACs':>10}" + "".join(f"{name:>17}" for name in counters))
    for name, (make, macs) in cases.items():
        print(f"{name:<34}{macs / 1e6:>10.3f}" + "".join(_cell(f, make, macs) for f in counters.values()))
    _times(counted_models.networks())


def _cell(counter: Callable, make: Callable, macs: int) -> str:
    noise = io.StringIO()
    try:
        with contextlib.redirect_stdout(noise), contextlib.redirect_stderr(noise):
            found = counter(make().eval(), (1, 3, SIDE, SIDE))
    except Exception as error:
        return f"{type(error).__name__[:15]:>17}"
    return f"{100 * found / macs:>17.1f}"


def _ours(model, shape) -> float:
    from analysis.efficiency.counting.model import count_model

    counts = count_model(model, shape, crosscheck=False)
    return counts.flops / 2


def _fvcore(model, shape) -> float:
    import torch
    from fvcore.nn import FlopCountAnalysis

    found = FlopCountAnalysis(model, torch.zeros(shape))
    return found.unsupported_ops_warnings(False).uncalled_modules_warnings(False).total()


def _torch(model, shape) -> float:
    import torch
    from torch.utils.flop_counter import FlopCounterMode

    with FlopCounterMode(display=False) as counter, torch.no_grad():
        model(torch.zeros(shape))
    return counter.get_total_flops() / 2


def _ptflops(model, shape) -> float:
    from ptflops import get_model_complexity_info

    found, _ = get_model_complexity_info(
        model, shape[1:], as_strings=False, print_per_layer_stat=False, backend="pytorch"
    )
    return found


def _thop(model, shape) -> float:
    import thop
    import torch

    return thop.profile(model, inputs=(torch.zeros(shape),), verbose=False)[0]


def _times(networks: dict) -> None:
    from analysis.efficiency.counting.model import count_model

    print(f"\n{'at 1x3x1024x1024':<34}{'M params':>10}{'GMACs':>10}{'seconds':>10}{'CPU s':>8}  how")
    for name, make in networks.items():
        model = make()
        started, cpu = time.perf_counter(), time.process_time()
        counts = count_model(model, crosscheck=False)
        seconds, cpu = time.perf_counter() - started, time.process_time() - cpu
        size = f"{name:<34}{counts.params_m:>10.3f}{counts.macs_g:>10.2f}"
        print(f"{size}{seconds:>10.2f}{cpu:>8.2f}  {counts.how}")


if __name__ == "__main__":
    main()
