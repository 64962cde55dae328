"""Evidence of looking after the last pick: kept once, beside the ballots, by its own judge only."""

import json

import pytest
from sqlalchemy import text
from sqlalchemy.exc import DatabaseError
from sqlmodel import col, select

from studyapp.db.tables import BallotEvent, LaterLooking, Looking
from studyapp.services.ground.studies import close_study
from studyapp.services.voting.lifecycle import pause_study, resume_study
from tests.conftest import NOW
from tests.sqlite_alone import database_url  # noqa: F401 (the same on every database)
from tests.web.test_evidence import LOOKING, send

MAP = {"cell": 30, "columns": 2, "rows": 2, "cells": [500, 0, 250, 500]}
NOWHERE = {"cell": 60, "columns": 1, "rows": 1, "cells": [0]}
VISIT = {**LOOKING, "visit": "a" * 32, "map": MAP}


def report(judge, trial, **more):
    headers = {"X-CSRFToken": judge.token}
    return judge.client.post(trial["links"]["looking"], json={**VISIT, **more}, headers=headers)


def kept(workspace) -> list[tuple[str, float]]:
    with workspace.database.reading() as session:
        rows = session.exec(select(LaterLooking).order_by(col(LaterLooking.id))).all()
    return [(row.visit[0], row.seconds) for row in rows]


def test_a_visit_is_kept_once_and_grows(jude, workspace):
    trial = jude.trial()
    for seconds in (12.5, 12.5, 20.0, 15.0):
        assert report(jude, trial, seconds=seconds).json == {"saved": True}
    report(jude, trial, visit="b" * 32, seconds=3.0, slots={}, views={"grid": 3.0}, map=NOWHERE)
    assert kept(workspace) == [("a", 12.5), ("a", 20.0), ("b", 3.0)]
    with workspace.database.reading() as session:
        first = json.loads(session.exec(select(LaterLooking.body)).first() or "")
        assert session.exec(select(BallotEvent)).all() == [], "no ballot comes of looking"
    assert first == VISIT


def test_the_ballot_s_own_evidence_names_visit_and_map_too(jude, workspace):
    assert send(jude, jude.trial(), looking=VISIT).status_code == 200
    with workspace.database.reading() as session:
        assert json.loads(session.exec(select(Looking.body)).one()) == VISIT


@pytest.mark.parametrize(
    "more",
    [
        {"visit": None},
        {"visit": "../x"},
        {"seconds": -1},
        {"seconds": "NaN"},
        {"map": {**MAP, "columns": 3}},
        {"map": {**MAP, "cells": [1, 2, 3, -4]}},
        {"map": {**MAP, "cells": [0] * 5000, "columns": 64, "rows": 64}},
        {"team": "team01"},
    ],
)
def test_nonsense_is_refused(jude, workspace, more):
    assert report(jude, jude.trial(), **more).status_code == 422
    assert kept(workspace) == []


@pytest.mark.parametrize("number", ["NaN", "Infinity", "1e999"])
def test_numbers_that_are_none_are_refused(jude, number):
    trial = jude.trial()
    body = json.dumps({**VISIT, "seconds": "HERE"}).replace('"HERE"', number)
    headers = {"X-CSRFToken": jude.token, "Content-Type": "application/json"}
    assert jude.client.post(trial["links"]["looking"], data=body, headers=headers).status_code == 422


def test_only_the_judge_whose_trial_it_is(jude, june, olga, eve, workspace):
    trial = jude.trial()
    june.trial()
    olga.get("/console")
    assert [report(person, trial).status_code for person in (june, olga, eve)] == [404, 404, 401]
    assert jude.client.post(trial["links"]["looking"], json=VISIT).status_code == 400, "no CSRF token"
    assert kept(workspace) == []


def test_only_while_the_study_is_open(jude, workspace):
    trial = jude.trial()
    jude.pick(trial, 1)
    for step, status in ((pause_study, 503), (resume_study, 200), (close_study, 409)):
        with workspace.database.writing() as session:
            step(session, now=NOW)
        assert report(jude, trial).status_code == status, step


def test_what_was_kept_cannot_be_changed(jude, workspace):
    report(jude, jude.trial())
    for statement in ("UPDATE later_looking SET seconds = 1", "DELETE FROM later_looking"):
        with pytest.raises(DatabaseError, match="append-only"), workspace.database.writing() as session:
            session.execute(text(statement))
