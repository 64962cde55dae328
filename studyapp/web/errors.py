"""From errors to answers: the one place that maps them to HTTP."""

import math

from flask import Flask, Response, current_app, g, jsonify, render_template, request, session
from flask.globals import request_ctx
from flask_wtf.csrf import CSRFError
from sqlalchemy.exc import DatabaseError, DBAPIError, InterfaceError, OperationalError
from sqlalchemy.exc import TimeoutError as NoConnectionError
from werkzeug.exceptions import HTTPException, InternalServerError

from analysis.texts import Text, joined, say
from studyapp.errors import (
    DamagedError,
    InvalidBallotError,
    LimitReachedError,
    NotFoundError,
    ScreenNotAllowedError,
    StaleRevisionError,
    StudyError,
    StudyNotBegunError,
    StudyPausedError,
    StudyStateError,
    TooFastError,
)
from studyapp.web.entrance.login import lost_link
from studyapp.web.entrance.people import ask_nobody, somebody
from studyapp.web.entrance.site_cookie import given_secret, site_root
from studyapp.web.language import said
from studyapp.web.refused import count_refused
from studyapp.web.security_log import init_security_log, note_refusal, note_unexpected
from studyapp.web.state import study_here

# The first matching class decides: status and machine-readable code.
STATUS: tuple[tuple[type[StudyError], int, str], ...] = (
    (NotFoundError, 404, "not_found"),
    (StaleRevisionError, 409, "stale"),
    # The page keeps the ballot and tries again, as it does when the server is away.
    (StudyPausedError, 503, "paused"),
    (StudyNotBegunError, 409, "not_begun"),
    (StudyStateError, 409, "closed"),
    (ScreenNotAllowedError, 409, "screen"),
    (InvalidBallotError, 422, "invalid"),
    (TooFastError, 429, "too_fast"),
    # Nothing to retry: what is kept of this judge does not become less.
    (LimitReachedError, 413, "limit"),
    (StudyError, 400, "error"),
)

# Seconds; the judging page's own retries wait longer from the second on.
RETRY_AFTER = "1"

WHY_NOBODY = {
    "logged_out": say(
        "You are not logged in. Open your personal link again; everything you saved is still there."
    ),
    "link_revoked": say(
        "Your personal link no longer works: the organisers replaced or revoked it. Everything you saved is "
        "still there. Use the latest link that they sent you, or ask them for a new one."
    ),
    "signed_out": say("You are not signed in. Sign in to continue; everything you saved is still there."),
    "cookies_refused": say(
        "Your browser does not accept the cookie that keeps you logged in. Allow cookies for this site, then "
        "open your personal link again, or sign in again."
    ),
}

MESSAGES = {
    404: say("Page not found."),
    405: say("This page cannot be used in this way."),
    413: say("Too much was sent at once."),
    429: say("Too many attempts. Wait a few minutes, then try again."),
    503: say(
        "The server cannot save or load anything at the moment. Everything shown as saved is saved; the rest "
        "will be sent again automatically."
    ),
    500: say(
        "Something went wrong on the server. Everything shown as saved is saved; try again in a moment."
    ),
}


DAMAGED = say(
    "The server cannot read part of its data. Everything shown as saved is also stored in a second place. "
    "Please tell the organisers, who can repair this."
)

ORGANISERS = say("If this keeps happening, tell the organisers who sent you the link what you did.")


def _then(what: Text) -> Text:
    return joined(" ", [what, ORGANISERS])


# What to do, and whom to ask; the same for everybody, as errors must not be told apart.
HELP = {
    401: say(
        "Your personal link is in the invitation. If you cannot find it, ask the organisers for a new one: "
        "your saved answers stay."
    ),
    404: say(
        "The link may be old or mistyped, or it was replaced. Open the latest link that the organisers sent "
        "you, or ask them for a new one: your saved answers stay."
    ),
    405: _then(say("Go back and use the buttons on the page.")),
    409: _then(
        say("Go back and reload the page to see the current state. Everything shown as saved is saved.")
    ),
    413: _then(say("Nothing was saved. Go back and send less.")),
    429: _then(
        say("Everything you saved is safe. If you mistyped, wait, then copy the link or the code again.")
    ),
    503: _then(say("Wait a minute, then reload the page.")),
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
    """Answer with an error: JSON to programs, under an /api/; a page elsewhere; never with a path or a name.

    The logs and what organisers see of it stay English.
    """
    note_refusal(status, code)
    count_refused(status, message)
    message = said(message)
    if request_ctx.url_adapter is None:  # the host's name makes no sense, so that no page could link anywhere
        return Response(message, 400, mimetype="text/plain")
    if request.path.startswith(("/api/", "/challenge/api/")):
        response = jsonify({"error": {"code": code, "message": message}, **more})
    else:
        if status >= 500:
            ask_nobody()
        g.is_error = True
        heading = message[:1].upper() + message[1:]
        page = render_template(
            "error.html",
            status=status,
            message=heading,
            help=None if code == "signed_out" else HELP.get(status, ORGANISERS),
            sign_in=f"{site_root()}/sign-in" if code == "signed_out" else None,
        )
        response = Response(page, mimetype="text/html")
    response.status_code = status
    return response


def nobody(code: str | None = None) -> Response:
    """Answer whoever is not logged in, and say why as far as it can be known."""
    if code is None:
        code = "signed_out" if _as_organiser() else "link_revoked" if lost_link() else "logged_out"
    return error_response(401, code, WHY_NOBODY[code])


def _as_organiser() -> bool:
    """Tell whether whoever is not signed in any more asks as an organiser, not as a judge."""
    place = (request.blueprint or "").partition(".")[0]
    return (
        study_here() is None
        or place in ("console", "accounts")
        or (place == "account" and given_secret() is not None)
    )


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
    if not somebody():
        return nobody("cookies_refused" if request.endpoint == "sign_in.enter" and not session else None)
    why = error.description if isinstance(error.description, Text) else say("This form has expired.")
    return error_response(
        400, "csrf", say("%(why)s Reload the page; everything you saved is saved.", why=why)
    )


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
