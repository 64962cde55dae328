"""How much one person may send: so many messages and bytes at once, which come back within a minute."""

import threading
from collections.abc import Callable
from dataclasses import dataclass

MINUTE = 60.0


@dataclass
class _Left:
    messages: float
    size: float
    at: float


class Allowance:
    """Counts by person; safe to share between threads.

    Parameters
    ----------
    messages, size
        What may be sent in a minute: number of messages, and bytes of all together.
    clock
        Seconds that only grow.

    Examples
    --------
    >>> seconds = iter([0.0, 1.0, 1.0, 31.0])
    >>> allowance = Allowance(messages=2, size=1000, clock=lambda: next(seconds))
    >>> [allowance.wait("jude", 10) for _ in range(2)]
    [0.0, 0.0]
    >>> round(allowance.wait("jude", 10), 2)
    29.0
    >>> allowance.wait("jude", 10)
    0.0
    """

    def __init__(self, messages: int, size: int, clock: Callable[[], float]) -> None:
        self._messages, self._size, self._clock = messages, size, clock
        self._people: dict[object, _Left] = {}
        self._lock = threading.Lock()

    def wait(self, who: object, size: int) -> float:
        """Take a message of `size` bytes off what is left: 0, or the seconds after which it would fit."""
        with self._lock:
            now = self._clock()
            left = self._people.setdefault(who, _Left(self._messages, self._size, now))
            share = (now - left.at) / MINUTE
            left.messages = min(self._messages, left.messages + share * self._messages)
            left.size = min(self._size, left.size + share * self._size)
            left.at = now
            # One that is larger than a minute's share waits for all of it.
            needed = min(size, self._size)
            if left.messages >= 1 and left.size >= needed:
                left.messages -= 1
                left.size -= needed
                return 0.0
            missing = max((1 - left.messages) / self._messages, (needed - left.size) / self._size)
            return missing * MINUTE
