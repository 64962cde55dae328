"""The second record: each event as a line of var/votes.jsonl, on disk before it is acknowledged.

Lines are only ever added. Threads share one fsync: whoever holds the file writes what the others queued.
Processes take turns at the file; an event that two of them were asked to record stands in it twice.
"""

import fcntl
import os
import threading
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True)
class JournalLine:
    """An event's hash, and the line (without its end) that records it."""

    hash: str
    text: str


class Journal:
    """An append-only file of lines; safe to share between threads, and to be open in several processes."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self._queue: list[JournalLine] = []
        self._known: set[str] = set()
        self._queued = self._written = 0
        self._queue_lock, self._file_lock = threading.Lock(), threading.Lock()
        self._descriptor: int | None = None

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
        descriptor = self._open()
        fcntl.flock(descriptor, fcntl.LOCK_EX)
        try:
            # After a crash or a full disk, of any process, the file may end within a line: end it, so that
            # the next stands alone.
            start = "" if _ends_with_a_line(descriptor) else "\n"
            _write_all(descriptor, (start + "".join(line.text + "\n" for line in batch)).encode("utf-8"))
        finally:
            fcntl.flock(descriptor, fcntl.LOCK_UN)
        os.fsync(descriptor)
        self._written += len(batch)
        with self._queue_lock:
            del self._queue[: len(batch)]

    def _open(self) -> int:
        if self._descriptor is None:
            fresh = not self.path.exists()
            self._descriptor = os.open(self.path, os.O_RDWR | os.O_APPEND | os.O_CREAT, 0o600)
            if fresh:
                _sync_folder(self.path.parent)
        return self._descriptor


def _write_all(descriptor: int, data: bytes) -> None:
    while data:
        data = data[os.write(descriptor, data) :]


def _ends_with_a_line(descriptor: int) -> bool:
    size = os.fstat(descriptor).st_size
    return size == 0 or os.pread(descriptor, 1, size - 1) == b"\n"


def _sync_folder(folder: Path) -> None:
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
