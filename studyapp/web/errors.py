"""From errors to answers: the one place that maps them to HTTP."""

import math

from flask import Flask, Response, current_app, jsonify, render_template, request, session
from flask.globals import request_ctx
from flask_login import current_user
from flask_wtf.csrf import CSRFError
from sqlalchemy.exc import DatabaseError, DBAPIError, InterfaceError, OperationalError
from sqlalchemy.exc import TimeoutError as NoConnectionError
from werkzeug.exceptions import HTTPException, InternalServerError

from studyapp.errors import (
    DamagedError,
    InvalidBallotError,
    LimitReachedError,
    NotFoundError,
    StaleRevisionError,
    StudyError,
    StudyNotBegunError,
    StudyPausedError,
    StudyStateError,
    TooFastError,
)
from studyapp.web.entrance.login import ask_nobody, lost_link
from studyapp.web.language import said
from studyapp.web.refused import count_refused
from studyapp.web.security_log import init_security_log, note_refusal, note_unexpected

# The first matching class decides: status and machine-readable code.
STATUS: tuple[tuple[type[StudyError], int, str], ...] = (
    (NotFoundError, 404, "not_found"),
    (StaleRevisionError, 409, "stale"),
    # The page keeps the ballot and tries again, as it does when the server is away.
    (StudyPausedError, 503, "paused"),
    (StudyNotBegunError, 409, "not_begun"),
    (StudyStateError, 409, "closed"),
    (InvalidBallotError, 422, "invalid"),
    (TooFastError, 429, "too_fast"),
    # Nothing to retry: what is kept of this judge does not become less.
    (LimitReachedError, 413, "limit"),
    (StudyError, 400, "error"),
)

# Seconds; the judging page's own retries wait longer from the second on.
RETRY_AFTER = "1"

WHY_NOBODY = {
    "logged_out": "You are not logged in. Open your personal link again; everything saved is still there.",
    "link_revoked": "Your personal link does not work any more: the organisers replaced or withdrew it. "
    "Everything saved is still there. Use the newest link that they sent you, or ask them for one.",
    "cookies_refused": "Your browser does not keep the cookie by which this site knows you. Allow cookies "
    "for this site, then open your personal link again, or sign in again.",
}

MESSAGES = {
    404: "Page not found.",
    405: "This page does not take what was sent.",
    413: "Too much was sent at once.",
    429: "Too many attempts. Wait some minutes, then try again.",
    503: "The server cannot store or look up anything at the moment. What was shown as saved is saved; "
    "the rest is sent again by itself.",
    500: "Something went wrong on the server. What was shown as saved is saved; try again in a moment.",
}


DAMAGED = (
    "The server cannot read part of what it keeps. What was shown as saved is kept a second time; "
    "please tell the organisers, who can mend this."
)
# What to do, and whom to ask; the same for everybody, as errors must not be told apart.
ORGANISERS = "If this goes on, write to the organisers who sent you the link, and tell them what you did."
HELP = {
    401: "Your personal link is in the invitation. If you cannot find it, ask the organisers for a new one: "
    "the picks that you saved stay.",
    404: "The link may be old or mistyped, or it was made anew. Open the latest link that the organisers "
    "sent you, or ask them for a new one: the picks that you saved stay.",
    405: f"Go back and use the buttons of the page. {ORGANISERS}",
    409: "Go back and load the page again to see how it stands now. What was shown as saved is saved. "
    f"{ORGANISERS}",
    413: f"Nothing was stored. Go back, and send less. {ORGANISERS}",
    429: "Nothing is wrong with what was saved. If you mistyped, wait, and copy the link or the code again. "
    f"{ORGANISERS}",
    503: f"Wait a minute, then load the page again. {ORGANISERS}",
}


def init_errors(app: Flask) -> None:
    """Register the handlers."""
    init_security_log(app)
    app.register_error_handler(StudyError, _study_error)
    app.register_error_handler(CSRFError, _csrf_error)
    app.register_error_handler(HTTPException, _http_error)
    for kind in (DBAPIError, NoConnectionError, OSError):
        app.register_error_handler(kind, _storage_error)


