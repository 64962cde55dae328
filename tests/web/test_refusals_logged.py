"""What is refused is noted: sparingly, without what was sent, and never in the way of the answer."""

import json

import pytest

from studyapp.web.security_log import MOST_A_MINUTE
from tests.sqlite_alone import database_url  # noqa: F401 (the same on every database)
from tests.web.test_sign_in import sign_in


def lines(workspace) -> list[dict]:
    """Return what was noted besides log-ins."""
    text = workspace.folders.security_log.read_text()
    noted = [json.loads(line) for line in text.splitlines()]
    return [line for line in noted if line["event"] != "logged in"]


def test_refused_input_is_noted_without_what_was_sent(jude, workspace):
    trial = jude.trial()
    jude.put(
        trial["links"]["ballot"],
        {"key": "kitchen-sink-of-a-key", "base_revision": 0, "picks": [1, 1]},
    )
    jude.token = "forged-token"
    jude.pick(trial, 1)
    noted = lines(workspace)
    assert [(line["event"], line["code"], line["route"]) for line in noted] == [
        ("refused input", "invalid", "trials.save"),
        ("refused input", "csrf", "trials.save"),
    ]
    assert all(line["link"] and line["from"] == "127.0.0.1" for line in noted)
    text = workspace.folders.security_log.read_text()
    assert "kitchen" not in text
    assert "forged" not in text


def test_too_many_attempts_are_noted_but_do_not_fill_the_disk(eve, workspace):
    for n in range(10):
        sign_in(eve, password=f"guess number {n}")
    for _ in range(2 * MOST_A_MINUTE):
        assert eve.post("/sign-in", name="Olga", password="guess").status_code == 429
    noted = [line for line in lines(workspace) if line["event"] == "too many attempts"]
    # The loop may run over the end of one minute.
    assert MOST_A_MINUTE <= len(noted) < 2 * MOST_A_MINUTE
    assert noted[0]["link"] is None


def test_an_unexpected_error_is_noted_by_its_kind(app, jude, workspace):
    app.testing = False

    def broken():
        raise ZeroDivisionError("with a secret in it")

    app.view_functions["judge.overview"] = broken
    assert jude.get("/judge").status_code == 500
    (line,) = lines(workspace)
    assert (line["event"], line["kind"]) == ("unexpected error", "ZeroDivisionError")
    assert "secret" not in workspace.folders.security_log.read_text()


def test_a_log_that_cannot_be_written_does_not_hide_the_answer(jude, workspace, caplog):
    trial = jude.trial()
    workspace.folders.security_log.unlink()
    workspace.folders.security_log.mkdir()
    assert jude.pick(trial, 1, 1).status_code == 422
    assert "the security log cannot be written" in caplog.text


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
def test_the_page_of_a_database_that_is_away_asks_it_nothing(jude, app, workspace):
    database, path = app.extensions["studyapp"].workspace.database, workspace.folders.database
    database.engine.dispose()
    workspace.database.engine.dispose()
    path.rename(path.with_suffix(".away"))
    answer = jude.get("/judge")
    assert answer.status_code == 503
    assert "sent again automatically" in answer.text
    database.engine.dispose()
    path.unlink()
    path.with_suffix(".away").rename(path)
    assert jude.get("/judge").status_code == 200
