"""Saving ballots over HTTP: the right status for every refusal, and nothing stored by it."""

from studyapp.services.ground import studies
from tests.conftest import NOW
from tests.sqlite_alone import database_url  # noqa: F401 (tests/services/test_ballots.py has both databases)


def test_a_ballot_is_saved_pick_by_pick(jude):
    trial = jude.trial()
    for base, picks in enumerate(([2], [2, 4], [2, 4, 1])):
        saved = jude.pick(trial, *picks, base=base)
        assert saved.status_code == 200
        assert (saved.json["revision"], saved.json["picks"]) == (base + 1, picks)
    assert saved.json["complete"] is True
    assert jude.trial()["ballot"]["picks"] == [2, 4, 1]
    assert jude.trial()["answered"] == 1


def test_a_double_click_is_one_ballot(jude):
    trial = jude.trial()
    first = jude.pick(trial, 2, key="0123456789abcdef")
    assert jude.pick(trial, 2, key="0123456789abcdef").json == first.json
    assert jude.trial()["ballot"]["revision"] == 1


def test_a_stale_tab_is_told_what_stands(jude):
    trial = jude.trial()
    jude.pick(trial, 1)
    answer = jude.pick(trial, 2)
    assert answer.status_code == 409
    assert answer.json["error"]["code"] == "stale"
    assert answer.json["current"]["picks"] == [1]
    assert jude.trial()["ballot"]["picks"] == [1]


def test_someone_elses_trial_is_not_there(jude, june):
    theirs = june.trial()
    jude.trial()
    answer = jude.pick(theirs, 1)
    assert answer.status_code == 404
    assert answer.json["error"]["code"] == "not_found"
    assert june.trial()["ballot"]["revision"] == 0


def test_a_closed_study_says_so(jude, workspace):
    trial = jude.trial()
    jude.pick(trial, 1)
    with workspace.database.writing() as session:
        studies.close_study(session, now=NOW)
    answer = jude.pick(trial, 1, 2, base=1)
    assert (answer.status_code, answer.json["error"]["code"]) == (409, "closed")
    assert jude.trial()["ballot"]["revision"] == 1
    assert jude.trial()["open"] is False


NONSENSE: list[object] = [
    None,
    [],
    {},
    {"key": "0123456789abcdef", "base_revision": 0},
    {"key": "short", "base_revision": 0, "picks": [1]},
    {"key": "0123456789abcdef", "base_revision": -1, "picks": [1]},
    {"key": "0123456789abcdef", "base_revision": 0, "picks": ["1"]},
    {"key": "0123456789abcdef", "base_revision": 0, "picks": [1, 1]},
    {"key": "0123456789abcdef", "base_revision": 0, "picks": [9]},
    {"key": "0123456789abcdef", "base_revision": 0, "picks": [1, 2, 3, 4]},
    {"key": "0123456789abcdef", "base_revision": 0, "picks": list(range(1, 500))},
    {"key": "0123456789abcdef", "base_revision": 0, "picks": [1], "team": "team01"},
    {"key": "0123456789abcdef", "base_revision": 10**30, "picks": [1]},
]


def test_nonsense_is_refused_and_stores_nothing(jude):
    trial = jude.trial()
    for body in NONSENSE:
        answer = jude.put(trial["links"]["ballot"], body)
        assert answer.status_code == 422, body
        assert answer.json["error"]["message"], body
        assert jude.trial()["ballot"]["revision"] == 0, body


def test_without_the_csrf_token_nothing_is_stored(jude):
    trial = jude.trial()
    jude.token = "wrong"
    answer = jude.pick(trial, 1)
    assert (answer.status_code, answer.json["error"]["code"]) == (400, "csrf")
    assert jude.trial()["ballot"]["revision"] == 0


def test_a_stranger_is_told_to_log_in(eve, jude):
    trial = jude.trial()
    assert eve.pick(trial, 1).status_code == 401
    assert eve.client.get(trial["links"]["data"]).status_code == 401


def test_an_organiser_has_no_trials(olga, jude):
    assert olga.client.get("/api/trials").status_code == 404
    assert olga.client.get(jude.trial()["links"]["data"]).status_code == 404
