"""The console's page of mail: the text, to whom it goes, and sending it."""

from typing import Any

from flask import Blueprint, abort, redirect, render_template, request, url_for
from werkzeug.wrappers import Response

from analysis.texts import say
from studyapp.db.tables import utc_text
from studyapp.errors import NotFoundError, StudyError
from studyapp.services.jobs import queue
from studyapp.services.jobs.queue import JobView
from studyapp.services.people import deadlines, mailing
from studyapp.services.people.mailing import KINDS, USUAL, MailText, Posted
from studyapp.services.results import monitoring
from studyapp.services.results.monitoring import JudgeStatus
from studyapp.settings import mail_server
from studyapp.web.address import outside_url
from studyapp.web.console.asking import ask_for_job
from studyapp.web.console.stale import is_stale, revision, stale_page
from studyapp.web.language import said
from studyapp.web.state import app_state, now

blueprint = Blueprint("mail", __name__, url_prefix="/mail")

_END = "END"


@blueprint.get("/<kind>")
def page(kind: str) -> str:
    """Show the text of a kind of mail, and to whom it can go."""
    return _page(_known(kind))


@blueprint.post("/<kind>")
def send(kind: str) -> Response | str | tuple[str, int]:
    """Keep the text, and send it to whom was chosen."""
    kind = _known(kind)
    subject, text = request.form.get("subject", ""), request.form.get("text", "")
    workspace = app_state().workspace
    with workspace.database.writing() as session:
        before = mailing.mail_text(session, kind)
        if is_stale(_shown(before)):
            now_there = _in_use(kind, before)
            versions = [(say("Subject"), subject, now_there.subject), (say("Text"), text, now_there.text)]
            return stale_page(say("The text of this mail."), versions, back=url_for(".page", kind=kind))
        try:
            mailing.save_text(session, kind, subject, text, now=now())
        except StudyError as error:
            problem = error.args[0]
        else:
            problem = None
    if problem:
        return _page(kind, problem=problem, typed=MailText(subject, text)), 422
    chosen = [int(number) for number in request.form.getlist("to") if number.isascii() and number.isdecimal()]
    if "send" not in request.form:
        return redirect(url_for(".page", kind=kind))
    if not chosen:
        return _page(kind, problem=say("Nobody is chosen: tick the judges who get this mail.")), 422
    try:
        number = _ask(kind, chosen)
    except StudyError as error:
        return _page(kind, problem=error.args[0]), 409
    return redirect(url_for(".page", kind=kind, job=number))


def _ask(kind: str, judges: list[int]) -> int:
    """Ask for the job that sends, and return its number."""
    link = outside_url("auth.judge_link", token=_END)
    if mail_server() is None:
        raise StudyError(say("No mail is sent from here: STUDYAPP_SMTP_URL is not set on the server."))
    if "://" not in link:
        raise StudyError(say("Links would lack the server's address: set STUDYAPP_BASE_URL on the server."))
    what = {"mail": kind, "judges": judges, "base": link.removesuffix(_END), "asked": utc_text(now())}
    return ask_for_job("mail", what).id


def _job() -> JobView | None:
    """Return the job that the address names, if it is there."""
    number = request.args.get("job", type=int)
    if number is None:
        return None
    try:
        with app_state().site.database.reading() as session:
            return queue.the_job(session, app_state().study, number)
    except NotFoundError:
        return None


def _page(kind: str, *, problem: str | None = None, typed: MailText | None = None) -> str:
    workspace = app_state().workspace
    with workspace.database.reading() as session:
        status = monitoring.status_or_draft(session, workspace)
        mails, own = mailing.posted(session), mailing.mail_text(session, kind)
        until = deadlines.deadline(session)
    people = [
        (judge, mails.get(judge.id, Posted()), _is_due(kind, judge, mails.get(judge.id, Posted())))
        for judge in status.judges
        if not judge.withdrawn and not judge.email.endswith(".invalid")
    ]
    example: dict[str, Any] = {
        "name": people[0][0].name if people else "Jude",
        "study": str(workspace.file.title),
        "link": "https://…/j/…",
        "deadline": until.words if until else "",
        "contact": workspace.file.contact or "",
    }
    shown = typed or _in_use(kind, own)
    return render_template(
        "console/mail.html",
        kind=kind,
        text=shown,
        example=MailText(mailing.filled(shown.subject, example), mailing.filled(shown.text, example)),
        words=mailing.WORDS,
        people=people,
        status=status,
        server=mail_server(),
        revision=_shown(own),
        job=_job(),
        problem=problem,
    )


def _is_due(kind: str, judge: JudgeStatus, mail: Posted) -> bool:
    """Whether the mail is likely meant for this judge, who is ticked at first."""
    if kind == "invitation":
        return mail.invited_at is None and not judge.complete + judge.unfinished
    return judge.counts and judge.complete < judge.total


def _in_use(kind: str, own: MailText | None) -> MailText:
    return own or MailText(said(USUAL[kind].subject), said(USUAL[kind].text))


def _shown(own: MailText | None) -> str:
    return revision(own and own.subject, own and own.text)


def _known(kind: str) -> str:
    if kind not in KINDS:
        abort(404)
    return kind
