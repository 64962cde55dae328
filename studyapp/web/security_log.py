"""Who came in, who failed to, and who asked for what is not theirs: a row each in the site's database.

Rows hold the time in UTC, study, event, the address asked from, and the number of the link or account;
never a token, a password, a name or a pick. Strangers' ordinary refusals are left out, and of each kind of
event no more than `MOST_A_MINUTE` are written by each process and the others counted, so that nobody can fill
the disk.
"""

import threading
from collections import defaultdict
from datetime import datetime
from typing import Any

from flask import Flask, current_app, request
from sqlalchemy.exc import SQLAlchemyError

from studyapp.services.people import security_events
from studyapp.web.entrance.people import somebody, who
from studyapp.web.state import now, study_here, the_site

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
    """Note an event, unless there were too many of its kind in this minute.

    What cannot be noted, as on a full disk, keeps nobody from the answer.
    """
    left_out = current_app.extensions[_COUNTS][event].admit(now())
    if left_out is None:
        return
    facts |= {"left_out": left_out} if left_out else {}
    try:
        with the_site().database.writing() as session:
            security_events.note(
                session, event, study=study_here(), address=request.remote_addr or "", facts=facts, now=now()
            )
    except (SQLAlchemyError, OSError) as error:
        current_app.logger.error("a security event (%s) cannot be written: %s", event, type(error).__name__)


def note_refusal(status: int, code: str) -> None:
    """Note an answer that refuses what somebody sent who is logged in, or too many attempts of anybody."""
    event = EVENTS.get(status)
    if event is not None and (status == 429 or somebody()):
        note(event, **who(), route=request.endpoint, code=code)


def note_unexpected(error: BaseException) -> None:
    """Note a fault of ours by its kind; standard error has the rest."""
    note("unexpected error", route=request.endpoint, kind=type(error).__name__)
