"""The verdict finds what it looks for: each kind of damage, planted."""

import uuid
from dataclasses import replace

import pytest
from sqlmodel import select

from studyapp.db.tables import Trial
from studyapp.services import ballots
from tests.conftest import NOW
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
            answer = ballots.Answer(key, base, picks)
            ballots.save_ballot(session, trial.judge_id, trial.public_id, answer, now=NOW)
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
