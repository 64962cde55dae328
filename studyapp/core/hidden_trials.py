"""Hidden repeats and golden trials: what is mixed into a judge's sequence to check the judge, never counted.

A pure function of the study key, like the design of the counted trials (`studyapp.core.design`), whose order
and slots it leaves as they are. A repeat shows an image again, newly shuffled. A golden trial shows an
image's candidates with one of them replaced by a candidate known to be worse, so that the number of slots
stays what it is. Both come after the image's counted trial, so that every counted answer is a first look,
and at least a third of the sequence after it; for an image that comes too late for that, at the end.
"""

from collections.abc import Collection, Sequence
from dataclasses import dataclass

from pydantic import Field, model_validator

from studyapp.core.design import DESIGN, TrialPlan
from studyapp.core.keyed import keyed_shuffle
from studyapp.core.strict import Key, Strict

DESIGN_WITH_CHECKS = f"{DESIGN}, hidden trials 1"
"""The design of a study with repeats or golden trials (docs/decisions/0005)."""

KNOWN_WORSE = "known-worse"
"""Stands for a team where a golden trial shows the candidate that is known to be worse."""

CONTROLS = ("reference", "anchor")
"""Stand for a team where the best and the worst that there can be are shown, from folders of that name."""


class Checks(Strict):
    """Trials that check the judges; hidden among the others and never counted."""

    repeats: tuple[Key, ...] = Field(
        default=(),
        description="Images that judges are shown a second time.",
        examples=[["003", "017", "031"]],
    )
    golden: tuple[Key, ...] = Field(
        default=(),
        description="Images shown again, with golden/<image>.png, known to be worse, for one candidate.",
        examples=[["005", "023"]],
    )

    @model_validator(mode="after")
    def _images_are_distinct(self) -> "Checks":
        for name in ("repeats", "golden"):
            images = getattr(self, name)
            twice = sorted({image for image in images if images.count(image) > 1})
            if twice:
                raise ValueError(f"{name} names {', '.join(twice)} twice; name each image once")
        return self


@dataclass(frozen=True)
class ShownTrial:
    """One trial of a judge, practice, main or hidden; `slots[k]` is the team in slot k + 1."""

    kind: str
    image: str
    slots: tuple[str, ...]


def shown_plan(
    key: bytes,
    judge: int,
    plan: Sequence[TrialPlan],
    teams: Sequence[str],
    checks: Checks,
    conflicts: Collection[str],
    *,
    controls: Collection[str] = (),
) -> list[ShownTrial]:
    """Return everything that judge number `judge` is shown after practice, in order.

    Parameters
    ----------
    key
        The study key, 32 bytes.
    judge
        The judge's number, from 0.
    plan
        The judge's counted trials, from `studyapp.core.design.judge_plan`.
    teams
        Team ids in the order of study.yaml, then `controls`.
    checks
        Which images are shown again, and which with a candidate known to be worse.
    conflicts
        Teams that this judge must not be shown; they have no slot in any trial.
    controls
        Candidates that are no team's: a golden trial has them as they are.
    """
    shown = [team for team in teams if team not in conflicts]
    sequence = [
        ShownTrial("main", trial.image, tuple(team for team in trial.slots if team not in conflicts))
        for trial in plan
    ]
    hidden = [("golden", image) for image in checks.golden] + [("repeat", image) for image in checks.repeats]
    number = {trial.image: place for place, trial in enumerate(plan)}
    gap = -(-(len(plan) + len(hidden)) // 3)
    placed = []
    for kind, image in hidden:
        # How many counted trials come before it.
        earliest = min(number[image] + gap, len(plan))
        before = keyed_shuffle(key, range(earliest, len(plan) + 1), "hidden place", kind, judge, image)[0]
        placed.append((before, kind, number[image], image))
    for before, kind, _, image in sorted(placed, reverse=True):
        if kind == "golden":
            slots = _golden(key, judge, image, shown, [team for team in shown if team not in controls])
        else:
            slots = _repeat(key, judge, image, shown)
        sequence.insert(before, ShownTrial(kind, image, slots))
    return sequence


def _repeat(key: bytes, judge: int, image: str, teams: Sequence[str]) -> tuple[str, ...]:
    return tuple(keyed_shuffle(key, teams, "repeat slots", judge, image))


def _golden(
    key: bytes, judge: int, image: str, teams: Sequence[str], replaceable: Sequence[str]
) -> tuple[str, ...]:
    replaced = keyed_shuffle(key, replaceable, "golden team", judge, image)[0]
    slots = keyed_shuffle(key, teams, "golden slots", judge, image)
    return tuple(KNOWN_WORSE if team == replaced else team for team in slots)
