"""Say which of two candidates of an image is better."""

from collections.abc import Collection, Mapping
from itertools import combinations
from math import comb
from typing import Any, ClassVar, Literal

from pydantic import Field, model_validator

from analysis.texts import say
from studyapp.core.adaptive import ADAPTIVE_DESIGN, Place, places, stabilising
from studyapp.core.hidden_trials import CONTROLS, KNOWN_WORSE, Checks, ShownTrial
from studyapp.core.keyed import keyed_shuffle
from studyapp.core.pair_design import PAIR_DESIGN, count_shares, pair_share
from studyapp.core.spaced_trials import spaced_plan
from studyapp.errors import InvalidBallotError
from studyapp.protocols.base import Answer, Asked, Protocol, Scene, Table

SAID = {"a": ("better", "worse"), "b": ("worse", "better"), "tie": ("tie", "tie"), "bad": ("bad", "bad")}
"""What each choice says of the candidate on the left, and of the one on the right."""


class Choice(Answer):
    """The better one: a stood left, b right; or neither is better, or both are bad."""

    choice: Literal["a", "b", "tie", "bad"] | None = None


class Pairwise(Protocol[Choice]):
    """Judges compare two candidates of an image at a time."""

    table: ClassVar[Table] = "pairs"
    columns: ClassVar[Mapping[str, str]] = {"team_a": "object", "team_b": "object", "answer": "object"}
    controls: ClassVar[tuple[str, ...]] = CONTROLS

    example: ClassVar[str] = """\
kind: pairwise            # judges compare two candidates of an image at a time
ties: true                # they may say "no difference"; fixed once the study opens
both_bad: false           # they may say "both are bad"; fixed once the study opens
reference: false          # true: the picture in reference/ is between the two, instead of the input
design: complete          # each judge compares all pairs; balanced: each compares a share of them;
                          # adaptive: those that should tell most, given all answers so far
# pairs_per_judge: 60     # how many a judge compares at most, for design: balanced and adaptive
identical: 0              # how often each judge gets the same picture twice, which shows who guesses
stabilising: 0            # the first so many comparisons do not count"""

    kind: Literal["pairwise"] = "pairwise"
    ties: bool = Field(default=True, description='Judges may say "no difference".')
    both_bad: bool = Field(default=False, description='Judges may say "both are bad".')
    reference: bool = Field(
        default=False, description="The reference is shown between the two, instead of the input."
    )
    design: Literal["complete", "balanced", "adaptive"] = Field(
        default="complete",
        description="Whether each judge compares all pairs (complete), a share of them (balanced), or the "
        "pairs that should tell most, given all answers so far (adaptive).",
    )
    pairs_per_judge: int | None = Field(
        default=None,
        ge=1,
        le=10_000,
        description="How many pairs a judge compares at most; for balanced and adaptive.",
    )
    identical: int = Field(
        default=0,
        ge=0,
        le=100,
        description="How many trials of each judge show one picture twice: they show who guesses.",
    )
    stabilising: int = Field(
        default=0, ge=0, le=100, description="How many comparisons come first and do not count."
    )

    @model_validator(mode="after")
    def _design_has_what_it_needs(self) -> "Pairwise":
        if self.design == "complete" and self.pairs_per_judge is not None:
            raise ValueError(
                "design: complete shows all pairs; remove pairs_per_judge, or set design: balanced"
            )
        if self.design != "complete" and self.pairs_per_judge is None:
            raise ValueError(
                f"design: {self.design} needs pairs_per_judge: how many a judge compares at most"
            )
        return self

    @property
    def needs(self) -> tuple[str, ...]:
        """The reference, where it is shown."""
        return ("reference",) if self.reference else ()

    @property
    def beside(self) -> str | None:
        """The reference, where it is shown."""
        return "reference" if self.reference else None

    @property
    def least(self) -> int:
        """Two to compare."""
        return 2

    def too_few(self, teams: int) -> str:
        """Nobody can compare one."""
        return f"{teams} teams do not make a pair; add teams"

    def design_name(self, checks: Checks) -> str:
        """Hidden trials are part of it."""
        return ADAPTIVE_DESIGN if self.design == "adaptive" else PAIR_DESIGN

    def plan(self, key: bytes, judge: int, scene: Scene, conflicts: Collection[str]) -> list[ShownTrial]:
        """Deal the judge a share of all pairs; those with a team in conflict are left out of it.

        What an adaptive study shows is drawn later, where answers decide: such a trial has no image yet.
        """
        teams = [team for team in scene.teams if team not in conflicts]
        if self.design == "adaptive":
            sequence = self._places_only(key, judge, scene, teams)
            return [*_training(key, judge, scene, scene.practice or scene.images[-1], teams), *sequence]
        shares = count_shares(len(scene.images), len(scene.teams), self.pairs_per_judge)
        counted = [
            ShownTrial("main", image, (left, right))
            for image, left, right in pair_share(key, judge, scene.images, scene.teams, shares)
            if not {left, right} & {*conflicts}
        ]
        sequence = spaced_plan(
            key,
            judge,
            counted,
            repeats=scene.checks.repeats,
            hidden=[
                trial for of_a_kind in self._hidden(key, judge, scene, teams).values() for trial in of_a_kind
            ],
            stabilising=self.stabilising,
        )
        last = sequence[-1].image if sequence else scene.images[-1]
        return [*_training(key, judge, scene, scene.practice or last, teams), *sequence]

    def places(self, key: bytes, judge: int, scene: Scene, conflicts: Collection[str]) -> list[Place]:
        """Return the places of a judge of an adaptive study, after those that do not count."""
        pairs = comb(len(scene.teams) - len({*conflicts} & {*scene.teams}), 2)
        return places(
            key,
            judge,
            min(self.pairs_per_judge or 0, pairs * len(scene.images)),
            repeats=len(scene.checks.repeats),
            golden=len(scene.checks.golden),
            identical=self.identical,
        )

    def preference(self, answer: Choice) -> float | None:
        """Return 1 where the left one was preferred, 0 for the right one, a half for neither."""
        return None if answer.choice is None else {"a": 1.0, "b": 0.0}.get(answer.choice, 0.5)

    def _places_only(self, key: bytes, judge: int, scene: Scene, teams: list[str]) -> list[ShownTrial]:
        known = self._hidden(key, judge, scene, teams)
        numbers = [scene.teams.index(team) for team in teams]
        first = stabilising(key, judge, len(scene.images), numbers, self.stabilising)
        conflicts = {*scene.teams} - {*teams}
        return [
            *(
                ShownTrial(
                    "stabilising", scene.images[pair.image], (scene.teams[pair.left], scene.teams[pair.right])
                )
                for pair in first
            ),
            *(
                known[place.kind][place.number] if place.kind in known else ShownTrial(place.kind, "", ())
                for place in self.places(key, judge, scene, conflicts)
            ),
        ]

    def _hidden(self, key: bytes, judge: int, scene: Scene, teams: list[str]) -> dict[str, list[ShownTrial]]:
        """Return the hidden trials that follow from the key alone."""
        golden = [
            ShownTrial("golden", image, _golden(key, judge, image, teams)) for image in scene.checks.golden
        ]
        return {"golden": golden, "identical": _identical(key, judge, scene.images, teams, self.identical)}

    def question(self, trial: Asked) -> dict[str, Any]:
        """Tell the page what else may be said."""
        return {
            "kind": self.kind,
            "ties": self.ties,
            "both_bad": self.both_bad,
            "reference": self.reference,
        }

    @classmethod
    def answer_type(cls) -> type[Choice]:
        """Answers are choices."""
        return Choice

    def check(self, answer: Choice, trial: Asked) -> None:
        """Refuse what this study does not offer."""
        if answer.choice == "tie" and not self.ties:
            raise InvalidBallotError(say("choice 'tie': this study has no ties; choose a or b"))
        if answer.choice == "bad" and not self.both_bad:
            raise InvalidBallotError(
                say("choice 'bad': this study does not offer it; choose a, b or tie")
                if self.ties
                else say("choice 'bad': this study does not offer it; choose a or b")
            )

    def is_full(self, answer: Choice, trial: Asked) -> bool:
        """Tell whether something was chosen."""
        return answer.choice is not None

    def rows(self, answer: Choice, teams: Mapping[int, str]) -> list[dict[str, Any]]:
        """Return one row, with the team on the left first; none where one of the two is out."""
        if answer.choice is None or len(teams) < 2:
            return []
        return [{"team_a": teams[1], "team_b": teams[2], "answer": answer.choice}]

    def said_of(self, answer: Choice, slot: int) -> str | None:
        """Return better, worse, tie or bad."""
        return None if answer.choice is None else SAID[answer.choice][slot - 1]

    def said_in_letters(self, answer: Choice, letters: Mapping[int, str]) -> str:
        """Name the better one, or say tie or bad."""
        return {"a": letters.get(1), "b": letters.get(2)}.get(answer.choice or "", answer.choice) or ""

    def wants_reasons(self, answer: Choice) -> bool:
        """Who finds neither better has nothing to say of either."""
        return answer.choice in ("a", "b")

    @classmethod
    def simulate(cls, question: Mapping[str, Any], liking: Mapping[int, float]) -> list[dict[str, Any]]:
        """Choose the one that is liked more; those liked nearly as much are a tie."""
        left, right = liking[1], liking[2]
        if question["both_bad"] and max(left, right) < -2:
            return [{"choice": "bad"}]
        if question["ties"] and abs(left - right) < 0.2:
            return [{"choice": "tie"}]
        return [{"choice": "a" if left >= right else "b"}]


