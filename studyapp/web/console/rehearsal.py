"""The console's page of rehearsals: seeing the study as a judge does, and starting over."""

from flask import Blueprint, redirect, render_template, request, url_for
from werkzeug.wrappers import Response

from analysis.texts import say
from studyapp.core.judges_file import JudgeLine
from studyapp.services.ground import studies
from studyapp.services.people import invitations, rehearsing
from studyapp.services.results import monitoring
from studyapp.web.address import outside_url
from studyapp.web.state import app_state, now

blueprint = Blueprint("rehearsal", __name__, url_prefix="/rehearsal")

PREVIEW = JudgeLine("Preview", "preview@studyapp.invalid", test=True)
"""The test judge that organisers see the study as; nobody is ever sent a mail at this address."""


@blueprint.get("")
def page() -> str:
    """Show what was rehearsed so far."""
    return _page()


@blueprint.post("/preview")
def preview() -> str:
    """Make a link with which the study is seen as a judge sees it."""
    workspace = app_state().workspace
    with workspace.database.writing() as session:
        invitations.invite_judges(session, workspace.key, [PREVIEW], now=now())
        fresh = invitations.reissue_link(session, PREVIEW.email, now=now())
    return _page(link=outside_url("auth.judge_link", token=fresh.token))


@blueprint.post("/open")
def open_() -> Response:
    """Open the study, so that test judges can answer."""
    with app_state().workspace.database.writing() as session:
        studies.open_study(session, now=now())
    return redirect(url_for("console.rehearsal.page"))


@blueprint.post("/start-over")
def start_over() -> Response | str:
    """Forget the test judges and all that they did."""
    if "understood" not in request.form:
        return _page(message=say("Nothing was cleared: tick the box to say that you know what follows."))
    rehearsing.clear_rehearsal(app_state().workspace)
    return redirect(url_for("console.rehearsal.page", cleared=1))


def _page(*, link: str | None = None, message: str | None = None) -> str:
    workspace = app_state().workspace
    with workspace.database.reading() as session:
        status = monitoring.status_or_draft(session, workspace)
        only_tests = rehearsing.only_rehearsed(session)
    return render_template(
        "console/rehearsal.html",
        status=status,
        tests=[judge for judge in status.judges if judge.test],
        only_tests=only_tests,
        link=link,
        message=message or (say("The rehearsal is cleared.") if "cleared" in request.args else None),
    )
