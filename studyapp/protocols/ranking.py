"""Put all candidates of an image in order."""

from collections.abc import Iterator, Mapping
from itertools import chain
from typing import Annotated, Any, ClassVar, Literal

from pydantic import Field, model_validator

from analysis.rule import POINTS
from analysis.texts import say
from studyapp.errors import InvalidBallotError
from studyapp.protocols.all_at_once import AllAtOnce
from studyapp.protocols.base import Answer, Asked, Table
from studyapp.protocols.top_k import Slot, check_points

Group = Annotated[tuple[Slot, ...], Field(min_length=1, max_length=999)]


class Groups(Answer):
    """The slots from the best to the worst; those in one group are equally good."""

    groups: Annotated[tuple[Group, ...], Field(max_length=999)] = ()

    @property
    def slots(self) -> list[int]:
        """All slots that have a rank."""
        return list(chain.from_iterable(self.groups))


class Ranking(AllAtOnce[Groups]):
    """Judges put all candidates of each image in order."""

    table: ClassVar[Table] = "votes"
    columns: ClassVar[Mapping[str, str]] = {"team": "object", "slot": "int64", "rank": "Int64"}

    example: ClassVar[str] = """\
kind: ranking             # judges put all candidates of each image in order
ties: true                # some may be equally good; fixed once the study opens
points: [3, 2, 1]         # what the first ranks are worth; the others are worth nothing"""

    kind: Literal["ranking"] = "ranking"
    ties: bool = Field(default=True, description="Judges may call candidates equally good.")
    points: tuple[float, ...] = Field(default=POINTS, min_length=1, description="What each rank is worth.")

    @model_validator(mode="after")
    def _points_fall(self) -> "Ranking":
        check_points(self.points)
        return self

    @property
    def least(self) -> int:
        """Two to put in order."""
        return 2

    def too_few(self, teams: int) -> str:
        """One is in order by itself."""
        return f"{teams} teams cannot be put in order; add teams"

    def question(self, trial: Asked) -> dict[str, Any]:
        """Tell the page whether candidates may be equal."""
        return {"kind": self.kind, "ties": self.ties}

    @classmethod
    def answer_type(cls) -> type[Groups]:
        """Answers are groups."""
        return Groups

    def check(self, answer: Groups, trial: Asked) -> None:
        """Refuse a slot that was not shown or stands twice, and ties where the study has none."""
        slots = answer.slots
        for slot in slots:
            trial.check_slot(slot)
            if slots.count(slot) > 1:
                raise InvalidBallotError(say("slot %(slot)s is ranked twice; give it one rank", slot=slot))
        tied = next((group for group in answer.groups if len(group) > 1), None)
        if tied and not self.ties:
            raise InvalidBallotError(
                say(
                    "slots %(slots)s are tied, but this study has no ties; put them in order",
                    slots=", ".join(map(str, tied)),
                )
            )

    def is_full(self, answer: Groups, trial: Asked) -> bool:
        """Tell whether all candidates have a rank."""
        return len(answer.slots) == trial.slots

    def rows(self, answer: Groups, teams: Mapping[int, str]) -> list[dict[str, Any]]:
        """Return the rank of each candidate; those behind a team that is out move up."""
        ranks = dict(_ranks([[slot for slot in group if slot in teams] for group in answer.groups]))
        return [
            {"team": team, "slot": slot, "rank": ranks.get(slot)}
            for slot, team in (teams.items() if ranks else ())
        ]

    def said_of(self, answer: Groups, slot: int) -> int | None:
        """Return the rank of a candidate."""
        return dict(_ranks(answer.groups)).get(slot)

    @classmethod
    def simulate(cls, question: Mapping[str, Any], liking: Mapping[int, float]) -> list[dict[str, Any]]:
        """Put one behind the other, the best first; those liked nearly as much are equal."""
        groups: list[list[int]] = []
        steps = []
        for slot in sorted(liking, key=lambda slot: -liking[slot]):
            near = bool(groups) and liking[groups[-1][0]] - liking[slot] < 0.1
            groups = [*groups[:-1], [*groups[-1], slot]] if near and question["ties"] else [*groups, [slot]]
            steps.append({"groups": groups})
        return steps


def _ranks(groups: list[list[int]] | tuple[Group, ...]) -> Iterator[tuple[int, int]]:
    """Yield each slot's rank: 1, 2, 2, 4 where two are equally good."""
    before = 0
    for group in groups:
        yield from ((slot, before + 1) for slot in group)
        before += len(group)
