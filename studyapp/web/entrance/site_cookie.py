"""The cookie of an account: one for the whole site, sent to every study in it.

It holds a random secret and nothing else; whose it is, the site's database says. Judges have a cookie of
their study (cookies.py), so that in one browser a judge and an organiser may both be signed in.
"""

import re

from flask import Response, after_this_request, current_app, request

from studyapp.services.people.sessions import ABSOLUTE
from studyapp.web.entrance.cookies import cookie_name, secure_name
from studyapp.web.mounting import SITE_ROOT
from studyapp.web.state import the_site

SECRET = re.compile(r"[A-Za-z0-9_-]{22}")


def site_root() -> str:
    """Return the path below which the site lies: "" or "/...". A study's own path may lie deeper."""
    return request.environ.get(SITE_ROOT, request.script_root)


def given_secret() -> str | None:
    """Return what the browser's cookie holds; None without one, or when it is none of ours."""
    secret = request.cookies.get(_name(), "")
    return secret if SECRET.fullmatch(secret) else None


def keep_secret(secret: str) -> None:
    """Give the browser a cookie with this answer."""

    def add(response: Response) -> Response:
        # Its age is the server's to know; a browser forgets it by then.
        response.set_cookie(_name(), secret, max_age=ABSOLUTE["organiser"], **_attributes())
        return response

    after_this_request(add)


def forget_secret() -> None:
    """Take the browser's cookie away with this answer."""

    def remove(response: Response) -> Response:
        response.delete_cookie(_name(), **_attributes())
        return response

    after_this_request(remove)


def _attributes() -> dict:
    return {"path": _path(), "secure": _is_secure(), "httponly": True, "samesite": "Lax"}


def _name() -> str:
    name = cookie_name(the_site().session_key, b"name of the cookie of accounts")
    return secure_name(name, _path()) if _is_secure() else name


def _path() -> str:
    return site_root() or "/"


def _is_secure() -> bool:
    return current_app.config["SESSION_COOKIE_SECURE"]
