"""Ways to observe a forward pass, best first: on the meta device, or really on the CPU."""
# pyright: reportMissingImports=false

import time
from collections.abc import Callable
from dataclasses import dataclass, replace

import torch
from torch import nn

from analysis.efficiency.counting.copying import Placement, copy_model
from analysis.efficiency.counting.deadline import Deadline
from analysis.efficiency.counting.forward import Seen, Shape, run
from analysis.efficiency.counting.pretending import SMALL
from analysis.errors import AnalysisError

ON_META, ON_CPU = "meta", "math attention on the CPU"
_ROOM_BYTES = 2 << 30


@dataclass(frozen=True)
class Task:
    """A model to be observed; `dtype` is what its copies are converted to, if anything."""

    model: nn.Module
    dtype: torch.dtype | None
    deadline: Deadline

    @property
    def input_dtype(self) -> torch.dtype:
        """Of the input."""
        if self.dtype:
            return self.dtype
        kinds = [one.dtype for one in self.model.parameters() if one.dtype.is_floating_point]
        return kinds[0] if kinds else torch.float32

    def copied(self, *, meta: bool, small: int = 0) -> nn.Module:
        """Return a copy to run; see `Placement`."""
        return copy_model(self.model, Placement(meta, small, self.dtype))

    def runner(self, *, meta: bool, small: int = 0) -> Callable[[Shape], Seen]:
        """Return a function that runs one copy on inputs of given shapes."""
        copied = self.copied(meta=meta, small=small)
        return lambda shape: run(copied, shape, self.input_dtype, self.deadline, meta=meta, small=small)


@dataclass(frozen=True)
class View:
    """What was recorded, where the model ran, and remarks."""

    seen: Seen
    how: str
    notes: tuple[str, ...] = ()


def view(task: Task, shape: Shape) -> View:
    """Return what a forward pass shows.

    On the meta device without values; then with those of scalars and small tensors, which a model may read;
    then on the CPU.

    Raises
    ------
    AnalysisError
        If none of these works. The message says why.
    """
    reason = ""
    for small in (0, 1, SMALL):
        try:
            return _on_meta(task, shape, small)
        except AnalysisError:
            raise
        except Exception as error:
            reason = _line(error)
    found = _on_cpu(task, shape)
    return replace(found, notes=(f"does not run without values ({reason})", *found.notes))


def _on_meta(task: Task, shape: Shape, small: int) -> View:
    return View(task.runner(meta=True, small=small)(shape), ON_META)


def _on_cpu(task: Task, shape: Shape) -> View:
    runs = task.runner(meta=False)
    try:
        if _affordable(runs, shape, task.deadline):
            return View(runs(shape), ON_CPU)
    except AnalysisError:
        raise
    except Exception as error:
        raise AnalysisError(f"not counted: the model fails with {_line(error)}") from error
    raise AnalysisError(
        "not counted: the model needs values, and is too slow or too large for the CPU at the full size; "
        "allow more time"
    )


def _affordable(runs: Callable[[Shape], Seen], shape: Shape, deadline: Deadline) -> bool:
    """Whether the full size takes less than half the time left and 2 GB, by an eighth and a quarter of it."""
    if any(side % 16 for side in shape[2:]):
        return True
    try:
        before = runs(_part(shape, 8))
        started = time.monotonic()
        last = runs(_part(shape, 4))
    except AnalysisError:
        raise
    except Exception:
        # Perhaps only too small for this model: the whole image shows.
        return True
    # From a quarter of the sides to the whole: twice the growth from an eighth to a quarter.
    seconds = time.monotonic() - started
    work = (last.macs / max(before.macs, 1)) ** 2
    largest = last.largest * (last.largest / before.largest) ** 2
    return 2 * seconds * max(work, 16) < deadline.left_s and 4 * largest * 4 < _ROOM_BYTES


def _part(shape: Shape, part: int) -> Shape:
    return (*shape[:2], *(side // part for side in shape[2:]))


def _line(error: Exception) -> str:
    return f"{type(error).__name__}: {error}".splitlines()[0][:200]
