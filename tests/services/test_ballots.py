"""Recording ballots: what is stored, what is refused, and that refusing stores nothing."""

import json
import threading
from dataclasses import replace

import pytest
from sqlalchemy import func
from sqlmodel import select

from studyapp.core.canonical import FIRST_HASH, event_hash
from studyapp.db.tables import BallotEvent, Judge, Trial
from studyapp.errors import InvalidBallotError, NotFoundError, StaleRevisionError, StudyStateError
from studyapp.services.ground import studies
from studyapp.services.voting.ballots import Cast, current_ballot
from studyapp.services.voting.trials import find_trial
from tests.conftest import NOW
from tests.services.voting import picked, save_ballot


def judge_named(session, name: str) -> Judge:
    return session.exec(select(Judge).where(Judge.name == name)).one()


def first_trial(session, name: str = "Jude") -> Trial:
    judge = judge_named(session, name)
    query = select(Trial).where(Trial.judge_id == judge.id, Trial.kind == "main", Trial.position == 1)
    return session.exec(query).one()


def answer(*picks: int, base: int = 0, key: str | None = None) -> Cast:
    """A ballot on the first trial of nobody yet."""
    return picked(0, "", key or f"key-{base}-{'-'.join(map(str, picks))}", base, picks)


def save(workspace, given: Cast, *, who: str = "Jude"):
    with workspace.database.writing() as session:
        trial = first_trial(session).public_id
        return save_ballot(session, replace(given, judge_id=judge_named(session, who).id, public_id=trial))


def events(workspace) -> int:
    with workspace.database.reading() as session:
        return session.exec(select(func.count()).select_from(BallotEvent)).one()


def test_each_pick_is_a_revision(workspace, links):
    save(workspace, answer(2))
    save(workspace, answer(2, 4, base=1))
    ballot = save(workspace, answer(2, 4, 1, base=2))
    assert (ballot.revision, ballot.answer, ballot.complete) == (3, {"picks": [2, 4, 1]}, True)
    with workspace.database.reading() as session:
        assert current_ballot(session, first_trial(session)) == ballot
        bodies = session.exec(select(BallotEvent.body).order_by(BallotEvent.revision)).all()
    assert [json.loads(body)["answer"]["picks"] for body in bodies] == [[2], [2, 4], [2, 4, 1]]


def test_undo_leaves_an_unfinished_ballot(workspace, links):
    save(workspace, answer(2, 4, 1))
    ballot = save(workspace, answer(2, 4, base=1))
    assert (ballot.revision, ballot.complete) == (2, False)


def test_the_same_answer_again_is_stored_once(workspace, links):
    first = save(workspace, answer(3))
    assert save(workspace, answer(3)) == first
    save(workspace, answer(3, 1, base=1))
    assert save(workspace, answer(3)) == first, "a late retry gets its own answer, not an error"
    assert events(workspace) == 2


def test_a_key_cannot_be_used_for_something_else(workspace, links):
    save(workspace, answer(3, key="k"))
    with pytest.raises(InvalidBallotError, match="the key k was used"):
        save(workspace, answer(4, key="k"))
    assert events(workspace) == 1


def test_what_is_no_answer_of_the_protocol_is_refused(workspace, links):
    for given in (
        None,
        [],
        {"picks": "12"},
        {"picks": [1.5]},
        {"picks": [True]},
        {"score": 3},
        {"picks": [1], "x": 1},
    ):
        with pytest.raises(InvalidBallotError, match=r"^(the answer|picks|'score'|'x')"):
            save(workspace, replace(answer(1), answer=given))
    assert events(workspace) == 0


def test_impossible_picks_are_refused(workspace, links):
    for picks, words in [
        ((1, 1), "slot 1 is picked twice"),
        ((5,), "slot 5 was not shown; slots run from 1 to 4"),
        ((1, 2, 3, 4), "4 picks for 3 places"),
        ((0,), "slot 0 was not shown"),
    ]:
        with pytest.raises(InvalidBallotError, match=words):
            save(workspace, answer(*picks))
    assert events(workspace) == 0


def test_a_stale_revision_is_refused(workspace, links):
    save(workspace, answer(1))
    with pytest.raises(StaleRevisionError, match="yours is based on revision 0, the current one is 1"):
        save(workspace, answer(2))
    assert events(workspace) == 1


def test_someone_elses_trial_does_not_exist(workspace, links):
    with pytest.raises(NotFoundError):
        save(workspace, answer(1), who="June")
    assert events(workspace) == 0


def test_a_closed_study_takes_no_ballots(workspace, links):
    save(workspace, answer(1))
    with workspace.database.writing() as session:
        studies.close_study(session, now=NOW)
    with pytest.raises(StudyStateError, match="the study is closed"):
        save(workspace, answer(1, 2, base=1))
    assert events(workspace) == 1
    assert save(workspace, answer(1)).revision == 1, "a retry of what was saved in time is still acknowledged"


def test_events_form_a_chain(workspace, links):
    for base in range(4):
        save(workspace, answer(base % 4 + 1, base=base))
    with workspace.database.reading() as session:
        previous = FIRST_HASH
        for event in session.exec(select(BallotEvent).order_by(BallotEvent.judge_sequence)):
            assert event.previous_hash == previous
            assert event.hash == event_hash(previous, json.loads(event.body))
            previous = event.hash


def test_two_tabs_at_once_one_wins(workspace, links):
    """Eight answers on the same revision at the same moment: one is stored, seven are told."""
    outcomes = []

    def attempt(number: int) -> None:
        try:
            outcomes.append(save(workspace, answer(number % 4 + 1, key=f"tab-{number}")).revision)
        except StaleRevisionError:
            outcomes.append("stale")

    threads = [threading.Thread(target=attempt, args=(number,)) for number in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(outcomes, key=str) == [1, *["stale"] * 7]
    assert events(workspace) == 1


def test_a_trial_is_found_only_by_its_judge(workspace, links):
    with workspace.database.reading() as session:
        trial = first_trial(session)
        assert find_trial(session, trial.judge_id, trial.public_id).id == trial.id
        with pytest.raises(NotFoundError):
            find_trial(session, trial.judge_id, "nonsense")
