"""Rate one candidate at a time by five words: alone (acr, acr_hr) or against a reference (dcr)."""

from collections.abc import Collection, Mapping
from typing import Annotated, Any, ClassVar, Literal

from pydantic import Field

from analysis.texts import say
from studyapp.core.hidden_trials import CONTROLS, KNOWN_WORSE, Checks, ShownTrial
from studyapp.core.keyed import keyed_shuffle
from studyapp.core.spaced_trials import SINGLES, spaced_plan
from studyapp.protocols.base import Answer, Asked, Protocol, Scene, Table

QUALITY = (say("Excellent"), say("Good"), say("Fair"), say("Poor"), say("Bad"))
IMPAIRMENT = (
    say("Imperceptible"),
    say("Perceptible, but not annoying"),
    say("Slightly annoying"),
    say("Annoying"),
    say("Very annoying"),
)


class Score(Answer):
    """5 for the first of the five words, 1 for the last."""

    score: Annotated[int, Field(strict=True, ge=1, le=5)] | None = None


class Rating(Protocol[Score]):
    """Judges give one candidate at a time a score from 1 to 5."""

    table: ClassVar[Table] = "ratings"
    columns: ClassVar[Mapping[str, str]] = {"team": "object", "slot": "int64", "score": "int64"}
    scale: ClassVar[tuple[float, float]] = (1, 5)
    controls: ClassVar[tuple[str, ...]] = CONTROLS
    labels: ClassVar[tuple[str, ...]] = QUALITY

    kind: Any
    stabilising: int = Field(
        default=0, ge=0, le=100, description="How many candidates come first and do not count."
    )

    @property
    def least(self) -> int:
        """One is enough to rate."""
        return 1

    def too_few(self, teams: int) -> str:
        """There must be something to rate."""
        return f"{teams} teams leave nothing to rate; add teams"

    def design_name(self, checks: Checks) -> str:
        """Hidden trials are part of it."""
        return SINGLES

    def plan(self, key: bytes, judge: int, scene: Scene, conflicts: Collection[str]) -> list[ShownTrial]:
        """Show every candidate of every image once, the same image never twice in a row."""
        teams = [team for team in scene.teams if team not in conflicts]
        hidden = [control for control in self.needs if control != self.beside]
        counted = [ShownTrial("main", image, (team,)) for image in scene.images for team in (*teams, *hidden)]
        golden = [ShownTrial("golden", image, (KNOWN_WORSE,)) for image in scene.checks.golden]
        sequence = spaced_plan(
            key,
            judge,
            counted,
            repeats=scene.checks.repeats,
            hidden=golden,
            stabilising=self.stabilising,
        )
        image = scene.practice or (sequence[-1].image if sequence else scene.images[-1])
        shown = [*scene.known, *keyed_shuffle(key, teams, "practice slots", judge)[:1]]
        practice = [
            ShownTrial("practice", image, (team,))
            for team in keyed_shuffle(key, shown, "practice order", judge)
        ]
        return [*practice, *sequence]

    def question(self, trial: Asked) -> dict[str, Any]:
        """Tell the page the five words, and whether a reference stands beside."""
        return {"kind": self.kind, "labels": list(self.labels), "reference": self.beside is not None}

    @classmethod
    def answer_type(cls) -> type[Score]:
        """Answers are scores."""
        return Score

    def check(self, answer: Score, trial: Asked) -> None:
        """Every score on the scale can be meant."""

    def is_full(self, answer: Score, trial: Asked) -> bool:
        """Tell whether there is a score."""
        return answer.score is not None

    def rows(self, answer: Score, teams: Mapping[int, str]) -> list[dict[str, Any]]:
        """Return one row."""
        return [{"team": team, "slot": slot, "score": answer.score} for slot, team in teams.items()]

    def said_of(self, answer: Score, slot: int) -> int | None:
        """Return the score."""
        return answer.score

    @classmethod
    def simulate(cls, question: Mapping[str, Any], liking: Mapping[int, float]) -> list[dict[str, Any]]:
        """Give 3 to what is neither liked nor disliked."""
        return [{"score": max(1, min(5, round(3 + liking[1])))}]


class Acr(Rating):
    """Absolute category rating: how good is it?"""

    example: ClassVar[str] = """\
kind: acr                 # judges rate one candidate at a time: 5 Excellent, 4 Good, 3 Fair, 2 Poor, 1 Bad
stabilising: 0            # the first so many do not count"""

    kind: Literal["acr"] = "acr"


class AcrHr(Rating):
    """Absolute category rating, with the reference hidden among the candidates."""

    example: ClassVar[str] = """\
kind: acr_hr              # judges rate one at a time, with the pictures of reference/ hidden among them
stabilising: 0            # the first so many do not count"""

    kind: Literal["acr_hr"] = "acr_hr"

    @property
    def needs(self) -> tuple[str, ...]:
        """The reference of every image."""
        return ("reference",)


class Dcr(Rating):
    """Degradation category rating: how much does it differ from the reference?"""

    labels: ClassVar[tuple[str, ...]] = IMPAIRMENT

    example: ClassVar[str] = """\
kind: dcr                 # judges rate one at a time against reference/: 5 Imperceptible to 1 Very annoying
stabilising: 0            # the first so many do not count"""

    kind: Literal["dcr"] = "dcr"

    @property
    def beside(self) -> str:
        """The reference."""
        return "reference"

    @property
    def needs(self) -> tuple[str, ...]:
        """The reference of every image."""
        return ("reference",)
