"""Rate all candidates of an image from 0 to 100, a reference and an anchor hidden among them (as MUSHRA)."""

from collections.abc import Mapping
from typing import Annotated, Any, ClassVar, Literal

from pydantic import Field

from analysis.texts import say
from studyapp.core.hidden_trials import CONTROLS
from studyapp.errors import InvalidBallotError
from studyapp.protocols.all_at_once import AllAtOnce
from studyapp.protocols.base import Answer, Asked, Table
from studyapp.protocols.rating import QUALITY

Value = Annotated[float, Field(strict=True, ge=0, le=100, allow_inf_nan=False)]


class Scores(Answer):
    """A value for each slot, null where there is none yet; empty while there is none at all."""

    scores: Annotated[tuple[Value | None, ...], Field(max_length=999)] = ()


class Slider(AllAtOnce[Scores]):
    """Judges give every candidate of an image a value from 0 to 100."""

    table: ClassVar[Table] = "ratings"
    columns: ClassVar[Mapping[str, str]] = {"team": "object", "slot": "int64", "score": "float64"}
    scale: ClassVar[tuple[float, float]] = (0, 100)
    controls: ClassVar[tuple[str, ...]] = CONTROLS

    example: ClassVar[str] = """\
kind: slider              # judges give all candidates of an image values from 0 to 100
reference: false          # true: each image's picture in reference/ is hidden among the candidates
anchor: false             # true: its picture in anchor/ is, too, the worst of the scale"""

    kind: Literal["slider"] = "slider"
    reference: bool = Field(default=False, description="The reference is hidden among the candidates.")
    anchor: bool = Field(default=False, description="The anchor is hidden among the candidates.")

    @property
    def needs(self) -> tuple[str, ...]:
        """What is hidden among the candidates."""
        return tuple(control for control in self.controls if getattr(self, control))

    @property
    def least(self) -> int:
        """One is enough to rate."""
        return 1

    def too_few(self, teams: int) -> str:
        """There must be something to rate."""
        return f"{teams} teams leave nothing to rate; add teams"

    def question(self, trial: Asked) -> dict[str, Any]:
        """Tell the page the words of the scale."""
        return {"kind": self.kind, "labels": list(QUALITY)}

    @classmethod
    def answer_type(cls) -> type[Scores]:
        """Answers are values."""
        return Scores

    def check(self, answer: Scores, trial: Asked) -> None:
        """Refuse more or fewer values than there are candidates."""
        if answer.scores and len(answer.scores) != trial.slots:
            raise InvalidBallotError(
                say(
                    "%(scores)s scores for %(slots)s candidates; send one for each, or null",
                    scores=len(answer.scores),
                    slots=trial.slots,
                )
            )

    def is_full(self, answer: Scores, trial: Asked) -> bool:
        """Tell whether every candidate has a value."""
        return bool(answer.scores) and None not in answer.scores

    def rows(self, answer: Scores, teams: Mapping[int, str]) -> list[dict[str, Any]]:
        """Return a row for each candidate, the hidden reference and anchor, too."""
        return [
            {"team": team, "slot": slot, "score": answer.scores[slot - 1]} for slot, team in teams.items()
        ]

    def said_of(self, answer: Scores, slot: int) -> float | None:
        """Return the value of a candidate."""
        return answer.scores[slot - 1] if answer.scores else None

    @classmethod
    def simulate(cls, question: Mapping[str, Any], liking: Mapping[int, float]) -> list[dict[str, Any]]:
        """Give one value after the other, 50 to what is neither liked nor disliked."""
        values = [float(max(0, min(100, round(50 + 20 * liking[slot])))) for slot in sorted(liking)]
        return [
            {"scores": [*values[:count], *[None] * (len(values) - count)]}
            for count in range(1, len(values) + 1)
        ]
