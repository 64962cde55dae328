"""What judges say of candidates beside their answer: reasons, in the words that the study gives them."""

from collections.abc import Sequence
from typing import Annotated, Any, Literal

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, model_validator

from analysis.texts import Text, joined, say
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


def not_shown(slot: int, slots: int) -> Text:
    """Say that a slot holds no candidate of the trial."""
    return say("slot %(slot)s was not shown; slots run from 1 to %(slots)s", slot=slot, slots=slots)


def _no_colon(word: str) -> str:
    if ":" in word:
        raise ValueError("it has a colon, which ends the words in a line of reasons; remove it")
    return word


_Word = Annotated[OneLine, Field(min_length=1, max_length=40), AfterValidator(_no_colon)]
Word = Annotated[str, Worded(_Word, usual=(*REGIONS, *ATTRIBUTES))]
Words = Annotated[tuple[Word, ...], Field(min_length=1, max_length=20)]


class ReasonRules(Strict):
    """What a study asks of reasons: its words, and how many reasons a ballot needs and may have."""

    regions: Words = Field(
        default=REGIONS,
        description="Names of parts of an image; judges can also draw one.",
        examples=[["Global", {"en": "Sky", "zh_Hans": "天空"}]],
    )
    attributes: Words = Field(
        default=ATTRIBUTES,
        description="What can be better or worse there.",
        examples=[["Sharpness", "Noise", "Realism"]],
    )
    required: int = Field(
        default=0,
        ge=0,
        le=MOST_REASONS,
        description="How many reasons an answer needs to count.",
        examples=[1],
    )
    most: int = Field(
        default=20, ge=0, le=MOST_REASONS, description="How many reasons an answer may have; 0 asks for none."
    )

    @model_validator(mode="after")
    def _fits(self) -> "ReasonRules":
        for name in ("regions", "attributes"):
            words = [word.casefold() for word in getattr(self, name)]
            if twice := sorted({word for word in words if words.count(word) > 1}):
                raise ValueError(f"{name} lists {twice[0]!r} twice; remove one")
        if self.required > self.most:
            raise ValueError(
                f"required is {self.required}, but an answer may have at most {self.most}; raise most"
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
            raise InvalidBallotError(
                say(
                    "%(given)s reasons were sent; this study accepts at most %(most)s",
                    given=len(reasons),
                    most=self.most,
                )
            )
        said: dict[tuple[Any, ...], int] = {}
        for number, reason in enumerate(reasons, start=1):
            wrong = self._misfit(reason, slots, size)
            if wrong is None and reason.about in said:
                wrong = say(
                    "reason %(earlier)s is about the same; change that one instead",
                    earlier=said[reason.about],
                )
            if wrong:
                raise InvalidBallotError(say("reason %(number)s: %(wrong)s", number=number, wrong=wrong))
            said[reason.about] = number

    def _misfit(self, reason: "Reason", slots: int, size: tuple[int, int]) -> Text | None:
        if reason.slot > slots:
            return not_shown(reason.slot, slots)
        if reason.region is not None and reason.region not in self.regions:
            return say(
                "%(region)s is not a region of this study; choose one of %(known)s",
                region=repr(reason.region),
                known=joined(", ", self.regions),
            )
        if reason.attribute not in self.attributes:
            return say(
                "%(attribute)s is not an attribute of this study; choose one of %(known)s",
                attribute=repr(reason.attribute),
                known=joined(", ", self.attributes),
            )
        if reason.rect is not None:
            x, y, width, height = reason.rect
            if x + width > size[0] or y + height > size[1]:
                return say(
                    "the rectangle %(rect)s reaches beyond the image, which has %(width)s x "
                    "%(height)s pixels",
                    rect=list(reason.rect),
                    width=size[0],
                    height=size[1],
                )
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
            raise ValueError(say("there is neither a region nor a rectangle; name one or draw one"))
        return self

    @property
    def about(self) -> tuple[Any, ...]:
        """What a ballot can say once only."""
        return (self.slot, self.region, self.rect, self.attribute)
