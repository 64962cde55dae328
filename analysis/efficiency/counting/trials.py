"""The count of a large image from runs on small ones, exact or not at all."""
# pyright: reportMissingImports=false

from collections.abc import Callable, Mapping
from dataclasses import fields

from analysis.efficiency.counting.extrapolating import extrapolated
from analysis.efficiency.counting.forward import Seen, Shape
from analysis.efficiency.counting.tally import Line

# Sides are so many sixteenths of the whole ones.
WHOLE = 16
# Three sizes fit a polynomial of the second degree and one more checks it; six do for the fourth.
_FIRST, _MORE = (1, 2, 3, 4), (5, 6)
CAUTION = "extrapolated from small images: a model that treats large ones otherwise is not seen"


class Trials:
    """Runs of a model on images of some sixteenths of a side; `done` are those made."""

    def __init__(self, shape: Shape, run: Callable[[Shape], Seen]) -> None:
        self._shape = shape
        self._run = run
        self.done: dict[int, Seen] = {}

    @property
    def possible(self) -> bool:
        """Whether the sides can be divided."""
        return not any(side % WHOLE for side in self._shape[2:])

    def seen(self, part: int) -> Seen:
        """Return what a run on `part` sixteenths of the sides shows."""
        if part not in self.done:
            self.done[part] = self._run(_scaled(self._shape, part))
        return self.done[part]

    def whole(self) -> Seen | None:
        """Return the count of the whole image.

        None unless, for every operator, the calls and counts of the small images are a polynomial of the side
        that one further size at least agrees with exactly.
        """
        for part in _FIRST:
            self.seen(part)
        for part in (_FIRST[-1], *_MORE):
            self.seen(part)
            if (found := _extrapolated(self.done)) is not None:
                return found
        return None

    def widths(self) -> str:
        """Return the widths of the images so far."""
        return ", ".join(str(_scaled(self._shape, part)[-1]) for part in sorted(self.done))


def _scaled(shape: Shape, part: int) -> Shape:
    return (*shape[:2], *(side * part // WHOLE for side in shape[2:]))


def _extrapolated(done: Mapping[int, Seen]) -> Seen | None:
    lines = {}
    for name, kind in {
        name: line.kind for seen in done.values() for name, line in seen.lines.items()
    }.items():
        numbers = {}
        for field in fields(Line)[1:]:
            values = {part: getattr(seen.lines.get(name), field.name, 0) for part, seen in done.items()}
            numbers[field.name] = extrapolated(values, WHOLE)
        if None in numbers.values():
            return None
        lines[name] = Line(kind, **numbers)
    escapes = frozenset().union(*(seen.escapes for seen in done.values()))
    return Seen(lines, max(seen.largest for seen in done.values()), escapes)
