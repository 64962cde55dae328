"""The study's ledger: names of its chains, kinds of its events, and the hashes that seal it.

docs/ledger.md describes the format; `analysis.verify` recomputes it without this module.
"""

import hashlib
import json
from collections.abc import Iterable
from typing import Any, Literal

from studyapp.core.canonical import canonical_json

STUDY_CHAIN = "study"
RECEIPT = 16
"""Characters of a receipt: the beginning of its event's hash."""

TEST_FROM = 9000
"""Judges with numbers from here on are test judges: beside the design of the others, never counted."""

Kind = Literal[
    "committed", "invited", "drawn", "link-reissued", "link-revoked", "opened", "paused", "resumed",
    "amended", "unsealed", "disqualified", "reinstated", "withdrawn", "readmitted", "closed", "loss-accepted",
]  # fmt: skip


def judge_label(number: int) -> str:
    """Name a judge in the ledger and in exports by their number alone.

    Examples
    --------
    >>> judge_label(0), judge_label(TEST_FROM)
    ('judge01', 'test01')
    """
    return f"test{number - TEST_FROM + 1:02d}" if number >= TEST_FROM else f"judge{number + 1:02d}"


def receipt_line(line: str) -> str:
    """Return an event's line as it is kept outside the machine: which event, and its hash, without picks.

    Examples
    --------
    >>> receipt_line('{"body":{"sequence":3},"chain":"judge01","hash":"ab","previous":"cd"}')
    '{"chain":"judge01","hash":"ab","sequence":3}'
    """
    event = json.loads(line)
    kept = {"chain": event["chain"], "sequence": event["body"]["sequence"], "hash": event["hash"]}
    return canonical_json(kept).decode("utf-8")


def study_digest(heads: Iterable[tuple[str, int, str]]) -> str:
    """Combine the heads of all chains (name, number of events, last hash) into one hash."""
    ordered = sorted([chain, count, head] for chain, count, head in heads)
    return hashlib.sha256(b"studyapp digest 1\n" + canonical_json(ordered)).hexdigest()


def commitment(key: bytes, listing: dict[str, Any]) -> str:
    """Commit to the secret key together with the list of teams, images and submissions.

    The key's 256 random bits hide everything; nobody can find another key or list with the same hash.
    """
    return hashlib.sha256(b"studyapp commitment 1\n" + key + canonical_json(listing)).hexdigest()
