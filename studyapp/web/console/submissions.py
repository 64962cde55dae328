"""The console's page of a track's submissions: how each stands, and working on some again."""

from flask import Blueprint, redirect, render_template, request, url_for
from sqlmodel import Session
from werkzeug.wrappers import Response

from analysis.texts import Text, say
from studyapp.db.site_tables import Submission
from studyapp.errors import StudyError, StudyStateError
from studyapp.services.challenge import overseeing
from studyapp.services.challenge.phases import track_of
from studyapp.services.challenge.submissions import PACKAGE, folder_of, follow, the_submission
from studyapp.services.jobs import queue
from studyapp.web.challenge.uploads import JOBS
from studyapp.web.console.asking import account_name
from studyapp.web.console.sorting import one_page, sorted_rows
from studyapp.web.entrance.people import who
from studyapp.web.security_log import note
from studyapp.web.state import app_state, now, the_site

blueprint = Blueprint("submissions", __name__, url_prefix="/submissions")

STATES = ("waiting", "working", "done", "failed", "withdrawn")
COLUMNS = {
    "team": lambda row: row.team,
    "phase": lambda row: row.phase,
    "number": lambda row: row.number,
    "arrived": lambda row: row.arrived_at,
    "state": lambda row: row.state,
    "score": lambda row: row.score,
}


@blueprint.get("")
def page() -> str:
    """List all submissions of this track, some of them on a page."""
    return _page()


@blueprint.post("/<int:submission>/again")
def again(submission: int) -> Response | tuple[str, int]:
    """Work once more on a submission that failed."""
    site, track = the_site(), app_state().study
    try:
        with site.database.writing() as session:
            row = the_submission(session, submission)
            if row.track != track or row.state != "failed":
                raise StudyStateError(say("only a submission that failed can be tried again"))
            if not (folder_of(site, submission) / PACKAGE).is_file():
                raise StudyStateError(say("its zip is not there any more; the team has to hand it in again"))
            _ask(session, row)
    except StudyError as error:
        return _page(problem=say("Nothing was changed: %(why)s", why=error.args[0])), 409
    note("submission tried again", submission=submission, **who())
    return redirect(request.referrer or url_for("console.submissions.page"))


@blueprint.post("/outdated")
def score_outdated() -> Response:
    """Score again what was scored by an earlier formula or on other images."""
    from studyapp.services.challenge.leaderboard import outdated  # it computes

    with the_site().database.writing() as session:
        for submission in outdated(session, the_site(), app_state().study):
            _ask(session, the_submission(session, submission))
    note("outdated submissions scored again", **who())
    return redirect(url_for("console.submissions.page"))


def _ask(session: Session, row: Submission) -> None:
    """Ask for the job of a submission once more; until it ends the submission waits."""
    number, track = row.id or 0, row.track
    job = queue.ask(session, track, JOBS[row.kind], {"submission": number}, by=account_name(), now=now())
    follow(session, number, job.id, "waiting", {}, now())


def _page(*, problem: Text | None = None) -> str:
    from studyapp.services.challenge.leaderboard import outdated

    track = app_state().study
    phases = track_of(the_site(), track).phases
    phase, state = request.args.get("phase", ""), request.args.get("state", "")
    with the_site().database.reading() as session:
        counts = overseeing.counts(session, track)
        found = overseeing.listed(session, track, phase=phase, state=state)
        stale = len(outdated(session, the_site(), track))
    rows, order = sorted_rows(found, COLUMNS)
    shown, pages = one_page(rows)
    return render_template(
        "console/submissions.html",
        phases=phases,
        counts={name: {key: counts[name, key] for key in STATES} for name in phases},
        states=STATES,
        shown=shown,
        found=len(found),
        outdated=stale,
        order=order,
        pages=pages,
        phase=phase,
        state=state,
        problem=problem,
    )
