"""Reasons, evidence of looking, regions and viewing conditions over HTTP."""

import json
import re

import pytest
from sqlmodel import col, select

from studyapp.db.tables import BallotEvent, Looking, Picture, Region, ViewingConditions
from studyapp.services.ground.studies import current_file, file_text, the_study
from tests.services.voting import close
from tests.sqlite_alone import database_url  # noqa: F401 (the same on every database)

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
REASON = {
    "slot": 2, "region": "Background", "rect": [1, 2, 30, 20], "attribute": "Noise", "direction": "better",
    "severity": 3, "text": "the sky is clean",
}  # fmt: skip
LEAST = {"slot": 4, "region": None, "rect": [1, 2, 59, 38], "attribute": "Noise", "direction": "worse"}


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
    ],
)
def test_nonsense_beside_the_picks_is_refused(jude, more):
    trial = jude.trial()
    assert send(jude, trial, **more).status_code == 422
    assert jude.trial()["ballot"]["revision"] == 0


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"slot": 0}, "reasons.0.slot"),
        ({"slot": 9}, "reason 1: slot 9 was not shown; slots run from 1 to 4"),
        ({"slot": "2"}, "reasons.0.slot"),
        (
            {"region": "Nose"},
            "reason 1: 'Nose' is not a region of this study; choose one of Global, Face, Hair,",
        ),
        ({"region": "face"}, "'face' is not a region"),
        ({"region": None, "rect": None}, "neither a region nor a rectangle; name one or draw one"),
        (
            {"attribute": "Beauty"},
            "'Beauty' is not an attribute of this study; choose one of Sharpness, Texture,",
        ),
        ({"attribute": None}, "reasons.0.attribute"),
        (
            {"rect": [50, 0, 20, 20]},
            "the rectangle [50, 0, 20, 20] reaches beyond the image, which has 60 x 40 pixels",
        ),
        ({"rect": [0, 21, 20, 20]}, "reaches beyond the image"),
        ({"rect": [-1, 0, 20, 20]}, "reasons.0.rect.0"),
        ({"rect": [1, 1, 0, 20]}, "reasons.0.rect.2"),
        ({"rect": [1, 1, 1e-300, 1]}, "reasons.0.rect.2"),
        ({"rect": [1, 1, 2.5, 1]}, "reasons.0.rect.2"),
        ({"direction": "different"}, "reasons.0.direction: must be 'better' or 'worse' (it is 'different')"),
        ({"severity": 0}, "reasons.0.severity"),
        ({"severity": 5}, "reasons.0.severity: must be 4 or less (it is 5)"),
        ({"severity": True}, "reasons.0.severity"),
        ({"text": "x" * 501}, "reasons.0.text"),
        ({"text": " "}, "nothing in it can be seen"),
        ({"text": "a\nb"}, "there is a line break at character 2; write it on one line"),
        ({"text": "a\x1b[31m"}, "there is a control character, U+001B, at character 2; remove it"),
        ({"text": "a\x00"}, "contains an invalid character"),
        ({"text": "a\ud800"}, "contains an invalid character"),
        ({"team": "team01"}, "reasons.0.team"),
    ],
)
def test_a_reason_that_cannot_be_is_refused_in_words_and_not_stored(jude, change, said):
    trial = jude.trial()
    answer = send(jude, trial, reasons=[{**REASON, **change}])
    assert answer.status_code == 422
    assert said in answer.json["error"]["message"]
    assert jude.trial()["ballot"]["revision"] == 0


def test_too_many_reasons_and_the_same_twice_are_refused(jude):
    trial = jude.trial()
    many = [{**REASON, "rect": [n, 0, 9, 9]} for n in range(21)]
    answer = send(jude, trial, reasons=many)
    assert answer.json["error"]["message"] == "21 reasons were sent; this study accepts at most 20"
    answer = send(jude, trial, reasons=[REASON, LEAST, {**REASON, "direction": "worse"}])
    assert "reason 3: reason 1 is about the same" in answer.json["error"]["message"]
    assert send(jude, trial, reasons=[REASON] * 51).status_code == 422
    assert jude.trial()["ballot"]["revision"] == 0
    assert send(jude, trial, reasons=many[:20]).status_code == 200


