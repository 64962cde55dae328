"""Who came in, who failed to, and who asked for what is not theirs: one JSON line each, for organisers.

Lines hold the time in UTC, the event, the address asked from, and the number of the link; never a token, a
password, a name or a pick. Strangers' ordinary refusals are left out, and of each kind of event no more than
`MOST_A_MINUTE` are written by each process and the others counted, so that nobody can fill the disk.
"""

import json
import os
import threading
from collections import defaultdict
from datetime import datetime
from typing import Any

from flask import Flask, current_app, request
from flask_login import current_user

from studyapp.web.state import app_state, now

MOST_A_MINUTE = 60
_COUNTS = "studyapp_events"
# By status. What is only late (409), away (503), not there (404) or not logged in (401) is no attack.
EVENTS = {400: "refused input", 413: "refused input", 422: "refused input", 429: "too many attempts"}


class Sparingly:
    """Lets so many through in each minute and counts the others; safe to share between threads."""

    def __init__(self, most: int) -> None:
        self._most = most
        self._minute: datetime | None = None
        self._seen = self._left_out = 0
        self._lock = threading.Lock()

    def admit(self, now: datetime) -> int | None:
        """Return how many were left out since the last one that was let through, or None to leave this out.

        Examples
        --------
        >>> sparing, noon = Sparingly(1), datetime(2026, 3, 1, 12, 0)
        >>> [sparing.admit(noon.replace(second=second)) for second in (1, 2, 3)]
        [0, None, None]
        >>> sparing.admit(noon.replace(minute=1))
        2
        """
        with self._lock:
            minute = now.replace(second=0, microsecond=0)
            if minute != self._minute:
                self._minute, self._seen = minute, 0
            self._seen += 1
            if self._seen > self._most:
                self._left_out += 1
                return None
            left_out, self._left_out = self._left_out, 0
            return left_out


def init_security_log(app: Flask) -> None:
    """Begin to count events."""
    app.extensions[_COUNTS] = defaultdict(lambda: Sparingly(MOST_A_MINUTE))


def note(event: str, **facts: Any) -> None:
    """Note an event in var/security.jsonl, unless there were too many of its kind in this minute."""
    left_out = current_app.extensions[_COUNTS][event].admit(now())
    if left_out is not None:
        _write(event, **facts, **({"left_out": left_out} if left_out else {}))


def _write(event: str, **facts: Any) -> None:
    """Append a line to the file, which only its owner can read."""
    at = now().isoformat(timespec="milliseconds")
    line = {"at": at, "event": event, "from": request.remote_addr, **facts}
    path = app_state().workspace.folders.security_log
    descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)
    try:
        os.write(descriptor, json.dumps(line).encode("utf-8") + b"\n")
    finally:
        os.close(descriptor)


def note_refusal(status: int, code: str) -> None:
    """Note an answer that refuses what somebody sent who is logged in, or too many attempts of anybody."""
    event = EVENTS.get(status)
    if event is None or (status != 429 and not current_user.is_authenticated):
        return
    link = current_user.session.link if current_user.is_authenticated else None
    _note_if_possible(event, link=link, route=request.endpoint, code=code)


def note_unexpected(error: BaseException) -> None:
    """Note a fault of ours by its kind; standard error has the rest."""
    _note_if_possible("unexpected error", route=request.endpoint, kind=type(error).__name__)


def _note_if_possible(event: str, **facts: Any) -> None:
    try:
        note(event, **facts)
    except OSError as error:  # a full disk must not turn a refusal into a fault
        current_app.logger.error("the security log cannot be written: %s", error)
