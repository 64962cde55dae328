"""Run a network over an image strip by strip, exactly: each layer keeps the rows its window still needs.

No row is computed twice and none is approximated. The edges of the image are padded as they are when the
whole image goes through at once, and the seams between strips are not padded at all.
"""
# pyright: reportMissingImports=false

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import TypeAlias

import torch
from torch.nn import functional

Strip: TypeAlias = torch.Tensor  # (images, channels, rows, width)


@dataclass(frozen=True)
class Layer:
    """A layer with a window.

    `apply` pads left and right itself, but not top and bottom. `tap` is the number of channels
    of a layer whose output is a feature map of the metric, and 0 for the others.
    """

    apply: Callable[[Strip], Strip]
    kernel: int
    stride: int = 1
    padding: int = 0
    tap: int = 0

    def size(self, side: int) -> int:
        """The output's height or width for an input's."""
        return (side + 2 * self.padding - self.kernel) // self.stride + 1


class Stream:
    """One image, or a batch of equal size, on its way through the layers, from top to bottom."""

    def __init__(self, layers: Sequence[Layer]) -> None:
        self._windows = [_Window(layer) for layer in layers]

    def push(self, strip: Strip, *, last: bool) -> list[Strip | None]:
        """Take the next rows of the image; return the new rows of each tapped map (None: none yet)."""
        rows: Strip | None = strip
        taps = []
        for window in self._windows:
            rows = window.push(rows, last)
            if window.layer.tap:
                taps.append(rows)
        return taps


class _Window:
    """The rows that a layer has been given and has not finished with."""

    def __init__(self, layer: Layer) -> None:
        self.layer = layer
        self._kept: Strip | None = None

    def push(self, rows: Strip | None, last: bool) -> Strip | None:
        held = self._with_edges(rows, last)
        if held is None or held.shape[2] < self.layer.kernel:
            self._kept = held
            return None
        count = (held.shape[2] - self.layer.kernel) // self.layer.stride + 1
        end = (count - 1) * self.layer.stride + self.layer.kernel
        self._kept = held[:, :, count * self.layer.stride :]
        return self.layer.apply(held[:, :, :end])

    def _with_edges(self, rows: Strip | None, last: bool) -> Strip | None:
        if self._kept is not None:
            rows = self._kept if rows is None else torch.cat([self._kept, rows], dim=2)
        elif rows is not None:
            rows = functional.pad(rows, (0, 0, self.layer.padding, 0))
        if rows is not None and last:
            rows = functional.pad(rows, (0, 0, 0, self.layer.padding))
        return rows
