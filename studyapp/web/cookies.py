"""The session's cookie: signed, and without an age of its own.

How long a session lasts, the server's record of it says (`studyapp.services.sessions`). The age in Flask's
cookie would refuse one from the future, and so log everybody out whose server's clock jumped back.
"""

from flask import Flask, Request
from flask.sessions import SecureCookieSession, SecureCookieSessionInterface
from itsdangerous import BadSignature


class AgelessCookie(SecureCookieSessionInterface):
    """Flask's signed cookie, believed whenever it was signed."""

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
