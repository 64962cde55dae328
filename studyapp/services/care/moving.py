"""Moving a study from SQLite to PostgreSQL: every row, every hash and the digest stay what they are."""

from contextlib import closing, suppress
from dataclasses import dataclass
from pathlib import Path

from studyapp.db.copying import copy_rows
from studyapp.db.database import Database, sqlite_url
from studyapp.db.schema import upgrade
from studyapp.errors import StudyError
from studyapp.services.ground.ledger import digest_now
from studyapp.services.ground.workspace import Workspace


@dataclass(frozen=True)
class Move:
    """A finished move: the digest of all chains, the same on both sides, and the rows copied."""

    digest: str
    rows: int


def migrate(workspace: Workspace, url: str, *, schema: str | None = None) -> Move:
    """Copy the study into an empty database, compare the digests, and set the old database aside.

    No server may run meanwhile. The old file is renamed, so that nothing goes on writing to it.

    Raises
    ------
    StudyError
        When the study is not on SQLite, the target is not empty, or the digests differ.
    """
    moved = copy_study(workspace, url, schema=schema)
    set_aside(workspace)
    return moved


def copy_study(workspace: Workspace, url: str, *, schema: str | None = None) -> Move:
    """Copy the study into an empty database, or a schema of it, and compare the digests.

    Raises
    ------
    StudyError
        When the study is not on SQLite, the target is not empty, or the digests differ.
    """
    source = workspace.database
    if source.url != sqlite_url(workspace.folders.database):
        raise StudyError(
            "this study is not in its own SQLite file, so there is nothing to move; unset "
            "STUDYAPP_DATABASE_URL to move from it"
        )
    with closing(Database(url, schema=schema)) as target:
        if target.is_sqlite:
            raise StudyError("give the URL of a PostgreSQL database, such as postgresql://user@host/name")
        upgrade(target)
        rows = sum(copy_rows(source, target).values())
        with source.reading() as before, target.reading() as after:
            digests = digest_now(before), digest_now(after)
    if digests[0] != digests[1]:
        raise StudyError(
            f"the digest changed from {digests[0]} to {digests[1]}; the old database is still in use"
        )
    return Move(digests[0], rows)


def set_aside(workspace: Workspace) -> None:
    """Rename the SQLite file of a study that was copied elsewhere, so that nothing writes to it any more."""
    workspace.database.close()
    rename_database(workspace.folders.database, workspace.folders.moved)


def rename_database(own: Path, moved: Path) -> None:
    """Rename an SQLite file and what SQLite keeps beside it."""
    for end in ("", "-wal", "-shm"):
        with suppress(FileNotFoundError):
            own.with_name(own.name + end).rename(moved.with_name(moved.name + end))
