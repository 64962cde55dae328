"""The viewing conditions that a judge's browser reports: at the check page, and when they change."""

from typing import Annotated, Literal

from flask import Blueprint, Response, jsonify
from pydantic import BaseModel, ConfigDict, Field

from studyapp.services import judging
from studyapp.web.bodies import json_body
from studyapp.web.login import judge_id
from studyapp.web.state import app_state, now

blueprint = Blueprint("conditions", __name__, url_prefix="/api/conditions")

Pixels = Annotated[float, Field(ge=0, le=100_000)]
Answer = Annotated[str, Field(max_length=20)]


class Conditions(BaseModel):
    """What the browser knows (all at the check, later what changed), and what the judge saw."""

    model_config = ConfigDict(extra="forbid")

    kind: Literal["check", "change"]
    at: Annotated[str, Field(max_length=40)] | None = None
    dpr: Annotated[float, Field(gt=0, le=100)] | None = None
    zoom: Annotated[float, Field(gt=0, le=100)] | None = None
    width: Pixels | None = None
    height: Pixels | None = None
    screen: tuple[Pixels, Pixels] | None = None
    depth: Annotated[int, Field(ge=1, le=128)] | None = None
    gamut: Annotated[str, Field(max_length=20)] | None = None
    hdr: bool | None = None
    contrast: bool | None = None
    touch: bool | None = None
    seen: dict[Answer, Answer | None] | None = None


@blueprint.post("")
def save() -> Response:
    """Keep a report."""
    report = json_body(Conditions)
    with app_state().workspace.database.writing() as session:
        judging.note_conditions(
            session, judge_id(), report.model_dump(mode="json", exclude_none=True), now=now()
        )
    return jsonify({"saved": True})
