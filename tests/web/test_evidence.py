"""Reasons, evidence of looking, regions and viewing conditions over HTTP."""

import json

import pytest
from sqlmodel import select

from studyapp.db.tables import BallotEvent, Looking, Region, ViewingConditions

LOOKING = {
    "version": 1,
    "seconds": 12.5,
    "slots": {str(slot): {"seen": 0.4, "dwell": 2.5} for slot in range(5)},
    "views": {"grid": 12.5},
    "blinks": 2,
    "path": [[0.5, 30, 20, 1, "g"], [3.2, 10, 10, 4, "b", [1]]],
    "reported": [],
    "visit": "a" * 32,
    "map": {"cell": 30, "columns": 2, "rows": 1, "cells": [3000, 9000]},
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
        {"looking": {**LOOKING, "path": [[0, 0, 0, 1, "g", [[[1]]]]]}},
        {"looking": {**LOOKING, "path": [[0, 0, 0, 1, "\ud800"]]}},
        {"looking": {**LOOKING, "path": [[0, 0, 0, 1e-300, "x"]]}},
        {"looking": {**LOOKING, "seconds": 10_000_000}},
        {"looking": {**LOOKING, "views": {"grid": 20}}},
        {"looking": {**LOOKING, "slots": {"1": {"seen": 1, "dwell": 20}}}},
        {"looking": {**LOOKING, "map": {"cell": 9, "columns": 1, "rows": 1, "cells": [20_000]}}},
        {"reasons": [REASON, REASON]},
        {"reasons": [{**REASON, "text": "a\ud800"}]},
        {"reasons": [{**REASON, "text": "a\x00"}]},
        {"reasons": [{**REASON, "tags": ["\udfff"]}]},
        {"reasons": [{**REASON, "rect": [1, 1, 1e-300, 1]}]},
    ],
)
def test_nonsense_beside_the_picks_is_refused(jude, more):
    trial = jude.trial()
    assert send(jude, trial, **more).status_code == 422
    assert jude.trial()["ballot"]["revision"] == 0


def test_a_study_may_ask_that_everything_was_seen(jude, workspace):
    from sqlalchemy import text

    from studyapp.protocols import TopK

    with workspace.database.writing() as session:
        seen = TopK(see_all_at_1_1=True).model_dump_json()
        session.execute(text("UPDATE study SET protocol = :seen").bindparams(seen=seen))
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


def test_conditions_are_kept(jude, june, workspace):
    trial = jude.trial()
    headers = {"X-CSRFToken": jude.token}
    change = {"kind": "change", "at": "2026-03-01T12:00:00.000Z", "trial": trial["trial"]}
    for report in (
        {"kind": "check", "dpr": 2, "screen": [1920, 1080], "zoom": None},
        {**change, "changed": {"zoom": 1.5}},
        {**change, "changed": {"zoom": 1.5}},  # sent again, because its answer was lost
        {**change, "changed": {"zoom": None}},
    ):
        assert jude.client.post("/api/conditions", json=report, headers=headers).status_code == 200
    for bad in (
        {}, None, {"kind": "other"}, {**change, "changed": {}}, {**change, "zoom": 1.5},
        {**change, "changed": {"dpr": 1e-300}}, {**change, "changed": {"width": 1e9}},
        {"kind": "check", "seen": {"dark": "\ud800"}}, {"kind": "check", "seen": {"checkerboard": "x" * 9}},
    ):  # fmt: skip
        answer = jude.client.post("/api/conditions", json=bad, headers=headers)
        assert answer.status_code == 422, bad
    june.trial()
    foreign = june.client.post(
        "/api/conditions", json={**change, "changed": {"dpr": 2}}, headers={"X-CSRFToken": june.token}
    )
    assert foreign.status_code == 404, "the change was seen by another judge of the same browser"
    with workspace.database.reading() as session:
        kept = [json.loads(body) for body in session.exec(select(ViewingConditions.body))]
    assert [(report["kind"], report.get("changed")) for report in kept] == [
        ("check", None),
        ("change", {"zoom": 1.5}),
        ("change", {"zoom": None}),
    ]


def test_what_is_refused_is_counted_for_the_organiser(jude, olga):
    trial = jude.trial()
    headers = {"X-CSRFToken": jude.token}
    for bad in ({"kind": "other"}, {"kind": "change"}):
        jude.client.post("/api/conditions", json=bad, headers=headers)
    assert send(jude, trial, looking={**LOOKING, "seconds": 1e7}).status_code == 422
    page = olga.get("/organiser").get_data(as_text=True)
    assert "3 messages refused; the last: ballot: looking.seconds" in page


def test_what_of_the_way_in_was_skipped_is_shown_to_the_organiser(jude, june, olga):
    assert "Skipped" not in olga.get("/organiser").get_data(as_text=True), "nobody has begun"
    jude.pick(jude.trial(), 1)
    assert "Skipped: guidelines, screen check, practice" in olga.get("/organiser").get_data(as_text=True)
    jude.get("/judge/guidelines")
    jude.post("/judge/guidelines")
    jude.client.post("/api/conditions", json={"kind": "check"}, headers={"X-CSRFToken": jude.token})
    page = olga.get("/organiser").get_data(as_text=True)
    assert "Skipped: guidelines (done later), screen check (done later), practice<" in page


def test_the_page_of_a_judge_who_skipped_the_way_in_knows_what_is_missing(jude):
    assert [item["what"] for item in jude.trial()["skipped"]] == ["guidelines", "screen", "practice"]
    for item in jude.trial()["skipped"]:
        assert jude.get(item["page"]).status_code == 200
    jude.get("/judge/guidelines")
    jude.post("/judge/guidelines")
    jude.client.post("/api/conditions", json={"kind": "check"}, headers={"X-CSRFToken": jude.token})
    (practice,) = jude.trial()["skipped"]
    trial = jude.client.get(practice["page"].replace("/judge/trial/", "/api/trials/")).json
    assert trial["skipped"] == [], "who practises skips nothing"
    assert jude.pick(trial, 1, 2, 3).status_code == 200
    assert jude.trial()["skipped"] == []


def test_everything_is_stored_that_a_page_may_send_at_most(jude):
    """A look that fills every list is no nonsense."""
    looking = {
        **LOOKING,
        "path": [[0.5 * n, 1e5, -10, 0.125, "g"] for n in range(400)],
        "slots": {str(slot): {"seen": 1, "dwell": 0.5} for slot in range(31)},
    }
    assert send(jude, jude.trial(), looking=looking).status_code == 200
