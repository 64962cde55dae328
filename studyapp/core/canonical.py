"""What a ballot is: an ordered choice of slots, and its canonical form for hashing and comparing."""

import hashlib
import json
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from studyapp.errors import InvalidBallotError


@dataclass(frozen=True)
class BallotRules:
    """What a ballot of one trial may say: how many places there are, and which slots were shown."""

    places: int
    slots: int

    def check(self, picks: Sequence[int]) -> tuple[int, ...]:
        """Return the picks (slot of the first place, of the second, ...) when they can be recorded.

        Fewer picks than places are an unfinished ballot: it is kept, and counts only once it is complete.

        Raises
        ------
        InvalidBallotError
            For too many picks, a slot that was not shown, or a slot picked twice.
        """
        if len(picks) > self.places:
            raise InvalidBallotError(
                f"{len(picks)} picks for {self.places} places; pick at most {self.places}"
            )
        for slot in picks:
            if not 1 <= slot <= self.slots:
                raise InvalidBallotError(f"slot {slot} was not shown; slots run from 1 to {self.slots}")
        twice = sorted({slot for slot in picks if list(picks).count(slot) > 1})
        if twice:
            raise InvalidBallotError(f"slot {twice[0]} is picked twice; each place needs another slot")
        return tuple(picks)

    def is_complete(self, picks: Sequence[int]) -> bool:
        """Tell whether every place is filled."""
        return len(picks) == self.places


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
