"""The hashes of a ledger: events, the study digest, the commitment to the key."""

import hashlib
import json
from collections.abc import Iterable
from typing import Any

GENESIS = "0" * 64
Head = tuple[str, int, str]
"""A chain's name, its number of events, and the hash of the last one."""


def canonical(value: Any) -> bytes:
    """Encode as JSON in exactly one way: sorted keys, no spaces, UTF-8.

    Examples
    --------
    >>> canonical({"b": 1, "a": [True, "é"]}).decode()
    '{"a":[true,"é"],"b":1}'
    """
    text = json.dumps(value, sort_keys=True, separators=(",", ":"), ensure_ascii=False, allow_nan=False)
    return text.encode("utf-8")


def event_hash(previous: str, body: Any) -> str:
    """Return the hash of an event: over the hash before it, a line feed, and its canonical body."""
    return hashlib.sha256(previous.encode("ascii") + b"\n" + canonical(body)).hexdigest()


def study_digest(heads: Iterable[Head]) -> str:
    """Combine the heads of all chains, in the order of their names, into one hash.

    Examples
    --------
    >>> study_digest([("study", 1, GENESIS), ("judge01", 0, GENESIS)])[:16]
    '48b13659f2631f44'
    """
    ordered = sorted([chain, count, head] for chain, count, head in heads)
    return hashlib.sha256(b"studyapp digest 1\n" + canonical(ordered)).hexdigest()


def commitment(key: bytes, listing: Any) -> str:
    """Return the commitment to a key and to the canonical list of teams, images and submissions."""
    return hashlib.sha256(b"studyapp commitment 1\n" + key + canonical(listing)).hexdigest()
