"""A database of before there were hidden trials: brought up to date with everything that is in it."""

import pytest
from alembic import command
from sqlalchemy import text
from sqlalchemy.exc import DatabaseError, IntegrityError
from sqlmodel import select

from studyapp.db.schema import check_schema, migrate, upgrade
from studyapp.db.tables import Trial
from studyapp.db.triggers import missing_triggers
from studyapp.services.results.verifying import verify_study
from tests.services.voting import cast_all


def rows(workspace) -> dict[str, int]:
    tables = ("trial", "trial_slot", "ballot_event", "pick", "picture", "team")
    with workspace.database.reading() as session:
        return {name: session.execute(text(f"SELECT count(*) FROM {name}")).scalar() for name in tables}


def test_ballots_and_triggers_outlive_the_migration(workspace, links):
    cast_all(workspace, "Jude", "June")
    before = rows(workspace)
    migrate(workspace.database, command.downgrade, "0003")
    upgrade(workspace.database)
    check_schema(workspace.database)
    assert rows(workspace) == before
    with workspace.database.reading() as session:
        assert missing_triggers(session.connection()) == []
        assert [item for item in verify_study(session, workspace) if item.verdict == "wrong"] == []
    with pytest.raises(DatabaseError, match="append-only"), workspace.database.writing() as session:
        session.execute(text("DELETE FROM pick"))


def test_foreign_keys_hold_again_after_a_migration(workspace, links):
    upgrade(workspace.database)
    with pytest.raises(IntegrityError), workspace.database.writing() as session:
        session.execute(text("DELETE FROM judge"))


def test_a_trial_is_of_a_known_kind(workspace, links):
    with pytest.raises(IntegrityError), workspace.database.writing() as session:
        trial = session.exec(select(Trial).where(Trial.kind == "main").limit(1)).one()
        trial.kind = "other"
        session.add(trial)
