"""The viewing conditions that a judge's browser reports: at the check page, and when they change."""

from typing import Annotated, Literal

from flask import Blueprint, Response, jsonify
from pydantic import BaseModel, ConfigDict, Field, RootModel, model_validator

from analysis.texts import say
from studyapp.services.voting import judging
from studyapp.web.bodies import json_body
from studyapp.web.entrance.people import judge_id
from studyapp.web.judge.allowance import measured
from studyapp.web.state import app_state, now

blueprint = Blueprint("conditions", __name__, url_prefix="/api/conditions")

Pixels = Annotated[float, Field(ge=0, le=100_000)]
# What a browser can honestly report: zoom goes from 25 % to 500 %, screens have 1 to 4 pixels to one of CSS.
Ratio = Annotated[float, Field(ge=0.05, le=50)]
Squares = Literal["0", "1", "2", "3", "4", "5"]
Moment = Annotated[str, Field(pattern=r"^\d{4}-\d\d-\d\dT[0-9:.]{5,15}(Z|[+-]\d\d:\d\d)$")]


class _Bounded(BaseModel):
    model_config = ConfigDict(extra="forbid", defer_build=True)


class Facts(_Bounded):
    """What the browser knows of screen and window; null where it does not say."""

    dpr: Ratio | None = None
    zoom: Ratio | None = None
    width: Pixels | None = None
    height: Pixels | None = None
    screen: tuple[Pixels, Pixels] | None = None
    depth: Annotated[int, Field(ge=0, le=128)] | None = None
    gamut: Literal["less", "srgb", "p3", "rec2020"] | None = None
    hdr: bool | None = None
    contrast: bool | None = None
    touch: bool | None = None


class Seen(_Bounded):
    """What the judge saw of the test patterns."""

    checkerboard: Literal["even", "uneven", "unsure"] | None = None
    dark: Squares | None = None
    bright: Squares | None = None


class Check(Facts):
    """All that is known at the check page."""

    kind: Literal["check"]
    at: Moment | None = None
    seen: Seen = Seen()


class Change(_Bounded):
    """What is different since the last report, while a trial was on the screen."""

    kind: Literal["change"]
    at: Moment
    trial: Annotated[str, Field(max_length=64)]
    changed: Facts

    @model_validator(mode="after")
    def _says_something(self) -> "Change":
        if not self.changed.model_fields_set:
            raise ValueError(say("changed is empty"))
        return self


class Altered(_Bounded):
    """Something between server and browser changes the pictures."""

    kind: Literal["altered"]
    at: Moment
    trial: Annotated[str, Field(max_length=64)]


class Report(RootModel):
    """Any of them."""

    model_config = ConfigDict(defer_build=True)

    root: Annotated[Check | Change | Altered, Field(discriminator="kind")]


@blueprint.post("")
@measured
def save() -> Response:
    """Keep a report; one that came before is not kept again."""
    report = json_body(Report).root
    trial = None if isinstance(report, Check) else report.trial
    body = report.model_dump(mode="json", exclude_unset=True)
    with app_state().workspace.database.writing() as session:
        judging.note_conditions(session, judge_id(), body, trial=trial, now=now())
    return jsonify({"saved": True})
