"""Who is asking: a session hangs on a link of the database, and ends at once when that is revoked.

The cookie is signed, not secret: it holds a random id. What that stands for is the server's to know
(`studyapp.services.people.log_ins`).
"""

import secrets
from dataclasses import dataclass
from typing import Any

from flask import Flask, g, request, session
from flask_login import LoginManager, UserMixin, current_user, login_user
from flask_wtf.csrf import generate_csrf
from sqlmodel import Session

from analysis.texts import say
from studyapp.db.tables import Judge, Link
from studyapp.errors import NotFoundError
from studyapp.services.people import log_ins, organisers
from studyapp.services.people.invitations import live_link
from studyapp.web.entrance.cookies import StudyCookie, cookie_name
from studyapp.web.entrance.devices import device
from studyapp.web.entrance.limits import password_turn, stop_if_used_up
from studyapp.web.security_log import note
from studyapp.web.state import app_state, now


@dataclass(frozen=True)
class User(UserMixin):
    """A person logged in by a personal link or by password."""

    session: log_ins.Current

    def get_id(self) -> str:
        """Return the number of the link that the session hangs on."""
        return str(self.session.link)

    @property
    def role(self) -> str:
        """Return judge or organiser."""
        return self.session.role

    @property
    def judge_id(self) -> int | None:
        """Return the judge's id; None for organisers."""
        return self.session.judge


def init_login(app: Flask) -> None:
    """Connect Flask-Login to links, and begin to watch the limits of sessions."""
    manager = LoginManager(app)
    manager.session_protection = "basic"
    manager.user_loader(_load)
    app.config["SESSION_COOKIE_NAME"] = cookie_name(app.extensions["studyapp"].workspace.session_key)
    app.session_interface = StudyCookie()
    app.permanent_session_lifetime = max(log_ins.ABSOLUTE.values())
    app.before_request(_note_use)


@dataclass(frozen=True)
class Newcomer:
    """Whom a link logs in, and who else is logged in on the device already, if anybody."""

    name: str
    other: str | None


def newcomer(token: str, role: str) -> Newcomer:
    """Tell whom a link would log in.

    Raises
    ------
    NotFoundError
        For a link that is unknown, revoked, or of another role.
    """
    link = _link(token, role)
    mine = current_user.session if current_user.is_authenticated else None
    same = mine is None or (mine.role == link.role and mine.judge == link.judge_id)
    with app_state().workspace.database.reading() as reading:
        other = None if mine is None or same else _name(reading, mine.judge)
        return Newcomer(_name(reading, link.judge_id), other)


def _name(reading: Session, judge: int | None) -> str:
    found = reading.get(Judge, judge) if judge else None
    return found.name if found else say("organiser")


def _link(token: str, role: str) -> Link:
    try:
        with app_state().workspace.database.reading() as reading:
            link = live_link(reading, token=token)
    except NotFoundError:
        note("unknown link")
        raise
    if link.role != role:
        note("link of another role", link=link.id)
        raise NotFoundError(say("This link is not valid. Ask the organisers for a new one."))
    return link


def login_by_token(token: str, role: str) -> None:
    """Log in whoever holds this link.

    Raises
    ------
    NotFoundError
        For a link that is unknown, revoked, or of another role.
    """
    link, database = _link(token, role), app_state().workspace.database
    with database.writing() as writing:
        entering = _begin(writing, link)
    _enter(*entering)
    note("logged in", link=link.id, role=role, by="link")


def login_by_password(name: str, password: str, code: str) -> bool:
    """Log an organiser in; return whether password and code were right."""
    workspace = app_state().workspace
    with password_turn():
        right = organisers.sign_in(workspace.folders, name, password, code, now=now())
    stop_if_used_up()
    if not right:
        note("wrong password or code")
        return False
    with workspace.database.writing() as writing:
        link = organisers.open_session(writing, now=now())
        entering = _begin(writing, link, account=organisers.account_name(workspace.folders, name))
    _enter(*entering)
    note("logged in", link=link.id, role="organiser", by="password")
    return True


def change_password(old: str, new: str, code: str) -> bool:
    """Give the organiser who asks a new password and end their other sessions; return whether it was done.

    Raises
    ------
    StudyError
        When the new password does not do.
    """
    workspace, mine = app_state().workspace, current_user.session
    with password_turn():
        done = organisers.change_password(workspace.folders, mine.account, old, new, code, now=now())
    if not done:
        note("wrong password or code", link=mine.link)
        return False
    with workspace.database.writing() as writing:
        log_ins.end_others(writing, mine)
    note("password changed", link=mine.link)
    return True


def logout() -> None:
    """End the session, on the server too: its cookie is worth nothing any more."""
    if "sid" in session:
        with app_state().workspace.database.writing() as writing:
            log_ins.end(writing, session["sid"])
        note("logged out", link=session.get("_user_id"))
    session.clear()


def judge_id() -> int:
    """Return the id of the judge who asks; only where the permission is `a_judge`."""
    return current_user.judge_id


def lost_link() -> bool:
    """Tell whether whoever asks was logged in by a link that has been revoked since."""
    if "sid" not in session or g.get("ask_nobody"):
        return False
    with app_state().workspace.database.looking() as looking:
        return log_ins.hangs_on_revoked(looking, session["sid"])


def ask_nobody() -> None:
    """Take whoever asks for a stranger, for the rest of this request: the database may be away."""
    g.ask_nobody = True


def _begin(writing: Session, link: Link, *, account: str | None = None) -> tuple[str, log_ins.Current]:
    """Record a new session and end the one that the browser had; return what goes into its cookie."""
    if "sid" in session:
        log_ins.end(writing, session["sid"])
    secret = secrets.token_urlsafe(16)
    address, agent = request.remote_addr or "", device(request.user_agent.string)
    return secret, log_ins.begin(
        writing, secret, link, account=account, address=address, device=agent, now=now()
    )


def _enter(secret: str, begun: log_ins.Current) -> None:
    """Give the browser its new cookie; nothing of what it had before lives on."""
    session.clear()
    session.permanent = True
    session["sid"] = secret
    # Made here, because pages that are asked for at the same time would each make another.
    generate_csrf()
    login_user(User(begun))


def _load(link_id: str) -> Any:
    if g.get("ask_nobody"):
        return None
    with app_state().workspace.database.looking() as looking:
        found = log_ins.current(looking, session.get("sid", ""), now=now())
    return User(found) if found and str(found.link) == link_id else None


def _note_use() -> None:
    """Note that the session is in use; tiles and files say nothing of it.

    Nor does saving a ballot, which is quick because it writes only once: the next look at a trial says it.
    """
    if request.endpoint in ("static", "tiles.tile", "trials.save") or not current_user.is_authenticated:
        return
    mine = current_user.session
    if mine.is_to_note(now()):
        with app_state().workspace.database.writing() as writing:
            log_ins.note_use(writing, mine, now=now())
