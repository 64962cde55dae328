"""A copy of a study to act on: its database in a temporary folder, its key and tile packs by reference.

The audit logs in, votes and errs as every judge; none of that may touch the real study. A study of a site is
copied twice, into a copy of the site: the second one is the neighbour, in which its judges must be strangers.
"""

import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from studyapp.db.copying import copy_to_file
from studyapp.db.database import sqlite_url
from studyapp.services.ground.site import STUDIES, site_around
from studyapp.services.ground.workspace import Workspace, open_workspace
from studyapp.settings import Folders
from studyapp.study.site_file import SITE_FILE
from studyapp.study.study_file import STUDY_FILE
from studyapp.web.mounting import BELOW

NEIGHBOUR = "another-study"


@dataclass(frozen=True)
class Copy:
    """What is to be served, the study in it, its address there ("" or "/s/...") and a neighbour's."""

    served: Path
    workspace: Workspace
    address: str = ""
    neighbour: str | None = None


@contextmanager
def study_copy(root: Path) -> Iterator[Copy]:
    """Open a copy of the study in `root`, on SQLite whatever the original is on; it is gone afterwards.

    Raises
    ------
    StudyError
        When the study cannot be opened.
    """
    original = open_workspace(root)
    try:
        with tempfile.TemporaryDirectory(prefix="studyapp-audit-") as name:
            copy = _copied(original, Path(name))
            try:
                yield copy
            finally:
                copy.workspace.database.close()
    finally:
        original.database.close()


def _copied(original: Workspace, served: Path) -> Copy:
    root = original.folders.root
    site = site_around(root)
    if site is None:
        return Copy(served, _copy_study(original, served))
    study = root.resolve().name
    shutil.copyfile(site.root / SITE_FILE, served / SITE_FILE)
    _copy_study(original, served / STUDIES / NEIGHBOUR).database.close()
    workspace = _copy_study(original, served / STUDIES / study)
    return Copy(served, workspace, f"/{BELOW}/{study}", f"/{BELOW}/{NEIGHBOUR}")


def _copy_study(original: Workspace, root: Path) -> Workspace:
    copy = Folders(root)
    _copy_files(original.folders, copy)
    copy_to_file(original.database, copy.database)
    return open_workspace(root, url=sqlite_url(copy.database))


def _copy_files(original: Folders, copy: Folders) -> None:
    copy.var.mkdir(parents=True)
    shutil.copyfile(original.root / STUDY_FILE, copy.root / STUDY_FILE)
    copy.key.symlink_to(original.key.resolve())
    copy.packs.symlink_to(original.packs.resolve())
