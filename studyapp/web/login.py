"""Who is asking: a session hangs on a link of the database, and ends at once when that is revoked.

The cookie is signed, not secret: it holds the link's id, a random id of the session, and when it began and
was last used. What it says is believed only within the limits here.
"""

import secrets
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from flask import Flask, current_app, request, session
from flask_login import LoginManager, UserMixin, current_user, login_user
from flask_wtf.csrf import generate_csrf

from studyapp.db.tables import Link
from studyapp.errors import NotFoundError
from studyapp.services import organisers
from studyapp.services.invitations import live_link
from studyapp.services.sessions import EndedSessions
from studyapp.web.security_log import note
from studyapp.web.state import app_state, now

IDLE = {"judge": timedelta(days=7), "organiser": timedelta(hours=2)}
ABSOLUTE = {"judge": timedelta(days=30), "organiser": timedelta(hours=12)}
# Noted at most so often, so that not every answer sets a cookie.
_NOTED = timedelta(minutes=5)
_ENDED = "studyapp_ended_sessions"


@dataclass(frozen=True)
class User(UserMixin):
    """A person logged in by a personal link or by password."""

    id: str
    role: str
    judge_id: int | None


def init_login(app: Flask) -> None:
    """Connect Flask-Login to links, and begin to watch the limits of sessions."""
    manager = LoginManager(app)
    manager.session_protection = "basic"
    manager.user_loader(_load)
    app.permanent_session_lifetime = max(ABSOLUTE.values())
    app.extensions[_ENDED] = EndedSessions(app.extensions["studyapp"].workspace.folders.ended_sessions)
    app.before_request(_note_use)


def login_by_token(token: str, role: str) -> None:
    """Log in whoever holds this link.

    Raises
    ------
    NotFoundError
        For a link that is unknown, revoked, or of another role.
    """
    try:
        with app_state().workspace.database.reading() as database:
            link = live_link(database, token=token)
    except NotFoundError:
        note("unknown link")
        raise
    if link.role != role:
        note("link of another role", link=link.id)
        raise NotFoundError("this link is not valid (any more); ask the organisers for a new one")
    _begin(link, "link")


def login_by_password(name: str, password: str) -> bool:
    """Log an organiser in; return whether the password was right."""
    workspace = app_state().workspace
    if not organisers.is_password(workspace.folders, name, password):
        note("wrong password")
        return False
    with workspace.database.writing() as database:
        link = organisers.open_session(database, now=now())
    _begin(link, "password")
    return True


def logout() -> None:
    """End the session, on the server too: its cookie is worth nothing any more."""
    if "sid" in session:
        current_app.extensions[_ENDED].end(session["sid"])
        note("logged out", link=session.get("_user_id"))
    session.clear()


def judge_id() -> int:
    """Return the id of the judge who asks; only where the permission is `a_judge`."""
    return current_user.judge_id


def _begin(link: Link, by: str) -> None:
    """Begin a new session; nothing of what the browser had before lives on."""
    if "sid" in session:
        current_app.extensions[_ENDED].end(session["sid"])
    session.clear()
    session.permanent = True
    session["sid"] = secrets.token_urlsafe(16)
    session["born"] = session["used"] = now().timestamp()
    # Made here, because a later answer that notes the use must not lose it.
    generate_csrf()
    login_user(_user(link))
    note("logged in", link=link.id, role=link.role, by=by)


def _load(link_id: str) -> Any:
    if session.get("sid", "") in current_app.extensions[_ENDED]:
        return None
    try:
        with app_state().workspace.database.reading() as database:
            user = _user(live_link(database, link_id=int(link_id)))
    except NotFoundError:
        return None
    return user if _within_limits(user.role, now()) else None


def _within_limits(role: str, moment: datetime) -> bool:
    born, used = session.get("born", 0.0), session.get("used", 0.0)
    at = moment.timestamp()
    return at - born < ABSOLUTE[role].total_seconds() and at - used < IDLE[role].total_seconds()


def _note_use() -> None:
    """Note that the session is in use; tiles and files carry no cookie."""
    if request.endpoint in ("static", "tiles.tile") or "sid" not in session:
        return
    at = now().timestamp()
    if at - session.get("used", 0.0) > _NOTED.total_seconds() and current_user.is_authenticated:
        session["used"] = at


def _user(link: Link) -> User:
    return User(id=str(link.id), role=link.role, judge_id=link.judge_id)
