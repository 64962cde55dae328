"""Every column of every table is changed, every row added and removed: who notices, and what nobody can.

What nobody can notice stands in docs/ledger.md, and nothing else does: a new column fails here until somebody
decides.
"""

import re
import shutil
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import Table, UniqueConstraint
from sqlmodel import SQLModel

import studyapp.db.partial_indexes  # noqa: F401 (completes the metadata)
from studyapp.db.database import sqlite3
from studyapp.errors import StudyError
from studyapp.services.ground import studies
from studyapp.services.ground.workspace import Workspace, open_workspace
from studyapp.services.people import invitations
from studyapp.services.results import verifying
from studyapp.services.results.verifying import verify_study
from studyapp.services.voting import lifecycle
from tests.conftest import CAST, NOW
from tests.services.test_looking_tables import leave, looked, vote
from tests.services.voting import cast_all, close

PAGE = Path(__file__).parents[2] / "docs" / "ledger.md"
TABLES = {table.name: table for table in SQLModel.metadata.sorted_tables}
# What no step of this study leaves a row in, and a second row where one is not enough to swap with.
MORE_ROWS = (
    "INSERT INTO link (judge_id, token_sha256, created_at, revoked_at)"
    " VALUES (1, 't', 'c', 'r'), (2, 'u', 'd', 's')",
    "INSERT INTO region VALUES (1, 1, 0, 0, 9, 9), (2, 2, 1, 1, 8, 8)",
    "INSERT INTO viewing_conditions (judge_id, noted_at, body) VALUES (1, 'a', '{}'), (2, 'b', '{\"x\": 1}')",
    "INSERT INTO eye_screening VALUES (1, 'a', '{}'), (2, 'b', '{\"x\": 1}')",
    "INSERT INTO refused_report VALUES (1, 'looking', 1, 'a', 'x'), (2, 'check', 2, 'b', 'y')",
    "INSERT INTO setting VALUES ('deadline', '1', 'a'), ('mail', '2', 'b')",
    "INSERT INTO sent_mail (judge_id, kind, at, problem)"
    " VALUES (1, 'invitation', 'a', 'x'), (2, 'reminder', 'b', 'y')",
    "INSERT INTO login_session VALUES ('a', 1, 'a', 'a', 'a', 'a'), ('b', 2, 'b', 'b', 'b', 'b')",
)


@pytest.fixture(scope="module")
def study(tiled_folder, tmp_path_factory) -> Iterator[Workspace]:
    """A closed study with a row in every table and nothing exported, whose tables speak for themselves."""
    root = Path(shutil.copytree(tiled_folder, tmp_path_factory.mktemp("columns") / "study"))
    with pytest.MonkeyPatch.context() as patch:
        patch.delenv("STUDYAPP_DATABASE_URL", raising=False)
        workspace = open_workspace(root)
        with workspace.database.writing() as session:
            invitations.invite_judges(session, workspace.key, CAST, now=NOW)
            studies.open_study(session, now=NOW)
        patch.setattr(verifying, "PATIENCE", 0)  # nobody votes meanwhile
        cast_all(workspace, "Jude", "June")
        for seconds, name in enumerate(("Jude", "June"), start=3):
            vote(workspace, name, looked("a", float(seconds)))
            leave(workspace, name, looked("b", seconds + 2.0))
        with workspace.database.writing() as session:
            lifecycle.disqualify_team(session, "team03", "late", now=NOW)
        close(workspace)
        with connected(workspace) as raw:
            for statement in MORE_ROWS:
                raw.execute(statement)
        yield workspace
        workspace.database.close()


def connected(workspace: Workspace) -> Any:
    raw: Any = sqlite3.connect(workspace.folders.database, isolation_level=None)
    raw.execute("PRAGMA synchronous = OFF")
    return closing(raw)


@contextmanager
def tampered(workspace: Workspace) -> Iterator[Any]:
    """Open the database as its host's owner may, without triggers and constraints; put it back after."""
    with connected(workspace) as raw, closing(sqlite3.connect(":memory:")) as honest:
        raw.backup(honest)
        raw.execute("PRAGMA foreign_keys = OFF")
        raw.execute("PRAGMA ignore_check_constraints = ON")
        for name, _ in triggers(honest):
            raw.execute(f"DROP TRIGGER {name}")
        try:
            yield raw
        finally:
            workspace.database.engine.dispose()
            honest.backup(raw)


