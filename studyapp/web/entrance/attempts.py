"""The counts of failed attempts, in a file that all processes of a server share and that outlives them.

A store for Flask-Limiter, which counts in the memory of one process otherwise: of several processes each
would allow as much again. Losing the last counts in a power cut is no harm, so nothing waits for the disk.
While the file cannot be used, a process counts in its own memory, and nobody's answer depends on it.
"""

import os
import sqlite3
import time
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path

from limits.storage import MemoryStorage, Storage

SCHEME = "attempts"
_PATIENCE = 2.0  # seconds to wait for another process
# A window holds from its beginning to its end; one that seems to begin later is of a clock that was wrong.
_HOLDS = "begins <= :now AND :now < ends"


class AttemptsFile(Storage):
    """Counts by key, each for a window of time; `uri` is the scheme and the file's path."""

    STORAGE_SCHEME = [SCHEME]  # noqa: RUF012 (as the base class declares it)

    def __init__(self, uri: str, wrap_exceptions: bool = False, **_options: float | str | bool) -> None:
        super().__init__(uri, wrap_exceptions=wrap_exceptions)
        self._path = Path(uri.removeprefix(f"{SCHEME}://"))
        self._own = MemoryStorage()  # while the file cannot be used

    @property
    def base_exceptions(self) -> tuple[type[Exception], ...]:
        """What a file can fail with."""
        return (sqlite3.Error, OSError)

    def incr(self, key: str, expiry: int, amount: int = 1) -> int:
        """Add to a count, whose window of `expiry` seconds begins now if there is none; return the count."""
        try:
            return self._add(key, expiry, amount)
        except self.base_exceptions as error:
            self._heal(error)
            return self._own.incr(key, expiry, amount=amount)

    def get(self, key: str) -> int:
        """Return a count; 0 for none."""
        return max(int(self._held("count", key)), self._own.get(key))

    def get_expiry(self, key: str) -> float:
        """Return when a count's window ends, in seconds since 1970; now for none."""
        return max(self._held("ends", key), self._own.get_expiry(key))

    def check(self) -> bool:
        """Tell that counting works, here or there."""
        return True

    def reset(self) -> int:
        """Forget every count; return how many there were in the file."""
        self._own.reset()
        with self._counting() as counts:
            return counts.execute("DELETE FROM attempts").rowcount

    def clear(self, key: str) -> None:
        """Forget a count."""
        self._own.clear(key)
        with self._counting() as counts:
            counts.execute("DELETE FROM attempts WHERE key = ?", (key,))

    def _add(self, key: str, expiry: int, amount: int) -> int:
        with self._counting() as counts:
            now = time.time()  # by now it is this process's turn: no other begins a window in between
            row = {"key": key, "amount": amount, "now": now, "ends": now + expiry}
            counts.execute(f"DELETE FROM attempts WHERE NOT ({_HOLDS})", row)  # noqa: S608 (our own words)
            counts.execute(
                "INSERT INTO attempts VALUES (:key, :amount, :now, :ends) "
                "ON CONFLICT (key) DO UPDATE SET count = count + excluded.count",
                row,
            )
            return counts.execute("SELECT count FROM attempts WHERE key = :key", row).fetchone()[0]

    def _held(self, column: str, key: str) -> float:
        if not self._path.exists():
            return 0
        try:
            with self._open() as counts:
                query = f"SELECT {column} FROM attempts WHERE key = :key AND {_HOLDS}"  # noqa: S608 (our own words)
                found = counts.execute(query, {"key": key, "now": time.time()}).fetchone()
        except self.base_exceptions as error:
            self._heal(error)
            return 0
        return found[0] if found else 0

    def _heal(self, error: Exception) -> None:
        """Begin a file anew that a power cut has spoilt."""
        if isinstance(error, sqlite3.DatabaseError) and not isinstance(error, sqlite3.OperationalError):
            self._path.unlink(missing_ok=True)

    @contextmanager
    def _counting(self) -> Iterator[sqlite3.Connection]:
        if not self._path.exists():
            os.close(os.open(self._path, os.O_WRONLY | os.O_CREAT, 0o600))
        with self._open() as counts:
            counts.execute("BEGIN IMMEDIATE")
            yield counts
            counts.execute("COMMIT")

    @contextmanager
    def _open(self) -> Iterator[sqlite3.Connection]:
        with closing(sqlite3.connect(self._path, timeout=_PATIENCE, isolation_level=None)) as counts:
            counts.execute("PRAGMA synchronous = OFF")
            counts.execute(
                "CREATE TABLE IF NOT EXISTS attempts "
                "(key TEXT PRIMARY KEY, count INTEGER NOT NULL, begins REAL NOT NULL, ends REAL NOT NULL)"
            )
            yield counts
