"""The session's cookie: signed, without an age of its own, and named after its study.

Two studies on one host, on two ports or below two paths, would else log each other's people out.

How long a session lasts, the server's record of it says (`studyapp.services.people.log_ins`). The age in
Flask's cookie would refuse one from the future, and so log everybody out whose server's clock jumped back.
"""

import hmac

from flask import Flask, Request, Response
from flask import request as flask_request
from flask.sessions import SecureCookieSession, SecureCookieSessionInterface, SessionMixin
from itsdangerous import BadSignature


def cookie_name(key: bytes, what: bytes = b"name of the cookie") -> str:
    """Return the name of a cookie that is made of a session key; it tells nothing of the key."""
    return f"studyapp-{hmac.digest(key, what, 'sha256').hex()[:8]}"


def secure_name(name: str, path: str) -> str:
    """Return the name of a secure cookie for a path; a browser holds to what the prefix says."""
    return f"__Host-{name}" if path == "/" else f"__Secure-{name}"


def init_cookies(app: Flask, key: bytes) -> None:
    """Sign this application's sessions with the key, in a cookie that is named after it."""
    app.secret_key = key
    app.config["SESSION_COOKIE_NAME"] = cookie_name(key)
    app.session_interface = StudyCookie()


class StudyCookie(SecureCookieSessionInterface):
    """Flask's signed cookie, believed whenever it was signed, for the path below which the study lies."""

    def get_cookie_name(self, app: Flask) -> str:
        """Return its name."""
        name = super().get_cookie_name(app)
        return secure_name(name, self.get_cookie_path(app)) if self.get_cookie_secure(app) else name

    def get_cookie_path(self, app: Flask) -> str:
        """Return the path to which the browser sends it."""
        return flask_request.script_root or "/"

    def open_session(self, app: Flask, request: Request) -> SecureCookieSession | None:
        """Return what the cookie holds, or an empty session when it is none of ours."""
        signer = self.get_signing_serializer(app)
        cookie = request.cookies.get(self.get_cookie_name(app))
        if signer is None or not cookie:
            return super().open_session(app, request)
        try:
            return self.session_class(signer.loads(cookie))
        except BadSignature:
            return self.session_class()

    def save_session(self, app: Flask, session: SessionMixin, response: Response) -> None:
        """Send the cookie where it changed. Static files are the same for everybody and say nothing of it."""
        if flask_request.endpoint != "static":
            super().save_session(app, session, response)
