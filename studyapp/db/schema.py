"""Bringing a database to the current schema, by Alembic, from the first table on."""

from pathlib import Path

from alembic import command
from alembic.config import Config
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory

from studyapp.db.database import Database
from studyapp.errors import StudyError


def upgrade(database: Database) -> None:
    """Create the schema, or bring an older one up to date; do nothing when it is current."""
    with database.engine.execution_options(studyapp_writer=True).begin() as connection:
        config = _config()
        config.attributes["connection"] = connection
        command.upgrade(config, "head")


def check_schema(database: Database) -> None:
    """Make sure that the database has the schema of this version.

    Raises
    ------
    StudyError
        When it has another one.
    """
    head = ScriptDirectory.from_config(_config()).get_current_head()
    with database.engine.connect() as connection:
        current = MigrationContext.configure(connection).get_current_revision()
    if current != head:
        raise StudyError(
            f"the database has schema {current or 'none'}, this version of studyapp needs {head}; "
            "run `studyapp tile DIR` once to bring it up to date"
        )


def _config() -> Config:
    config = Config()
    config.set_main_option("script_location", str(Path(__file__).parent / "migrations"))
    return config
