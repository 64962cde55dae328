"""How often somebody may try to get in: failed attempts are counted, by address and by name.

The counts are in memory, which suits the one process of a study on SQLite. Several machines on PostgreSQL
each count for themselves, so a guesser gets as many attempts as there are machines (docs/security.md).
"""

from flask import Flask, Response, request
from flask_limiter import Limiter
from flask_limiter.util import get_remote_address

limiter = Limiter(get_remote_address, storage_uri="memory://", headers_enabled=False)


def init_limits(app: Flask) -> None:
    """Start counting."""
    limiter.init_app(app)


def _failed(response: Response) -> bool:
    return response.status_code in (401, 404)


def _name() -> str:
    return f"name:{request.form.get('name', '')[:80].strip().casefold()}"


limit_links = limiter.shared_limit("30 per minute; 300 per day", scope="links", deduct_when=_failed)
limit_sign_in = limiter.limit("10 per 15 minutes; 50 per day", deduct_when=_failed)
limit_name = limiter.limit("20 per hour", key_func=_name, deduct_when=_failed)
