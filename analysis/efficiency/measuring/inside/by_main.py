"""Time a team's own `main`, which reads the inputs and writes the outputs, by watching its forward passes."""
# pyright: reportMissingImports=false

import os
import time
from collections.abc import Callable, Sequence
from typing import Any

from analysis.efficiency.measuring.inside.clocks import Clock
from analysis.efficiency.measuring.inside.loading import EntryError, call
from analysis.efficiency.measuring.inside.pictures import size_of
from analysis.efficiency.measuring.inside.reports import Reports
from analysis.efficiency.measuring.inside.used import Used, whole_passes
from analysis.efficiency.measuring.inside.watching import Watch

_MOST_WARMUPS = 50


def run(entry: Callable[..., Any], job: dict[str, Any], device: Any, clock: Clock, reports: Reports) -> Used:
    """Call main once for its outputs, again to warm up if that was too short, then for every pass."""
    names = [os.path.splitext(os.path.basename(path))[0] for path in job["inputs"]]
    first = _call(entry, job, device, Watch(clock, check=True), job["output"])
    if not first.finite:
        raise EntryError("an output of the network contains values that are not finite (NaN or infinity)")
    reports.tell("restored", tile=None, images=names, forwards=len(first.times))
    forwards, spent, turns = len(first.times), sum(first.times), 1
    while first.times and turns < _MOST_WARMUPS:
        if forwards >= clock.warmup_forwards and spent >= clock.warmup_s * 1e3:
            break
        again = _call(entry, job, device, Watch(clock), _scratch(job, "warm-up"))
        forwards, spent, turns = forwards + len(again.times), spent + sum(again.times), turns + 1
    clock.reset_memory()
    watch = first
    for number in range(job["passes"]):
        begun = time.perf_counter()
        watch = _call(entry, job, device, Watch(clock), _scratch(job, "pass"))
        whole = (time.perf_counter() - begun) * 1e3
        reports.tell(
            "pass", pass_number=number, times=per_image(watch.times, len(names), whole), whole_ms=whole
        )
    return _used(watch, entry, job, device, clock)


def _used(watch: Watch, entry: Callable[..., Any], job: dict[str, Any], device: Any, clock: Clock) -> Used:
    sizes = [size_of(path) for path in job["inputs"]]

    def observe(contexts: Sequence[Any]) -> None:
        _call(entry, job, device, Watch(clock, inner=contexts), _scratch(job, "counting"))

    return Used(
        watch.networks,
        whole_passes(watch.calls, len(watch.networks), sizes),
        observe,
        sum(height * width for height, width in sizes),
        len(watch.calls) / len(sizes),
    )


def per_image(times: list[float], images: int, whole: float) -> list[float]:
    """Return the milliseconds of each image; equal shares if forward passes cannot be matched to images.

    Examples
    --------
    >>> per_image([1.0, 2.0, 3.0, 4.0], 2, 99.0)
    [3.0, 7.0]
    >>> per_image([1.0, 2.0, 3.0], 2, 99.0)
    [3.0, 3.0]

    Without any forward pass, only the whole of main is known:

    >>> per_image([], 2, 99.0)
    [49.5, 49.5]
    """
    if not times:
        return [whole / images] * images
    share, rest = divmod(len(times), images)
    if rest:
        return [sum(times) / images] * images
    return [sum(times[index * share : (index + 1) * share]) for index in range(images)]


def _call(entry: Callable[..., Any], job: dict[str, Any], device: Any, watch: Watch, output: str) -> Watch:
    import torch

    with torch.no_grad(), watch:
        call(entry, {**job, "weights": job["weights"] or job["zoo"]}, device, output)
    return watch


def _scratch(job: dict[str, Any], name: str) -> str:
    path = os.path.join(job["output"], ".again", name)
    os.makedirs(path, exist_ok=True)
    return path
