"""What a judge may leave beside the picks: reasons, and evidence of where they looked. Only shapes."""

from typing import Annotated, Any

from pydantic import (
    BaseModel,
    ConfigDict,
    Field,
    SerializerFunctionWrapHandler,
    model_serializer,
    model_validator,
)

Slot = Annotated[int, Field(ge=0, le=999)]
Seconds = Annotated[float, Field(ge=0, le=1e7)]
Rect = tuple[
    Annotated[float, Field(ge=0)],
    Annotated[float, Field(ge=0)],
    Annotated[float, Field(gt=0)],
    Annotated[float, Field(gt=0)],
]


class _Bounded(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class Reason(_Bounded):
    """Why a candidate was picked: tags (+good or -bad), a rectangle in pixels, a sentence."""

    slot: Annotated[int, Field(ge=1, le=999)]
    tags: Annotated[list[Annotated[str, Field(max_length=80)]], Field(max_length=30)] = []
    rect: Rect | None = None
    text: Annotated[str, Field(max_length=500)] = ""


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
            raise ValueError(f"{len(self.cells)} cells do not fill {self.columns} x {self.rows}")
        return self


class Looking(_Bounded):
    """Evidence of looking during one visit to a trial, as docs/viewer.md describes it.

    It covers the visit so far: of several of one visit, the one with the most seconds says it all.
    """

    version: Annotated[int, Field(ge=1, le=1)]
    seconds: Seconds
    slots: Annotated[dict[Annotated[str, Field(pattern=r"^\d{1,3}$")], SlotSeen], Field(max_length=100)]
    views: Annotated[dict[Annotated[str, Field(max_length=20)], Seconds], Field(max_length=20)]
    blinks: Annotated[int, Field(ge=0, le=1_000_000)]
    path: Annotated[list[list[Any]], Field(max_length=1000)]
    reported: Annotated[list[Slot], Field(max_length=100)] = []
    visit: Annotated[str, Field(pattern=r"^[0-9a-z]{16,64}$")] | None = None
    map: DwellMap | None = None

    @model_serializer(mode="wrap")
    def _without_what_older_pages_lack(self, handler: SerializerFunctionWrapHandler) -> dict[str, Any]:
        """Dump what came, so that the hash of evidence that was sent before is the same today."""
        dumped = handler(self)
        return {
            name: value for name, value in dumped.items() if name not in ("visit", "map") or value is not None
        }


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
