"""Which schema a database has. Alembic, which a server hardly ever needs, is loaded only to change one."""

from pathlib import Path

from sqlalchemy import inspect, text

from studyapp.db.database import Database
from studyapp.errors import StudyError

STUDY, SITE = "migrations", "site_migrations"
"""The folders of the two databases' migrations."""

_CREATING = 7_301_944_552  # any number, of which PostgreSQL makes a lock


def newest(tables: str = STUDY) -> str:
    """Return the newest revision: the files of migrations begin with their number, which is its name.

    Examples
    --------
    >>> newest().isdigit()
    True
    """
    versions = Path(__file__).parent / tables / "versions"
    return max(path.name.partition("_")[0] for path in versions.glob("[0-9]*_*.py"))


def current(database: Database) -> str | None:
    """Return the revision that a database has; None when it has no tables of ours."""
    with database.engine.connect() as connection:
        marked = inspect(connection).has_table("alembic_version", schema=database.schema)
        return connection.scalar(text("SELECT version_num FROM alembic_version")) if marked else None


def has_database(database: Database) -> bool:
    """Tell whether a database has tables of ours; a file that is not there is not made by looking."""
    if database.is_sqlite and not Path(database.url.database or "").exists():
        return False
    return current(database) is not None


def check_schema(database: Database, *, tables: str = STUDY) -> None:
    """Make sure that the database has the schema of this version.

    Raises
    ------
    StudyError
        When it has another one.
    """
    found = current(database)
    if found != newest(tables):
        raise StudyError(
            f"the database has schema {found or 'none'}, this version of studyapp needs {newest(tables)}; "
            "run `studyapp tile DIR` once to bring it up to date"
        )


def bring_up_site(database: Database) -> None:
    """Create a site's tables, or bring them to the newest revision; usually there is nothing to do.

    New tables are made as the models say, which loads less than all migrations one after another; a test
    holds that both make the same.
    """
    found = current(database)
    if found is None:
        _create(database)
        found = current(database)
    if found != newest(SITE):
        from studyapp.db.schema import upgrade

        upgrade(database, tables=SITE)


def _create(database: Database) -> None:
    from studyapp.db.site_tables import SITE as TABLES

    with database.writing() as session:
        if database.is_sqlite:
            if session.scalar(text("SELECT 1 FROM sqlite_master WHERE name = 'alembic_version'")):
                return  # another process was quicker
        else:
            session.execute(text("SELECT pg_advisory_xact_lock(:key)"), {"key": _CREATING})
            session.execute(text(f"CREATE SCHEMA IF NOT EXISTS {database.schema}"))
            if session.scalar(text("SELECT to_regclass('alembic_version')")):
                return
        TABLES.create_all(session.connection(), checkfirst=False)
        session.execute(text("CREATE TABLE alembic_version (version_num VARCHAR(32) NOT NULL)"))
        session.execute(text("INSERT INTO alembic_version VALUES (:newest)"), {"newest": newest(SITE)})
