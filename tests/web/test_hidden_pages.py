"""What a judge is sent of hidden trials: nothing by which one could be told from an ordinary image."""

import re

import pytest

from studyapp.services.ground.workspace import open_workspace
from tests.hidden import SHOWN, prepare_checks
from tests.sqlite_alone import database_url  # noqa: F401 (the same on every database)

GIVING_AWAY = re.compile(r"golden|known|repeat|identical|stabilising", re.IGNORECASE)


@pytest.fixture(scope="module")
def opened_folder() -> None:
    """There are hidden trials to prepare before anybody is invited."""


@pytest.fixture
def workspace(folder, database_url):  # noqa: F811
    """Return the workspace of a study with hidden trials, on SQLite and on PostgreSQL."""
    prepare_checks(folder)
    opened = open_workspace(folder)
    yield opened
    opened.database.close()


def shape(value):
    """Return keys and types without the values."""
    if isinstance(value, dict):
        return {key: shape(item) for key, item in value.items()}
    if isinstance(value, list):
        return [shape(item) for item in value]
    return type(value).__name__


def answer_all(judge) -> None:
    for position in range(1, SHOWN + 1):
        assert judge.pick(judge.trial(position), 1, 2, 3).status_code == 200


def test_all_trials_are_of_one_shape(jude):
    trials = [jude.trial(position) for position in range(1, SHOWN + 1)]
    assert {trial["kind"] for trial in trials} == {"main"}
    assert [(trial["position"], trial["total"]) for trial in trials] == [
        (place, SHOWN) for place in range(1, SHOWN + 1)
    ]
    inner = [shape({**trial, "preload": "", "links": {**trial["links"], "previous": ""}}) for trial in trials]
    assert all(other == inner[0] for other in inner)
    assert {len(trial["trial"]) for trial in trials} == {24}
    tokens = [item["tiles"] for trial in trials for item in (trial["input"], *trial["slots"])]
    assert len(set(tokens)) == len(tokens) == SHOWN * 5
    assert len({len(token) for token in tokens}) == 1


def test_no_page_or_header_says_a_word(jude):
    trials = [jude.trial(position) for position in range(1, SHOWN + 1)]
    paths = ["/judge", "/judge/finish", "/judge/guidelines", "/api/trials"]
    paths += [f"{base}/{trial['trial']}" for trial in trials for base in ("/judge/trial", "/api/trials")]
    for path in paths:
        answer = jude.get(path)
        assert answer.status_code == 200
        head = "".join(f"{name}: {value}\n" for name, value in answer.headers)
        found = GIVING_AWAY.search(head + answer.text)
        assert found is None, (path, found)


def test_one_sequence_leads_through_all_of_them(jude):
    seen, path = [], jude.trial(1)["links"]["data"]
    while path:
        trial = jude.get(path).json
        seen.append(trial["trial"])
        path = trial["preload"]
    assert seen == [line["trial"] for line in jude.get("/api/trials").json["trials"]]
    assert len(seen) == SHOWN


def test_a_judge_finishes_with_all_of_them(jude):
    jude.pick(jude.trial(1), 1, 2, 3)
    assert "5 images still to do" in jude.get("/judge/finish").text
    for position in range(2, SHOWN + 1):
        jude.pick(jude.trial(position), 1, 2, 3)
    page = jude.get("/judge/finish").text
    assert "All 6 images are answered" in page
    digest = page.split('name="digest" value="')[1].split('"')[0]
    assert jude.post("/judge/finish", answered=SHOWN, digest=digest).status_code == 302
    assert "Thank you" in jude.get("/judge/finish").text


def test_a_tile_of_the_worse_candidate_is_a_tile(jude):
    for position in range(1, SHOWN + 1):
        slots = jude.trial(position)["slots"]
        answers = [jude.client.get(f"{item['tiles']}/0/0_0") for item in slots]
        assert {(answer.status_code, answer.mimetype) for answer in answers} == {(200, "image/webp")}
        assert len({tuple(sorted(answer.headers.keys())) for answer in answers}) == 1


def test_organisers_see_them_in_the_progress_and_never_in_the_ranking(jude, olga):
    answer_all(jude)
    assert "6 of 12 complete" in olga.get("/console").text
    assert olga.post("/console/close", confirm="close").status_code == 302
    page = olga.get("/console/ranking").text
    assert "Toms team" in page
    assert "known-worse" not in page
    assert "1 judge, 3 images, 3 complete ballots" in page
