"""The one form of JSON in which events are hashed, and the hashes that chain them."""

import hashlib
import json
from typing import Any


def canonical_json(value: Any) -> bytes:
    """Encode `value` as JSON in one way only: sorted keys, no spaces, UTF-8, no NaN."""
    text = json.dumps(value, sort_keys=True, separators=(",", ":"), ensure_ascii=False, allow_nan=False)
    return text.encode("utf-8")


def event_hash(previous: str, body: dict[str, Any]) -> str:
    """Chain an event to the one before it: SHA-256 over the previous hash and the canonical body."""
    return chained(previous, canonical_json(body))


def chained(previous: str, canonical: bytes) -> str:
    """Chain an event whose body is canonical JSON already."""
    return hashlib.sha256(previous.encode("ascii") + b"\n" + canonical).hexdigest()


FIRST_HASH = "0" * 64
