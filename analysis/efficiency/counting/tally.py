"""Count what passes through PyTorch's dispatcher: every operator of a forward pass."""
# pyright: reportMissingImports=false

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import astuple, dataclass
from typing import Any

import torch
from torch.utils._python_dispatch import TorchDispatchMode
from torch.utils._pytree import tree_leaves

from analysis.efficiency.counting.formulas import fft_flops, has_formula, macs
from analysis.efficiency.counting.operators import OUTSIDE, UNKNOWN, is_free, kind_of
from analysis.efficiency.counting.weights import Weights

MULTIPLY = "multiply-accumulate"
ESTIMATE = "estimated"


@dataclass(frozen=True)
class Line:
    """One operator: its sort of work, calls, elements of its outputs, and what was counted.

    `possible` are the multiply-accumulates of an operator without a formula, if it applies each of the
    weights that it is given at every position of its output.
    """

    kind: str
    calls: int = 0
    elements: int = 0
    macs: int = 0
    estimated_flops: int = 0
    possible: int = 0

    def plus(self, elements: int, products: int, estimate: int, possible: int) -> "Line":
        """Return the line with one more call."""
        _, *numbers = astuple(self)
        more = (1, elements, products, estimate, possible)
        return Line(self.kind, *(old + new for old, new in zip(numbers, more, strict=True)))


def joined(parts: Sequence[Mapping[str, Line]], times: Sequence[float]) -> dict[str, Line]:
    """Return the operators of several passes together, each as often as it runs."""
    found: dict[str, Line] = {}
    for lines, often in zip(parts, times, strict=True):
        for name, line in lines.items():
            before = astuple(found.get(name, Line(line.kind)))[1:]
            more = astuple(line)[1:]
            found[name] = Line(
                line.kind, *(old + round(often * new) for old, new in zip(before, more, strict=True))
            )
    return found


class Tally(TorchDispatchMode):
    """Counts operators while entered; `lines` has them by name, `largest` is the largest output.

    `weights` follows the parameters that it is given.
    """

    supports_higher_order_operators = True

    def __init__(self, parameters: Iterable[torch.Tensor] = ()) -> None:
        super().__init__()
        self.lines: dict[str, Line] = {}
        self.largest = 0
        self.weights = Weights(parameters)

    def __torch_dispatch__(self, func: Any, types: Any, args: Any = (), kwargs: Any = None) -> Any:
        """Run an operator and note it; one that is made of others is taken apart."""
        kwargs = kwargs or {}
        if isinstance(func, torch._ops.HigherOrderOperator):
            out = func(*args, **kwargs)
            self._note(func.name(), Line(OUTSIDE), out, 0, 0, self.weights.hidden((args, kwargs), out))
            return out
        if _consists_of_others(func):
            with self:
                parts = func.decompose(*args, **kwargs)
            if parts is not NotImplemented:
                return parts
        out = func(*args, **kwargs)
        if is_free(func):
            self.weights.derived((args, kwargs), out, works=False)
        else:
            self._count(func, args, kwargs, out)
        return out

    def _count(self, func: Any, args: Any, kwargs: Any, out: Any) -> None:
        products, estimate = macs(func, args, kwargs, out), fft_flops(func, args, out)
        counted = MULTIPLY if products is not None else ESTIMATE if estimate is not None else None
        kind = counted or kind_of(func)
        possible = 0
        if counted == MULTIPLY:
            self.weights.multiplied((args, kwargs), products or 0)
        elif kind in (OUTSIDE, UNKNOWN):
            possible = self.weights.hidden((args, kwargs), out)
        else:
            self.weights.derived((args, kwargs), out)
        self._note(str(func._overloadpacket), Line(kind), out, products or 0, estimate or 0, possible)

    def _note(self, name: str, fresh: Line, out: Any, products: int, estimate: int, possible: int) -> None:
        sizes = [leaf.numel() for leaf in tree_leaves(out) if isinstance(leaf, torch.Tensor)]
        self.largest = max([self.largest, *sizes])
        self.lines[name] = self.lines.get(name, fresh).plus(sum(sizes), products, estimate, possible)


def _consists_of_others(func: Any) -> bool:
    return not has_formula(func) and kind_of(func) == UNKNOWN and func._can_decompose()
