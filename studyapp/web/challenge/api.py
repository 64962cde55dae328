"""What programs ask: what there is to hand in, and how a submission stands. `studyapp submit` works by it."""

from dataclasses import asdict
from typing import Any

from flask import Blueprint, Response, jsonify, request, url_for

from analysis.texts import Text
from studyapp.db.tables import utc_text
from studyapp.errors import StudyError
from studyapp.services.challenge import phases, submissions, teams
from studyapp.services.challenge.submissions import the_submission
from studyapp.study.challenge_file import Phase
from studyapp.web.challenge.acting import account_asking, the_team
from studyapp.web.challenge.shown import is_simulated, track_title
from studyapp.web.challenge.standing import Standing, standing
from studyapp.web.language import said
from studyapp.web.state import now, the_site

blueprint = Blueprint("api", __name__, url_prefix="/api")


@blueprint.get("")
def challenge() -> Response:
    """Name the tracks and their phases, and for which team whoever asks acts in each; or why for none."""
    site, who, moment = the_site(), account_asking(), now()
    found = phases.challenge_of(site)
    rows = {}
    for track, rules in found.tracks.items():
        team, missing = _team(who[0] if who else None, track)
        rows[track] = {
            "title": track_title(track),
            "simulated": is_simulated(track),
            "team": team,
            "missing": said(missing) if missing else "",
            "phases": {
                name: {
                    "title": phase.title,
                    "kind": phase.kind,
                    "opens": utc_text(phase.opens),
                    "closes": utc_text(phase.closes),
                    "stage": phases.stage(phase, moment),
                }
                for name, phase in rules.phases.items()
            },
        }
    return jsonify(title=found.title or site.title, account=who[1] if who else None, tracks=rows)


@blueprint.get("/tracks/<track>/<phase>")
def wanted(track: str, phase: str) -> Response:
    """Say which images are asked for in a phase, what files may be, where uploads go, or why not now."""
    from studyapp.services.challenge.packages import wanted_finals, wanted_pairs  # they know image files

    site = the_site()
    root, file, found = site.study_root(track), site.study_file(track), phases.phase_of(site, track, phase)
    refused = _refused(found, phase)
    # Before a phase opens, and outside the final one, its images are nobody's business.
    wanted_of = wanted_pairs if found.kind == "feedback" else wanted_finals
    images = {} if refused else wanted_of(root, file)
    return jsonify(
        refused=said(refused) if refused else "",
        uploads=url_for("challenge.uploads.create", track=track, phase=phase),
        policy=asdict(file.policy),
        images={image: asdict(item) for image, item in images.items()},
    )


@blueprint.get("/submissions/<int:submission>")
def one(submission: int) -> Response:
    """Say how a submission stands."""
    with the_site().database.reading() as session:
        return jsonify(_plain(standing(session, the_submission(session, submission))))


def _team(account: int | None, track: str) -> tuple[str | None, Text | str | None]:
    if account is None:
        return None, None
    with the_site().database.reading() as session:
        try:
            return teams.acting_team(session, account, track).name, None
        except StudyError as error:
            return None, error.args[0]


def _refused(found: Phase, phase: str) -> Text | str | None:
    site, mine, moment = the_site(), the_team(), now()
    try:
        phases.refuse_late(found, moment)
        with site.database.reading() as session:
            kind = request.args.get("kind", found.kind)
            submissions.refuse_more(session, site, mine.team, mine.track, phase, moment, kind=kind)
    except StudyError as error:
        return error.args[0]
    return None


def _plain(found: Standing) -> dict[str, Any]:
    row = found.submission
    return {
        "submission": row.id,
        "number": row.number,
        "track": row.track,
        "phase": row.phase,
        "kind": row.kind,
        "name": row.name,
        "sha256": row.sha256,
        "arrived_at": row.arrived_at,
        "state": row.state,
        "words": said(found.words),
        "ahead": found.ahead,
        "stage": found.stage,
        "done": found.done,
        "total": found.total,
        "score": row.score,
        "simulated": is_simulated(row.track),
        "means": found.result.get("means", {}),
        "missing": found.result.get("missing", []),
        "formula": found.result.get("formula"),
        "problem": row.problem,
        "page": url_for("challenge.submissions.one", submission=row.id),
    }
