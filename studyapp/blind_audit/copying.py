"""A copy of a study to act on: its database in a temporary folder, its key and tile packs by reference.

The audit logs in, votes and errs as every judge; none of that may touch the real study.
"""

import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from studyapp.db.copying import copy_file, copy_rows
from studyapp.db.database import Database, sqlite_url
from studyapp.db.schema import upgrade
from studyapp.services.ground.workspace import Workspace, open_workspace
from studyapp.settings import Folders
from studyapp.study.study_file import STUDY_FILE


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
    if original.is_sqlite:
        copy_file(original, path)
        return
    copy = Database(sqlite_url(path))
    try:
        upgrade(copy)
        copy_rows(original, copy)
    finally:
        copy.close()
