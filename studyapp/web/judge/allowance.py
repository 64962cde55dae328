"""How much a judge's browser may send: far more than anybody judging does, far less than fills a disk.

In a minute, by each process of the server; and in all, by what the database holds of the judge.
"""

import time
from collections.abc import Callable
from dataclasses import dataclass
from functools import wraps
from threading import Lock
from typing import ParamSpec, TypeVar

from flask import Flask, current_app, request

from analysis.texts import say
from studyapp.core.allowance import Allowance
from studyapp.errors import LimitReachedError, TooFastError
from studyapp.services.voting.kept import kept_bytes, room_of
from studyapp.settings import messages_a_minute
from studyapp.web.entrance.people import judge_id
from studyapp.web.state import app_state

LARGEST_SHARE = 20_000
"""Bytes: what a ballot of a long look at an image has, with all of its evidence."""
COUNTED_FOR = 600.0  # seconds
_NAME = "studyapp_allowance"

Given = ParamSpec("Given")
Made = TypeVar("Made")


@dataclass
class _Room:
    at: float
    kept: int
    room: int


class JudgesAllowance:
    """What judges have sent to this process, and what the database has of each."""

    def __init__(self, messages: int) -> None:
        self.by_minute = Allowance(messages, messages * LARGEST_SHARE, time.monotonic) if messages else None
        self._counted: dict[int, _Room] = {}
        self._lock = Lock()

    def check(self, judge: int, size: int) -> None:
        """Count a message.

        Raises
        ------
        TooFastError
            When it may come again in a moment.
        LimitReachedError
            When there is more of this judge than there is room for.
        """
        if self.by_minute is None:
            return
        if wait := self.by_minute.wait(judge, size):
            raise TooFastError(
                say(
                    "You are sending faster than the server accepts from one judge; "
                    "it will continue automatically."
                ),
                wait,
            )
        self._check_room(judge, size)

    def _check_room(self, judge: int, size: int) -> None:
        now = time.monotonic()
        with self._lock:
            known = self._counted.get(judge)
        if known is None or now - known.at > COUNTED_FOR:
            with app_state().workspace.database.reading() as session:
                known = _Room(now, kept_bytes(session, judge), room_of(session, judge))
        known.kept += size
        with self._lock:
            self._counted[judge] = known
        if known.kept > known.room:
            raise LimitReachedError(
                say(
                    "The server stores %(room)s MB for each judge, and yours are full. Tell the organisers.",
                    room=known.room // 1_000_000,
                )
            )


def init_allowance(app: Flask) -> None:
    """Begin to count."""
    app.extensions[_NAME] = JudgesAllowance(messages_a_minute())


def measured(view: Callable[Given, Made]) -> Callable[Given, Made]:
    """Let a view be used by a judge as long as the allowance lasts."""

    @wraps(view)
    def guarded(*args: Given.args, **kwargs: Given.kwargs) -> Made:
        current_app.extensions[_NAME].check(judge_id(), request.content_length or 0)
        return view(*args, **kwargs)

    return guarded
