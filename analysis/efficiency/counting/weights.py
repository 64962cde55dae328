"""Where the weights of a model go in a forward pass: how often each is multiplied, or what hides it."""
# pyright: reportMissingImports=false

from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, fields
from typing import Any

import torch
from torch.utils._pytree import tree_leaves

from analysis.efficiency.counting.counts import WeightUse

_MATRIX = 2  # dimensions: what has fewer is a bias or a scale


@dataclass
class _Weight:
    """A parameter: its elements, the positions that it is multiplied at, and who else took it."""

    elements: int
    positions: float = 0.0
    hidden: bool = False
    touched: bool = False


class Weights:
    """Follows parameters, and what is computed of them alone, through the operators of a forward pass."""

    def __init__(self, parameters: Iterable[torch.Tensor]) -> None:
        self._weights: list[_Weight] = []
        self._of: dict[int, frozenset[int]] = {}
        self._held: list[torch.Tensor] = []  # so that the address of a storage is not used again
        for parameter in parameters:
            place = _place(parameter)
            if place is not None and place not in self._of:
                self._of[place] = frozenset([len(self._weights)])
                self._weights.append(_Weight(parameter.numel()))
                self._held.append(parameter)

    def multiplied(self, arguments: Any, macs: int) -> None:
        """Note a convolution or a product of so many multiply-accumulates."""
        for tensor, owners in self._found(arguments):
            for owner in owners:
                weight = self._weights[owner]
                weight.touched = True
                if tensor.dim() >= _MATRIX and tensor.numel():
                    # A view that repeats a matrix for a batch has more elements than the matrix itself.
                    own = min(tensor.numel(), weight.elements) if len(owners) == 1 else tensor.numel()
                    weight.positions += macs / own

    def hidden(self, arguments: Any, out: Any) -> int:
        """Note an operator without a formula; return the multiply-accumulates that its weights may make."""
        sizes = [_positions(leaf) for leaf in tree_leaves(out) if isinstance(leaf, torch.Tensor)]
        owners: set[int] = set()
        for tensor, found in self._found(arguments):
            for owner in found:
                self._weights[owner].hidden = True
            if tensor.dim() >= _MATRIX:
                owners |= found
        return sum(self._weights[owner].elements for owner in owners) * max(sizes, default=0)

    def derived(self, arguments: Any, out: Any, *, works: bool = True) -> None:
        """Note an operator of a few operations per element, or a view; of weights alone it makes a weight."""
        tensors = [leaf for leaf in tree_leaves(arguments) if isinstance(leaf, torch.Tensor)]
        found = [owners for _, owners in self._found(arguments)]
        if not found:
            return
        for owner in frozenset().union(*found):
            self._weights[owner].touched |= works
        if len(found) == len(tensors):
            for leaf in tree_leaves(out):
                place = _place(leaf) if isinstance(leaf, torch.Tensor) else None
                if place is not None and place not in self._of:
                    self._of[place] = frozenset().union(*found)
                    self._held.append(leaf)

    def use(self, pixels: float) -> WeightUse:
        """Return how many of the parameters were multiplied at each of so many pixels, and the others."""
        found: Counter[str] = Counter()
        for weight in self._weights:
            found[_kind(weight, pixels)] += weight.elements
        return WeightUse(*(found[one.name] for one in fields(WeightUse)))

    def _found(self, arguments: Any) -> Iterator[tuple[torch.Tensor, frozenset[int]]]:
        for leaf in tree_leaves(arguments):
            place = _place(leaf) if isinstance(leaf, torch.Tensor) else None
            if place in self._of:
                yield leaf, self._of[place]


def _kind(weight: _Weight, pixels: float) -> str:
    if weight.positions >= pixels:
        return "full"
    if weight.positions:
        return "fewer"
    if weight.hidden:
        return "hidden"
    return "added" if weight.touched else "unused"


def _positions(tensor: torch.Tensor) -> int:
    """The pixels of NCHW, else the vectors along the last dimension."""
    if tensor.dim() == 4:
        return tensor.numel() // max(tensor.shape[1], 1)
    return tensor.numel() // max(tensor.shape[-1], 1) if tensor.dim() else 1


def _place(tensor: torch.Tensor) -> int | None:
    """The storage that a tensor and its views share; None for tensors without one."""
    try:
        return tensor.untyped_storage()._cdata
    except (NotImplementedError, RuntimeError):
        return None
