"""Many judges at once: ballots that arrive together share a transaction, and nobody pays for another's."""

import threading
import time
import uuid
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace

import pytest
from sqlalchemy import event
from sqlmodel import col, select

from studyapp.core.canonical import FIRST_HASH
from studyapp.core.judges_file import JudgeLine
from studyapp.db.tables import BallotEvent, Judge, Trial
from studyapp.errors import (
    InvalidBallotError,
    NotFoundError,
    StaleRevisionError,
    StudyError,
    StudyPausedError,
)
from studyapp.services.ground import studies
from studyapp.services.ground.second_record import compare_records
from studyapp.services.people import invitations
from studyapp.services.voting import lifecycle
from studyapp.services.voting.ballot_box import BallotBox
from studyapp.services.voting.ballots import Ballot, Cast
from tests.conftest import NOW
from tests.services.voting import picked

JUDGES = 8


@pytest.fixture
def trials(workspace) -> list[Trial]:
    """The first main trial of each of eight judges, the study open."""
    people = [JudgeLine(f"Judge {number}", f"judge{number}@example.org") for number in range(JUDGES)]
    with workspace.database.writing() as session:
        invitations.invite_judges(session, workspace.key, people, now=NOW)
        studies.open_study(session, now=NOW)
    with workspace.database.reading() as session:
        query = select(Trial).where(Trial.kind == "main", Trial.position == 1).order_by(col(Trial.judge_id))
        return list(session.exec(query))


def cast(trial: Trial, *picks: int, base: int = 0, key: str | None = None) -> Cast:
    return picked(trial.judge_id, trial.public_id, key or str(uuid.uuid4()), base, picks)


def together(workspace, casts: list[Cast]) -> list[Ballot | Exception]:
    """Put all in while somebody else is writing, so that they stand in line; return each one's outcome."""
    box = BallotBox(workspace.database)

    def save(one: Cast) -> Ballot | Exception:
        try:
            return box.save(one)
        except Exception as error:
            return error

    with ThreadPoolExecutor(len(casts)) as pool:
        with workspace.database.writing() as session:
            session.exec(select(Judge).with_for_update()).all()
            waiting = [pool.submit(save, one) for one in casts]
            time.sleep(0.5)
            assert not any(item.done() for item in waiting)
        return [item.result() for item in waiting]


def stored(workspace) -> dict[str, BallotEvent]:
    """Return the events by key, once their chains and the second record are found in order."""
    with workspace.database.reading() as session:
        order = (col(BallotEvent.judge_id), col(BallotEvent.judge_sequence))
        events = list(session.exec(select(BallotEvent).order_by(*order)))
    comparison = compare_records(workspace.database, workspace.folders.journal)
    assert comparison.agrees
    assert not comparison.missing
    heads: dict[int, tuple[int, str]] = {}
    for item in events:
        sequence, head = heads.get(item.judge_id, (0, FIRST_HASH))
        assert (item.judge_sequence, item.previous_hash) == (sequence + 1, head)
        heads[item.judge_id] = (item.judge_sequence, item.hash)
    return {item.key: item for item in events}


def test_those_who_wait_share_a_commit(workspace, trials):
    commits = []
    event.listen(workspace.database.engine, "commit", commits.append)
    casts = [cast(trial, 1, 2, 3) for trial in trials]
    ballots = together(workspace, casts)
    assert [(ballot.revision, ballot.complete) for ballot in ballots] == [(1, True)] * JUDGES
    assert len(commits) < JUDGES
    events = stored(workspace)
    assert {one.key for one in casts} == set(events)
    for one, ballot in zip(casts, ballots, strict=True):
        assert events[one.key].judge_id == one.judge_id
        assert events[one.key].hash.startswith(ballot.receipt)


