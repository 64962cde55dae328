"""Watch the outermost forward calls of torch modules while a team's own code runs, and time each.

The hook is removed during an outermost call, so that the modules inside run as they would without it.
"""
# pyright: reportMissingImports=false

from collections.abc import Sequence
from contextlib import ExitStack
from dataclasses import dataclass
from types import TracebackType
from typing import Any

from analysis.efficiency.measuring.inside.clocks import Clock


@dataclass(frozen=True)
class Call:
    """An outermost call: its network, and the shape of its one tensor, None if it took others."""

    network: int
    shape: tuple[int, ...] | None


class Watch:
    """Times every outermost forward pass inside the `with` block.

    Attributes
    ----------
    times
        Milliseconds of each call, in order.
    networks
        The modules with parameters that were called, each once. Two of one class are two unless all their
        weights are equal: a network that is rebuilt for every image is one.
    calls
        The calls of `networks`, in order.
    finite
        False once an output contained a value that is not finite.
    """

    def __init__(self, clock: Clock, *, check: bool = False, inner: Sequence[Any] = ()) -> None:
        """Make a watch; `check` looks at the outputs, `inner` are contexts to run every forward in."""
        self.times: list[float] = []
        self.networks: list[Any] = []
        self.calls: list[Call] = []
        self.finite = True
        self._clock = clock
        self._check = check
        self._contexts = inner
        self._stack = ExitStack()
        self._hook: Any = None
        self._after: Any = None
        self._begun: Any = None

    def __enter__(self) -> "Watch":
        self._listen()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._stack.close()
        for hook in (self._hook, self._after):
            if hook is not None:
                hook.remove()

    def _listen(self) -> None:
        from torch.nn.modules.module import register_module_forward_pre_hook

        self._hook = register_module_forward_pre_hook(self._before)

    def _before(self, module: Any, inputs: Any) -> None:
        self._hook.remove()
        if _is_network(module):
            self._note(module, inputs)
        self._after = module.register_forward_hook(self._behind, always_call=True)
        for context in self._contexts:
            self._stack.enter_context(context)
        self._begun = self._clock.start()

    def _behind(self, _module: Any, _inputs: Any, output: Any) -> None:
        self.times.append(self._clock.stop(self._begun))
        self._stack.close()
        self._after.remove()
        if self._check:
            self.finite = self.finite and all(is_finite(tensor) for tensor in tensors(output))
        self._listen()

    def _note(self, module: Any, inputs: Any) -> None:
        number = next((n for n, other in enumerate(self.networks) if other is module), None)
        if number is None:
            number = next((n for n, other in enumerate(self.networks) if _same(module, other)), None)
        if number is None:
            number = len(self.networks)
            self.networks.append(module)
        found = tensors(tuple(inputs))
        self.calls.append(Call(number, tuple(found[0].shape) if len(found) == 1 else None))


def tensors(output: Any) -> list[Any]:
    """Return the tensors of a module's output: itself, or those of a list, tuple or dict."""
    import torch

    if isinstance(output, torch.Tensor):
        return [output]
    if isinstance(output, dict):
        output = list(output.values())
    return (
        [item for item in output if isinstance(item, torch.Tensor)]
        if isinstance(output, list | tuple)
        else []
    )


def _is_network(module: Any) -> bool:
    return any(True for _ in module.parameters())


def _same(one: Any, other: Any) -> bool:
    """Whether two modules are of one class, with equal weights."""
    import torch

    if type(one) is not type(other):
        return False
    pairs = zip(one.parameters(), other.parameters(), strict=False)
    return len(list(one.parameters())) == len(list(other.parameters())) and all(
        mine.shape == its.shape and mine.device == its.device and torch.equal(mine, its)
        for mine, its in pairs
    )


def is_finite(tensor: Any) -> bool:
    """Whether every value of a tensor is finite."""
    import torch

    return not tensor.is_floating_point() or bool(torch.isfinite(tensor).all())
