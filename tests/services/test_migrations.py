"""Databases of earlier revisions come to the schema of the models, with all that is in them."""

from collections.abc import Callable, Iterator
from contextlib import closing
from pathlib import Path

import pytest
from alembic.autogenerate import compare_metadata
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import inspect, text
from sqlalchemy.exc import DatabaseError
from sqlmodel import SQLModel

import studyapp.db.partial_indexes  # noqa: F401 (completes the metadata)
from studyapp.db import revision, schema
from studyapp.db.database import Database, sqlite_url
from studyapp.db.triggers import missing_triggers
from studyapp.errors import StudyError
from studyapp.services.ground.second_record import mend_record
from studyapp.services.ground.workspace import load_workspace, open_workspace
from studyapp.services.results.exports import export_study
from studyapp.services.results.ranking import rank_study
from studyapp.services.results.verifying import verify_study
from tests.services import baseline
from tests.services.voting import cast, close

EVENTS = "SELECT judge_id, judge_sequence, hash, body FROM ballot_event ORDER BY judge_id, judge_sequence"

LATER = '''
"""A table that others refer to is made anew."""

import sqlalchemy as sa
from alembic import op

from studyapp.db.triggers import create_triggers

revision, down_revision, branch_labels, depends_on = "later", "{before}", None, None


def upgrade() -> None:
    with op.batch_alter_table("ballot_event", recreate="{recreate}") as batch:
        batch.add_column(sa.Column("weather", sa.String(), nullable=False, server_default="fine"))
    create_triggers(op.get_bind())
    {more}
'''


@pytest.fixture(params=["sqlite", pytest.param("postgres", marks=pytest.mark.postgres)])
def begun(request, tmp_path, monkeypatch) -> Path:
    """The folder of a study that was begun under the baseline, its database as it was then."""
    monkeypatch.delenv("STUDYAPP_DATABASE_URL", raising=False)
    root = baseline.make_folder(tmp_path / "study")
    if request.param == "postgres":
        server = request.getfixturevalue("postgres")
        server.copies += 1
        server.execute(f"CREATE DATABASE begun_{server.copies}")
        url = server.database(f"begun_{server.copies}")
        baseline.load_elsewhere(url, tmp_path / "scratch.db")
        monkeypatch.setenv("STUDYAPP_DATABASE_URL", url)
    return root


@pytest.fixture
def database(begun) -> Iterator[Database]:
    with closing(load_workspace(begun).database) as opened:
        yield opened


def events(database: Database) -> list[tuple]:
    with database.reading() as session:
        return [tuple(row) for row in session.execute(text(EVENTS))]


def test_the_baseline_comes_to_the_schema_of_the_models(database):
    before = events(database)
    assert len(before) == 11
    schema.upgrade(database)
    revision.check_schema(database)
    with database.engine.connect() as connection:
        assert compare_metadata(MigrationContext.configure(connection), SQLModel.metadata) == []
        assert missing_triggers(connection) == []
    assert events(database) == before
    with pytest.raises(DatabaseError, match="append-only"), database.writing() as session:
        session.execute(text("UPDATE ballot_event SET revision = 9"))


def test_a_study_of_the_baseline_goes_on_to_a_ranking_that_verifies(begun):
    with closing(load_workspace(begun).database) as database:
        schema.upgrade(database)
    workspace = open_workspace(begun)
    mend_record(workspace)
    cast(workspace, "Jude", 1, 4, 3, 2, base=1)
    close(workspace)
    with workspace.database.reading() as session:
        export_study(session, workspace, rank_study(session, workspace))
        findings = verify_study(session, workspace)
    workspace.database.close()
    assert [item for item in findings if item.verdict == "wrong"] == []
    assert any(item.check == "ballots" and "12 saved answers" in item.message for item in findings)


@pytest.fixture
def later(tmp_path, monkeypatch) -> Callable[[str], None]:
    """Add a migration to those there are."""

    def add(more: str, recreate: str = "auto") -> None:
        scripts = tmp_path / "later"
        scripts.mkdir()
        before = revision.newest()
        script = LATER.format(before=before, recreate=recreate, more=more)
        (scripts / "later.py").write_text(script, encoding="utf-8")
        ours = schema._config()
        folders = [Path(ours.get_main_option("script_location")) / "versions", scripts]
        ours.set_main_option("version_locations", ":".join(map(str, folders)).replace("%", "%%"))
        ours.set_main_option("path_separator", ":")
        monkeypatch.setattr(schema, "_config", lambda *_: ours)
        monkeypatch.setattr(revision, "newest", lambda *_: "later")

    return add


def test_a_later_migration_may_rebuild_a_table_that_others_refer_to(database, later):
    before = events(database)
    later("pass", "always" if database.is_sqlite else "auto")
    with pytest.raises(StudyError, match="needs later; run `studyapp tile DIR`"):
        revision.check_schema(database)
    schema.upgrade(database)
    revision.check_schema(database)
    assert events(database) == before
    assert "weather" in {column["name"] for column in inspect(database.engine).get_columns("ballot_event")}
    with database.engine.connect() as connection:
        assert missing_triggers(connection) == []
    with database.reading() as session:
        assert session.execute(text("SELECT count(*) FROM looking")).scalar() == 1


def test_a_migration_that_loses_rows_others_refer_to_is_undone_as_a_whole(database, later):
    before = events(database)
    later('op.execute("DELETE FROM judge")')
    with pytest.raises((StudyError, DatabaseError)):
        schema.upgrade(database)
    assert events(database) == before
    with database.reading() as session:
        assert session.execute(text("SELECT count(*) FROM judge")).scalar() == 2


def test_a_database_without_tables_is_named(tmp_path):
    with closing(Database(sqlite_url(tmp_path / "new.db"))) as database:
        with pytest.raises(StudyError, match="has schema none"):
            revision.check_schema(database)
        schema.upgrade(database)
        revision.check_schema(database)


def test_the_number_of_the_newest_migration_is_the_head_that_alembic_finds():
    """A server looks at the names of the files alone."""
    assert revision.newest() == ScriptDirectory.from_config(schema._config()).get_current_head()
