"""How judges look: what a study demands of it, and what follows from what a check reports."""

import math
from collections.abc import Mapping
from typing import Annotated, Any, Literal, get_args

from pydantic import Field, model_validator

from analysis.texts import say
from studyapp.core.strict import Strict

Question = Literal[
    "size", "distance", "light", "brightness", "blue_light", "auto_brightness", "panel", "acuity",
    "colour_vision",
]  # fmt: skip
QUESTIONS: tuple[Question, ...] = get_args(Question)
EYES: tuple[Question, ...] = ("acuity", "colour_vision")
"""What says something about a person's health."""
GAMUTS = ("less", "srgb", "p3", "rec2020")
"""From narrow to wide."""
ENOUGH = 3
"""Rings of each kind that are read in at most four tries; guessing does so in 5 % of cases."""

Side = Annotated[int, Field(ge=1, le=20_000)]
Ratio = Annotated[float, Field(ge=0.25, le=10)]


class ViewingRules(Strict):
    """What a judge's screen, room and eyes have to be like before the first answer."""

    window: tuple[Side, Side] | None = Field(
        default=None,
        description="Smallest window: width and height in pixels of the screen.",
        examples=[[1280, 720]],
    )
    pixel_ratio: tuple[Ratio, Ratio] | None = Field(
        default=None,
        description="Least and most pixels of the screen per CSS pixel, browser zoom included.",
        examples=[[1, 2]],
    )
    gamut: Literal["srgb", "p3", "rec2020"] | None = Field(
        default=None, description="Narrowest colour gamut that the browser may report.", examples=["srgb"]
    )
    acuity: Annotated[float, Field(gt=0, le=2)] | None = Field(
        default=None,
        description="Least decimal acuity in the screening, or the finest that the judge's screen can test.",
        examples=[0.8],
    )
    colour_vision: bool = Field(
        default=False,
        description="Whether judges have to pass the screening of colour vision.",
        examples=[True],
    )
    required: tuple[Question, ...] = Field(
        default=(),
        description="Questions that judges cannot skip.",
        examples=[["size", "distance", "light"]],
    )
    eyes: Literal["private", "exported", "left_out"] = Field(
        default="left_out",
        description="Screenings of the eyes: left_out, private (for the limits above alone) or exported.",
        examples=["private"],
    )

    @model_validator(mode="after")
    def _fits(self) -> "ViewingRules":
        if self.pixel_ratio and self.pixel_ratio[0] > self.pixel_ratio[1]:
            raise ValueError(
                say(
                    "pixel_ratio goes from %(first)s to %(second)s; write the smaller number first",
                    first=f"{self.pixel_ratio[0]:g}",
                    second=f"{self.pixel_ratio[1]:g}",
                )
            )
        if twice := sorted({name for name in self.required if self.required.count(name) > 1}):
            raise ValueError(say("required lists %(name)s twice; remove one", name=twice[0]))
        if self.eyes == "left_out" and (needed := sorted(self.asked & set(EYES))):
            raise ValueError(
                say(
                    "%(name)s is needed, but eyes are left_out; write eyes: private, or do not demand it",
                    name=needed[0],
                )
            )
        return self

    @property
    def demands(self) -> bool:
        """Whether anything is needed before the first answer."""
        return bool(self.window or self.pixel_ratio or self.gamut or self.asked)

    @property
    def asked(self) -> frozenset[Question]:
        """The questions that a judge cannot skip; acuity needs size and distance."""
        found: set[Question] = set(self.required)
        if self.colour_vision:
            found.add("colour_vision")
        if self.acuity is not None:
            found.add("acuity")
        if "acuity" in found:
            found |= {"size", "distance"}
        return frozenset(found)

    def unmet(self, check: Mapping[str, Any]) -> tuple[str, ...]:
        """Name the limits that a check does not keep, and the questions that it leaves open.

        Limits come by the name of their setting, questions with `ask:` before theirs.
        """
        answers = answers_of(check)
        missing = [f"ask:{name}" for name in QUESTIONS if name in self.asked and answers[name] is None]
        return (*self.outside(check), *self._eyes(answers), *missing)

    def outside(self, facts: Mapping[str, Any]) -> tuple[str, ...]:
        """Name the limits of screen and window that the facts of a browser do not keep."""
        found = []
        ratio, width, height = (facts.get(name) for name in ("dpr", "width", "height"))
        if self.window and not (
            ratio
            and width
            and height
            and round(width * ratio) >= self.window[0]
            and round(height * ratio) >= self.window[1]
        ):
            found.append("window")
        # Browsers give ratios such as 1.100000023841858.
        if self.pixel_ratio and not (
            ratio and self.pixel_ratio[0] - 0.005 <= ratio <= self.pixel_ratio[1] + 0.005
        ):
            found.append("pixel_ratio")
        gamut = facts.get("gamut")
        if self.gamut and (gamut is None or GAMUTS.index(gamut) < GAMUTS.index(self.gamut)):
            found.append("gamut")
        return tuple(found)

    def _eyes(self, answers: Mapping[Question, Any]) -> list[str]:
        found = []
        acuity = answers["acuity"]
        if self.acuity is not None and acuity and not acuity["limited"] and acuity["decimal"] < self.acuity:
            found.append("acuity")
        if self.colour_vision and answers["colour_vision"] not in (None, "seen"):
            found.append("colour_vision")
        return found


def answers_of(check: Mapping[str, Any]) -> dict[Question, Any]:
    """Return the answer to each question of a check; None where it was skipped."""
    told, eyes = check.get("told", {}), check.get("eyes", {})
    return {
        "size": check.get("px_per_mm"),
        "distance": told.get("distance_cm"),
        **{
            name: told.get(name) for name in ("light", "brightness", "blue_light", "auto_brightness", "panel")
        },
        "acuity": eyes.get("acuity"),
        "colour_vision": colours_seen(eyes.get("colour")),
    }


def colours_seen(colour: Mapping[str, Any] | None) -> str | None:
    """Say what the screening of colour vision showed.

    Returns
    -------
    str or None
        seen, red_green, blue_yellow or both (what was not seen), unclear if not even the ring that everybody
        sees was read, None without a test.
    """
    if colour is None:
        return None
    if not colour["control"]:
        return "unclear"
    red_green = min(colour["protan"], colour["deutan"]) >= ENOUGH
    blue_yellow = colour["tritan"] >= ENOUGH
    if red_green and blue_yellow:
        return "seen"
    return "both" if not (red_green or blue_yellow) else "blue_yellow" if red_green else "red_green"


def pixels_per_degree(px_per_mm: float | None, distance_cm: float | None) -> float | None:
    """Return how many pixels of the screen one degree of the visual field holds, at its centre."""
    if not px_per_mm or not distance_cm:
        return None
    return 2 * 10 * distance_cm * math.tan(math.radians(0.5)) * px_per_mm
