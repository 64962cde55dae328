"""The second record: each event as a line of var/votes.jsonl, on disk before it is acknowledged.

Lines are only ever added. Threads share one fsync: whoever holds the file writes what the others queued.
Processes take turns at the file; an event that two of them were asked to record stands in it twice.

The file may be deleted, replaced or cut short while it is in use. A process that wrote on would write into
nothing, so each looks, before and after it adds lines, whether the path still names the file that it knows,
with the end that it knows; if not, the whole ledger is written again.
"""

import errno
import logging
import os
import threading
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path

from analysis.files import sync_folder
from analysis.json_text import read_json
from analysis.locks import lock, unlock

_TAIL = 256  # bytes by which a file's end is known again

log = logging.getLogger(__name__)


@dataclass(frozen=True)
class JournalLine:
    """An event's hash, and the line (without its end) that records it."""

    hash: str
    text: str


@dataclass(frozen=True)
class _Seen:
    """A file as this process last saw it: which one it was, and the bytes that stood at its end."""

    device: int
    number: int
    offset: int
    tail: bytes


class Journal:
    """An append-only file of lines; safe to share between threads, and to be open in several processes.

    Parameters
    ----------
    path
        The file; made when first needed.
    everything
        Returns the lines of all committed events, to write the file anew when it is not there (any more).
        Without it such a file is an error.
    form
        What becomes of an event's line in this file.
    """

    def __init__(
        self,
        path: Path,
        *,
        everything: Callable[[], Iterable[JournalLine]] | None = None,
        form: Callable[[str], str] = str,
    ) -> None:
        self.path = path
        self._everything, self.form = everything, form
        self._queue: list[JournalLine] = []
        self._known: set[str] = set()
        self._queued = self._written = 0
        self._queue_lock, self._file_lock = threading.Lock(), threading.Lock()
        self._descriptor: int | None = None
        self._seen: _Seen | None = None
        # Whether the file holds what was recorded before; a new one does not, until all is written again.
        self._whole = True

    def append(self, lines: Sequence[JournalLine]) -> None:
        """Add lines that this process has not added yet; return when they are on disk.

        Raises
        ------
        OSError
            When they cannot be written; they stay queued and go with the next call.
        """
        if not lines:
            return
        with self._queue_lock:
            fresh = [line for line in lines if line.hash not in self._known]
            self._known.update(line.hash for line in fresh)
            self._queue += fresh
            self._queued += len(fresh)
            ticket = self._queued
        with self._file_lock:
            if self._written < ticket:
                self._flush()

    def close(self) -> None:
        """Give back the file, and forget what it holds: it may be another one when it is opened again."""
        with self._file_lock, self._queue_lock:
            self._known = {line.hash for line in self._queue}
            if self._descriptor is not None:
                os.close(self._descriptor)
                self._descriptor = None

    def _flush(self) -> None:
        with self._queue_lock:
            batch = list(self._queue)
        # Once more when the file went while it was written: at most until somebody leaves it alone.
        while not self._add(batch):
            pass
        self._written += len(batch)
        with self._queue_lock:
            del self._queue[: len(batch)]

    def _add(self, batch: list[JournalLine]) -> bool:
        """Write lines and bring them to disk; return whether the path still names the file they are in."""
        descriptor = self._locked()
        try:
            lines = batch if self._whole else self._lacking(descriptor, batch)
            # After a crash or a full disk, of any process, the file may end within a line: end it, so that
            # the next stands alone.
            start = "" if _ends_with_a_line(descriptor) else "\n"
            text = start + "".join(self.form(line.text) + "\n" for line in lines)
            _write_all(descriptor, text.encode("utf-8"))
            self._seen = _look(descriptor)
        finally:
            unlock(descriptor)
        os.fsync(descriptor)
        self._whole = True
        return self._is_as_seen(descriptor)

    def _locked(self) -> int:
        """Return the file that the path names, locked; `_whole` says whether it is the one known so far."""
        while True:
            descriptor = self._open()
            lock(descriptor)
            if self._seen is None:
                self._seen = _look(descriptor)
            if self._is_as_seen(descriptor):
                return descriptor
            os.close(descriptor)  # gives the lock back, too
            self._descriptor = None
            log.error("%s was removed, replaced or truncated while in use", self.path)
            if self._everything is None:
                raise OSError(errno.ESTALE, "removed, replaced or truncated while in use", str(self.path))
            self._seen, self._whole = None, False

    def _is_as_seen(self, descriptor: int) -> bool:
        seen = self._seen
        if seen is None:
            return False
        try:
            there = os.stat(self.path)
        except FileNotFoundError:
            return False
        here = os.fstat(descriptor)
        same = (here.st_dev, here.st_ino) == (there.st_dev, there.st_ino) == (seen.device, seen.number)
        return same and os.pread(descriptor, len(seen.tail), seen.offset) == seen.tail

    def _lacking(self, descriptor: int, batch: list[JournalLine]) -> list[JournalLine]:
        """Return the lines of the whole ledger that the file does not hold, those of the batch among them."""
        held = set(_hashes(descriptor))
        lines = {line.hash: line for line in (*(self._everything() if self._everything else ()), *batch)}
        return [line for line in lines.values() if line.hash not in held]

    def _open(self) -> int:
        if self._descriptor is None:
            fresh = not self.path.exists()
            self._descriptor = os.open(self.path, os.O_RDWR | os.O_APPEND | os.O_CREAT, 0o600)
            if fresh:
                self._whole = self._everything is None
                sync_folder(self.path.parent)
        return self._descriptor


def _look(descriptor: int) -> _Seen:
    found = os.fstat(descriptor)
    offset = max(0, found.st_size - _TAIL)
    tail = os.pread(descriptor, found.st_size - offset, offset)
    return _Seen(found.st_dev, found.st_ino, offset, tail)


def _hashes(descriptor: int) -> Iterable[str]:
    with os.fdopen(os.dup(descriptor), "rb") as file:
        file.seek(0)
        for line in file:
            try:
                event = read_json(line)
            except ValueError:
                continue  # half a line
            if isinstance(event, dict) and isinstance(event.get("hash"), str):
                yield event["hash"]


def _write_all(descriptor: int, data: bytes) -> None:
    while data:
        data = data[os.write(descriptor, data) :]


def _ends_with_a_line(descriptor: int) -> bool:
    size = os.fstat(descriptor).st_size
    return size == 0 or os.pread(descriptor, 1, size - 1) == b"\n"
