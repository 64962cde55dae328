"""The console's first page: what state the study is in, what comes next, and opening, pausing, closing."""

from flask import Blueprint, redirect, render_template, request, url_for
from werkzeug.wrappers import Response

from analysis.texts import say
from studyapp.services.ground import second_record, studies
from studyapp.services.results import monitoring
from studyapp.services.results.ledger_notes import study_notes
from studyapp.services.results.next_steps import Step, next_steps
from studyapp.services.voting import lifecycle
from studyapp.web.permissions import may
from studyapp.web.state import app_state, now

blueprint = Blueprint("overview", __name__)

LEADS_TO = {
    "images": "console.images.page",
    "rules": "console.rules.page",
    "rehearse": "console.rehearsal.page",
    "invite": "console.judges.page",
    "watch": "console.live.page",
    "results": "console.results.ranking_page",
}
"""The page of each step; the others are taken on this one."""


@blueprint.get("")
def page() -> str:
    """Show the study's state."""
    return _page()


@blueprint.post("/open")
def open_() -> Response:
    """Let ballots in."""
    with app_state().workspace.database.writing() as session:
        studies.open_study(session, now=now())
    return redirect(url_for("console.overview.page"))


@blueprint.post("/pause")
def pause() -> Response:
    """Stop taking ballots for a while."""
    with app_state().workspace.database.writing() as session:
        lifecycle.pause_study(session, now=now())
    return redirect(url_for("console.overview.page"))


@blueprint.post("/resume")
def resume() -> Response:
    """Take ballots again."""
    with app_state().workspace.database.writing() as session:
        lifecycle.resume_study(session, now=now())
    return redirect(url_for("console.overview.page"))


@blueprint.post("/close")
def close() -> Response | str:
    """End the voting for good, if the organiser typed so."""
    if request.form.get("confirm", "").strip().lower() != "close":
        return _page(message=say("The study was not closed: type the word close into the field to confirm."))
    second_record.refuse_loss(app_state().workspace)
    with app_state().workspace.database.writing() as session:
        studies.close_study(session, now=now())
    return redirect(url_for("console.overview.page"))


def _page(*, message: str | None = None) -> str:
    workspace = app_state().workspace
    with workspace.database.reading() as session:
        status = monitoring.status_or_draft(session, workspace)
        notes = study_notes(session) if status.images else ()
    steps = [(step, _address(step)) for step in next_steps(status)]
    return render_template("console/overview.html", status=status, steps=steps, notes=notes, message=message)


def _address(step: Step) -> str | None:
    endpoint = LEADS_TO.get(step.key)
    return url_for(endpoint) if endpoint and may(endpoint) else None
