"""Parameters and buffers of a model."""
# pyright: reportMissingImports=false

from collections.abc import Iterable

import torch
from torch import nn
from torch.nn.parameter import is_lazy

from analysis.errors import AnalysisError


def parameter_counts(model: nn.Module) -> tuple[int, int, int]:
    """Return the elements of all parameters, of the trainable ones, and of buffers.

    A shared tensor, whether the same object or the same memory, counts once.

    Raises
    ------
    AnalysisError
        If a parameter has no shape yet.
    """
    for name, tensor in [*model.named_parameters(), *model.named_buffers()]:
        if is_lazy(tensor):
            raise AnalysisError(f"{name} has no shape before the first forward pass; run the model once")
    parameters = list(model.parameters())
    trainable = [parameter for parameter in parameters if parameter.requires_grad]
    return _elements(parameters), _elements(trainable), _elements(model.buffers())


def _elements(tensors: Iterable[torch.Tensor]) -> int:
    return sum({_place(tensor): tensor.numel() for tensor in tensors}.values())


def _place(tensor: torch.Tensor) -> tuple[object, ...]:
    if tensor.is_meta or tensor.layout is not torch.strided or not tensor.numel():
        return (id(tensor),)
    return (tensor.data_ptr(), tensor.device, tensor.shape, tensor.stride())
