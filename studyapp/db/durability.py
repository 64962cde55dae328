"""PostgreSQL's own promises on which ours stands: a server that was told not to keep them serves no study."""

from studyapp.db.database import Database
from studyapp.errors import StudyError

# Switched off, they make a commit that a crash of the machine takes back, or a database that it spoils.
NEEDED = ("fsync", "full_page_writes")


def check_durability(database: Database) -> None:
    """Make sure that what the database commits is on disk.

    SQLite is set up by ourselves, and `synchronous_commit` for each connection (`studyapp.db.database`).

    Raises
    ------
    StudyError
        Naming the settings of PostgreSQL that are off.
    """
    if database.is_sqlite:
        return
    with database.engine.connect() as connection:
        off = [name for name in NEEDED if connection.exec_driver_sql(f"SHOW {name}").scalar() == "off"]
    if off:
        raise StudyError(
            f"PostgreSQL runs with {' and '.join(f'{name}=off' for name in off)}: a power cut could lose "
            "acknowledged ballots; switch it on in postgresql.conf and reload the configuration"
        )
