"""Response headers, set by hand in one place. `tests/web/test_headers.py` walks them."""

import base64
import hashlib
import re
from typing import Any

from flask import Flask, Response, request
from flask.json.provider import DefaultJSONProvider

from studyapp.errors import StudyError
from studyapp.settings import behind_tls

CONTENT_SECURITY_POLICY = "; ".join(
    (
        "default-src 'none'",
        "script-src 'self'",
        "style-src 'self'",
        "img-src 'self' data: blob:",
        "connect-src 'self'",
        "form-action 'self'",
        "base-uri 'none'",
        "frame-ancestors 'none'",
    )
)

UPLOADING = ("console.uploads.add", "challenge.uploads.add")
"""The routes that take long bodies: organisers' files, and what teams hand in."""


POLICY_WITH_FRAMES = "; ".join((CONTENT_SECURITY_POLICY, "frame-src 'self'"))
"""Of a page that shows one of our own pages in a frame."""

POLICY_WITHIN_A_PAGE = CONTENT_SECURITY_POLICY.partition("; frame-ancestors")[0]
"""Of a page that any web server sends: in a `meta` element, where nothing can be said of frames."""

HEADERS = {
    "Content-Security-Policy": CONTENT_SECURITY_POLICY,
    "Referrer-Policy": "same-origin",
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    "Permissions-Policy": "camera=(), geolocation=(), microphone=(), payment=(), usb=()",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
}


def policy_of_report(page: str) -> str:
    """Return the policy of a report, which carries its styles: just these by their hashes, and no script.

    Its plots are drawn by style attributes, which load nothing from anywhere. Our own pages may show it in a
    frame.
    """
    hashes = [
        "'sha256-" + base64.b64encode(hashlib.sha256(style.encode("utf-8")).digest()).decode("ascii") + "'"
        for style in dict.fromkeys(re.findall(r"<style[^>]*>(.*?)</style>", page, re.DOTALL))
    ]
    styles = " ".join(hashes) or "'none'"
    rest = "img-src data:; font-src data:; base-uri 'none'; form-action 'none'; frame-ancestors 'self'"
    return f"default-src 'none'; style-src {styles}; style-src-attr 'unsafe-inline'; {rest}"


class ShallowJson(DefaultJSONProvider):
    """JSON that is nested a thousand deep is wrong JSON, not a fault of the server."""

    def loads(self, s: str | bytes, **kwargs: Any) -> Any:
        """Read JSON.

        Raises
        ------
        ValueError
            When it is none, or nested too deeply.
        """
        try:
            return super().loads(s, **kwargs)
        except RecursionError:
            raise ValueError("nested too deeply") from None


def init_security(app: Flask) -> None:
    """Add the headers to every response, set the cookie's flags.

    Raises
    ------
    StudyError
        When Flask's debugger is switched on, which would run code for whoever reaches it.
    """
    if app.debug:
        raise StudyError("FLASK_DEBUG is set; a study is never served with a debugger, unset it")
    app.json = ShallowJson(app)
    tls = behind_tls()
    app.config.update(
        SESSION_COOKIE_HTTPONLY=True,
        SESSION_COOKIE_SAMESITE="Lax",
        SESSION_COOKIE_SECURE=tls,
        SESSION_REFRESH_EACH_REQUEST=False,
        # A judge may look at one image for hours; the token lives as long as the session.
        WTF_CSRF_TIME_LIMIT=None,
        # It asks for the Referer; see studyapp.web.entrance.origin instead.
        WTF_CSRF_SSL_STRICT=False,
        MAX_CONTENT_LENGTH=256 * 1024,
        MAX_FORM_MEMORY_SIZE=64 * 1024,
        MAX_FORM_PARTS=50,
    )

    @app.before_request
    def take_long_uploads() -> None:
        # What it may have, the upload's row says; it is written to disk as it arrives.
        if request.endpoint in UPLOADING:
            request.max_content_length = 1 << 50

    @app.after_request
    def add_headers(response: Response) -> Response:
        for name, value in HEADERS.items():
            response.headers.setdefault(name, value)
        if tls:
            response.headers["Strict-Transport-Security"] = "max-age=31536000; includeSubDomains"
        response.headers.setdefault("Cache-Control", "no-store")
        return response
