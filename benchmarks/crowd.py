"""Many judges in one thread: who presses when, and how long each waited until the answer was read.

One thread with an event loop costs the machine a tenth of what a thread for each judge does. A judge's time
runs from the moment at which they press, so whatever makes the client late counts against the server.
"""

import heapq
import selectors
import socket
import time
from collections.abc import Callable, Sequence
from typing import Protocol

import numpy as np

from benchmarks.hammer import Seen
from benchmarks.keep_alive import Reply, read_head

PATIENCE = 60.0


class Presser(Protocol):
    """A judge: what the next press sends on the judge's own connection, and whether its answer is right."""

    @property
    def connection(self) -> socket.socket:
        """The judge's kept connection."""
        ...

    def press(self) -> bytes:
        """Return the next request, ready to be sent."""
        ...

    def is_right(self, reply: Reply) -> bool:
        """Tell whether this is the answer to the last press."""
        ...


def press_without_end(
    pressers: Sequence[Presser], *, seconds: float, pause: Callable[[], float] | None = None
) -> Seen:
    """Let each judge press again and again for a while; a press that has begun is answered.

    Parameters
    ----------
    pressers
        The judges.
    seconds
        How long.
    pause
        Seconds before a judge's next press; by default none.
    """
    wait = pause or (lambda: 0.0)
    start = time.perf_counter()
    crowd = _Crowd(pressers)
    for number in range(len(pressers)):
        crowd.plan(number, start + wait())

    def again(number: int, now: float) -> None:
        due = now + wait()
        if due < start + seconds:
            crowd.plan(number, due)

    return crowd.run(again)


def press_at_once(pressers: Sequence[Presser], *, rounds: int, rest: float = 0.2) -> Seen:
    """Let all judges press at one instant, `rounds` times, with a rest before each."""
    parts = []
    for _ in range(rounds):
        crowd = _Crowd(pressers)
        instant = time.perf_counter() + rest
        for number in range(len(pressers)):
            crowd.plan(number, instant)
        parts.append(crowd.run(lambda _number, _now: None))
    return Seen(
        np.concatenate([part.latencies for part in parts]),
        sum(part.seconds for part in parts),
        sum(part.errors for part in parts),
    )


class _Crowd:
    """The event loop: presses that are due, and answers that are on their way."""

    def __init__(self, pressers: Sequence[Presser]) -> None:
        self._pressers = pressers
        self._due: list[tuple[float, int, bytes]] = []
        self._waiting: dict[int, tuple[float, bytearray]] = {}
        self._selector = selectors.DefaultSelector()
        self._latencies: list[float] = []
        self._errors = 0

    def plan(self, number: int, due: float) -> None:
        """Have a judge press at `due`; the request is made now."""
        heapq.heappush(self._due, (due, number, self._pressers[number].press()))

    def run(self, then: Callable[[int, float], None]) -> Seen:
        """Go on until nobody presses and nobody waits; `then` is told who was answered, and when."""
        for number, presser in enumerate(self._pressers):
            self._selector.register(presser.connection, selectors.EVENT_READ, number)
        start = self._due[0][0] if self._due else time.perf_counter()
        while self._due or self._waiting:
            self._press()
            timeout = max(0.0, self._due[0][0] - time.perf_counter()) if self._due else PATIENCE
            events = self._selector.select(timeout)
            if not events and not self._due:
                self._errors += len(self._waiting)
                break
            for key, _ in events:
                self._read(key.data, then)
        self._selector.close()
        return Seen(np.array(self._latencies), time.perf_counter() - start, self._errors)

    def _press(self) -> None:
        while self._due and self._due[0][0] <= time.perf_counter():
            due, number, request = heapq.heappop(self._due)
            self._waiting[number] = (due, bytearray())
            self._pressers[number].connection.sendall(request)

    def _read(self, number: int, then: Callable[[int, float], None]) -> None:
        presser = self._pressers[number]
        data = presser.connection.recv(65_536)
        due, sofar = self._waiting.get(number, (0.0, bytearray()))
        sofar += data
        reply = _whole(sofar)
        if data and reply is None:
            return
        now = time.perf_counter()
        self._waiting.pop(number, None)
        self._latencies.append((now - due) * 1000)
        if reply is None or not presser.is_right(reply):
            self._errors += 1
        if data:
            then(number, now)
        else:  # a judge whose connection is gone presses no more; that is one error
            self._selector.unregister(presser.connection)


def _whole(data: bytearray) -> Reply | None:
    end = data.find(b"\r\n\r\n")
    if end < 0:
        return None
    reply = read_head(bytes(data[:end]))
    body = bytes(data[end + 4 :])
    if len(body) < int(reply.headers.get("content-length", 0)):
        return None
    reply.body = body
    return reply
