"""Reasons, evidence of looking, regions and viewing conditions over HTTP."""

import json

import pytest
from sqlmodel import select

from studyapp.db.tables import BallotEvent, Looking, Region, ViewingConditions

LOOKING = {
    "version": 1,
    "seconds": 12.5,
    "slots": {str(slot): {"seen": 0.4, "dwell": 3.1} for slot in range(5)},
    "views": {"grid": 12.5},
    "blinks": 2,
    "path": [[0.5, 30, 20, 1, "g"], [3.2, 10, 10, 4, "b", [1]]],
    "reported": [],
}
REASON = {"slot": 2, "tags": ["+Noise", "-Fidelity"], "rect": [1, 2, 30, 20], "text": "the sky is clean"}


def send(judge, trial, base=0, key="k" * 16, picks=(2, 4, 1), **more):
    body = {"key": key, "base_revision": base, "picks": list(picks), **more}
    return judge.put(trial["links"]["ballot"], body)


def test_reasons_and_looking_are_kept_with_the_ballot(jude, workspace):
    trial = jude.trial()
    answer = send(jude, trial, reasons=[REASON], looking=LOOKING)
    assert answer.status_code == 200
    assert jude.trial()["ballot"]["reasons"] == [REASON]
    with workspace.database.reading() as session:
        event = session.exec(select(BallotEvent)).one()
        kept = json.loads(session.exec(select(Looking.body).where(Looking.event_id == event.id)).one())
    assert kept == LOOKING
    assert "looking_sha256" in json.loads(event.body)


def test_the_same_answer_with_evidence_again_is_stored_once(jude):
    trial = jude.trial()
    first = send(jude, trial, reasons=[REASON], looking=LOOKING)
    assert send(jude, trial, reasons=[REASON], looking=LOOKING).json == first.json
    assert send(jude, trial, reasons=[], looking=LOOKING).status_code == 422


@pytest.mark.parametrize(
    "more",
    [
        {"reasons": [{**REASON, "slot": 9}]},
        {"reasons": [{**REASON, "rect": [50, 0, 20, 20]}]},
        {"reasons": [{**REASON, "text": "x" * 501}]},
        {"reasons": [{**REASON, "team": "team01"}]},
        {"looking": {**LOOKING, "slots": {"1": {"seen": 2, "dwell": 0}}}},
        {"looking": {**LOOKING, "path": [[0]] * 2000}},
        {"looking": "everything"},
    ],
)
def test_nonsense_beside_the_picks_is_refused(jude, more):
    trial = jude.trial()
    assert send(jude, trial, **more).status_code == 422
    assert jude.trial()["ballot"]["revision"] == 0


def test_a_study_may_ask_that_everything_was_seen(jude, workspace):
    from sqlalchemy import text

    with workspace.database.writing() as session:
        session.execute(text("UPDATE study SET see_all_at_1_1 = :yes").bindparams(yes=True))
    trial = jude.trial()
    assert trial["rule"] == {"see_all_at_1_1": True}
    partly = {**LOOKING, "slots": {"1": {"seen": 0.1, "dwell": 1}, "2": {"seen": 0.1, "dwell": 1}}}
    assert send(jude, trial, looking=partly).json["complete"] is False
    rest = {**LOOKING, "slots": {"3": {"seen": 0.2, "dwell": 1}}, "reported": [4]}
    answer = send(jude, trial, base=1, key="l" * 16, looking=rest)
    assert answer.json["complete"] is True, "visits add up, and what could not be loaded was reported"


def test_regions_and_tags_reach_the_page(jude, workspace):
    with workspace.database.writing() as session:
        for image_id in (1, 2, 3, 4):
            session.add(Region(image_id=image_id, number=1, x=1, y=2, width=3, height=4))
    trial = jude.trial()
    assert trial["regions"] == [[1, 2, 3, 4]]
    assert "Fidelity" in trial["tags"]


def test_conditions_are_kept(jude, workspace):
    jude.trial()
    headers = {"X-CSRFToken": jude.token}
    for report in ({"kind": "check", "dpr": 2, "screen": [1920, 1080]}, {"kind": "change", "zoom": 1.5}):
        assert jude.client.post("/api/conditions", json=report, headers=headers).status_code == 200
    for bad in ({}, {"kind": "other"}, {"kind": "change", "name": "Jude"}, None):
        assert jude.client.post("/api/conditions", json=bad, headers=headers).status_code == 422
    with workspace.database.reading() as session:
        kept = [json.loads(body) for body in session.exec(select(ViewingConditions.body))]
    assert [report["kind"] for report in kept] == ["check", "change"]
