"""The viewing conditions that a judge's browser reports: at the check page, and when they change."""

from typing import Annotated, Literal

from flask import Blueprint, Response, jsonify
from pydantic import BaseModel, ConfigDict, Field, RootModel, model_validator

from analysis.texts import say
from studyapp.services.ground import studies
from studyapp.services.voting import viewing
from studyapp.web.bodies import json_body
from studyapp.web.entrance.people import judge_id
from studyapp.web.judge.allowance import measured
from studyapp.web.state import app_state, now

blueprint = Blueprint("conditions", __name__, url_prefix="/api/conditions")

Pixels = Annotated[float, Field(ge=0, le=100_000)]
# What a browser can honestly report: zoom goes from 25 % to 500 %, screens have 1 to 4 pixels to one of CSS.
Ratio = Annotated[float, Field(ge=0.05, le=50)]
PixelsPerMm = Annotated[float, Field(ge=0.5, le=100)]
"""From a wall of LEDs to a phone."""
Offset = Annotated[float, Field(ge=-1_000_000, le=1_000_000)]
Right = Annotated[int, Field(ge=0, le=3)]
YesNo = Literal["on", "off", "unsure"]
Squares = Literal["0", "1", "2", "3", "4", "5"]
Moment = Annotated[str, Field(pattern=r"^\d{4}-\d\d-\d\dT[0-9:.]{5,15}(Z|[+-]\d\d:\d\d)$")]


class _Bounded(BaseModel):
    model_config = ConfigDict(extra="forbid", defer_build=True)


class Facts(_Bounded):
    """What the browser knows of screen and window; null where it does not say."""

    exact: Literal["yes", "no", "unknown"] | None = None
    dpr: Ratio | None = None
    px_per_mm: PixelsPerMm | None = None
    zoom: Ratio | None = None
    width: Pixels | None = None
    height: Pixels | None = None
    screen: tuple[Pixels, Pixels] | None = None
    screen_at: tuple[Offset, Offset] | None = None
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


class Told(_Bounded):
    """What the judge says of room and screen; what is skipped is left out."""

    size_by: Literal["card", "ruler"] | None = None
    distance_cm: Annotated[float, Field(ge=10, le=500)] | None = None
    light: Literal["dark", "dim", "lit", "bright"] | None = None
    brightness: Literal["low", "middle", "high", "unsure"] | None = None
    blue_light: YesNo | None = None
    auto_brightness: YesNo | None = None
    panel: Literal["ips", "va", "tn", "oled", "other", "unsure"] | None = None


class Acuity(_Bounded):
    """The finest ring whose gap was seen; `limited`: the screen shows no finer one at this distance."""

    decimal: Annotated[float, Field(ge=0, le=20)]
    gap_px: Annotated[int, Field(ge=1, le=1000)] | None
    limited: bool


class Colour(_Bounded):
    """How many rings of dots of each kind were read, of three; `control`: the one that everybody can see."""

    control: bool
    protan: Right
    deutan: Right
    tritan: Right


class Eyes(_Bounded):
    """Screenings of the judge's eyes; what is skipped is left out."""

    acuity: Acuity | None = None
    colour: Colour | None = None


class Check(Facts):
    """All that is known at the check page."""

    kind: Literal["check"]
    at: Moment | None = None
    seen: Seen = Seen()
    told: Told = Told()
    eyes: Eyes = Eyes()


class Opened(Facts):
    """All that the browser knows as the judging page is opened, which is where a session begins."""

    kind: Literal["opened"]
    at: Moment
    trial: Annotated[str, Field(max_length=64)]


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

    root: Annotated[Check | Opened | Change | Altered, Field(discriminator="kind")]


@blueprint.post("")
@measured
def save() -> Response:
    """Keep a report; one that came before is not kept again."""
    report = json_body(Report).root
    trial = None if isinstance(report, Check) else report.trial
    body = report.model_dump(mode="json", exclude_unset=True)
    with app_state().workspace.database.writing() as session:
        viewing.note_conditions(session, judge_id(), body, trial=trial, now=now())
        rules = studies.current_file(session).viewing
    unmet = rules.unmet(body) if isinstance(report, Check) else ()
    return jsonify({"saved": True, "unmet": unmet})
