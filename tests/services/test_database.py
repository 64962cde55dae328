"""The database itself: constraints, append-only tables, transactions that lose nothing, migrations."""

import multiprocessing
import threading

import pytest
from alembic.autogenerate import compare_metadata
from alembic.runtime.migration import MigrationContext
from sqlalchemy import text
from sqlalchemy.exc import DatabaseError, IntegrityError
from sqlmodel import Session, SQLModel, select

import studyapp.db.partial_indexes  # noqa: F401 (completes the metadata)
from studyapp.db.database import Database, sqlite_url, wal_is_safe
from studyapp.db.schema import upgrade
from studyapp.db.tables import BallotEvent, Study, Team, Trial
from studyapp.errors import StudyError
from tests.services.test_ballots import answer, save


def test_recorded_events_cannot_be_changed_or_deleted(workspace, links):
    save(workspace, answer(1, 2, 3))
    for statement in (
        "UPDATE ballot_event SET complete = complete",
        "DELETE FROM ballot_event",
    ):
        with pytest.raises(DatabaseError, match="append-only"), workspace.database.writing() as session:
            session.execute(text(statement))
    with workspace.database.reading() as session:
        assert session.exec(select(BallotEvent.complete)).all() == [True]


def test_replacing_is_no_way_round(workspace, links):
    save(workspace, answer(1))
    if not workspace.database.is_sqlite:
        pytest.skip("INSERT OR REPLACE is SQLite's")
    with pytest.raises(DatabaseError, match="append-only"), workspace.database.writing() as session:
        session.execute(
            text(
                "INSERT OR REPLACE INTO ballot_event SELECT id, trial_id, judge_id, revision, "
                "judge_sequence, key, complete, 'other', saved_at, previous_hash, hash FROM ballot_event"
            )
        )


def test_a_revision_exists_once(workspace, links):
    save(workspace, answer(1))
    with pytest.raises(IntegrityError), workspace.database.writing() as session:
        event = session.exec(select(BallotEvent)).one()
        copy = event.model_dump(exclude={"id"}) | {"key": "other", "hash": "other", "judge_sequence": 2}
        session.add(BallotEvent(**copy))


def test_the_migrations_make_the_tables_that_the_code_expects(workspace):
    with workspace.database.engine.connect() as connection:
        assert compare_metadata(MigrationContext.configure(connection), SQLModel.metadata) == []


def test_foreign_keys_hold_after_a_migration(workspace, links):
    upgrade(workspace.database)
    with pytest.raises(IntegrityError), workspace.database.writing() as session:
        session.execute(text("DELETE FROM judge"))


def test_a_trial_is_of_a_known_kind_and_has_its_place_alone(workspace, links):
    with workspace.database.reading() as session:
        first, second, *_ = session.exec(select(Trial).where(Trial.kind == "main").order_by(Trial.id)).all()
    for change in ({"kind": "other"}, {"position": second.position}):
        with pytest.raises(IntegrityError), workspace.database.writing() as session:
            session.add(session.merge(Trial(**first.model_dump() | change)))


def test_a_judge_may_see_an_image_again(workspace, links):
    """As pairs do: a trial is known by judge, kind and position."""
    with workspace.database.writing() as session:
        trial = session.exec(select(Trial).where(Trial.kind == "main").limit(1)).one()
        again = trial.model_dump(exclude={"id"}) | {"public_id": "another", "position": 99}
        session.add(Trial(**again))


def test_an_unknown_kind_of_database_is_refused():
    with pytest.raises(StudyError, match="'mysql' is not supported"):
        Database("mysql://root@localhost/x")


def test_sqlite_is_configured_for_durability(tmp_path):
    database = Database(sqlite_url(tmp_path / "new.db"))
    with database.reading() as session:
        settings = {
            name: session.execute(text(f"PRAGMA {name}")).scalar()
            for name in ("journal_mode", "synchronous", "foreign_keys", "recursive_triggers", "busy_timeout")
        }
        version = tuple(map(int, session.execute(text("SELECT sqlite_version()")).scalar().split(".")))
    database.close()
    assert settings["journal_mode"] == ("wal" if wal_is_safe(version) else "truncate")
    assert (settings["synchronous"], settings["foreign_keys"], settings["recursive_triggers"]) == (2, 1, 1)
    assert settings["busy_timeout"] >= 10_000


def _count_up(url: str, times: int) -> None:
    database = Database(url)

    def work() -> None:
        for _ in range(times):
            with database.writing() as session:
                team = session.exec(select(Team)).one()
                team.position += 1
                session.add(team)

    threads = [threading.Thread(target=work) for _ in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    database.close()


def test_no_update_is_lost_between_processes(tmp_path):
    """Two processes of two threads read and write one number: the driver alone would lose most."""
    url = sqlite_url(tmp_path / "count.db")
    database = Database(url)
    upgrade(database)
    with database.writing() as session:
        session.add(Team(key="t", name="t", position=0))
    database.close()
    context = multiprocessing.get_context("fork")  # they need not import anything anew
    workers = [context.Process(target=_count_up, args=(url, 25)) for _ in range(2)]
    for worker in workers:
        worker.start()
    for worker in workers:
        worker.join()
    with database.reading() as session:
        assert session.exec(select(Team.position)).one() == 100
    database.close()


def test_a_failed_transaction_leaves_nothing(workspace):
    with pytest.raises(RuntimeError), workspace.database.writing() as session:
        session.execute(text("UPDATE study SET title = 'changed'"))
        raise RuntimeError
    with Session(workspace.database.engine) as session:
        assert session.exec(select(Study.title)).one() == "Spring study"
