"""Watch the outermost forward calls of torch modules while a team's own code runs, and time each.

The hook is taken away during an outermost call, so that the modules inside run as they would without it.
"""
# pyright: reportMissingImports=false

from types import TracebackType
from typing import Any

from analysis.efficiency.measuring.inside.clocks import Clock


class Watch:
    """Times every outermost forward inside the `with` block.

    Attributes
    ----------
    times
        Milliseconds of each call, in order.
    networks
        The modules with parameters that were called, each once; a network built anew for every image is one.
    finite
        False once an output held a value that is not finite.
    """

    def __init__(self, clock: Clock, *, check: bool = False) -> None:
        self.times: list[float] = []
        self.networks: list[Any] = []
        self.finite = True
        self._clock = clock
        self._check = check
        self._hook: Any = None
        self._inner: Any = None
        self._begun: Any = None

    def __enter__(self) -> "Watch":
        self._listen()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        for hook in (self._hook, self._inner):
            if hook is not None:
                hook.remove()

    def _listen(self) -> None:
        from torch.nn.modules.module import register_module_forward_pre_hook

        self._hook = register_module_forward_pre_hook(self._before)

    def _before(self, module: Any, _inputs: Any) -> None:
        self._hook.remove()
        if _is_network(module) and not any(_same(module, known) for known in self.networks):
            self.networks.append(module)
        self._inner = module.register_forward_hook(self._after, always_call=True)
        self._begun = self._clock.start()

    def _after(self, _module: Any, _inputs: Any, output: Any) -> None:
        self.times.append(self._clock.stop(self._begun))
        self._inner.remove()
        if self._check:
            self.finite = self.finite and all(is_finite(tensor) for tensor in tensors(output))
        self._listen()


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
    shapes = ([value.shape for value in module.parameters()] for module in (one, other))
    return one is other or (type(one) is type(other) and next(shapes) == next(shapes))


def is_finite(tensor: Any) -> bool:
    """Whether every value of a tensor is finite."""
    import torch

    return not tensor.is_floating_point() or bool(torch.isfinite(tensor).all())