def _golden(key: bytes, judge: int, image: str, teams: Collection[str]) -> tuple[str, ...]:
    better = keyed_shuffle(key, list(teams), "golden team", judge, image)[0]
    return tuple(keyed_shuffle(key, (KNOWN_WORSE, better), "golden slots", judge, image))


def _identical(
    key: bytes, judge: int, images: Collection[str], teams: Collection[str], count: int
) -> list[ShownTrial]:
    seen = keyed_shuffle(key, list(images), "identical images", judge)
    twice = keyed_shuffle(key, list(teams), "identical teams", judge)
    return [
        ShownTrial("identical", seen[number % len(seen)], (twice[number % len(twice)],) * 2)
        for number in range(count)
    ]


def _training(key: bytes, judge: int, scene: Scene, image: str, teams: Collection[str]) -> list[ShownTrial]:
    """Compare a team with the best and the worst there is, where the folder has them, or two teams."""
    own = keyed_shuffle(key, list(teams), "practice slots", judge)
    shown = [*scene.known, own[0]] if scene.known else own[:2]
    pairs = keyed_shuffle(key, list(combinations(shown, 2)), "practice order", judge)
    return [
        ShownTrial("practice", image, tuple(keyed_shuffle(key, pair, "practice sides", judge, number)))
        for number, pair in enumerate(pairs, start=1)
    ]
