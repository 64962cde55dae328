"""Notice when a model takes its data out of PyTorch, where nothing is counted."""
# pyright: reportMissingImports=false

import sys
from types import FrameType
from typing import Any, Self

import torch
from torch.utils._python_dispatch import TorchDispatchMode

# By these methods numpy, ctypes, Triton, CuPy and other libraries get at the data of a tensor.
_WAYS_OUT = {"numpy", "data_ptr", "_to_dlpack", "_to_dlpack_versioned", "_to_dlpack_unversioned"}
_HARMLESS = {*sys.stdlib_module_names, "torch", "numpy"}


class Escapes(TorchDispatchMode):
    """While entered, collects in `names` how Python code leaves PyTorch.

    These are methods that hand out a tensor's memory, and functions of compiled extensions. Operators
    registered with PyTorch go through its dispatcher and are no escapes.
    """

    supports_higher_order_operators = True

    def __init__(self) -> None:
        super().__init__()
        self.names: set[str] = set()
        self._before: Any = None

    def __enter__(self) -> Self:
        """Start to watch."""
        self._before = sys.getprofile()
        super().__enter__()
        sys.setprofile(self._look)
        return self

    def __exit__(self, *error: Any) -> None:
        """Stop, and put back what watched before."""
        sys.setprofile(self._before)
        super().__exit__(*error)

    def __torch_dispatch__(self, func: Any, types: Any, args: Any = (), kwargs: Any = None) -> Any:
        """Run an operator without watching, which would slow it down threefold."""
        sys.setprofile(None)
        try:
            return func(*args, **(kwargs or {}))
        finally:
            sys.setprofile(self._look)

    def _look(self, _frame: FrameType, event: str, function: Any) -> None:
        if event != "c_call":
            return
        name = getattr(function, "__name__", "")
        module = getattr(function, "__module__", None)
        of_torch = module == "torch._C" or isinstance(getattr(function, "__self__", None), torch.Tensor)
        if name in _WAYS_OUT and of_torch:
            self.names.add(name)
        elif isinstance(module, str) and module.split(".")[0] not in _HARMLESS:
            self.names.add(f"{module}.{name}")
