"""The cookie of an account: one for the whole site, sent to every study in it.

It holds a random secret and nothing else; whose it is, the site's database says. Judges have a cookie of
their study (cookies.py), so that in one browser a judge and an organiser may both be signed in.
"""

import hmac
import re

from flask import Response, after_this_request, current_app, request

from studyapp.services.people.sessions import ABSOLUTE
from studyapp.web.state import the_site

SECRET = re.compile(r"[A-Za-z0-9_-]{22}")


def site_root() -> str:
    """Return the path below which the site lies: "" or "/...". A study's own path may lie deeper."""
    return request.environ.get("studyapp.site_root", request.script_root)


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
    secure = current_app.config["SESSION_COOKIE_SECURE"]
    return {"path": site_root() or "/", "secure": secure, "httponly": True, "samesite": "Lax"}


def _name() -> str:
    """Return its name; it tells nothing of the key that it is made of."""
    digest = hmac.digest(the_site().session_key, b"name of the cookie of accounts", "sha256")
    name = f"studyapp-{digest.hex()[:8]}"
    if not current_app.config["SESSION_COOKIE_SECURE"]:
        return name
    return f"__Secure-{name}" if site_root() else f"__Host-{name}"
