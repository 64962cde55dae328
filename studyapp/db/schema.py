"""Bringing a database to the current schema, by Alembic.

There is no way back but a backup.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from alembic import command
from alembic.config import Config
from sqlalchemy import Connection
from sqlalchemy.schema import CreateSchema

from studyapp.db.database import Database
from studyapp.db.revision import STUDY
from studyapp.errors import StudyError


def upgrade(database: Database, revision: str = "head", *, tables: str = STUDY) -> None:
    """Create the schema, or bring it up to a revision, in one transaction; do nothing when it is there.

    `tables` says whose: `revision.STUDY` or `revision.SITE`.
    """
    with database.engine.execution_options(studyapp_writer=True).connect() as connection:
        config = _config(tables)
        config.attributes["connection"] = connection
        with _loose_references(connection), connection.begin():
            if database.schema:
                connection.execute(CreateSchema(database.schema, if_not_exists=True))
            command.upgrade(config, revision)
            if database.is_sqlite and (broken := _broken_references(connection)):
                raise StudyError(f"the database has rows that refer to missing ones, in {', '.join(broken)}")


@contextmanager
def _loose_references(connection: Connection) -> Iterator[None]:
    """Switch SQLite's foreign keys off, as a table that others refer to cannot be rebuilt under them.

    The switch works outside a transaction only; references are checked before the commit instead.
    """
    driver = connection.connection.driver_connection
    if connection.dialect.name != "sqlite" or driver is None:
        yield
        return
    driver.execute("PRAGMA foreign_keys = OFF")
    try:
        yield
    finally:
        driver.execute("PRAGMA foreign_keys = ON")


def _broken_references(connection: Connection) -> list[str]:
    return sorted({row[0] for row in connection.exec_driver_sql("PRAGMA foreign_key_check")})


def _config(tables: str = STUDY) -> Config:
    config = Config()
    # ConfigParser reads % as the beginning of a reference.
    config.set_main_option("script_location", str(Path(__file__).parent / tables).replace("%", "%%"))
    return config
