"""Measure one model, stage by stage; each finished stage is reported.

Stages: started, imported, restored, pass (one for each pass), counted, done. A run without the last one
failed, whatever its exit status.
"""
# pyright: reportMissingImports=false

import sys
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace
from typing import Any

from analysis.efficiency.measuring.inside.clocks import Clock
from analysis.efficiency.measuring.inside.probing import DEPLOYING, probe_weights
from analysis.efficiency.measuring.inside.reports import Reports
from analysis.efficiency.measuring.inside.used import Used

MOST_TEXT = 300


def measure_model(job: dict[str, Any], reports: Reports) -> None:
    """Run the job and report; an error of the model is reported as `failed` and raised.

    Parameters
    ----------
    job
        name, own (its file or folder), file, select (see `inside.select`, or None),
        folders (search path), weights (a path or None), inputs (paths), inputs_folder, output,
        device ("cpu" or "cuda"), trust, passes, warmup_forwards and warmup_s (None for the device's own),
        count (whether to), count_s, gpu_memory_mb (None for all there is).
    """
    try:
        _measure(job, reports)
    except BaseException as error:
        reports.tell("failed", problem=_problem(error, job["device"]))
        raise


def _measure(job: dict[str, Any], reports: Reports) -> None:
    import torch

    from analysis.efficiency.measuring.inside import renamed, weights, without_cuda
    from analysis.efficiency.measuring.inside.clocks import clock_for, limit_memory

    device = torch.device(job["device"])
    clock = clock_for(device, job["warmup_forwards"], job["warmup_s"])
    if device.type == "cuda" and job["gpu_memory_mb"]:
        limit_memory(device, job["gpu_memory_mb"])
    loads = weights.guard_weights(device, trust=job["trust"])
    asked = without_cuda.stand_in() if device.type == "cpu" else set()
    sys.meta_path.append(renamed.Renamed(job["own"]))
    reports.tell("started", facts=clock.facts())
    used = _run(job, device, clock, reports)
    memory = clock.memory()
    remarks = list(_remarks(used, loads.seen, asked))
    reports.tell(
        "counted",
        memory=memory,
        precision=_precision(used.networks),
        facts=clock.facts(),
        remarks=remarks,
        probes=_probes(used) if job["count"] else {},
        **_counted(used, job),
    )
    reports.tell("done")


def _run(job: dict[str, Any], device: Any, clock: Clock, reports: Reports) -> Used:
    """Find the entry point, and measure by it."""
    from analysis.efficiency.measuring.inside import by_factory, by_main, loading, select

    if job["select"] is not None:
        sys.path[:0] = job["folders"]
        chosen = select.select(job["select"], device)
        reports.tell("imported", entry=select.FUNCTION, selected=chosen.as_table())
        if chosen.main is not None:
            job = {**job, "weights": chosen.weights or job["weights"]}
            return by_main.run(chosen.main, job, device, clock, reports)
        way = by_factory.Way(chosen.network, most=chosen.most, edge=chosen.tile)
        return by_factory.run(way, job, device, clock, reports)
    module = loading.load_module(job["file"], job["folders"])
    kind, entry = loading.find_entry(module, job["name"])
    reports.tell("imported", entry=kind)
    if kind == "main":
        return by_main.run(entry, job, device, clock, reports)
    network = loading.build(kind, entry, job, device)
    used = by_factory.run(by_factory.Way(network), job, device, clock, reports)
    return replace(used, remarks=_not_deployed(network)) if kind == "class" else used


def _not_deployed(network: Any) -> list[str]:
    """Say when a class has a form to be run in, which only its team knows how to bring about."""
    found = {
        name for module in network.modules() for name in DEPLOYING if callable(getattr(module, name, None))
    }
    return [
        f"was measured as trained, because {name}() was not called (build_model(model_path, device) can "
        "call it)"
        for name in sorted(found)[:1]
    ]


def _remarks(used: Used, loaded: bool, asked: set[str]) -> Iterator[str]:
    """What a reader of the numbers must know."""
    names = _by_name(type(network).__name__ for network in used.networks)
    if used.calls_an_image != 1 or len(used.networks) > 1:
        each = ""
        if used.passes is not None and len(used.networks) > 1:
            each = f" by {len(used.networks)} networks ({names})"
        often = f"{used.calls_an_image:g} forward passes{each}"
        yield f"an image takes {often}, and parameters, FLOPs and time are those of all of them"
    if used.padded_to is not None:
        yield (
            f"only takes multiples of {used.padded_to} pixels, so images were padded and the results cropped"
        )
    if not loaded and any(True for network in used.networks for _ in network.parameters()):
        yield "loaded no weights, so it may have been measured with the random ones of its constructor"
    if asked:
        yield f"asked for CUDA ({', '.join(sorted(asked)[:3])}) but ran on the CPU"
    yield from used.remarks


def _by_name(names: Iterable[str]) -> str:
    counts = Counter(names)
    return ", ".join(name if often == 1 else f"{name} x{often}" for name, often in list(counts.items())[:5])


def _probes(used: Used) -> dict[str, Any]:
    weights = probe_weights(used.networks)
    return {"weights": weights} | (used.probe() if used.probe is not None else {})


def _counted(used: Used, job: dict[str, Any]) -> dict[str, Any]:
    """Parameters, FLOPs and the rest; a reason in the place of what cannot be known."""
    if not job["count"]:
        return {"params": None, "counts": None, "why": ""}
    if not used.networks:
        why = "main calls no nn.Module, so there is nothing to count"
        return {"params": None, "counts": None, "why": why}
    from analysis.efficiency.measuring.inside.used import count_used
    from analysis.errors import AnalysisError

    parameters = {id(value): value.numel() for network in used.networks for value in network.parameters()}
    try:
        counts = count_used(used, job["count_s"])
    except AnalysisError as error:
        return {"params": sum(parameters.values()), "counts": None, "why": str(error)}
    return {"params": counts.params, "counts": counts.as_dict(), "why": ""}


def _precision(networks: Sequence[Any]) -> str:
    found = {
        str(value.dtype).removeprefix("torch.")
        for network in networks
        for value in network.parameters()
        if value.is_floating_point()
    }
    return "+".join(sorted(found))


def _problem(error: BaseException, device: str) -> str:
    from analysis.efficiency.measuring.inside.by_factory import is_out_of_memory

    text = f"{type(error).__name__}: {error}" if str(error) else type(error).__name__
    text = " ".join(text.split())
    hint = ""
    if isinstance(error, EOFError):
        hint = "; a model cannot read from the keyboard"
    elif "cuda" in text.lower() and device == "cpu":
        hint = "; this run is on the CPU, but the model asks for CUDA: make it use the device it is given"
    elif isinstance(error, ModuleNotFoundError):
        hint = "; list the package in a requirements file"
    elif "weights_only" in text:
        text = "the weights are a pickle that contains more than tensors, which could run any code"
        hint = "; save a state dict, or use --trust"
    elif is_out_of_memory(error):
        hint = "; out of memory"
    return text[:MOST_TEXT] + hint
