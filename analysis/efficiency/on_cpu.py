"""Counting a model that cannot run without values: really run it, on the CPU."""
# pyright: reportMissingImports=false

import time
from collections.abc import Mapping
from dataclasses import dataclass, fields

import torch
from torch import nn

from analysis.efficiency.deadline import Deadline, OutOfTimeError
from analysis.efficiency.extrapolating import extrapolated
from analysis.efficiency.forward import Seen, Shape, run
from analysis.efficiency.tally import Line
from analysis.errors import AnalysisError

# Small inputs have sides of so many sixteenths; a polynomial of degree 4 has 5 coefficients.
_PARTS = 16
_FIRST, _MORE = (1, 2, 4), (3, 5, 6)
_ROOM_BYTES = 2 << 30


def count_on_cpu(model: nn.Module, shape: Shape, dtype: torch.dtype, deadline: Deadline) -> tuple[Seen, str]:
    """Return what a forward pass of a model copied to the CPU shows, and how it was run.

    At the full size if time and memory allow, judged by small inputs; else extrapolated from these, if every
    operator's count is a polynomial of the side and one further size at least agrees exactly.

    Raises
    ------
    AnalysisError
        If the model fails, the time is over, or neither way is open.
    """
    trials = _Trials(model, shape, dtype, deadline, {})
    how = "math attention on the CPU"
    if shape[2] % _PARTS or shape[3] % _PARTS or not trials.runs(_FIRST[0]):
        return trials.seen(_PARTS), how
    seconds = [trials.seconds(part) for part in _FIRST[1:]][-1]
    if _affordable(trials.done, seconds, deadline.left_s):
        return trials.seen(_PARTS), how
    for part in _MORE:
        trials.seen(part)
        if (whole := _whole(trials.done)) is not None:
            sides = ", ".join(str(shape[3] * part // _PARTS) for part in sorted(trials.done))
            return whole, f"{how}, extrapolated exactly from widths {sides}"
    raise AnalysisError(
        "not counted: the model needs values, is too slow or too large for the CPU at the full size, and its "
        "operations are no polynomial of the image's side that small images agree on; allow more time"
    )


@dataclass
class _Trials:
    model: nn.Module
    shape: Shape
    dtype: torch.dtype
    deadline: Deadline
    done: dict[int, Seen]

    def seen(self, part: int) -> Seen:
        height, width = (side * part // _PARTS for side in self.shape[2:])
        shape = (*self.shape[:2], height, width)
        try:
            self.done[part] = run(self.model, shape, self.dtype, self.deadline, meta=False)
        except AnalysisError:
            raise
        except Exception as error:
            size = "x".join(map(str, shape))
            raise AnalysisError(f"not counted: the model fails at {size} with {_line(error)}") from error
        return self.done[part]

    def runs(self, part: int) -> bool:
        try:
            self.seen(part)
        except OutOfTimeError:
            raise
        except AnalysisError:
            return False
        return True

    def seconds(self, part: int) -> float:
        started = time.monotonic()
        self.seen(part)
        return time.monotonic() - started


def _affordable(done: Mapping[int, Seen], seconds: float, left_s: float) -> bool:
    # From a quarter of the side to the whole: the growth from an eighth to a quarter, squared.
    before, last = done[2], done[4]
    work = (_macs(last) / max(_macs(before), 1)) ** 2
    largest = last.largest * (last.largest / before.largest) ** 2
    return 2 * seconds * max(work, _PARTS) < left_s and 4 * largest * 4 < _ROOM_BYTES


def _whole(done: Mapping[int, Seen]) -> Seen | None:
    names = {name for seen in done.values() for name in seen.lines}
    lines = {}
    for name in names:
        kind = next(seen.lines[name].kind for seen in done.values() if name in seen.lines)
        numbers = {}
        for field in fields(Line)[1:]:
            values = {part: getattr(seen.lines.get(name), field.name, 0) for part, seen in done.items()}
            numbers[field.name] = extrapolated(values, _PARTS)
        if None in numbers.values():
            return None
        lines[name] = Line(kind, **numbers)
    escapes = frozenset().union(*(seen.escapes for seen in done.values()))
    return Seen(lines, max(seen.largest for seen in done.values()), escapes)


def _macs(seen: Seen) -> int:
    return sum(line.macs for line in seen.lines.values())


def _line(error: Exception) -> str:
    return f"{type(error).__name__}: {error}".splitlines()[0][:200]
