"""Evidence of where a judge looked: its shape, and what was not seen."""

from collections.abc import Iterable
from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field, model_validator

from analysis.texts import say

Slot = Annotated[int, Field(ge=0, le=999)]
MOST_SECONDS = 86_400
"""Time that one visit can spend looking: nobody looks at one image for more than a day."""
ROUNDED = 0.1
"""Seconds by which the page's rounding may be off for each number that is added up."""

Seconds = Annotated[float, Field(ge=0, le=MOST_SECONDS)]
Place = Annotated[int | float, Field(ge=-1e6, le=1e6)]
Scale = Annotated[int | float, Field(ge=0, le=1000)]
Elapsed = Annotated[int | float, Field(ge=0, le=1e7)]
View = Literal["g", "s", "v", "b", "d"]
Shown = Annotated[list[Slot], Field(max_length=100)]
Sample = tuple[Elapsed, Place, Place, Scale, View] | tuple[Elapsed, Place, Place, Scale, View, Shown]
"""Seconds since opening, centre x, y and scale of the view, its letter; what it shows if not all."""


class _Bounded(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True, defer_build=True)


class SlotSeen(_Bounded):
    """Share of a slot's picture that was on screen at 1:1 or more, and seconds on it."""

    seen: Annotated[float, Field(ge=0, le=1)]
    dwell: Seconds


class DwellMap(_Bounded):
    """Time on each part of a picture: square cells of `cell` pixels, row by row, in milliseconds."""

    cell: Annotated[int, Field(ge=1, le=100_000)]
    columns: Annotated[int, Field(ge=1, le=64)]
    rows: Annotated[int, Field(ge=1, le=64)]
    cells: Annotated[list[Annotated[int, Field(ge=0, le=10**9)]], Field(max_length=64 * 64)]

    @model_validator(mode="after")
    def _fits(self) -> "DwellMap":
        if len(self.cells) != self.columns * self.rows:
            raise ValueError(
                say(
                    "%(cells)s cells do not fill a map of %(columns)s x %(rows)s",
                    cells=len(self.cells),
                    columns=self.columns,
                    rows=self.rows,
                )
            )
        return self


class Looking(_Bounded):
    """Evidence of looking during one visit to a trial, as docs/viewer.md describes it.

    It covers the visit so far: of several of one visit, the one with the most seconds says it all.
    """

    version: Annotated[int, Field(ge=1, le=1)]
    seconds: Seconds
    slots: Annotated[dict[Annotated[str, Field(pattern=r"^\d{1,3}$")], SlotSeen], Field(max_length=100)]
    views: dict[Literal["grid", "shortlist", "versus", "blink", "split"], Seconds]
    blinks: Annotated[int, Field(ge=0, le=1_000_000)]
    path: Annotated[list[Sample], Field(max_length=1000)]
    reported: Annotated[list[Slot], Field(max_length=100)] = []
    visit: Annotated[str, Field(pattern=r"^[0-9a-z]{16,64}$")]
    map: DwellMap

    @model_validator(mode="after")
    def _adds_up(self) -> "Looking":
        """Refuse parts beyond the whole: each second was spent in one view, shared by its slots."""
        for name, parts in (
            ("slots", [slot.dwell for slot in self.slots.values()]),
            ("views", list(self.views.values())),
            ("map", [cell / 1000 for cell in self.map.cells]),
        ):
            if _more_than(self.seconds, parts):
                raise ValueError(
                    say(
                        "%(name)s adds up to %(parts)s s, more than the visit of %(whole)s s",
                        name=name,
                        parts=format(sum(parts), "g"),
                        whole=format(self.seconds, "g"),
                    )
                )
        return self


def _more_than(whole: float, parts: Iterable[float]) -> bool:
    parts = list(parts)
    return sum(parts) > whole + ROUNDED * (len(parts) + 1)


def unseen_slots(shown: int, visits: list[dict[str, Any]]) -> list[int]:
    """Return the candidates that no visit had on screen at 1:1, nor reported as impossible to load.

    Parameters
    ----------
    shown
        Number of candidates of the trial.
    visits
        Evidence of each visit, as `Looking` dumps it.

    Examples
    --------
    >>> unseen_slots(2, [{"slots": {"1": {"seen": 0.2}, "2": {"seen": 0}}}])
    [2]
    """
    seen = {slot for visit in visits for slot, view in visit["slots"].items() if view["seen"] > 0}
    seen |= {str(slot) for visit in visits for slot in visit.get("reported", [])}
    return [slot for slot in range(1, shown + 1) if str(slot) not in seen]
