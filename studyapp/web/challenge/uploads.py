"""Where teams upload: tus 1.0 (`studyapp.web.tus`), signed in or with `Authorization: Bearer TOKEN`.

The last byte makes the submission: nothing else has to come in time.
"""

from flask import Blueprint, Response, jsonify, request, url_for

from analysis.texts import say
from studyapp.db.site_tables import Submission
from studyapp.errors import NotFoundError, StudyError
from studyapp.services.challenge import phases, submissions
from studyapp.services.jobs import queue
from studyapp.services.uploads import receiving
from studyapp.services.uploads.receiving import Progress
from studyapp.web import tus
from studyapp.web.challenge.acting import still_acts, the_team
from studyapp.web.state import now, the_site

blueprint = Blueprint("uploads", __name__, url_prefix="/tracks/<track>/<phase>/uploads")
tus.prepare(blueprint, "challenge.uploads.create")

SUBMISSION = "Studyapp-Submission"
"""The header that names the submission which the last byte made."""

JOBS = {submissions.RESULTS: "submission", submissions.FINAL: "final", submissions.CODE: "model"}
"""The kind of job that works on a kind of submission."""


class _Door(tus.Door):
    """A team hands something in for a phase of a track."""

    largest = receiving.LARGEST_SUBMISSION

    def owner(self) -> tuple[str, int]:
        mine = the_team()
        return mine.track, mine.team

    def begin(self, metadata: dict[str, str], name: str, size: int) -> Progress:
        site, mine, at = the_site(), the_team(), now()
        phase = _phase()
        found = phases.phase_of(site, mine.track, phase)
        phases.refuse_late(found, at)
        kind = submissions.RESULTS if found.kind == "feedback" else submissions.FINAL
        if found.kind == "final" and metadata.get("kind") == submissions.CODE:
            kind = submissions.CODE
        if not size:
            raise StudyError(say("the file is empty"))
        receiving.remove_expired(site, now=at)
        with site.database.writing() as session:
            submissions.refuse_more(session, site, mine.team, mine.track, phase, at, kind=kind)
            return receiving.begin(
                session,
                site,
                mine.track,
                name=name,
                size=size,
                by=mine.name,
                now=at,
                team=mine.team,
                purpose={"phase": phase, "kind": kind, "account": mine.account},
            )

    def location(self, upload: str) -> str:
        return url_for("challenge.uploads.add", track=the_team().track, phase=_phase(), upload=upload)

    def became(self, upload: str) -> Progress | None:
        with the_site().database.reading() as session:
            made = submissions.entered(session, upload)
        if made is None or made.team_id != the_team().team:
            return None
        return Progress(upload, made.name, made.size, made.size, None)

    def arrived(self, upload: str) -> dict[str, str]:
        return {SUBMISSION: str(enter_arrived(upload).id)}


_DOOR = _Door()


@blueprint.route("", methods=["OPTIONS"], provide_automatic_options=False)
def offers(track: str, phase: str) -> Response:
    """Say what this server can do."""
    return tus.offers(_DOOR)


@blueprint.post("")
def create(track: str, phase: str) -> Response:
    """Make room for a file, and say where to send it."""
    return tus.create(_DOOR)


@blueprint.route("/<upload>", methods=["HEAD"], provide_automatic_options=False)
def look(track: str, phase: str, upload: str) -> Response:
    """Say how much of a file is there."""
    return tus.look(_DOOR, upload)


@blueprint.route("/<upload>", methods=["PATCH", "DELETE"], provide_automatic_options=False)
def add(track: str, phase: str, upload: str) -> Response:
    """Add bytes to a file, or give it up."""
    return tus.add(_DOOR, upload)


@blueprint.post("/<upload>/entered")
def entered(track: str, phase: str, upload: str) -> Response:
    """Say which submission a whole file became: for whoever lost the answer to the last byte."""
    made = enter_arrived(upload)
    return jsonify(submission=made.id)


def enter_arrived(upload: str) -> Submission:
    """Make a submission of a file that is whole, and ask for its job in the same transaction.

    Raises
    ------
    StudyError
        Why it cannot be one; the file is removed then.
    """
    site, mine = the_site(), the_team()
    with site.database.reading() as session:
        made = submissions.entered(session, upload)
        if made is None and not receiving.find(session, mine.track, upload, team=mine.team).arrived:
            raise StudyError(say("not all of the file is here yet; send the rest first"))
    try:
        if not still_acts():
            raise StudyError(
                say("your access ended while the file was sent, or your team left; it is not kept")
            )
        with site.database.writing() as session:
            made = submissions.entered(session, upload)
            if made is not None and made.team_id == mine.team:
                return made
            purpose = receiving.purpose_of(session, mine.track, upload, team=mine.team)
            made = submissions.enter(
                session,
                site,
                team=mine.team,
                track=mine.track,
                phase=purpose["phase"],
                kind=purpose["kind"],
                upload=upload,
                sent_by=purpose["account"],
                now=now(),
            )
            if (kind := JOBS.get(made.kind)) is not None:
                job = queue.ask(session, mine.track, kind, {"submission": made.id}, by=mine.name, now=now())
                made.job_id = job.id
                session.add(made)
    except NotFoundError:
        raise
    except StudyError:
        receiving.remove(site, mine.track, upload, team=mine.team)
        raise
    (site.uploads / upload).unlink(missing_ok=True)
    return made


def _phase() -> str:
    return (request.view_args or {})["phase"]
