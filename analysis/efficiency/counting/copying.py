"""A copy of a model to run, on the meta device or the CPU; the model itself is not changed."""
# pyright: reportMissingImports=false

import copy
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import torch
from torch import nn
from torch.overrides import TorchFunctionMode

from analysis.errors import AnalysisError

# What `nn.Module` itself keeps in a module.
_OWN = set(vars(nn.Module()))


@dataclass(frozen=True)
class Placement:
    """Where the tensors of a copy go.

    On the CPU or, with `meta`, on the meta device, where those of up to `small` elements keep their values on
    the CPU. Floating-point tensors become `dtype`, if one is given; complex ones stay.
    """

    meta: bool
    small: int = 0
    dtype: torch.dtype | None = None

    def place(self, tensor: torch.Tensor) -> torch.Tensor:
        """Return a copy of a tensor there."""
        dtype = self.dtype if tensor.is_floating_point() else None
        if tensor.is_meta or (self.meta and tensor.numel() > self.small):
            return tensor.detach().to("meta", dtype or tensor.dtype)
        return tensor.detach().to("cpu", dtype or tensor.dtype, copy=True)


def copy_model(model: nn.Module, placement: Placement) -> nn.Module:
    """Return a copy in evaluation mode; shared tensors stay shared.

    What Python cannot copy, such as a handle of a library, is shared with the model.

    Raises
    ------
    AnalysisError
        If Python cannot copy the model.
    """
    memo: dict[int, Any] = {id(p): _parameter(p, placement) for p in model.parameters()}
    try:
        with torch.no_grad(), _Placing(placement):
            memo |= {id(handle): handle for handle in _handles(model, memo)}
            return copy.deepcopy(_unwrapped(model), memo).eval()
    except Exception as error:
        raise AnalysisError(f"the model cannot be copied, so it was not counted: {error}") from error


class _Placing(TorchFunctionMode):
    """Copies buffers and tensors in attributes, also results of computations, which deepcopy refuses."""

    def __init__(self, placement: Placement) -> None:
        super().__init__()
        self._placement = placement

    def __torch_function__(self, func: Any, types: Any, args: Any = (), kwargs: Any = None) -> Any:
        if func is torch.Tensor.__deepcopy__:
            tensor, memo = args
            return memo.setdefault(id(tensor), self._placement.place(tensor))
        return func(*args, **(kwargs or {}))


def _parameter(parameter: nn.Parameter, placement: Placement) -> nn.Parameter:
    return nn.Parameter(placement.place(parameter), requires_grad=parameter.requires_grad)


def _handles(model: nn.Module, memo: dict[int, Any]) -> Iterator[object]:
    plain = (nn.Module, torch.Tensor, str, int, float, bool, type(None))
    for module in model.modules():
        for name, value in vars(module).items():
            if name in _OWN or isinstance(value, plain):
                continue
            try:
                copy.deepcopy(value, dict(memo))
            except Exception:
                yield value


def _unwrapped(model: nn.Module) -> nn.Module:
    wrappers = (nn.DataParallel, nn.parallel.DistributedDataParallel)
    while isinstance(model, wrappers) or hasattr(model, "_orig_mod"):
        model = model.module if isinstance(model, wrappers) else model._orig_mod  # pyright: ignore
    return model
