"""Who is asking: a session holds the id of a personal link, and a revoked link ends it at once."""

from dataclasses import dataclass
from typing import Any

from flask import Flask, session
from flask_login import LoginManager, UserMixin, current_user, login_user

from studyapp.db.tables import Link
from studyapp.errors import NotFoundError
from studyapp.services.invitations import live_link
from studyapp.web.state import app_state


@dataclass(frozen=True)
class User(UserMixin):
    """A person logged in by a personal link."""

    id: str
    role: str
    judge_id: int | None


def init_login(app: Flask) -> None:
    """Connect Flask-Login to personal links."""
    manager = LoginManager(app)
    manager.session_protection = "basic"
    manager.user_loader(_load)


def login_by_token(token: str, role: str) -> None:
    """Log in whoever holds this link.

    Raises
    ------
    NotFoundError
        For a link that is unknown, revoked, or of another role.
    """
    with app_state().workspace.database.reading() as database:
        link = live_link(database, token=token)
    if link.role != role:
        raise NotFoundError("this link is not valid (any more); ask the organisers for a new one")
    session.clear()
    session.permanent = True
    login_user(_user(link))


def judge_id() -> int:
    """Return the id of the judge who asks; only where the permission is `a_judge`."""
    return current_user.judge_id


def _load(link_id: str) -> Any:
    try:
        with app_state().workspace.database.reading() as database:
            return _user(live_link(database, link_id=int(link_id)))
    except NotFoundError:
        return None


def _user(link: Link) -> User:
    return User(id=str(link.id), role=link.role, judge_id=link.judge_id)
