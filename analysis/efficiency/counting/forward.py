"""One forward pass, on the meta device or the CPU, with every operator recorded."""
# pyright: reportMissingImports=false

import sys
from collections.abc import Iterator, Mapping
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from math import prod

import torch
from torch import nn
from torch.nn.attention import SDPBackend, sdpa_kernel

from analysis.efficiency.counting.counts import WeightUse
from analysis.efficiency.counting.deadline import Deadline
from analysis.efficiency.counting.escapes import Escapes
from analysis.efficiency.counting.pretending import Pretend
from analysis.efficiency.counting.tally import Line, Tally

Shape = tuple[int, ...]


@dataclass(frozen=True)
class Seen:
    """Operators by name, elements of the largest output, ways out of PyTorch, and the weights' use."""

    lines: Mapping[str, Line]
    largest: int
    escapes: frozenset[str]
    weights: WeightUse

    @property
    def macs(self) -> int:
        """Multiply-accumulates of all."""
        return sum(line.macs for line in self.lines.values())


def run(
    model: nn.Module, shape: Shape, dtype: torch.dtype, deadline: Deadline, *, meta: bool, small: int = 0
) -> Seen:
    """Run a copied model once on uniform noise and return what was recorded; for `small` see `Pretend`.

    Errors of the model pass through; `OutOfTimeError` when the time is up.
    """
    tally, escapes = Tally(model.parameters()), Escapes()
    with everything_visible(), deadline, ExitStack() as stack:
        noise = made_input(shape, dtype, meta=meta)
        if meta:
            stack.enter_context(Pretend(small))
        stack.enter_context(tally)
        stack.enter_context(escapes)
        model(noise)
    use = tally.weights.use(prod(shape) // shape[1])
    return Seen(tally.lines, tally.largest, frozenset(escapes.names), use)


def made_input(shape: Shape, dtype: torch.dtype, *, meta: bool) -> torch.Tensor:
    """Return uniform noise, always the same, or a meta tensor."""
    if meta:
        return torch.empty(shape, dtype=dtype, device="meta")
    return torch.rand(shape, generator=torch.Generator().manual_seed(0)).to(dtype)


@contextmanager
def everything_visible() -> Iterator[None]:
    """Keep PyTorch from fused kernels, gradients and compilers; its state is restored afterwards."""
    fast_path = torch.backends.mha.get_fastpath_enabled()
    with ExitStack() as stack:
        stack.enter_context(torch.random.fork_rng(devices=[]))
        stack.enter_context(torch.no_grad())
        stack.enter_context(sdpa_kernel(SDPBackend.MATH))
        unfused = torch.jit.optimized_execution(False)  # pyright: ignore[reportPrivateImportUsage]
        stack.enter_context(unfused)
        stack.enter_context(_eager())
        stack.callback(torch.backends.mha.set_fastpath_enabled, fast_path)
        torch.backends.mha.set_fastpath_enabled(False)
        yield


@contextmanager
def _eager() -> Iterator[None]:
    # Loading the compiler takes seconds; a compiled model has done it.
    if "torch._dynamo" not in sys.modules:
        yield
        return
    with torch.compiler.set_stance("force_eager"):
        yield
