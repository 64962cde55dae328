"""What judges say of candidates beside their answer: reasons, in the words that the study gives them."""

from collections.abc import Sequence
from typing import Annotated, Any, Literal

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, model_validator

from analysis.texts import say
from studyapp.core.one_line import OneLine
from studyapp.core.strict import Strict
from studyapp.core.wording import Worded
from studyapp.errors import InvalidBallotError

REGIONS = (
    say("Global"), say("Face"), say("Hair"), say("Clothing"), say("Background"), say("Text"), say("Other"),
)  # fmt: skip
ATTRIBUTES = (
    say("Sharpness"), say("Texture"), say("Noise"), say("Color"), say("Artifacts"), say("Realism"),
    say("Fidelity"),
)  # fmt: skip
"""The words of the pairs that the RAIM challenge of 2026 released with experts' reasons."""
LONGEST_SENTENCE = 500
MOST_REASONS = 50


def _no_colon(word: str) -> str:
    if ":" in word:
        raise ValueError("holds a colon, which ends the words in a line of reasons; leave it out")
    return word


_Word = Annotated[OneLine, Field(min_length=1, max_length=40), AfterValidator(_no_colon)]
Word = Annotated[str, Worded(_Word, usual=(*REGIONS, *ATTRIBUTES))]
Words = Annotated[tuple[Word, ...], Field(min_length=1, max_length=20)]


class ReasonRules(Strict):
    """What a study asks of reasons: its words, and how many reasons a ballot needs and may have."""

    regions: Words = Field(default=REGIONS, description="Parts of an image, by name; judges may draw others.")
    attributes: Words = Field(default=ATTRIBUTES, description="What can be better or worse there.")
    required: int = Field(
        default=0, ge=0, le=MOST_REASONS, description="A ballot counts only with so many reasons."
    )
    most: int = Field(
        default=20, ge=0, le=MOST_REASONS, description="Reasons that a ballot may have; 0 asks for none."
    )

    @model_validator(mode="after")
    def _fits(self) -> "ReasonRules":
        for name in ("regions", "attributes"):
            words = [word.casefold() for word in getattr(self, name)]
            if twice := sorted({word for word in words if words.count(word) > 1}):
                raise ValueError(f"{name} has {twice[0]!r} twice; leave one out")
        if self.required > self.most:
            raise ValueError(
                f"required is {self.required}, but a ballot may have {self.most} at most; raise most"
            )
        return self

    def check(self, reasons: "Sequence[Reason]", slots: int, size: tuple[int, int]) -> None:
        """Refuse reasons that this study's page cannot have sent, for a trial of so many candidates.

        Raises
        ------
        InvalidBallotError
            Naming the first reason that is wrong, the value, and what would be right.
        """
        if len(reasons) > self.most:
            raise InvalidBallotError(f"{len(reasons)} reasons; this study takes at most {self.most}")
        said: dict[tuple[Any, ...], int] = {}
        for number, reason in enumerate(reasons, start=1):
            wrong = self._misfit(reason, slots, size)
            if wrong is None and reason.about in said:
                wrong = f"is about what reason {said[reason.about]} is about; change that one instead"
            if wrong:
                raise InvalidBallotError(f"reason {number}: {wrong}")
            said[reason.about] = number

    def _misfit(self, reason: "Reason", slots: int, size: tuple[int, int]) -> str | None:
        if reason.slot > slots:
            return f"slot {reason.slot} was not shown; slots run from 1 to {slots}"
        if reason.region is not None and reason.region not in self.regions:
            return f"{reason.region!r} is no region of this study; take one of {', '.join(self.regions)}"
        if reason.attribute not in self.attributes:
            known = ", ".join(self.attributes)
            return f"{reason.attribute!r} is no attribute of this study; take one of {known}"
        if reason.rect is not None:
            x, y, width, height = reason.rect
            if x + width > size[0] or y + height > size[1]:
                return f"the rectangle {list(reason.rect)} lies outside the image, {size[0]} x {size[1]}"
        return None


Whole = Annotated[int, Field(strict=True, ge=0, le=100_000)]
Side = Annotated[int, Field(strict=True, ge=1, le=100_000)]
Rect = tuple[Whole, Whole, Side, Side]
"""Whole pixels of the image: left, top, width, height."""


class Reason(BaseModel):
    """Where a candidate is better or worse than the others, in what, how much, and in a sentence."""

    model_config = ConfigDict(extra="forbid", frozen=True, defer_build=True)

    slot: Annotated[int, Field(strict=True, ge=1, le=999)]
    region: Annotated[str, Field(max_length=40)] | None = None
    """One of the study's; None where a rectangle alone says where."""
    rect: Rect | None = None
    attribute: Annotated[str, Field(max_length=40)]
    direction: Literal["better", "worse"]
    severity: Annotated[int, Field(strict=True, ge=1, le=4)] | None = None
    """From 1, slight, to 4, severe."""
    text: Annotated[OneLine, Field(max_length=LONGEST_SENTENCE)] | None = None

    @model_validator(mode="after")
    def _is_somewhere(self) -> "Reason":
        if self.region is None and self.rect is None:
            raise ValueError("neither a region nor a rectangle; name one or draw one")
        return self

    @property
    def about(self) -> tuple[Any, ...]:
        """What a ballot can say once only."""
        return (self.slot, self.region, self.rect, self.attribute)
