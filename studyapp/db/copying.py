"""Copying a study's or a site's whole database: into an SQLite file, or row by row to another server.

Rows are only inserted, which the append-only triggers allow; numbers and hashes stay what they are.
"""

from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path

from sqlalchemy import URL, Connection, Table, func, insert, inspect, select
from sqlalchemy.schema import DropSchema
from sqlmodel import SQLModel

from studyapp.db import site_tables
from studyapp.db.database import Database, sqlite3, sqlite_url
from studyapp.db.revision import SITE, STUDY, has_database
from studyapp.db.schema import upgrade
from studyapp.errors import StudyError

BATCH = 1000
_TABLES = {STUDY: SQLModel.metadata, SITE: site_tables.SITE}
OURS = ("study_", "studyapp_")  # how schemas are named (`studyapp.services.ground.site`)


def copy_rows(source: Database, target: Database, *, tables: str = STUDY) -> dict[str, int]:
    """Copy every table of one database into another, empty one of the same schema; return rows by table.

    `tables` says whose: `revision.STUDY` or `revision.SITE`. The source is read as it was at one moment,
    while others may go on writing to it.

    Raises
    ------
    StudyError
        When the target holds rows already; it is left as it was.
    """
    copied = {}
    with (
        snapshot(source) as reading,
        target.engine.execution_options(studyapp_writer=True).begin() as writing,
    ):
        for table in _TABLES[tables].sorted_tables:
            if writing.execute(select(func.count()).select_from(table)).scalar_one():
                raise StudyError(f"the database already has rows in {table.name}; use an empty one")
            copied[table.name] = _copy(table, reading, writing)
    return copied


def copy_to_file(source: Database, path: Path, *, tables: str = STUDY) -> None:
    """Copy one moment of a database into an SQLite file, while others write to it.

    Of SQLite by its own online backup, of PostgreSQL row by row. A database without tables gives empty ones.
    """
    there = has_database(source)
    if source.is_sqlite and there:
        _copy_file(source, path)
        return
    with closing(Database(sqlite_url(path))) as target:
        upgrade(target, tables=tables)
        if there:
            copy_rows(source, target, tables=tables)


def erase(path: Path, *statements: str) -> None:
    """Delete rows from an SQLite file by these statements; overwritten, not only unlinked."""
    with closing(sqlite3.connect(path, isolation_level=None)) as copy:  # pyright: ignore[reportAttributeAccessIssue]
        copy.execute("PRAGMA secure_delete = ON")
        for statement in statements:
            copy.execute(statement)


def _copy_file(source: Database, path: Path) -> None:
    raw = source.engine.raw_connection()
    target = sqlite3.connect(path)  # pyright: ignore[reportAttributeAccessIssue]
    try:
        raw.driver_connection.backup(target)  # pyright: ignore[reportOptionalMemberAccess]
        target.execute("PRAGMA journal_mode = DELETE")
    finally:
        target.close()
        raw.close()


@contextmanager
def snapshot(database: Database) -> Iterator[Connection]:
    """Open a connection that sees one moment of the database for as long as it lives."""
    options = {} if database.is_sqlite else {"isolation_level": "REPEATABLE READ"}
    with database.engine.connect().execution_options(**options) as connection, connection.begin():
        yield connection


def _copy(table: Table, reading: Connection, writing: Connection) -> int:
    rows = reading.execute(select(table).order_by(*table.primary_key.columns))
    count = 0
    while batch := rows.mappings().fetchmany(BATCH):
        writing.execute(insert(table), [dict(row) for row in batch])
        count += len(batch)
    continue_numbers(table, writing)
    return count


@contextmanager
def no_schemas_half_filled(url: str | URL | None) -> Iterator[None]:
    """Drop, when the block fails, the schemas that it made in a PostgreSQL database: it is tried again."""
    if url is None or Database(url).is_sqlite:
        yield
        return
    with closing(Database(url)) as database:
        before = set(inspect(database.engine).get_schema_names())
        try:
            yield
        except BaseException:
            with database.engine.begin() as connection:
                made = set(inspect(connection).get_schema_names()) - before
                for name in [name for name in made if name.startswith(OURS)]:
                    connection.execute(DropSchema(name, cascade=True))
            raise


def continue_numbers(table: Table, connection: Connection) -> None:
    """Have PostgreSQL number the next row after those that came with their numbers."""
    key = table.primary_key.columns.get("id")
    if key is None or connection.dialect.name != "postgresql":
        return
    sequence = func.pg_get_serial_sequence(table.name, "id")
    last = connection.execute(select(func.max(key))).scalar()
    if last and connection.execute(select(sequence)).scalar():
        connection.execute(select(func.setval(sequence, last)))
