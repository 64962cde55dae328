"""A time limit that ends a forward pass between two operators."""
# pyright: reportMissingImports=false

import time
from typing import Any

from torch.utils._python_dispatch import TorchDispatchMode

from analysis.errors import AnalysisError


class OutOfTimeError(AnalysisError):
    """Counting took longer than allowed."""


class Deadline(TorchDispatchMode):
    """Raises `OutOfTimeError` at the first operator more than `limit_s` seconds after its creation.

    One long operator, or a loop that calls none, is not interrupted; the limit of the process must do that.
    """

    supports_higher_order_operators = True

    def __init__(self, limit_s: float) -> None:
        super().__init__()
        self._limit_s = limit_s
        self._end = time.monotonic() + limit_s

    @property
    def left_s(self) -> float:
        """Seconds left."""
        return self._end - time.monotonic()

    def __torch_dispatch__(self, func: Any, types: Any, args: Any = (), kwargs: Any = None) -> Any:
        """Run an operator if there is time."""
        self.check()
        return func(*args, **(kwargs or {}))

    def check(self) -> None:
        """Raise if the time is up."""
        if self.left_s < 0:
            raise OutOfTimeError(
                f"counting took more than {self._limit_s:g} s; allow more time, or look for an endless loop"
            )
