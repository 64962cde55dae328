"""A study as the first revision of the database keeps it, with ballots in it: data/baseline.sql.

`python -m tests.services.baseline` writes the file. What was released is never written again: its tables, its
study.yaml and its events are those with which some study was begun, and a migration takes them on.
"""

import json
import shutil
import sqlite3
import tempfile
from contextlib import closing
from pathlib import Path

from sqlalchemy import MetaData, insert, select

from studyapp.db.copying import continue_numbers
from studyapp.db.database import Database, sqlite_url
from studyapp.db.schema import upgrade
from studyapp.services.folder import preparing
from studyapp.services.ground import studies
from studyapp.services.ground.workspace import ensure_key, open_workspace
from studyapp.services.people import invitations
from studyapp.settings import Folders
from tests.conftest import CAST, KEY, NOW, write_study
from tests.hidden import add_checks
from tests.services.test_looking_tables import looked, trial_of
from tests.services.voting import cast_all, picked, save_ballot

FILE = Path(__file__).parent / "data" / "baseline.sql"
REVISION = "0001"


def load(path: Path) -> None:
    """Make the SQLite database of the baseline."""
    with closing(sqlite3.connect(path, isolation_level=None)) as raw:
        raw.executescript(FILE.read_text(encoding="utf-8"))


def load_elsewhere(url: str, scratch: Path) -> None:
    """Make the baseline in an empty database of another kind: its revision, and the same rows."""
    load(scratch)
    with closing(Database(sqlite_url(scratch))) as source, closing(Database(url)) as target:
        upgrade(target, REVISION)
        tables = MetaData()
        tables.reflect(target.engine)
        with source.engine.connect() as reading, target.engine.begin() as writing:
            for table in tables.sorted_tables:
                if table.name == "alembic_version":
                    continue
                if rows := reading.execute(select(table)).mappings().all():
                    writing.execute(insert(table), [dict(row) for row in rows])
                continue_numbers(table, writing)


def make_folder(root: Path) -> Path:
    """Write the folder of the baseline's study: what it goes by, and its key; no pictures."""
    root.mkdir()
    folders = Folders(root)
    folders.make_var()
    load(folders.database)
    with closing(sqlite3.connect(folders.database)) as raw:
        (file,) = raw.execute("SELECT file FROM study").fetchone()
    (root / "study.yaml").write_text(json.dumps(json.loads(file)), encoding="utf-8")
    ensure_key(root, key=KEY)
    return root


def main() -> None:
    """Write the file."""
    with tempfile.TemporaryDirectory() as folder:
        root = write_study(Path(folder) / "study")
        add_checks(root)
        ensure_key(root, key=KEY)
        preparing.prepare_study(root, workers=1, progress=None, now=NOW)
        workspace = open_workspace(root)
        with workspace.database.writing() as session:
            invitations.invite_judges(session, workspace.key, CAST, now=NOW)
            studies.open_study(session, now=NOW)
        cast_all(workspace, "Jude", "June")
        trial, judge = trial_of(workspace, "Jude", 3)
        looking = looked("a", 3.0)
        with workspace.database.writing() as session:
            save_ballot(session, picked(judge, trial, "a-look-of-jude-s", 1, (2, 3, 4), looking=looking))
        workspace.database.close()
        copy = shutil.copy(root / "var" / "study.db", Path(folder) / "copy.db")
        with closing(sqlite3.connect(copy)) as raw:
            FILE.write_text("".join(f"{line}\n" for line in raw.iterdump()), encoding="utf-8")


if __name__ == "__main__":
    main()
