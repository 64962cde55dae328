"""Sessions that were ended by logging out, although their signed cookies would still be valid.

A file of hashes, appended to at each log-out and read again when it has grown, so that it holds after a
restart and for several servers on one folder.
"""

import hashlib
import os
import threading
from pathlib import Path


class EndedSessions:
    """The sessions that must not be taken up again; safe to share between threads."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._read = 0
        self._ended: set[str] = set()
        self._lock = threading.Lock()

    def end(self, session: str) -> None:
        """Note that a session is over; on disk when this returns."""
        descriptor = os.open(self._path, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)
        try:
            os.write(descriptor, f"{_hash(session)}\n".encode("ascii"))
            os.fsync(descriptor)
        finally:
            os.close(descriptor)

    def __contains__(self, session: str) -> bool:
        self._catch_up()
        return _hash(session) in self._ended

    def _catch_up(self) -> None:
        try:
            size = self._path.stat().st_size
        except FileNotFoundError:
            return
        if size == self._read:
            return
        with self._lock, self._path.open("rb") as file:
            file.seek(self._read)
            lines = file.read()
            whole = lines[: lines.rfind(b"\n") + 1]
            self._ended.update(whole.decode("ascii").split())
            self._read += len(whole)


def _hash(session: str) -> str:
    return hashlib.sha256(session.encode("utf-8")).hexdigest()