def test_a_ballot_counts_only_with_the_reasons_that_the_study_requires(jude, workspace):
    from studyapp.db.tables import Study
    from studyapp.study.study_file import StudyFile

    with workspace.database.writing() as session:
        study = session.exec(select(Study)).one()
        file = StudyFile.model_validate_json(study.file)
        asked = file.reasons.model_copy(update={"required": 2})
        study.file = file.model_copy(update={"reasons": asked}).model_dump_json()
    trial = jude.trial()
    assert trial["asks_why"]["required"] == 2
    assert send(jude, trial, reasons=[REASON]).json["complete"] is False
    both = [REASON, LEAST]
    answer = send(jude, trial, base=1, key="l" * 16, picks=(1, 2), reasons=both)
    assert answer.json["complete"] is False, "reasons alone are no answer"
    assert send(jude, trial, base=2, key="m" * 16, reasons=both).json["complete"] is True
    assert send(jude, trial, base=3, key="n" * 16).json["complete"] is False, "they were taken back"


def test_the_organiser_reads_what_judges_said_after_the_closing_alone(jude, june, olga, workspace):
    trial = jude.trial()
    said = {**REASON, "text": "=<b>clean</b>"}
    assert send(jude, trial, reasons=[said, LEAST]).status_code == 200
    for position in (1, 2, 3):
        june.pick(june.trial(position), 1, 2, 3)
    early = olga.get("/console/reasons")
    assert (early.status_code, "clean" in early.text) == (409, False)
    close(workspace)
    page = re.sub(r"</?bdi>", "", olga.get("/console/reasons").text)
    assert "2 reasons." in page
    assert "<td>=&lt;b&gt;clean&lt;/b&gt;</td>" in page
    assert "<td>Background, drawn: 30 × 20 at 1, 2</td>" in page
    assert "<td>better, 3 of 4</td>" in page
    counts = [re.findall(r"<td[^>]*>([^<]*)</td>", row) for row in page.split("<tr>")]
    assert ["Noise", "2", "1", "1", "1", "0", "1", "1", "0"] in counts, "both were picked, so both won"


def test_the_guidelines_say_whether_reasons_are_needed(jude):
    assert "You can give reasons for any result." in jude.get("/judge/guidelines").text


def test_the_guidelines_say_what_became_of_colours(jude, workspace):
    assert "sRGB: where all files of an image" in jude.get("/judge/guidelines").text
    with workspace.database.writing() as session:
        study = the_study(session)
        study.file = file_text(
            current_file(session).model_copy(update={"other_colors": "convert", "gain_maps": "base"})
        )
        shown = session.exec(select(Picture).where(col(Picture.team_id).is_(None))).first()
        shown.source = shown.source.replace("input/", "input_preview/")
    page = jude.get("/judge/guidelines").text
    assert "files in another colour space were converted" in page
    assert "you see the picture for ordinary screens" in page
    assert "developed from the raw data" in page


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


def test_regions_and_words_reach_the_page(jude, workspace):
    with workspace.database.writing() as session:
        for image_id in (1, 2, 3, 4):
            session.add(Region(image_id=image_id, number=1, x=1, y=2, width=3, height=4))
    trial = jude.trial()
    assert trial["regions"] == [[1, 2, 3, 4]]
    assert trial["asks_why"]["attributes"][-1] == {"name": "Fidelity", "label": "Fidelity"}
    assert (trial["asks_why"]["regions"][0]["name"], trial["asks_why"]["required"]) == ("Global", 0)


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
    page = olga.get("/console/judges").get_data(as_text=True)
    assert "3 messages refused; the last one: ballot: looking.seconds" in page


def test_what_of_the_way_in_was_skipped_is_shown_to_the_organiser(jude, june, olga):
    assert "Skipped" not in olga.get("/console/judges").get_data(as_text=True), "nobody has begun"
    jude.pick(jude.trial(), 1)
    assert "Skipped: guidelines, screen check, practice" in olga.get("/console/judges").get_data(as_text=True)
    jude.get("/judge/guidelines")
    jude.post("/judge/guidelines")
    jude.client.post("/api/conditions", json={"kind": "check"}, headers={"X-CSRFToken": jude.token})
    page = olga.get("/console/judges").get_data(as_text=True)
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
