"""Parameters, FLOPs and activations of a model.

PyTorch's formulas are applied to every operator that its dispatcher sees in one forward pass on the meta
device, where tensors have shapes but no values and nothing is computed. Attention is counted as the products
that it consists of. Work without a formula is listed, and unknown work makes the count incomplete.

Counting does not change the model. But what a model keeps outside itself, such as tensors in a dictionary
of its module, may change: count in a separate process, or after timing.
"""
# pyright: reportMissingImports=false

from collections.abc import Mapping, Sequence
from dataclasses import replace
from functools import reduce

import torch
from torch import nn

from analysis.efficiency.counting.counts import Counted, Counts, FvcoreCount, Uncounted, WeightUse
from analysis.efficiency.counting.deadline import Deadline
from analysis.efficiency.counting.forward import Seen, Shape
from analysis.efficiency.counting.fvcore_check import (
    described,
    fvcore_count,
    has_fvcore,
    is_affordable,
    small_shapes,
)
from analysis.efficiency.counting.operators import KINDS, OUTSIDE, UNKNOWN
from analysis.efficiency.counting.parameters import parameter_counts
from analysis.efficiency.counting.tally import ESTIMATE, MULTIPLY, Line, joined
from analysis.efficiency.counting.ways import Task, view

SHAPE = (1, 3, 1024, 1024)
LIMIT_S = 120.0


def count_model(
    model: nn.Module,
    shape: Shape = SHAPE,
    *,
    dtype: torch.dtype | None = None,
    limit_s: float = LIMIT_S,
    crosscheck: bool = True,
) -> Counts:
    """Count a model on one input.

    Parameters
    ----------
    model
        Takes one tensor. It is copied; the copy runs in evaluation mode, without gradients.
    shape
        Of the input: batch, channels, height, width.
    dtype
        Of the input and of the copied model; by default that of the model's first floating-point parameter.
    limit_s
        Seconds for everything together.
    crosscheck
        Whether fvcore counts too, if it is installed.

    Raises
    ------
    AnalysisError
        If the model cannot be copied or run, or the time is up. The message says why.

    Examples
    --------
    >>> counts = count_model(nn.Conv2d(3, 8, 3, padding=1), (1, 3, 10, 10), crosscheck=False)
    >>> counts.params, counts.macs, counts.flops, counts.activations
    (224, 21600, 43200, 800)
    """
    parameter_counts(model)  # refuses what cannot be copied yet
    task = Task(model, dtype, Deadline(limit_s))
    found = view(task, shape)
    fvcore, note = _crosscheck(task, shape) if crosscheck else (None, "not compared with fvcore")
    counts = counts_of([model], found.seen, shape=shape, how=found.how, notes=found.notes)
    return replace(counts, fvcore=fvcore, notes=(*counts.notes, note))


def count_passes(passes: Sequence[tuple[nn.Module, float]], *, limit_s: float = LIMIT_S) -> Counts:
    """Count the cost of a 1024x1024 image that several networks see, or that one sees several times.

    Parameters
    ----------
    passes
        Each network, and how often it runs for an image; not a whole number if this differs between images.
    limit_s
        Seconds for all of them.

    Raises
    ------
    AnalysisError
        If one of them cannot be counted.
    """
    if len(passes) == 1 and passes[0][1] == 1:
        return count_model(passes[0][0], limit_s=limit_s)
    deadline = Deadline(limit_s)
    views = [view(Task(network, None, deadline), SHAPE) for network, _ in passes]
    times = [times for _, times in passes]
    lines = joined([found.seen.lines for found in views], times)
    seen = Seen(
        lines,
        max(found.seen.largest for found in views),
        frozenset().union(*(found.seen.escapes for found in views)),
        reduce(WeightUse.plus, (found.seen.weights for found in views)),
    )
    notes = tuple(dict.fromkeys(note for found in views for note in found.notes))
    how = ", ".join(dict.fromkeys(found.how for found in views))
    return counts_of([network for network, _ in passes], seen, shape=SHAPE, how=how, notes=notes)


def counts_of(
    networks: Sequence[nn.Module], seen: Seen, *, shape: Shape, how: str, notes: Sequence[str] = ()
) -> Counts:
    """Return what was recorded of some networks as counts; tensors that they share count once."""
    params, trainable, buffers = parameter_counts(nn.ModuleList(networks))
    gaps = _gaps(seen)
    estimated = sum(line.estimated_flops for line in seen.lines.values())
    return Counts(
        shape=shape,
        params=params,
        trainable=trainable,
        buffers=buffers,
        macs=seen.macs,
        flops=2 * seen.macs + estimated,
        estimated_flops=estimated,
        activations=sum(line.elements for line in seen.lines.values() if line.kind == MULTIPLY),
        counted=_counted(seen.lines),
        uncounted=_uncounted(seen.lines),
        complete=not gaps,
        how=how,
        fvcore=None,
        notes=(*notes, *gaps),
        weights=seen.weights,
    )


def _gaps(seen: Seen) -> list[str]:
    gaps = []
    names = sorted(name for name, line in seen.lines.items() if line.kind in (OUTSIDE, UNKNOWN))
    if names:
        gaps.append(f"the work of {', '.join(names)} is unknown")
    if seen.escapes:
        ways = ", ".join(sorted(seen.escapes))
        gaps.append(f"it works outside PyTorch through {ways}, and the work done there is unknown")
    return gaps


def _counted(lines: Mapping[str, Line]) -> tuple[Counted, ...]:
    found = [
        Counted(name, line.calls, line.macs, line.estimated_flops)
        for name, line in lines.items()
        if line.kind in (MULTIPLY, ESTIMATE)
    ]
    return tuple(sorted(found, key=lambda one: (-2 * one.macs - one.estimated_flops, one.name)))


def _uncounted(lines: Mapping[str, Line]) -> tuple[Uncounted, ...]:
    total = sum(line.elements for line in lines.values())
    found = [
        Uncounted(
            name, line.kind, line.calls, line.elements, line.elements / total if total else 0.0, line.possible
        )
        for name, line in lines.items()
        if line.kind in KINDS
    ]
    return tuple(sorted(found, key=lambda one: (KINDS.index(one.kind), -one.elements, one.name)))


def _crosscheck(task: Task, shape: Shape) -> tuple[FvcoreCount | None, str]:
    if not has_fvcore():
        return None, "not compared with fvcore, which is not installed"
    try:
        for small in small_shapes(shape):
            ours = view(task, small).seen.macs
            if is_affordable(ours):
                copied = task.copied(meta=False)
                found = fvcore_count(copied, small, task.input_dtype, task.deadline, ours)
                return found, described(found)
    except Exception as error:
        return None, f"not compared with fvcore, which fails ({type(error).__name__}: {error})"
    return None, "not compared with fvcore, which would take too long on the CPU"
