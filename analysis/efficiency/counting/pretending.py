"""Let a model run on the meta device, where tensors have shapes but no values.

Small tensors may stay real, so that sizes and tables that a model reads by `.item()` remain available.
"""
# pyright: reportMissingImports=false

from collections.abc import Iterator
from typing import Any

import torch
from torch.utils._python_dispatch import TorchDispatchMode
from torch.utils._pytree import tree_leaves, tree_map_only

# Elements up to which a tensor is worth keeping real.
SMALL = 4096


class Pretend(TorchDispatchMode):
    """Lets one forward pass mix real and meta tensors: an operation with a meta tensor gives one.

    A tensor that the model creates, or computes from real ones, stays real up to `small` elements. A real
    tensor into which unknown values were written is no longer read.
    """

    supports_higher_order_operators = True

    def __init__(self, small: int = 0) -> None:
        super().__init__()
        self._small = small
        self._unknown: dict[int, torch.UntypedStorage] = {}

    def __torch_dispatch__(self, func: Any, types: Any, args: Any = (), kwargs: Any = None) -> Any:
        """Run an operator on meta tensors unless all that it reads is known."""
        kwargs = kwargs or {}
        tensors = [leaf for leaf in tree_leaves((args, kwargs)) if isinstance(leaf, torch.Tensor)]
        if not tensors:
            return self._make(func, args, kwargs)
        if all(self._is_known(tensor) for tensor in tensors):
            return self._forget_large(func, func(*args, **kwargs))
        if not all(tensor.is_meta for tensor in tensors):
            self._spoil(func, args, kwargs)
            args, kwargs = tree_map_only(torch.Tensor, _meta, (args, kwargs))
        if kwargs.get("device") is not None:
            kwargs = {**kwargs, "device": torch.device("meta")}
        return func(*args, **kwargs)

    def _is_known(self, tensor: torch.Tensor) -> bool:
        return not tensor.is_meta and tensor.untyped_storage().data_ptr() not in self._unknown

    def _spoil(self, func: Any, args: Any, kwargs: Any) -> None:
        for tensor in _written(func, args, kwargs):
            storage = tensor.untyped_storage()
            # The storage is held so that its address is not used again.
            if not tensor.is_meta and storage.data_ptr():
                self._unknown[storage.data_ptr()] = storage

    def _make(self, func: Any, args: Any, kwargs: Any) -> Any:
        # A meta tensor takes no generator, and not every operator without tensors makes one.
        if kwargs.get("generator") is None and any(a.name == "device" for a in func._schema.arguments):
            out = func(*args, **{**kwargs, "device": torch.device("meta")})
            if out.numel() > self._small:
                return out
        return func(*args, **kwargs)

    def _forget_large(self, func: Any, out: Any) -> Any:
        if any(returned.alias_info is not None for returned in func._schema.returns):
            return out
        return tree_map_only(torch.Tensor, lambda one: one if one.numel() <= self._small else _meta(one), out)


def _written(func: Any, args: Any, kwargs: Any) -> Iterator[torch.Tensor]:
    if isinstance(func, torch._ops.HigherOrderOperator):
        return
    for i, argument in enumerate(func._schema.arguments):
        if argument.alias_info is not None and argument.alias_info.is_write:
            value = args[i] if i < len(args) else kwargs.get(argument.name)
            yield from (leaf for leaf in tree_leaves(value) if isinstance(leaf, torch.Tensor))


def _meta(tensor: torch.Tensor) -> torch.Tensor:
    return tensor.to("meta")
