"""Where a judge looked after the last saved pick; what came before travels with the ballot."""

from flask import Blueprint, Response, jsonify

from studyapp.core.looking import Looking
from studyapp.services.voting.looking import note_looking
from studyapp.web.bodies import json_body
from studyapp.web.entrance.people import judge_id
from studyapp.web.judge.allowance import measured
from studyapp.web.state import app_state, now

blueprint = Blueprint("looking", __name__, url_prefix="/api/trials")


@blueprint.post("/<public_id>/looking")
@measured
def save(public_id: str) -> Response:
    """Keep a report."""
    report = json_body(Looking)
    with app_state().workspace.database.writing() as session:
        note_looking(session, judge_id(), public_id, report, now=now())
    return jsonify({"saved": True})
