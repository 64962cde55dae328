"""How far a command is: a bar at a terminal, otherwise a line on stderr every half minute."""

import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

from analysis.frame import for_bars, note
from analysis.printable import printable

EVERY_S = 30.0


@contextmanager
def shown_progress(
    *, clock: Callable[[], float] = time.monotonic, poll_s: float = 1.0
) -> Iterator[Callable[[str, int, int], None]]:
    """Give the function that long work calls with (stage, done, total).

    Parameters
    ----------
    clock
        Seconds; decides when the next line is due.
    poll_s
        How often to check it while the work reports nothing.
    """
    if sys.stderr.isatty():
        bars = _Bars()
        try:
            yield bars.update
        finally:
            bars.close()
        return
    with _told(Lines(note, clock), poll_s) as lines:
        yield lines.update


@contextmanager
def working(what: str, *, clock: Callable[[], float] = time.monotonic, poll_s: float = 1.0) -> Iterator[None]:
    """Every half minute, say that work which cannot report its progress is still running."""
    with _told(Lines(note, clock), poll_s) as lines:
        lines.update(what, 0, 0)
        yield


@contextmanager
def _told(lines: "Lines", poll_s: float) -> Iterator["Lines"]:
    """Give lines that are due even while the work reports nothing."""
    ended = threading.Event()

    def watch() -> None:
        while not ended.wait(poll_s):
            lines.tick()

    watching = threading.Thread(target=watch, daemon=True)
    watching.start()
    try:
        yield lines
    finally:
        ended.set()
        watching.join()


class Lines:
    """Says where the work is if it has been silent for half a minute; short work says nothing."""

    def __init__(self, say: Callable[[str], None], clock: Callable[[], float]) -> None:
        self._say, self._clock = say, clock
        self._lock = threading.Lock()
        self._begun = self._told = clock()
        self._stage, self._done, self._total = "", 0, 0

    def update(self, stage: str, done: int, total: int) -> None:
        """Note where the work is, and say so if a line is due."""
        with self._lock:
            if stage != self._stage:
                self._stage, self._begun = stage, self._clock()
            self._done, self._total = done, total
        self.tick()

    def tick(self) -> None:
        """Say where the work is if a line is due."""
        with self._lock:
            now = self._clock()
            if not self._stage or now - self._told < EVERY_S:
                return
            self._told = now
            spent = _spent(now - self._begun)
            done = f"{self._done} of {self._total} done, " if self._total else ""
            self._say(f"{self._stage}: {done}{spent} so far")


def _spent(seconds: float) -> str:
    minutes, rest = divmod(round(seconds), 60)
    return f"{minutes} min {rest} s" if minutes else f"{rest} s"


class _Bars:
    """One bar for each stage."""

    def __init__(self) -> None:
        self._stage = ""
        self._bar: Any = None

    def update(self, stage: str, done: int, total: int) -> None:
        if self._bar is None or stage != self._stage:
            self.close()
            from tqdm import tqdm

            self._stage = stage
            self._bar = tqdm(desc=printable(stage), total=total, file=for_bars(), leave=False)
        self._bar.update(done - self._bar.n)

    def close(self) -> None:
        if self._bar is not None:
            self._bar.close()
