"""The console's pages of judges: how far each is, what was sent to whom, their links, their deadline."""

from collections.abc import Sequence
from dataclasses import dataclass

from flask import Blueprint, redirect, render_template, request, url_for
from werkzeug.wrappers import Response

from analysis.texts import Text, say
from studyapp.errors import NotFoundError, StudyError
from studyapp.services.challenge import conflicts
from studyapp.services.people import deadlines, invitations, mailing
from studyapp.services.results import monitoring
from studyapp.services.results.monitoring import JudgeStatus
from studyapp.settings import mail_server
from studyapp.web.console.handed_links import links_page
from studyapp.web.console.sorting import one_page, sorted_rows
from studyapp.web.console.stale import is_stale, revision, stale_page
from studyapp.web.state import app_state, now, the_site

blueprint = Blueprint("judges", __name__, url_prefix="/judges")

COLUMNS = {
    "name": lambda judge: judge.name,
    "email": lambda judge: judge.email,
    "complete": lambda judge: judge.complete,
    "saved": lambda judge: judge.last_saved_at,
    "finished": lambda judge: judge.finished_at,
}


@dataclass(frozen=True)
class Line:
    """A judge and the mails that they got."""

    judge: JudgeStatus
    mail: mailing.Posted


@blueprint.get("")
def page() -> str:
    """Show every judge's progress."""
    return _page()


@blueprint.get("/<int:judge>")
def one(judge: int) -> str:
    """Show one judge: progress, remarks, mails, link."""
    workspace = app_state().workspace
    with workspace.database.reading() as session:
        status = monitoring.status_or_draft(session, workspace)
        mails = mailing.posted(session)
        teams = {team.id: team.name for team in workspace.file.teams}
    found = next((item for item in status.judges if item.id == judge), None)
    if found is None:
        raise NotFoundError(say("there is no such judge"))
    return render_template(
        "console/judge.html",
        status=status,
        judge=found,
        mail=mails.get(judge, mailing.Posted()),
        conflicts=[teams.get(team, team) for team in found.conflicts],
    )


@blueprint.post("/link")
def link() -> str:
    """Revoke a judge's link, or make a new one."""
    email = request.form.get("email", "")
    database = app_state().workspace.database
    if request.form.get("action") == "revoke":
        with database.writing() as session:
            invitations.revoke_link(session, email, now=now())
        return _page(message=say("The link of %(email)s no longer works. Their ballots stay.", email=email))
    with database.writing() as session:
        fresh = invitations.reissue_link(session, email, now=now())
    return links_page(
        [fresh],
        say("New link for %(name)s. It is shown only once; the old one no longer works.", name=fresh.name),
    )


@blueprint.post("/deadline")
def deadline() -> Response | str | tuple[str, int]:
    """Set the deadline, or take it away."""
    day, time, zone = (request.form.get(name, "") for name in ("day", "time", "zone"))
    with app_state().workspace.database.writing() as session:
        before = deadlines.deadline(session)
        if is_stale(revision(before)):
            sent = f"{day} {time} ({zone})" if day else say("none")
            there = before.words if before else say("none")
            versions = [(say("Deadline"), sent, there)]
            return stale_page(
                say("The deadline of this study."), versions, back=url_for("console.judges.page")
            )
        try:
            deadlines.set_deadline(session, day, time, zone, now=now())
        except StudyError as error:
            problem = error.args[0]
        else:
            return redirect(url_for("console.judges.page"))
    return _page(problem=problem), 422


def _page(*, message: Text | None = None, problem: str | None = None) -> str:
    workspace = app_state().workspace
    with workspace.database.reading() as session:
        status = monitoring.status_or_draft(session, workspace)
        mails, until = mailing.posted(session), deadlines.deadline(session)
    find = request.args.get("find", "").strip().casefold()
    found = [judge for judge in status.judges if find in f"{judge.name} {judge.email}".casefold()]
    rows, order = sorted_rows(found, COLUMNS)
    shown, pages = one_page(rows)
    return render_template(
        "console/judges.html",
        status=status,
        lines=[Line(judge, mails.get(judge.id, mailing.Posted())) for judge in shown],
        mails=bool(mails),
        order=order,
        pages=pages,
        find=request.args.get("find", ""),
        message=message,
        problem=problem,
        in_teams=_in_teams(status.judges),
        deadline=until,
        revision=revision(until),
        contact_of_study=workspace.file.contact,
        mail=mail_server(),
    )


def _in_teams(judges: Sequence[JudgeStatus]) -> list[tuple[str, str]]:
    """Who came into a team of the study after the invitation, and judges its results."""
    site = the_site()
    if site.file.challenge is None:
        return []
    with site.database.reading() as session:
        there = [(judge.email, judge.conflicts) for judge in judges if judge.counts]
        return conflicts.undeclared(session, app_state().study, there)
