"""How often somebody may try to get in: failed attempts are counted, by address and by name.

The processes of a server share their counts (attempts.py). Several servers on PostgreSQL share theirs by
STUDYAPP_LIMITS_URI, or each count for themselves (docs/security.md).
"""

from flask import Flask, Response, request
from flask_limiter import Limiter
from flask_limiter.util import get_remote_address
from flask_login import current_user
from limits.errors import ConfigurationError
from werkzeug.exceptions import TooManyRequests

from studyapp.errors import StudyError
from studyapp.settings import Folders, limits_uri
from studyapp.web.attempts import SCHEME

limiter = Limiter(get_remote_address, headers_enabled=False)


def init_limits(app: Flask, folders: Folders) -> None:
    """Start counting.

    Raises
    ------
    StudyError
        When the shared store needs a package that is not installed.
    """
    app.config["RATELIMIT_STORAGE_URI"] = limits_uri() or f"{SCHEME}://{folders.attempts.absolute()}"
    # While a store elsewhere is away each process counts for itself; the file's own store does so by itself.
    app.config["RATELIMIT_IN_MEMORY_FALLBACK_ENABLED"] = limits_uri() is not None
    try:
        limiter.init_app(app)
    except ConfigurationError as error:
        raise StudyError(
            f"STUDYAPP_LIMITS_URI cannot be used: {error}; install what it needs by pip"
        ) from error


def stop_if_used_up() -> None:
    """Refuse an attempt while others, made at the same time, used up what is allowed: it tells nothing then.

    Raises
    ------
    TooManyRequests
        When they did.
    """
    if any(limit.remaining <= 0 for limit in limiter.current_limits):
        raise TooManyRequests


def _failed(response: Response) -> bool:
    return response.status_code in (401, 403, 404)


def _given_name() -> str:
    return f"name:{request.form.get('name', '')[:80].strip().casefold()}"


def _own_name() -> str:
    account = current_user.session.account if current_user.is_authenticated else None
    return f"name:{(account or '').casefold()}"


limit_links = limiter.shared_limit("30 per minute; 300 per day", scope="links", deduct_when=_failed)
limit_passwords = limiter.shared_limit(
    "10 per 15 minutes; 50 per day", scope="passwords", deduct_when=_failed
)
limit_given_name, limit_own_name = (
    limiter.shared_limit("20 per hour", scope="names", key_func=name, deduct_when=_failed)
    for name in (_given_name, _own_name)
)
