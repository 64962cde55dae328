"""Who is asking: a session holds the id of a personal link, and a revoked link ends it at once."""

from collections.abc import Callable
from dataclasses import dataclass
from functools import wraps
from typing import Any, ParamSpec, TypeVar

from flask import Flask, abort, session
from flask_login import LoginManager, UserMixin, current_user, login_user

from studyapp.db.tables import Link
from studyapp.errors import NotFoundError
from studyapp.services.invitations import live_link
from studyapp.web.state import app_state

P = ParamSpec("P")
R = TypeVar("R")


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


def only(role: str) -> Callable[[Callable[P, R]], Callable[P, R]]:
    """Guard a view: 401 for strangers, 404 for people of another role (they need not know it exists)."""

    def decorate(view: Callable[P, R]) -> Callable[P, R]:
        @wraps(view)
        def guarded(*args: P.args, **kwargs: P.kwargs) -> R:
            if not current_user.is_authenticated:
                abort(401)
            if current_user.role != role:
                abort(404)
            return view(*args, **kwargs)

        return guarded

    return decorate


def judge_id() -> int:
    """Return the id of the judge who asks; only behind `only("judge")`."""
    return current_user.judge_id


def _load(link_id: str) -> Any:
    try:
        with app_state().workspace.database.reading() as database:
            return _user(live_link(database, link_id=int(link_id)))
    except NotFoundError:
        return None


def _user(link: Link) -> User:
    return User(id=str(link.id), role=link.role, judge_id=link.judge_id)
