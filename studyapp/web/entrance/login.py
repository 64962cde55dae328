"""Logging a judge in: a session hangs on a link of the study's database, and ends when that is revoked.

The cookie is signed, not secret: it holds a random id. What that stands for is the server's to know
(`studyapp.services.people.log_ins`).
"""

import secrets
from dataclasses import dataclass
from typing import Any

from flask import Flask, g, request, session
from flask_login import LoginManager, login_user
from flask_wtf.csrf import generate_csrf
from sqlmodel import Session

from analysis.texts import say
from studyapp.db.tables import Judge, Link
from studyapp.errors import NotFoundError
from studyapp.services.people import log_ins
from studyapp.services.people.invitations import live_link
from studyapp.services.people.sessions import ABSOLUTE
from studyapp.web.entrance.devices import device
from studyapp.web.entrance.people import JudgeUser, judge
from studyapp.web.security_log import note
from studyapp.web.state import app_state, now


def init_login(app: Flask) -> None:
    """Connect Flask-Login to judges' links, and begin to watch the limits of sessions."""
    manager = LoginManager(app)
    manager.session_protection = "basic"
    manager.user_loader(_load)
    app.permanent_session_lifetime = ABSOLUTE["judge"]
    app.before_request(_note_use)


@dataclass(frozen=True)
class Newcomer:
    """Whom a link logs in, and who else is logged in on the device already, if anybody."""

    name: str
    other: str | None


def newcomer(token: str) -> Newcomer:
    """Tell which judge a link would log in.

    Raises
    ------
    NotFoundError
        For a link that is unknown or revoked.
    """
    link, mine = _link(token), judge()
    same = mine is None or mine.judge == link.judge_id
    with app_state().workspace.database.reading() as reading:
        other = None if mine is None or same else _name(reading, mine.judge)
        return Newcomer(_name(reading, link.judge_id), other)


def _name(reading: Session, number: int) -> str:
    found = reading.get(Judge, number)
    return found.name if found else say("judge")


def _link(token: str) -> Link:
    try:
        with app_state().workspace.database.reading() as reading:
            return live_link(reading, token=token)
    except NotFoundError:
        note("unknown link")
        raise


def login_by_token(token: str) -> None:
    """Log in the judge who holds this link.

    Raises
    ------
    NotFoundError
        For a link that is unknown or revoked.
    """
    link, database = _link(token), app_state().workspace.database
    with database.writing() as writing:
        if "sid" in session:
            log_ins.end(writing, session["sid"])
        secret = secrets.token_urlsafe(16)
        address, agent = request.remote_addr or "", device(request.user_agent.string)
        begun = log_ins.begin(writing, secret, link, address=address, device=agent, now=now())
    # Nothing of what the browser had before lives on.
    session.clear()
    session.permanent = True
    session["sid"] = secret
    # Made here, because pages that are asked for at the same time would each make another.
    generate_csrf()
    login_user(JudgeUser(begun))
    note("logged in", link=link.id, role="judge", by="link")


def logout() -> None:
    """End the judge's session, on the server too: its cookie is worth nothing any more."""
    if "sid" in session:
        with app_state().workspace.database.writing() as writing:
            log_ins.end(writing, session["sid"])
        note("logged out", link=session.get("_user_id"))
    session.clear()


def lost_link() -> bool:
    """Tell whether whoever asks was logged in by a judge's link that has been revoked since."""
    if "sid" not in session or g.get("ask_nobody"):
        return False
    with app_state().workspace.database.looking() as looking:
        return log_ins.hangs_on_revoked(looking, session["sid"])


def _load(link_id: str) -> Any:
    if g.get("ask_nobody"):
        return None
    with app_state().workspace.database.looking() as looking:
        found = log_ins.current(looking, session.get("sid", ""), now=now())
    return JudgeUser(found) if found and str(found.link) == link_id else None


def _note_use() -> None:
    """Note that the session is in use; tiles and files say nothing of it.

    Nor does saving a ballot, which is quick because it writes only once: the next look at a trial says it.
    """
    if request.endpoint in ("static", "tiles.tile", "trials.save") or (mine := judge()) is None:
        return
    if mine.times.is_to_note(now()):
        with app_state().workspace.database.writing() as writing:
            log_ins.note_use(writing, mine, now=now())