def error_response(status: int, code: str, message: str, **more: object) -> Response:
    """Answer with an error: JSON under /api/, a page elsewhere; never with a path or a name.

    The logs and what organisers see of it stay English.
    """
    note_refusal(status, code)
    count_refused(status, message)
    message = said(message)
    if request_ctx.url_adapter is None:  # the host's name makes no sense, so that no page could link anywhere
        return Response(message, 400, mimetype="text/plain")
    if request.path.startswith("/api/"):
        response = jsonify({"error": {"code": code, "message": message}, **more})
    else:
        if status >= 500:
            ask_nobody()
        page = render_template(
            "error.html", status=status, message=message, help=HELP.get(status, ORGANISERS)
        )
        response = Response(page, mimetype="text/html")
    response.status_code = status
    return response


def nobody(code: str | None = None) -> Response:
    """Answer whoever is not logged in, and say why as far as it can be known."""
    if code is None:
        code = "link_revoked" if lost_link() else "logged_out"
    return error_response(401, code, WHY_NOBODY[code])


def _study_error(error: StudyError) -> Response:
    if isinstance(error, DamagedError):
        return _damage(error)
    status, code = next((status, code) for kind, status, code in STATUS if isinstance(error, kind))
    response = error_response(status, code, error.args[0] if error.args else str(error))
    if isinstance(error, TooFastError):
        response.headers["Retry-After"] = str(math.ceil(error.seconds))
    return response


def _storage_error(error: Exception) -> Response:
    """Answer 503 when the database or the disk fails us; nothing of the request is acknowledged.

    The log gets the driver's words without the statement, whose values are a judge's answer.
    """
    if isinstance(error, DBAPIError) and not _passes(error):
        if _is_damage(error):
            return _damage(error)
        raise error
    cause = error.orig if isinstance(error, DBAPIError) else error
    current_app.logger.error("storage failed: %s: %s", type(cause).__name__, cause)
    response = error_response(503, "unavailable", MESSAGES[503])
    response.headers["Retry-After"] = RETRY_AFTER
    return response


def _damage(error: Exception) -> Response:
    """Answer 500 when something that was kept cannot be read; the log says what, in words."""
    said = str(error.orig) if isinstance(error, DBAPIError) else str(error)
    current_app.logger.error(
        "the study is damaged: %s (asked for by %s); stop the server, and see what `studyapp verify` says",
        said.partition("\n")[0],
        request.endpoint,
    )
    return error_response(500, "damaged", DAMAGED)


def _is_damage(error: DBAPIError) -> bool:
    """Tell whether the database's file is broken: by SQLite's bare error, or PostgreSQL's class XX."""
    state = getattr(error.orig, "sqlstate", None)
    return state.startswith("XX") if state else type(error) is DatabaseError


def _passes(error: DBAPIError) -> bool:
    """Tell whether circumstances (locked, full, gone) made a database error, and not our statement."""
    return isinstance(error, OperationalError | InterfaceError) or error.connection_invalidated


def _csrf_error(error: CSRFError) -> Response:
    if not current_user.is_authenticated:
        return nobody("cookies_refused" if request.endpoint == "auth.sign_in" and not session else None)
    return error_response(400, "csrf", f"{error.description} Reload the page; what was saved is saved.")


def _http_error(error: HTTPException) -> Response:
    status = error.code or 500
    if isinstance(error, InternalServerError):
        note_unexpected(error.original_exception or error)
    if status == 401:
        return nobody()
    code = (error.name or "error").lower().replace(" ", "_")
    busy = getattr(error, "retry_after", None)
    message = error.description if busy and status == 503 else None
    response = error_response(status, code, message or MESSAGES.get(status, error.description or error.name))
    if busy:
        response.headers["Retry-After"] = str(busy)
    return response
