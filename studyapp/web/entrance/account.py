"""One's own account: where one is logged in, and an organiser's password.

In one browser somebody may be a judge and an organiser: the page then shows the sessions of both.
"""

from contextlib import suppress
from dataclasses import replace

from flask import Blueprint, render_template, request

from analysis.texts import say
from studyapp.db.site_tables import Account
from studyapp.errors import NotFoundError, StudyError
from studyapp.services.people import account_sessions, log_ins
from studyapp.services.people.accounts import ORGANISER, OWNER
from studyapp.services.people.sessions import Shown
from studyapp.services.people.signing_in import second_factor_of
from studyapp.web.entrance import organisers
from studyapp.web.entrance.devices import said_device
from studyapp.web.entrance.limits import limit_own_name, limit_passwords
from studyapp.web.entrance.people import judge, organiser, the_organiser, who
from studyapp.web.security_log import note
from studyapp.web.state import app_state, now, study_here, the_site

blueprint = Blueprint("account", __name__, url_prefix="/account")


@blueprint.get("")
def page() -> str:
    """Show the sessions that one may see."""
    return _page()


@blueprint.post("/end")
def end() -> str | tuple[str, int]:
    """End one session or all others, soon after logging in: a stranger at an open browser cannot."""
    chosen = request.form.get("session", "")
    if not _is_fresh():
        return _page(problem=say("No session was ended: log in again first.")), 403
    if chosen == "others":
        _end_others()
    else:
        _end_one(chosen)
    note("session ended", **who())
    return _page(message=say("Session ended. Whoever used it must log in again."))


@blueprint.post("/password")
@limit_passwords
@limit_own_name
def password() -> str | tuple[str, int]:
    """Change the password of the organiser who asks."""
    if the_organiser().account is None:
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
        done = organisers.change_password(old, new, code)
    except StudyError as error:
        return _page(problem=say("Nothing was changed: %(why)s", why=error.args[0])), 400
    if not done:
        return _page(problem=say("Nothing was changed: the old password or the code is wrong.")), 403
    return _page(message=say("Password changed. Your other sessions have ended."))


def _is_fresh() -> bool:
    """Tell whether everybody who is signed in here has signed in a short while ago."""
    mine = [person.times for person in (judge(), organiser()) if person is not None]
    return all(times.is_fresh(now()) for times in mine)


def _end_one(chosen: str) -> None:
    if (mine := organiser()) is not None:
        with suppress(NotFoundError), the_site().database.writing() as session:
            account_sessions.end_one(session, mine, chosen, now=now())
            return
    seen = _judges_seen()
    if seen is None:
        raise NotFoundError(say("this session has already ended"))
    with app_state().workspace.database.writing() as session:
        log_ins.end_one(session, chosen, judge=seen or None, now=now())


def _end_others() -> None:
    if (mine := organiser()) is not None:
        with the_site().database.writing() as session:
            account_sessions.end_others(session, mine)
    if (judging := judge()) is not None:
        with app_state().workspace.database.writing() as session:
            log_ins.end_others(session, judging)


def _judges_seen() -> int | None:
    """Return the judge whose sessions may be seen: 0 for all of them, None for none."""
    mine, study = organiser(), study_here()
    if mine is not None and study is not None and mine.role_in(study) in (OWNER, ORGANISER):
        return 0
    judging = judge()
    return judging.judge if judging else None


def _shown() -> list[Shown]:
    mine, seen, found = organiser(), _judges_seen(), []
    if mine is not None:
        with the_site().database.reading() as session:
            found += account_sessions.shown(session, mine, now=now())
    if seen is not None:
        with app_state().workspace.database.reading() as session:
            found += log_ins.shown(session, judge=seen or None, now=now())
    return [replace(item, device=said_device(item.device)) for item in found]


def _page(*, message: str | None = None, problem: str | None = None) -> str:
    mine, judging = organiser(), judge()
    account = None
    if mine is not None and mine.account is not None:
        with the_site().database.reading() as session:
            account = session.get(Account, mine.account)
    shown = _shown()
    own = {person.id for person in (mine, judging) if person is not None}
    me = [(item.who, item.way) for item in shown if item.id in own]
    factor = second_factor_of(account)
    return render_template(
        "account.html",
        organiser=mine,
        account=account,
        own=own,
        fresh=_is_fresh(),
        sessions=shown,
        others=[item for item in shown if item.id not in own and (item.who, item.way) in me],
        recovery_left=len(factor.recovery) if factor else None,
        message=message,
        problem=problem,
    )
