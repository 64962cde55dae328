"""Pick the best few candidates of an image, in order."""

from collections.abc import Mapping, Sequence
from typing import Annotated, Any, ClassVar, Literal

from pydantic import Field, model_validator

from analysis.rule import POINTS
from analysis.texts import say
from studyapp.errors import InvalidBallotError
from studyapp.protocols.all_at_once import AllAtOnce
from studyapp.protocols.base import Answer, Asked, Table

Slot = Annotated[int, Field(strict=True, ge=0, le=999)]


def check_points(points: Sequence[float]) -> None:
    """Refuse points of which a worse place has more.

    Raises
    ------
    ValueError
        Naming the points.
    """
    if list(points) != sorted(points, reverse=True) or points[-1] <= 0:
        raise ValueError(f"points {list(points)} must decrease and stay above 0")


class Picks(Answer):
    """The slot on the first place, on the second, ...; fewer than there are places while it is unfinished."""

    picks: Annotated[tuple[Slot, ...], Field(max_length=16)] = ()


class TopK(AllAtOnce[Picks]):
    """Judges pick the best `places` candidates of each image, worth `points`."""

    table: ClassVar[Table] = "votes"
    columns: ClassVar[Mapping[str, str]] = {"team": "object", "slot": "int64", "rank": "Int64"}

    example: ClassVar[str] = """\
kind: top_k               # judges pick the best few of each image, in order
places: 3
points: [3, 2, 1]         # what each place is worth"""

    kind: Literal["top_k"] = "top_k"
    places: int = Field(default=3, ge=1, le=9, description="How many candidates of an image get a place.")
    points: tuple[float, ...] = Field(default=POINTS, description="What each place is worth.")

    @model_validator(mode="after")
    def _points_fit_places(self) -> "TopK":
        if len(self.points) != self.places:
            raise ValueError(
                f"{len(self.points)} points for {self.places} places; write one number for each place"
            )
        check_points(self.points)
        return self

    @property
    def least(self) -> int:
        """One candidate for each place."""
        return self.places

    def too_few(self, teams: int) -> str:
        """Name the places that would stay empty."""
        return f"{teams} teams cannot fill {self.places} places; add teams, or lower protocol.places"

    def question(self, trial: Asked) -> dict[str, Any]:
        """Tell the page how many places there are."""
        return {"kind": self.kind, "places": self.places}

    @classmethod
    def answer_type(cls) -> type[Picks]:
        """Answers are picks."""
        return Picks

    def check(self, answer: Picks, trial: Asked) -> None:
        """Refuse too many picks, a slot that was not shown, and a slot picked twice."""
        picks = answer.picks
        if len(picks) > self.places:
            raise InvalidBallotError(
                say(
                    "%(picks)s picks for %(places)s places; pick at most %(places)s",
                    picks=len(picks),
                    places=self.places,
                )
            )
        for slot in picks:
            trial.check_slot(slot)
            if picks.count(slot) > 1:
                raise InvalidBallotError(
                    say("slot %(slot)s is picked twice; give each place a different slot", slot=slot)
                )

    def is_full(self, answer: Picks, trial: Asked) -> bool:
        """Tell whether every place is filled."""
        return len(answer.picks) == self.places

    def rows(self, answer: Picks, teams: Mapping[int, str]) -> list[dict[str, Any]]:
        """Return a row for each candidate shown, with the rank of those picked.

        Picks behind a team that is out move up; where no pick is left there is no ballot.
        """
        kept = [slot for slot in answer.picks if slot in teams]
        rank = {slot: place for place, slot in enumerate(kept, start=1)}
        return [
            {"team": team, "slot": slot, "rank": rank.get(slot)}
            for slot, team in (teams.items() if kept else ())
        ]

    def said_of(self, answer: Picks, slot: int) -> int | None:
        """Return the place of a candidate."""
        return answer.picks.index(slot) + 1 if slot in answer.picks else None

    def said_in_letters(self, answer: Picks, letters: Mapping[int, str]) -> str:
        """Name those picked, best first."""
        return ", ".join(letters[slot] for slot in answer.picks if slot in letters)

    @classmethod
    def simulate(cls, question: Mapping[str, Any], liking: Mapping[int, float]) -> list[dict[str, Any]]:
        """Fill one place after the other, the best first."""
        best = sorted(liking, key=lambda slot: -liking[slot])[: question["places"]]
        return [{"picks": best[:count]} for count in range(1, len(best) + 1)]
