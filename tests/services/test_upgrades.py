"""Upgrading a database from every earlier revision with ballots in it: nothing lost, every trigger stands."""

import json
import shutil

import pytest
from alembic import command
from alembic.script import ScriptDirectory
from sqlalchemy import MetaData, insert, text
from sqlalchemy.exc import DatabaseError

from studyapp.db.copying import continue_numbers
from studyapp.db.database import Database
from studyapp.db.schema import _config, check_schema, upgrade
from studyapp.db.triggers import missing_triggers
from studyapp.errors import StudyError
from studyapp.services.folder import preparing
from studyapp.services.ground.workspace import open_workspace
from studyapp.services.results.exports import export_study
from studyapp.services.results.ranking import rank_study
from studyapp.services.results.verifying import verify_study
from tests.conftest import NOW
from tests.services.voting import cast, cast_all, close

SCRIPTS = ScriptDirectory.from_config(_config())
REVISIONS = [script.revision for script in SCRIPTS.walk_revisions()][::-1]
EVENTS = "SELECT judge_id, judge_sequence, hash, body FROM ballot_event ORDER BY judge_id, judge_sequence"


def at_revision(url: str, revision: str) -> Database:
    """Return an empty database of an earlier revision."""
    database = Database(url)
    with database.engine.execution_options(studyapp_writer=True).begin() as connection:
        config = _config()
        config.attributes["connection"] = connection
        command.upgrade(config, revision)
    return database


def copy_known(source: Database, target: Database) -> None:
    """Copy what an earlier revision can hold: its tables, its columns."""
    old, new = MetaData(), MetaData()
    old.reflect(target.engine)
    new.reflect(source.engine)
    with (
        source.engine.connect() as reading,
        target.engine.execution_options(studyapp_writer=True).begin() as writing,
    ):
        for table in old.sorted_tables:
            if table.name == "alembic_version":
                continue
            columns = [column.name for column in table.columns]
            rows = reading.execute(text(f"SELECT {', '.join(columns)} FROM {table.name}")).mappings().all()
            if rows:
                writing.execute(insert(table), [dict(row) for row in rows])
                continue_numbers(table, writing)


@pytest.fixture(scope="module")
def voted(tiled_folder, tmp_path_factory):
    """Return an open study with ballots, on SQLite; copy it, do not change it."""
    from studyapp.services.ground import studies
    from studyapp.services.people import invitations
    from tests.conftest import CAST

    root = shutil.copytree(tiled_folder, tmp_path_factory.mktemp("voted") / "study")
    workspace = open_workspace(root, url=f"sqlite:///{root}/var/study.db")
    with workspace.database.writing() as session:
        invitations.invite_judges(session, workspace.key, CAST, now=NOW)
        studies.open_study(session, now=NOW)
    cast_all(workspace, "Jude", "June")
    yield workspace
    workspace.database.close()


@pytest.fixture(params=["sqlite", pytest.param("postgres", marks=pytest.mark.postgres)])
def earlier(request, voted, tmp_path, monkeypatch):
    """Return a function that makes the folder of the study as an earlier version had left it."""

    def make(revision: str):
        root = shutil.copytree(
            voted.folders.root, tmp_path / "study", ignore=shutil.ignore_patterns("study.db*", "votes.jsonl")
        )
        monkeypatch.delenv("STUDYAPP_DATABASE_URL", raising=False)
        url = f"sqlite:///{root}/var/study.db"
        if request.param == "postgres":
            server = request.getfixturevalue("postgres")
            server.copies += 1
            server.execute(f"CREATE DATABASE earlier_{server.copies}")
            url = server.database(f"earlier_{server.copies}")
            monkeypatch.setenv("STUDYAPP_DATABASE_URL", url)
        database = at_revision(url, revision)
        copy_known(voted.database, database)
        database.close()
        return root, url

    return make


@pytest.mark.parametrize("revision", REVISIONS)
def test_an_upgrade_keeps_every_ballot_and_every_trigger(revision, earlier, voted):
    _, url = earlier(revision)
    database = Database(url)
    if revision != REVISIONS[-1]:
        with pytest.raises(StudyError, match=f"has schema {revision}"):
            check_schema(database)
    with database.reading() as session:
        before = [tuple(row) for row in session.execute(text(EVENTS))]
    upgrade(database)
    check_schema(database)
    with database.reading() as session:
        assert [tuple(row) for row in session.execute(text(EVENTS))] == before
        assert len(before) == 10
        assert missing_triggers(session.connection()) == []
    for statement in ("UPDATE ballot_event SET revision = 9", "DELETE FROM pick"):
        with pytest.raises(DatabaseError, match="append-only"), database.writing() as session:
            session.execute(text(statement))
    database.close()


@pytest.mark.parametrize("revision", REVISIONS)
def test_an_upgraded_study_goes_on_to_a_ranking_that_verifies(revision, earlier):
    root, _ = earlier(revision)
    preparing.prepare_study(root, workers=1, progress=None, now=NOW)
    workspace = open_workspace(root)
    cast(workspace, "Jude", 1, 4, 3, 2, base=1)
    close(workspace)
    with workspace.database.reading() as session:
        export_study(session, workspace, rank_study(session, workspace))
        wrong = [item for item in verify_study(session, workspace) if item.verdict == "wrong"]
    # What was acknowledged before there was a second record is added to it by the next start of the server.
    assert [item.check for item in wrong] in ([], ["second record"]), wrong
    with workspace.database.reading() as session:
        bodies = [json.loads(body) for body in session.scalars(text("SELECT body FROM study_event"))]
    late = {body["kind"] for body in bodies if body.get("late")}
    assert late == (set() if revision >= "0003" else {"committed", "invited", "opened"})
    workspace.database.close()


def test_a_study_closed_under_an_earlier_version_gets_its_digest_late(earlier):
    root, url = earlier(REVISIONS[0])
    database = Database(url)
    with database.writing() as session:
        session.execute(text("UPDATE study SET state = 'closed', closed_at = '2026-03-01T12:00:00.000Z'"))
    database.close()
    preparing.prepare_study(root, workers=1, progress=None, now=NOW)
    workspace = open_workspace(root)
    with workspace.database.reading() as session:
        export_study(session, workspace, rank_study(session, workspace))
        wrong = [item for item in verify_study(session, workspace) if item.verdict == "wrong"]
        kinds = list(session.scalars(text("SELECT kind FROM study_event ORDER BY sequence")))
    assert kinds == ["committed", "invited", "invited", "opened", "closed"]
    assert [item.check for item in wrong] in ([], ["second record"]), wrong
    workspace.database.close()