def test_a_refused_one_takes_nobody_with_it(workspace, trials):
    good = [cast(trial, 1) for trial in trials[:4]]
    bad = [
        cast(trials[4], 1, base=3),
        cast(trials[5], 2, 2),
        replace(cast(trials[6], 1), public_id=trials[0].public_id),
    ]
    outcomes = together(workspace, [*bad, *good])
    kinds = [StaleRevisionError, InvalidBallotError, NotFoundError, *[Ballot] * 4]
    assert [type(outcome) for outcome in outcomes] == kinds
    assert set(stored(workspace)) == {one.key for one in good}


def test_a_key_that_two_judges_use_fails_one_of_them(workspace, trials):
    """The database itself refuses it: the whole transaction is undone, and each is tried alone."""
    key = str(uuid.uuid4())
    casts = [cast(trials[0], 1, key=key), cast(trials[1], 1, key=key), *(cast(t, 2) for t in trials[2:])]
    outcomes = together(workspace, casts)
    assert sorted(type(outcome).__name__ for outcome in outcomes[:2]) == ["Ballot", "InvalidBallotError"]
    assert all(isinstance(outcome, Ballot) for outcome in outcomes[2:])
    assert len(stored(workspace)) == JUDGES - 1


def test_a_judge_with_two_devices_gets_one_answer_after_the_other(workspace, trials):
    with workspace.database.reading() as session:
        query = select(Trial).where(Trial.judge_id == trials[0].judge_id, Trial.position == 2)
        other = session.exec(query).one()
    casts = [cast(trials[0], 1), cast(trials[0], 2), cast(other, 3), cast(trials[1], 1)]
    first, second, third, fourth = together(workspace, casts)
    assert sorted(type(item).__name__ for item in (first, second)) == ["Ballot", "StaleRevisionError"]
    assert isinstance(third, Ballot)
    assert isinstance(fourth, Ballot)
    assert len(stored(workspace)) == 3


def test_the_same_answer_twice_at_once_is_stored_once(workspace, trials):
    casts = [cast(trials[0], 1, 2)] * 3 + [cast(trials[1], 1)]
    outcomes = together(workspace, casts)
    assert outcomes[0] == outcomes[1] == outcomes[2]
    assert len(stored(workspace)) == 2


def test_what_is_committed_but_not_in_the_second_record_is_nobodys_saved_ballot(workspace, trials):
    journal = workspace.folders.journal
    kept = journal.read_bytes()
    workspace.database.journal.close()
    journal.unlink()
    journal.mkdir()
    casts = [cast(trial, 1) for trial in trials]
    assert all(isinstance(outcome, OSError) for outcome in together(workspace, casts))
    journal.rmdir()
    journal.write_bytes(kept)
    again = together(workspace, casts)
    assert [ballot.revision for ballot in again] == [1] * JUDGES
    assert len(stored(workspace)) == JUDGES


def test_a_pause_refuses_all_and_stores_nothing(workspace, trials):
    with workspace.database.writing() as session:
        lifecycle.pause_study(session, now=NOW)
    outcomes = together(workspace, [cast(trial, 1) for trial in trials])
    assert [type(outcome) for outcome in outcomes] == [StudyPausedError] * JUDGES
    assert stored(workspace) == {}


def test_many_threads_for_a_while(workspace, trials):
    """Every judge on two devices: what is acknowledged stands, once, and the rest was refused as stale."""
    box, barrier = BallotBox(workspace.database), threading.Barrier(2 * JUDGES)

    def vote(trial: Trial) -> list[str]:
        barrier.wait()
        saved, base = [], 0
        for number in range(12):
            one = cast(trial, 1 + number % 4, base=base)
            try:
                base = box.save(one).revision
                saved.append(one.key)
            except StudyError:
                base += 1
        return saved

    with ThreadPoolExecutor(2 * JUDGES) as pool:
        acknowledged = [key for keys in pool.map(vote, [*trials, *trials]) for key in keys]
    assert len(acknowledged) >= 12 * JUDGES // 2
    assert sorted(acknowledged) == sorted(stored(workspace))
