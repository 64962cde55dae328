"""The feature stacks of AlexNet and VGG16, from torchvision's checkpoints and without torchvision."""
# pyright: reportMissingImports=false

from collections.abc import Mapping, Sequence
from itertools import pairwise
from typing import TypeAlias

import numpy as np
import torch
from torch.nn import functional

from analysis.errors import AnalysisError
from analysis.paired.rowstream import Layer, Strip

State: TypeAlias = Mapping[str, torch.Tensor]
# number of the convolution in torchvision's `features`, channels in and out, kernel, stride, padding
Shape = tuple[int, int, int, int, int, int]
_ALEXNET: tuple[Shape, ...] = (
    (0, 3, 64, 11, 4, 2),
    (3, 64, 192, 5, 1, 2),
    (6, 192, 384, 3, 1, 1),
    (8, 384, 256, 3, 1, 1),
    (10, 256, 256, 3, 1, 1),
)
_VGG16 = ((0, 2), (5, 7), (10, 12, 14), (17, 19, 21), (24, 26, 28))
_VGG16_CHANNELS = (3, 64, 128, 256, 512, 512)


def alexnet(state: State) -> list[Layer]:
    """AlexNet to its fifth ReLU, tapped after each, max-pooled after the first two (Krizhevsky, 2014)."""
    first, second, *rest = [_convolution(state, shape, tap=True) for shape in _ALEXNET]
    return [first, _MAX_POOL, second, _MAX_POOL, *rest]


def vgg16(state: State) -> list[Layer]:
    """VGG16 up to its thirteenth ReLU, tapped at the end of each stage (Simonyan and Zisserman, 2015).

    Stages are joined by L2 pooling with a Hanning window instead of the maximum, as DISTS has it.
    """
    layers: list[Layer] = []
    for numbers, (before, after) in zip(_VGG16, pairwise(_VGG16_CHANNELS), strict=True):
        if layers:
            layers.append(l2_pool(before, state["features.0.weight"].device))
        for number in numbers:
            inputs = before if number == numbers[0] else after
            shape = (number, inputs, after, 3, 1, 1)
            layers.append(_convolution(state, shape, tap=number == numbers[-1]))
    return layers


def on_device(state: State, device: torch.device, order: torch.memory_format) -> dict[str, torch.Tensor]:
    """Return the weights where they will be used, and in the order in memory that the images will have."""
    return {
        key: tensor.to(device).contiguous(memory_format=order) if tensor.ndim == 4 else tensor.to(device)
        for key, tensor in state.items()
    }


def l2_pool(channels: int, device: torch.device) -> Layer:
    """Halve: root of the Hanning-weighted mean of squares over 3x3 (Henaff and Simoncelli, 2016)."""
    axis = np.hanning(5)[1:-1]
    window = np.outer(axis, axis)
    kernel = torch.tensor(window / window.sum(), dtype=torch.float32, device=device)
    kernel = kernel.expand(channels, 1, 3, 3).contiguous()

    def apply(rows: Strip) -> Strip:
        squares = functional.conv2d(rows * rows, kernel, stride=2, padding=(0, 1), groups=channels)
        return squares.add_(1e-12).sqrt_()

    return Layer(apply, kernel=3, stride=2, padding=1)


def _convolution(state: State, shape: Shape, *, tap: bool) -> Layer:
    number, inputs, outputs, kernel, stride, padding = shape
    weight = _tensor(state, f"features.{number}.weight", (outputs, inputs, kernel, kernel))
    bias = _tensor(state, f"features.{number}.bias", (outputs,))

    def apply(rows: Strip) -> Strip:
        return functional.conv2d(rows, weight, bias, stride=stride, padding=(0, padding)).relu_()

    return Layer(apply, kernel, stride, padding, outputs if tap else 0)


def _tensor(state: State, key: str, shape: Sequence[int]) -> torch.Tensor:
    if key not in state:
        raise AnalysisError(f"the weights have no {key!r}, so they are not those of this network")
    tensor = state[key]
    if tuple(tensor.shape) != tuple(shape):
        raise AnalysisError(
            f"{key} in the weights is {tuple(tensor.shape)}, but this network needs {tuple(shape)}"
        )
    return tensor.float()


_MAX_POOL = Layer(lambda rows: functional.max_pool2d(rows, 3, 2), kernel=3, stride=2)
