"""The verdict finds what it looks for: each kind of damage, planted."""

import sqlite3
import uuid
from dataclasses import replace

import pytest
from sqlmodel import select

from studyapp.db.tables import Trial
from tests.services.voting import picked, save_ballot
from tests.torture.judges import Records, Sent
from tests.torture.verdict import Verdict, judge_database

pytestmark = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)


@pytest.fixture
def records(workspace, links) -> Records:
    """Three answers to one trial, sent and acknowledged."""
    found = Records()
    with workspace.database.reading() as session:
        trial = session.exec(select(Trial).where(Trial.kind == "main")).first()
    for base, picks in enumerate(((1,), (2, 1), (3, 2, 1))):
        key = str(uuid.uuid4())
        with workspace.database.writing() as session:
            save_ballot(session, picked(trial.judge_id, trial.public_id, key, base, picks))
        found.sent[key] = Sent(trial.judge_id, trial.public_id, base, picks)
        found.acknowledged[key] = base + 1
    return found


def judged(workspace, records) -> Verdict:
    with workspace.database.reading() as session:
        return judge_database(session, records, workspace.folders.journal)


def test_what_is_right_is_clean(workspace, records):
    verdict = judged(workspace, records)
    assert verdict.clean
    assert verdict.stored == 3


def test_an_acknowledged_answer_that_is_not_there_is_lost(workspace, records):
    records.acknowledged["never stored"] = 1
    assert judged(workspace, records).lost == ["never stored"]


@pytest.mark.parametrize(
    "change", [{"picks": (9,)}, {"trial": "another"}, {"base": 7}], ids=lambda change: next(iter(change))
)
def test_an_answer_stored_otherwise_than_sent_is_misplaced(workspace, records, change):
    key = next(iter(records.sent))
    records.sent[key] = replace(records.sent[key], **change)
    assert len(judged(workspace, records).misplaced) == 1


def test_what_nobody_sent_or_what_was_refused_is_misplaced(workspace, records):
    first, second, third = records.sent
    del records.sent[first], records.acknowledged[first]
    records.refused.add(second)
    records.acknowledged[third] = 9
    assert len(judged(workspace, records).misplaced) == 3


def test_a_gap_in_the_second_record_is_seen(workspace, records):
    journal = workspace.folders.journal
    lines = journal.read_bytes().splitlines(keepends=True)
    journal.write_bytes(b"".join(lines[:-1]) + lines[-1][: len(lines[-1]) // 2])
    assert len(judged(workspace, records).broken) == 1


def tamper(workspace, *statements: str) -> None:
    """Change what the database refuses to change: its triggers and unique indexes are taken away first."""
    connection = sqlite3.connect(workspace.folders.database, isolation_level=None)
    for (name,) in connection.execute("SELECT name FROM sqlite_master WHERE type = 'trigger'").fetchall():
        connection.execute(f"DROP TRIGGER {name}")
    columns = [row[1] for row in connection.execute("PRAGMA table_info(ballot_event)")]
    connection.execute("PRAGMA legacy_alter_table = ON")
    connection.execute("ALTER TABLE ballot_event RENAME TO guarded")
    connection.execute(f"CREATE TABLE ballot_event AS SELECT {', '.join(columns)} FROM guarded")
    for statement in statements:
        connection.execute(statement)
    connection.close()


ONE_MORE = (
    "INSERT INTO ballot_event SELECT id + 100, trial_id, judge_id, revision + 3, judge_sequence + 3, key, "
    "complete, body, saved_at, previous_hash, hash FROM ballot_event WHERE revision = {}"
)


@pytest.mark.parametrize("revision", [1, 2, 3])
def test_a_key_that_is_stored_twice_is_doubled(workspace, records, revision):
    tamper(workspace, ONE_MORE.format(revision))
    assert judged(workspace, records).doubled == [list(records.sent)[revision - 1]]


@pytest.mark.parametrize(
    ("damage", "words"),
    [
        (
            "UPDATE ballot_event SET hash = replace(hash, substr(hash, 1, 1), 'g') WHERE revision = 2",
            "hashed",
        ),
        ("UPDATE ballot_event SET body = replace(body, '2026', '2027') WHERE revision = 2", "hashed"),
        ("UPDATE ballot_event SET previous_hash = hash WHERE revision = 2", "does not follow"),
        ("UPDATE ballot_event SET judge_sequence = 7 WHERE revision = 3", "does not follow"),
        ("DELETE FROM ballot_event WHERE revision = 1", "does not follow event 0"),
        ("UPDATE ballot_event SET revision = 5 WHERE revision = 3", "revisions [1, 2, 5]"),
    ],
    ids=["hash", "body", "previous hash", "sequence", "event gone", "revision"],
)
def test_a_chain_that_was_altered_is_broken(workspace, records, damage, words):
    tamper(workspace, damage)
    assert words in "\n".join(judged(workspace, records).broken)


def test_a_pick_that_was_altered_is_misplaced(workspace, records):
    tamper(workspace, "UPDATE ballot_event SET body = replace(body, '[2,1]', '[4,1]') WHERE id = 2")
    assert len(judged(workspace, records).misplaced) == 1
