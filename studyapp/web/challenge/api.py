"""What programs ask: how a submission stands. `studyapp submit` waits by it."""

from typing import Any

from flask import Blueprint, Response, jsonify, url_for

from studyapp.services.challenge.submissions import the_submission
from studyapp.web.challenge.standing import Standing, standing
from studyapp.web.language import said
from studyapp.web.state import the_site

blueprint = Blueprint("api", __name__, url_prefix="/api")


@blueprint.get("/submissions/<int:submission>")
def one(submission: int) -> Response:
    """Say how a submission stands."""
    with the_site().database.reading() as session:
        return jsonify(_plain(standing(session, the_submission(session, submission))))


def _plain(found: Standing) -> dict[str, Any]:
    row = found.submission
    return {
        "submission": row.id,
        "number": row.number,
        "track": row.track,
        "phase": row.phase,
        "name": row.name,
        "sha256": row.sha256,
        "arrived_at": row.arrived_at,
        "state": row.state,
        "words": said(found.words),
        "ahead": found.ahead,
        "done": found.done,
        "total": found.total,
        "score": row.score,
        "means": found.result.get("means", {}),
        "problem": row.problem,
        "page": url_for("challenge.submissions.one", submission=row.id),
    }