def triggers(raw: Any) -> list[tuple[str, str]]:
    return raw.execute("SELECT name, sql FROM sqlite_master WHERE type = 'trigger'").fetchall()


def noticed(workspace: Workspace, raw: Any, guards: list[tuple[str, str]]) -> bool:
    for _, sql in guards:
        raw.execute(sql)
    try:
        with workspace.database.reading() as session:
            findings = verify_study(session, workspace)
    except StudyError:
        return True
    return any(item.verdict == "wrong" for item in findings)


def other(value: Any, kind: type) -> Any:
    """Return a value that no other row has."""
    if value is None:
        return 1000 if kind in (int, float) else "x"
    if kind is bool:
        return 1 - value
    return value + 1000 if isinstance(value, int | float) else f"{value}x"


def columns(table: Table) -> list[str]:
    return [column.name for column in table.c]


def kind_of(table: Table, column: str) -> type:
    return table.c[column].type.python_type


def strange(raw: Any, table: Table, column: str) -> bool:
    """Give the last row a value that is nowhere else."""
    number, value = raw.execute(f"SELECT rowid, {column} FROM {table.name} ORDER BY rowid DESC").fetchone()
    new = other(value, kind_of(table, column))
    raw.execute(f"UPDATE {table.name} SET {column} = ? WHERE rowid = ?", (new, number))
    return True


def exchanged(raw: Any, table: Table, column: str) -> bool:
    """Let the last row and another one change places in this column; False when all rows say the same."""
    query = f"SELECT rowid, {column} FROM {table.name} WHERE {column} IS NOT NULL ORDER BY rowid DESC"
    rows = raw.execute(query).fetchall()
    pair = next(((rows[0], row) for row in rows[1:] if row[1] != rows[0][1]), None)
    if pair is None:
        return False
    (one, mine), (two, theirs) = pair
    if column in table.primary_key.columns and len(table.primary_key.columns) == 1 and isinstance(mine, int):
        numbers = ((one, -1), (two, mine), (-1, theirs))
    else:
        numbers = ((one, other(mine, kind_of(table, column))), (two, mine), (one, theirs))
    try:
        for number, value in numbers:
            raw.execute(f"UPDATE {table.name} SET {column} = ? WHERE rowid = ?", (value, number))
    except sqlite3.IntegrityError:
        return False  # a rule that no owner can switch off
    return True


def removed(raw: Any, table: Table) -> None:
    raw.execute(f"DELETE FROM {table.name} WHERE rowid = (SELECT max(rowid) FROM {table.name})")


def added(raw: Any, table: Table) -> None:
    """Add the last row once more, with other values only where two must not be the same."""
    names = list(columns(table))
    row = dict(
        zip(names, raw.execute(f"SELECT * FROM {table.name} ORDER BY rowid DESC").fetchone(), strict=True)
    )
    unique = {column.name for column in table.c if column.unique or column.primary_key}
    rules = [item for item in table.constraints if isinstance(item, UniqueConstraint)]
    rules += [index for index in table.indexes if index.unique]
    unique |= {column.name for rule in rules for column in rule.columns}
    values = [other(value, kind_of(table, name)) if name in unique else value for name, value in row.items()]
    raw.execute(
        f"INSERT INTO {table.name} ({', '.join(names)}) VALUES ({', '.join('?' * len(names))})", values
    )


def test_the_study_is_honest(study):
    with study.database.reading() as session:
        assert [item for item in verify_study(session, study) if item.verdict == "wrong"] == []


def unnoticed(study: Workspace, table: Table) -> set[str]:
    passed = set()
    with connected(study) as raw:
        guards = triggers(raw)
    changes = [(name, change) for name in list(columns(table)) for change in (strange, exchanged)]
    for column, change in changes:
        with tampered(study) as raw:
            if change(raw, table, column) and not noticed(study, raw, guards):
                passed.add(column)
    for row_change in (removed, added):
        with tampered(study) as raw:
            row_change(raw, table)
            if not noticed(study, raw, guards):
                passed.add("rows")
    return passed


def listed() -> dict[str, set[str]]:
    rows = re.findall(r"^\| `(\w+)` \| ([^|]*) \|", PAGE.read_text(encoding="utf-8"), flags=re.MULTILINE)
    return {name: set(re.findall(r"`(\w+)`", cell)) for name, cell in rows if name in TABLES}


@pytest.mark.parametrize("name", TABLES)
def test_what_nobody_notices_is_what_the_page_lists(name, study):
    assert unnoticed(study, TABLES[name]) == listed().get(name, set())
