"""Measure one model, stage by stage; each stage that is behind is reported.

Stages: started, imported, restored, pass (one for each pass), counted, done. A run without the last one
failed, whatever its exit status.
"""
# pyright: reportMissingImports=false

from typing import Any

from analysis.efficiency.measuring.inside.reports import Reports

MOST_TEXT = 300


def measure_model(job: dict[str, Any], reports: Reports) -> None:
    """Run the job and report; an error of the model is reported as `failed` and raised.

    Parameters
    ----------
    job
        name, file, folders (search path), weights (a path or None), inputs (paths), inputs_folder, output,
        device ("cpu" or "cuda"), trust, passes, warmup_forwards and warmup_s (None for the device's own),
        count (whether to), count_s.
    """
    try:
        _measure(job, reports)
    except BaseException as error:
        reports.tell("failed", problem=_problem(error, job["device"]))
        raise


def _measure(job: dict[str, Any], reports: Reports) -> None:
    import torch

    from analysis.efficiency.measuring.inside import by_factory, by_main, loading
    from analysis.efficiency.measuring.inside.clocks import clock_for

    device = torch.device(job["device"])
    clock = clock_for(device, job["warmup_forwards"], job["warmup_s"])
    loading.guard_weights(device, trust=job["trust"])
    reports.tell("started", facts=clock.facts())
    module = loading.load_module(job["file"], job["folders"])
    kind, entry = loading.find_entry(module, job["name"])
    reports.tell("imported", entry=kind)
    if kind == "main":
        networks = by_main.run(entry, job, device, clock, reports)
    else:
        networks = [loading.build(kind, entry, job, device)]
        by_factory.run(networks[0], job, device, clock, reports)
    memory = clock.memory()
    reports.tell(
        "counted",
        memory=memory,
        precision=_precision(networks),
        facts=clock.facts(),
        **_counted(networks, job),
    )
    reports.tell("done")


def _counted(networks: list[Any], job: dict[str, Any]) -> dict[str, Any]:
    """Parameters, FLOPs and the rest; a reason in the place of what cannot be known."""
    if not job["count"]:
        return {"params": None, "counts": None, "why": ""}
    if not networks:
        return {
            "params": None,
            "counts": None,
            "why": "main calls no nn.Module, so that there is nothing to count",
        }
    parameters = {id(value): value.numel() for network in networks for value in network.parameters()}
    params = sum(parameters.values())
    if len(networks) > 1:
        names = ", ".join(type(network).__name__ for network in networks[:5])
        return {
            "params": params,
            "counts": None,
            "why": f"main calls several networks ({names}); FLOPs are counted for one",
        }
    from analysis.efficiency.counting.model import count_model
    from analysis.errors import AnalysisError

    try:
        counts = count_model(networks[0], limit_s=job["count_s"])
    except AnalysisError as error:
        return {"params": params, "counts": None, "why": str(error)}
    return {"params": params, "counts": counts.as_dict(), "why": ""}


def _precision(networks: list[Any]) -> str:
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
        hint = "; a model gets no input from a keyboard"
    elif "cuda" in text.lower() and device == "cpu":
        hint = "; this run is on the CPU, and the model asks for CUDA by itself: use the device that is given"
    elif isinstance(error, ImportError):
        hint = "; name the package in a requirements file"
    elif "weights_only" in text:
        text = "the weights are a pickle that holds more than tensors, which may run any code"
        hint = "; save a state dict, or use --trust"
    elif is_out_of_memory(error):
        hint = "; out of memory"
    return text[:MOST_TEXT] + hint
