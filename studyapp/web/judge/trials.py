"""The judging page's API: its trials and its ballots."""

from typing import Annotated

from flask import Blueprint, Response, jsonify
from pydantic import BaseModel, ConfigDict, Field, model_validator

from analysis.texts import say
from studyapp.core.looking import Looking
from studyapp.core.reasons import MOST_REASONS, Reason
from studyapp.errors import StaleRevisionError
from studyapp.services.voting import ballots, judging
from studyapp.services.voting.trials import find_trial
from studyapp.web.bodies import json_body
from studyapp.web.entrance.people import judge_id
from studyapp.web.errors import error_response
from studyapp.web.judge.allowance import measured
from studyapp.web.judge.shown import shown_trial
from studyapp.web.judge.trial_json import ballot_json, trial_json
from studyapp.web.state import app_state, now

blueprint = Blueprint("trials", __name__, url_prefix="/api/trials")


class AnswerBody(BaseModel):
    """A ballot: what goes with every answer; the other fields are the answer, as its protocol has it."""

    model_config = ConfigDict(extra="allow", defer_build=True)

    key: Annotated[str, Field(pattern=r"^[0-9A-Za-z-]{16,64}$")]
    base_revision: Annotated[int, Field(strict=True, ge=0, le=2**31)]
    reasons: Annotated[list[Reason], Field(max_length=MOST_REASONS)] = []
    looking: Looking | None = None

    @model_validator(mode="after")
    def _says_something(self) -> "AnswerBody":
        if not self.model_extra:
            raise ValueError(say("the answer is missing: send its fields next to key and base_revision"))
        return self


@blueprint.get("")
def trials() -> Response:
    """List this judge's trials in order."""
    with app_state().workspace.database.reading() as session:
        state = judging.overview(session, judge_id())
    main = [{"trial": line.public_id, "complete": line.complete} for line in state.trials]
    practice = [line.public_id for line in state.practice]
    return jsonify({"practice": practice, "trials": main, "state": state.state})


@blueprint.get("/<public_id>")
def trial(public_id: str) -> Response:
    """Return one trial as it stands."""
    view, file = shown_trial(public_id)
    return jsonify(trial_json(view, file))


# The page sends POST, which every proxy lets through; an answer is known by its key, so PUT means the same.
@blueprint.route("/<public_id>/ballot", methods=["POST", "PUT"])
@measured
def save(public_id: str) -> Response:
    """Record an answer; it is on disk before this returns."""
    body = json_body(AnswerBody)
    cast = ballots.Cast(
        judge_id=judge_id(),
        public_id=public_id,
        key=body.key,
        base_revision=body.base_revision,
        answer=body.model_extra or {},
        at=now(),
        reasons=tuple(body.reasons),
        looking=body.looking,
    )
    try:
        ballot = app_state().ballot_box.save(cast)
    except StaleRevisionError as error:
        with app_state().workspace.database.reading() as session:
            current = ballots.current_ballot(session, find_trial(session, cast.judge_id, public_id))
        return error_response(409, "stale", error.args[0], current=ballot_json(current))
    return jsonify(ballot_json(ballot))
