"""The console's page of the models that teams handed in: measuring them, and what came of it."""

from flask import Blueprint, redirect, render_template, request, url_for
from werkzeug.wrappers import Response

from analysis.texts import Text, say
from studyapp.errors import StudyError, StudyStateError
from studyapp.services.challenge import factsheets
from studyapp.services.challenge.phases import track_of
from studyapp.services.challenge.submissions import the_submission
from studyapp.services.jobs import queue
from studyapp.web.console.asking import account_name
from studyapp.web.entrance.people import who
from studyapp.web.security_log import note
from studyapp.web.state import app_state, now, the_site

blueprint = Blueprint("models", __name__, url_prefix="/models")


@blueprint.get("")
def page() -> str:
    """List the teams of the final phase with the model that counts of each."""
    return _page()


@blueprint.post("/<int:submission>/measure")
def measure(submission: int) -> Response | tuple[str, int]:
    """Ask for a model to be measured."""
    from studyapp.services.challenge import models  # it knows tables

    track = app_state().study
    try:
        with the_site().database.writing() as session:
            row = the_submission(session, submission)
            if row.track != track:
                raise StudyStateError(say("there is no submission %(number)s", number=submission))
            asked = models.begin_measuring(session, row)
            queue.ask(session, track, "measure", asked, by=account_name(), now=now())
    except StudyError as error:
        return _page(problem=say("Nothing was changed: %(why)s", why=error.args[0])), 409
    note("model measured", submission=submission, **who())
    return redirect(request.referrer or url_for("console.models.page"))


def _page(*, problem: Text | None = None) -> str:
    from studyapp.services.challenge import models
    from studyapp.services.challenge.factsheet_tables import measured_or_why

    site, track = the_site(), app_state().study
    found = track_of(site, track)
    with site.database.reading() as session:
        there = models.counting(session, track)
        lines = [line for line in factsheets.of_track(session, track) if line.study_team is not None]
    costs, why = measured_or_why(app_state().workspace.folders.root)
    rows = []
    for line in lines:
        model = there.get(line.study_team or "")
        measuring = models.measuring_of(model) if model else None
        is_measured = measuring is not None and measuring["state"] == "done"
        is_old = bool(costs.get(line.study_team or "")) and not is_measured
        rows.append({"line": line, "model": model, "measuring": measuring, "old": is_old})
    return render_template(
        "console/models.html", rows=rows, at_once=found.measure == "at-once", problem=problem or why
    )
