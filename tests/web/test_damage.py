"""A database whose file or rows are broken: a page and a line of the log in words, never a traceback."""

from contextlib import closing

import pytest
from click.testing import CliRunner

from studyapp.cli import main
from studyapp.db.database import sqlite3
from tests.services.test_looking_tables import looked, vote
from tests.services.voting import cast_all

pytestmark = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)

# Where JSON is kept that pages, steps or results are made of.
KEPT = [
    ("ballot_event", "body"),
    ("looking", "body"),
    ("study_event", "body"),
    ("viewing_conditions", "body"),
    ("judge", "conflicts"),
    ("study", "file"),
]
BROKEN = ["{", "", '"x"', "null", "[" * 5000]
PAGES = ["/account", "/judge", "/judge/trial/{}", "/judge/finish", "/api/trials", "/api/trials/{}"]
PAGES += ["/console", "/console/ranking"]
COMMANDS = ["status", "verify", "doctor", "backup", "rank", "export"]


@pytest.fixture
def served(app, workspace, jude, olga):
    """An application of which nothing is hidden by tests' settings, with evidence of every kind kept."""
    app.testing = False
    cast_all(workspace, "Jude", "June")
    vote(workspace, "Jude", looked("a", 3.0))
    with closing(raw_of(workspace)) as raw:
        raw.execute("INSERT INTO viewing_conditions (judge_id, noted_at, body) VALUES (1, 'a', '{}')")
    app.extensions["studyapp"].workspace.database.engine.dispose()
    return app


def raw_of(workspace):
    return sqlite3.connect(workspace.folders.database, isolation_level=None)


def asked(jude, olga, trial: str) -> list:
    """Ask for every page that reads something, and for each step twice."""
    pages = [page.format(trial) for page in PAGES]
    answers = [who.get(page) for page in pages for who in (jude, olga)]
    data = {"links": {"ballot": f"/api/trials/{trial}/ballot"}}
    for _ in range(2):
        answers.append(jude.pick(data, 2, key="0123456789abcdef"))
        answers.append(olga.post("/console/pause"))
        answers.append(olga.post("/console/resume"))
    return answers


def in_words(answers: list, caplog) -> list:
    """Return the answers that refuse; none is a surprise to us."""
    assert [record for record in caplog.records if record.exc_info] == []
    refused = [answer for answer in answers if answer.status_code >= 500]
    for answer in refused:
        assert "tell the organisers" in answer.text or "sent again automatically" in answer.text
        assert not any(word in answer.text.lower() for word in ("traceback", "json", "malformed", "sqlite"))
    return refused


@pytest.mark.parametrize("harm", ["header", "pages", "half"])
def test_a_broken_file_is_told_in_words(served, workspace, jude, olga, caplog, harm):
    trial = jude.trial()["trial"]
    for database in (served.extensions["studyapp"].workspace.database, workspace.database):
        with closing(raw_of(workspace)) as raw:
            raw.execute("PRAGMA wal_checkpoint(TRUNCATE)")
        database.engine.dispose()
    path = workspace.folders.database
    whole = path.read_bytes()
    broken = {
        "header": b"x" * 100 + whole[100:],
        "pages": whole[:4096] + b"\xa5" * (len(whole) - 4096),
        "half": whole[: len(whole) // 2 // 4096 * 4096],
    }
    path.write_bytes(broken[harm])
    assert in_words(asked(jude, olga, trial), caplog)
    assert "damaged" in caplog.text


@pytest.mark.parametrize(("table", "column"), KEPT)
def test_a_broken_record_is_told_in_words(served, workspace, tmp_path, jude, olga, caplog, table, column):
    trial = jude.trial()["trial"]
    with closing(raw_of(workspace)) as raw:
        raw.execute("PRAGMA ignore_check_constraints = ON")
        for (name,) in raw.execute("SELECT name FROM sqlite_master WHERE type = 'trigger'").fetchall():
            raw.execute(f"DROP TRIGGER {name}")
        for value in BROKEN:
            caplog.clear()
            raw.execute(f"UPDATE {table} SET {column} = ?", (value,))
            refused = in_words(asked(jude, olga, trial), caplog)
            assert ("damaged" in caplog.text) == bool(refused)
    for command in COMMANDS:
        words = [
            command,
            str(workspace.folders.root),
            *([str(tmp_path / "copy.zip")] if command == "backup" else []),
        ]
        result = CliRunner().invoke(main, words)
        assert isinstance(result.exception, SystemExit | None), (command, result.exception)
