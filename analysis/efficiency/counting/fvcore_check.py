"""The cross-check: what fvcore (https://github.com/facebookresearch/fvcore) counts for the same input.

fvcore follows PyTorch's tracer, which needs values: it really runs, on the CPU, so the input is small, and
our own count is repeated for it.
"""
# pyright: reportMissingImports=false

import importlib.util
import warnings
from typing import Any

import torch
from torch import nn

from analysis.efficiency.counting.counts import FvcoreCount
from analysis.efficiency.counting.deadline import Deadline
from analysis.efficiency.counting.forward import Shape, everything_visible, made_input

# As a fraction of the side. A quarter of 1024 is the size at which NTIRE's scripts run fvcore.
FRACTIONS = (4, 16)
# Multiply-accumulates that take seconds on one core.
_AFFORDABLE = 2e10
# fvcore's names of what PyTorch's formulas count too.
_PRODUCTS = {"conv", "linear", "matmul", "addmm", "bmm", "mm", "baddbmm", "einsum"}
_HEAVY = ("attention", "conv", "mm", "mv", "dot", "einsum", "fft", "lstm", "gru", "rnn")


def has_fvcore() -> bool:
    """Whether fvcore is installed."""
    return importlib.util.find_spec("fvcore") is not None


def small_shapes(shape: Shape) -> list[Shape]:
    """Return the shapes to try, the larger first; the shape itself if its sides cannot be divided."""
    sides = shape[2:]
    small = [
        (*shape[:2], *(side // part for side in sides))
        for part in FRACTIONS
        if not any(side % (8 * part) for side in sides)
    ]
    return small or [shape]


def is_affordable(macs: int) -> bool:
    """Whether a forward pass of so many multiply-accumulates takes seconds on a CPU."""
    return macs <= _AFFORDABLE


def fvcore_count(
    model: nn.Module, shape: Shape, dtype: torch.dtype, deadline: Deadline, ours: int
) -> FvcoreCount:
    """Let fvcore trace a model copied to the CPU; `ours` are our multiply-accumulates for the same shape.

    Whatever the model or PyTorch's tracer raises is raised.
    """
    for module in model.modules():
        module.register_forward_pre_hook(lambda *_: deadline.check())
    with warnings.catch_warnings(), everything_visible():
        # fvcore compiles a loss with torch.jit when it is imported, and traces; both warn.
        warnings.simplefilter("ignore")
        from fvcore.nn import FlopCountAnalysis

        analysis: Any = FlopCountAnalysis(model, made_input(shape, dtype, meta=False))
        analysis.unsupported_ops_warnings(False).uncalled_modules_warnings(False).tracer_warnings("none")
        return FvcoreCount(
            shape=shape,
            macs=int(analysis.total()),
            ours=ours,
            operators=_largest_first(analysis.by_operator()),
            unsupported=_largest_first(analysis.unsupported_ops()),
        )


def described(count: FvcoreCount) -> str:
    """Return a sentence with both numbers and what is known about the difference."""
    size = "x".join(map(str, count.shape))
    ratio = "" if count.ratio is None else f" (ratio {count.ratio:.3f})"
    parts = [
        f"at {size}, fvcore counts {count.macs / 1e9:.4g} GMACs and studyapp {count.ours / 1e9:.4g}{ratio}"
    ]
    missed = [f"{name} ({calls})" for name, calls in count.unsupported if _is_heavy(name)]
    if missed:
        parts.append(f"it leaves out {', '.join(missed)}")
    others = {name: flops for name, flops in count.operators if name not in _PRODUCTS}
    if others:
        named = ", ".join(f"{flops / 1e9:.3g} G of {name}" for name, flops in others.items())
        equal = count.macs - sum(others.values()) == count.ours
        parts.append(
            f"it adds {named}, which studyapp lists as uncounted{'; the rest is equal' if equal else ''}"
        )
    return "; ".join(parts)


def _is_heavy(name: str) -> bool:
    return any(part in name for part in _HEAVY)


def _largest_first(counts: Any) -> tuple[tuple[str, int], ...]:
    found = [(name, int(count)) for name, count in counts.items() if count]
    return tuple(sorted(found, key=lambda pair: (-pair[1], pair[0])))
