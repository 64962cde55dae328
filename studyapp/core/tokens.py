"""Personal links: random tokens of which only a hash is stored."""

import hashlib
import secrets


def new_token() -> str:
    """Make a token of 192 random bits for a personal link."""
    return secrets.token_urlsafe(24)


def token_hash(token: str) -> str:
    """Return what is stored of a token. A plain SHA-256 suffices: 192 random bits cannot be guessed."""
    return hashlib.sha256(token.encode("utf-8")).hexdigest()
