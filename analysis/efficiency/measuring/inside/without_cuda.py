"""Let a model that asks for CUDA run on the CPU that it was given."""
# pyright: reportMissingImports=false

import time
from collections.abc import Callable
from typing import Any


class _Event:
    """Stands for torch.cuda.Event; elapsed_time gives milliseconds."""

    def __init__(self, *_args: Any, **_options: Any) -> None:
        self.at = 0.0

    def record(self, *_args: Any) -> None:
        self.at = time.perf_counter()

    def synchronize(self) -> None:
        """Nothing runs beside."""

    def elapsed_time(self, other: "_Event") -> float:
        return (other.at - self.at) * 1e3


def stand_in() -> set[str]:
    """Replace what scripts usually do with CUDA; return the set that records what was asked for.

    `.cuda()` and `.to("cuda")` leave things on the CPU, and questions about memory get 0. What only CUDA can
    do, such as custom kernels, still fails.
    """
    import torch

    asked: set[str] = set()

    def instead(name: str, value: Any) -> Callable[..., Any]:
        def answer(*_args: Any, **_options: Any) -> Any:
            if name != "cuda.empty_cache":
                asked.add(name)
            return value

        return answer

    def stay(self: Any, *_args: Any, **_options: Any) -> Any:
        asked.add("cuda()")
        return self

    def moving(move: Callable[..., Any]) -> Callable[..., Any]:
        def to(self: Any, *args: Any, **options: Any) -> Any:
            if any(_is_cuda(value) for value in (*args, *options.values())):
                asked.add('to("cuda")')
                args = tuple("cpu" if _is_cuda(value) else value for value in args)
                options = {name: "cpu" if _is_cuda(value) else value for name, value in options.items()}
            return move(self, *args, **options)

        return to

    for name in ("synchronize", "empty_cache", "set_device", "reset_peak_memory_stats"):
        setattr(torch.cuda, name, instead(f"cuda.{name}", None))
    for name in ("current_device", "max_memory_allocated", "memory_allocated", "max_memory_reserved"):
        setattr(torch.cuda, name, instead(f"cuda.{name}", 0))
    torch.cuda.Event = _Event
    torch.Tensor.cuda = stay
    torch.nn.Module.cuda = stay
    torch.Tensor.to = moving(torch.Tensor.to)
    torch.nn.Module.to = moving(torch.nn.Module.to)
    return asked


def _is_cuda(value: Any) -> bool:
    return (isinstance(value, str) and value.startswith("cuda")) or getattr(value, "type", None) == "cuda"
