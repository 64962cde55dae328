"""A copy of a study to act on: its database in a temporary folder, its key and tile packs by reference.

The audit logs in, votes and errs as every judge; none of that may touch the real study.
"""

import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from sqlalchemy import Engine, MetaData, insert, select

from studyapp.core.study_file import STUDY_FILE
from studyapp.db.database import Database, sqlite_url
from studyapp.db.schema import upgrade
from studyapp.services.workspace import Workspace, open_workspace
from studyapp.settings import Folders

_BATCH = 1000


@contextmanager
def study_copy(root: Path) -> Iterator[Workspace]:
    """Open a copy of the study in `root`, on SQLite whatever the original is on; it is gone afterwards.

    Raises
    ------
    StudyError
        When the study cannot be opened.
    """
    original = open_workspace(root)
    try:
        with tempfile.TemporaryDirectory(prefix="studyapp-audit-") as name:
            copy = Path(name)
            _copy_files(original.folders, Folders(copy))
            _copy_database(original.database, Folders(copy).database)
            opened = open_workspace(copy, url=sqlite_url(Folders(copy).database))
            try:
                yield opened
            finally:
                opened.database.close()
    finally:
        original.database.close()


def _copy_files(original: Folders, copy: Folders) -> None:
    copy.var.mkdir()
    shutil.copyfile(original.root / STUDY_FILE, copy.root / STUDY_FILE)
    copy.key.symlink_to(original.key.resolve())
    copy.packs.symlink_to(original.packs.resolve())


def _copy_database(original: Database, path: Path) -> None:
    copy = Database(sqlite_url(path))
    try:
        if original.is_sqlite:
            _back_up(original.engine, copy.engine)
        else:
            upgrade(copy)
            _copy_rows(original.engine, copy.engine)
    finally:
        copy.close()


def _back_up(original: Engine, copy: Engine) -> None:
    """Use SQLite's own backup: one consistent state, also while judges vote."""
    source, target = original.raw_connection(), copy.raw_connection()
    try:
        source.driver_connection.backup(target.driver_connection)  # pyright: ignore[reportOptionalMemberAccess]
    finally:
        source.close()
        target.close()


def _copy_rows(original: Engine, copy: Engine) -> None:
    tables = MetaData()
    tables.reflect(copy)
    with original.connect() as source, copy.begin() as target:
        source.execution_options(isolation_level="REPEATABLE READ")
        for table in tables.sorted_tables:
            if table.name == "alembic_version":
                continue
            rows = source.execute(select(table)).mappings()
            while batch := rows.fetchmany(_BATCH):
                target.execute(insert(table), [dict(row) for row in batch])
