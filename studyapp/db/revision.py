"""Which schema a database has. Without Alembic, for which a server has no other use."""

from pathlib import Path

from sqlalchemy import inspect, text

from studyapp.db.database import Database
from studyapp.errors import StudyError

VERSIONS = Path(__file__).parent / "migrations" / "versions"


def newest() -> str:
    """Return the newest revision: the files of migrations begin with their number, which is its name.

    Examples
    --------
    >>> newest().isdigit()
    True
    """
    return max(path.name.partition("_")[0] for path in VERSIONS.glob("[0-9]*_*.py"))


def check_schema(database: Database) -> None:
    """Make sure that the database has the schema of this version.

    Raises
    ------
    StudyError
        When it has another one.
    """
    with database.engine.connect() as connection:
        marked = inspect(connection).has_table("alembic_version")
        current = connection.scalar(text("SELECT version_num FROM alembic_version")) if marked else None
    if current != newest():
        raise StudyError(
            f"the database has schema {current or 'none'}, this version of studyapp needs {newest()}; "
            "run `studyapp tile DIR` once to bring it up to date"
        )
