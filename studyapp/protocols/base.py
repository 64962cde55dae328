"""What a protocol is: how judges are asked, what they may answer, and which table their answers feed.

A protocol is one subclass of `Protocol` in a module of its own. Its fields, among them `kind`, are its part
of study.yaml; its methods are all that the rest of the application knows of questions and answers.
docs/protocols.md shows how to add one.
"""

from abc import ABC, abstractmethod
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, ClassVar, Generic, Literal, TypeVar

from pydantic import Field, ValidationError

from analysis.texts import say
from studyapp.core.hidden_trials import Checks, ShownTrial
from studyapp.core.reasons import not_shown
from studyapp.core.refused import in_words
from studyapp.core.strict import Strict
from studyapp.errors import InvalidBallotError


class Answer(Strict):
    """What a judge says on one trial, as the page sends it and the ledger keeps it."""


Given = TypeVar("Given", bound=Answer)
Table = Literal["votes", "pairs", "ratings"]


@dataclass(frozen=True)
class Scene:
    """What a study shows: the images that count, by name, and the teams in the order of study.yaml."""

    images: tuple[str, ...]
    teams: tuple[str, ...]
    practice: str | None
    """The image of the practice trials; None where the study has none of its own."""
    checks: Checks
    known: tuple[str, ...] = ()
    """What the practice image has besides the teams' candidates, of `Protocol.controls`."""


@dataclass(frozen=True)
class Asked:
    """A trial as its protocol sees it: practice, main or one of the hidden kinds, with so many candidates."""

    kind: str
    slots: int

    def check_slot(self, slot: int) -> None:
        """Refuse a slot that holds no candidate.

        Raises
        ------
        InvalidBallotError
            Naming it, and those that do.
        """
        if not 1 <= slot <= self.slots:
            raise InvalidBallotError(not_shown(slot, self.slots))


class Protocol(Strict, ABC, Generic[Given]):
    """A way to ask judges."""

    table: ClassVar[Table]
    """The table that answers feed."""
    columns: ClassVar[Mapping[str, str]]
    """Its columns that are the protocol's own, with their dtypes; all tables share the rest."""
    controls: ClassVar[tuple[str, ...]] = ()
    """Pictures that are no team's and that it may show: `reference` and `anchor`, folders of a study."""

    example: ClassVar[str]
    """Its lines in the study.yaml that `studyapp init` writes."""

    see_all_at_1_1: bool = Field(
        default=False,
        description="A ballot needs every candidate seen at 1:1, one image pixel to one of the screen.",
    )

    @property
    def needs(self) -> tuple[str, ...]:
        """Those of `controls` that every image needs; others serve the practice trials, where they are."""
        return ()

    @property
    def beside(self) -> str | None:
        """What stands in slot 0, beside the candidates: one of `needs`, None for the input."""
        return None

    @property
    @abstractmethod
    def least(self) -> int:
        """How many candidates a trial needs: a study has as many teams, and conflicts leave as many."""

    @abstractmethod
    def too_few(self, teams: int) -> str:
        """Say why so many teams are not enough, and what to do."""

    @abstractmethod
    def design_name(self, checks: Checks) -> str:
        """Name the rule by which `plan` draws, as the commitment and so the verifier know it."""

    @abstractmethod
    def plan(self, key: bytes, judge: int, scene: Scene, conflicts: Collection[str]) -> list[ShownTrial]:
        """Return the practice trials, then everything else in the order in which the judge sees it.

        A pure function of its arguments: who has them can recompute who saw what, when and where.

        Parameters
        ----------
        key
            The study key, 32 bytes.
        judge
            The judge's number, from 0.
        scene
            What the study shows.
        conflicts
            Teams that this judge must not be shown.
        """

    @abstractmethod
    def question(self, trial: Asked) -> dict[str, Any]:
        """Return what the page needs to ask: `kind` names its module, the rest is for that module alone."""

    @classmethod
    @abstractmethod
    def answer_type(cls) -> type[Given]:
        """Return the shape of an answer; made without arguments it is the answer that says nothing."""

    @abstractmethod
    def check(self, answer: Given, trial: Asked) -> None:
        """Refuse what nobody can mean on this trial. An unfinished answer is in order.

        Raises
        ------
        InvalidBallotError
            Naming the value and what would be right.
        """

    @abstractmethod
    def is_full(self, answer: Given, trial: Asked) -> bool:
        """Tell whether everything is answered."""

    @abstractmethod
    def rows(self, answer: Given, teams: Mapping[int, str]) -> list[dict[str, Any]]:
        """Return the rows that a complete answer adds to its table, with the protocol's own columns.

        Parameters
        ----------
        answer
            As it was given, about slots.
        teams
            Who stood in each slot, in order; disqualified teams are left out, and so are answers about them.
        """

    @abstractmethod
    def said_of(self, answer: Given, slot: int) -> str | int | float | None:
        """Return what the answer says of one candidate (a place, a score), None where it says nothing."""

    def said_in_letters(self, answer: Given, letters: Mapping[int, str]) -> str:
        """Say an answer as reasons.jsonl does, where candidates have letters.

        Parameters
        ----------
        answer
            As it was given, about slots.
        letters
            Of each slot whose team counts, in order.
        """
        said = {letter: self.said_of(answer, slot) for slot, letter in letters.items()}
        if len(said) == 1:
            return str(*said.values())
        return ", ".join(f"{letter} {value}" for letter, value in said.items() if value is not None)

    @classmethod
    @abstractmethod
    def simulate(cls, question: Mapping[str, Any], liking: Mapping[int, float]) -> list[dict[str, Any]]:
        """Return what a judge who likes the candidates so much sends, one answer after the other.

        Simulated judges and the blind audit answer by it; they know the question as the page has it.
        """

    def wants_reasons(self, answer: Given) -> bool:
        """Tell whether the reasons that a study requires are required with this answer."""
        return True

    def complete(self, answer: Given, trial: Asked, unseen: Callable[[], Sequence[int]]) -> bool:
        """Tell whether an answer counts; `unseen` is only asked where all must have been seen at 1:1."""
        return self.is_full(answer, trial) and not (self.see_all_at_1_1 and unseen())

    def read(self, value: Any) -> Given:
        """Return an answer from JSON.

        Raises
        ------
        InvalidBallotError
            When it is not an answer of this protocol.
        """
        try:
            return self.answer_type().model_validate(value)
        except ValidationError as error:
            first = error.errors()[0]
            where = ".".join(map(str, first["loc"])) or say("the answer")
            if first["type"] == "extra_forbidden":
                known = ", ".join(self.answer_type().model_fields)
                kind = type(self).model_fields["kind"].default
                raise InvalidBallotError(
                    say(
                        "%(name)s is not part of an answer to %(kind)s, which has %(known)s",
                        name=repr(where),
                        kind=kind,
                        known=known,
                    )
                ) from None
            raise InvalidBallotError(say("%(where)s: %(why)s", where=where, why=in_words(first))) from None

    def written(self, answer: Given) -> dict[str, Any]:
        """Return an answer as JSON: what the ledger keeps, and the page gets back."""
        return answer.model_dump(mode="json")

    @classmethod
    def nothing(cls) -> dict[str, Any]:
        """Return the answer that says nothing, as JSON."""
        return cls.answer_type()().model_dump(mode="json")

    def says_nothing(self, answer: Given) -> bool:
        """Tell whether an answer takes everything back."""
        return answer == self.answer_type()()
