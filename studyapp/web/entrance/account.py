"""One's own account: where one is logged in, and an organiser's password."""

from dataclasses import replace

from flask import Blueprint, render_template, request
from flask_login import current_user

from analysis.texts import say
from studyapp.errors import StudyError
from studyapp.services.people import log_ins, organisers
from studyapp.web.entrance import login
from studyapp.web.entrance.devices import said_device
from studyapp.web.entrance.limits import limit_own_name, limit_passwords
from studyapp.web.security_log import note
from studyapp.web.state import app_state, now

blueprint = Blueprint("account", __name__, url_prefix="/account")


@blueprint.get("")
def page() -> str:
    """Show the sessions that one may see."""
    return _page()


@blueprint.post("/end")
def end() -> str | tuple[str, int]:
    """End one session or all others, soon after logging in: a stranger at an open browser cannot."""
    mine, chosen = current_user.session, request.form.get("session", "")
    if not mine.is_fresh(now()):
        return _page(problem=say("No session was ended: log in again first.")), 403
    with app_state().workspace.database.writing() as session:
        if chosen == "others":
            log_ins.end_others(session, mine)
        else:
            log_ins.end_one(session, mine, chosen, now=now())
    note("session ended", link=mine.link)
    return _page(message=say("Session ended. Whoever used it must log in again."))


@blueprint.post("/password")
@limit_passwords
@limit_own_name
def password() -> str | tuple[str, int]:
    """Change the password of the organiser who asks."""
    if current_user.session.account is None:
        raise StudyError(
            say(
                "You signed in with the printed link, which has no password. "
                "Create an account on the server first."
            )
        )
    old, new, again, code = (request.form.get(field, "") for field in ("old", "new", "again", "code"))
    if new != again:
        return _page(problem=say("Nothing was changed: the two new passwords differ.")), 400
    try:
        done = login.change_password(old, new, code)
    except StudyError as error:
        return _page(problem=say("Nothing was changed: %(why)s", why=error.args[0])), 400
    if not done:
        return _page(problem=say("Nothing was changed: the old password or the code is wrong.")), 403
    return _page(message=say("Password changed. Your other sessions have ended."))


def _page(*, message: str | None = None, problem: str | None = None) -> str:
    workspace, mine = app_state().workspace, current_user.session
    with workspace.database.reading() as session:
        shown = log_ins.shown(session, mine, now=now())
    me = [(item.who, item.way) for item in shown if item.id == mine.id]
    factor = organisers.second_factor_of(workspace.folders, mine.account) if mine.account else None
    return render_template(
        "account.html",
        mine=mine,
        fresh=mine.is_fresh(now()),
        sessions=[replace(item, device=said_device(item.device)) for item in shown],
        others=[item for item in shown if item.id != mine.id and (item.who, item.way) in me],
        recovery_left=len(factor.recovery) if factor else None,
        message=message,
        problem=problem,
    )
