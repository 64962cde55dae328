"""The connection to a study's database, and the two kinds of transaction: reading and writing.

On SQLite writers take BEGIN IMMEDIATE behind a process-wide lock: the driver's own transactions lose updates,
and a deferred one that writes later fails at once instead of waiting (docs/decisions/0002).
"""

import threading
from collections.abc import Iterator
from contextlib import contextmanager, nullcontext, suppress
from pathlib import Path

from sqlalchemy import URL, Connection, Engine, create_engine, event, make_url
from sqlalchemy.exc import ArgumentError
from sqlmodel import Session

from studyapp.db.journal import Journal
from studyapp.errors import StudyError

try:
    # Bundles a current SQLite; many systems still link one with the WAL-reset bug.
    import pysqlite3 as sqlite3
except ImportError:
    import sqlite3

BUSY_TIMEOUT_MS = 15_000
POOL = (
    32  # connections that stay open: more than the server has threads, else some are opened again and again
)


class Database:
    """A study's database; safe to share between threads.

    Parameters
    ----------
    url
        An SQLAlchemy URL: ``postgresql://user@host/name``, or of a file by `sqlite_url`.
    journal
        The second record of the ledger's events; a transaction that wrote some returns when they are in it.
    receipts
        The same for receipts that are kept outside the machine.
    schema
        On PostgreSQL, the schema that holds the tables; the first of the search path without one.
    """

    def __init__(
        self,
        url: str | URL,
        *,
        journal: Journal | None = None,
        receipts: Journal | None = None,
        schema: str | None = None,
    ) -> None:
        self.url = _with_driver(url)
        self.is_sqlite = self.url.get_backend_name() == "sqlite"
        self.schema = None if self.is_sqlite else schema
        if self.schema:
            self.url = self.url.update_query_dict({"options": f"-csearch_path={self.schema}"})
        self.engine = _sqlite_engine(self.url) if self.is_sqlite else _postgres_engine(self.url)
        self._writer = self.engine.execution_options(studyapp_writer=True)
        alone = {"studyapp_looker": True} if self.is_sqlite else {"isolation_level": "AUTOCOMMIT"}
        self._looker = self.engine.execution_options(**alone)
        self._write_lock = threading.Lock()
        self.journal, self.receipts = journal, receipts

    @property
    def records(self) -> list[Journal]:
        """Where each event stands besides the database."""
        return [record for record in (self.journal, self.receipts) if record is not None]

    @contextmanager
    def reading(self) -> Iterator[Session]:
        """Open a session that sees one consistent state; nothing it does is committed."""
        with Session(self.engine, expire_on_commit=False) as session:
            yield session

    @contextmanager
    def looking(self) -> Iterator[Connection]:
        """Open a bare connection for one statement that reads: what every request asks must cost little."""
        with self._looker.connect() as connection:
            yield connection

    @contextmanager
    def writing(self) -> Iterator[Session]:
        """Open a session whose whole body is one transaction, on disk when the block ends without error.

        Raises
        ------
        OSError
            When the transaction is committed but its events could not be added to the second record. Who sent
            them is not told that they are saved; sent again, they are found and the record is completed.
        """
        lock = self._write_lock if self.is_sqlite else nullcontext()
        with lock, Session(self._writer, expire_on_commit=False) as session, session.begin():
            yield session
        for record in self.records:
            record.append(session.info.get("journal", ()))

    def close(self) -> None:
        """Give back every connection, and the files of the other records."""
        self.engine.dispose()
        for record in self.records:
            record.close()


def sqlite_url(path: Path) -> URL:
    """Return the URL of an SQLite file, never as text: in that, %, ? and # of a path would mean something."""
    return URL.create("sqlite", database=str(path))


def sqlite_files(path: Path) -> list[Path]:
    """Return an SQLite file and what SQLite may keep beside it."""
    return [path.with_name(path.name + end) for end in ("", "-wal", "-shm")]


def wal_is_safe(version: tuple[int, ...]) -> bool:
    """Tell whether this SQLite is free of the WAL-reset bug (3.7.0 to 3.51.2 can lose committed rows).

    Fixed in 3.51.3 and, for older branches, in 3.50.7 and 3.44.6.

    Examples
    --------
    >>> wal_is_safe((3, 51, 3)), wal_is_safe((3, 50, 8)), wal_is_safe((3, 44, 6)), wal_is_safe((3, 45, 9))
    (True, True, True, False)
    """
    return version >= (3, 51, 3) or (3, 50, 7) <= version < (3, 51) or (3, 44, 6) <= version < (3, 45)


def _with_driver(url: str | URL) -> URL:
    scheme = url.drivername if isinstance(url, URL) else url.split(":", 1)[0]
    with suppress(ArgumentError, ValueError):
        parsed = make_url(url)
        if scheme in ("postgres", "postgresql", "postgresql+psycopg"):
            return parsed.set(drivername="postgresql+psycopg")
        if scheme == "sqlite" and parsed.database:
            return parsed
    raise StudyError(
        f"STUDYAPP_DATABASE_URL {scheme!r} is not supported; use sqlite:///FILE or postgresql://..."
    )


def _postgres_engine(url: URL) -> Engine:
    engine = create_engine(url, pool_size=POOL)

    @event.listens_for(engine, "connect")
    def insist(connection, _record) -> None:
        # Each commit waits for the disk, whatever server, database or role say; what waits for more stays.
        connection.execute(
            "SELECT set_config('synchronous_commit', 'on', false) "
            "WHERE current_setting('synchronous_commit') = 'off'"
        )
        connection.commit()

    return engine


def _sqlite_engine(url: URL) -> Engine:
    engine = create_engine(url, module=sqlite3, pool_size=POOL, connect_args={"check_same_thread": False})
    journal = "WAL" if wal_is_safe(sqlite3.sqlite_version_info) else "TRUNCATE"

    @event.listens_for(engine, "connect")
    def configure(connection, _record) -> None:
        # None hands every BEGIN to us; see `begin` below.
        connection.isolation_level = None
        for pragma in (
            f"busy_timeout = {BUSY_TIMEOUT_MS}",
            f"journal_mode = {journal}",
            "synchronous = FULL",
            "foreign_keys = ON",
            # Without it INSERT OR REPLACE walks around the DELETE triggers.
            "recursive_triggers = ON",
        ):
            connection.execute(f"PRAGMA {pragma}")

    @event.listens_for(engine, "begin")
    def begin(connection) -> None:
        options = connection.get_execution_options()
        if not options.get("studyapp_looker", False):  # a single statement is a transaction by itself
            connection.exec_driver_sql("BEGIN IMMEDIATE" if options.get("studyapp_writer") else "BEGIN")

    return engine
