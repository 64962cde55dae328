"""What is refused is noted: sparingly, without what was sent, and never in the way of the answer."""

import pytest
from sqlalchemy import text

from studyapp.services.people.security_events import Event
from studyapp.web.security_log import MOST_A_MINUTE
from tests.accounts import events_of
from tests.sqlite_alone import database_url  # noqa: F401 (the same on every database)
from tests.web.test_sign_in import sign_in


def lines(site) -> list[Event]:
    """Return what was noted besides log-ins."""
    return [item for item in events_of(site) if item.event != "logged in"]


def test_refused_input_is_noted_without_what_was_sent(jude, site):
    trial = jude.trial()
    jude.put(
        trial["links"]["ballot"],
        {"key": "kitchen-sink-of-a-key", "base_revision": 0, "picks": [1, 1]},
    )
    jude.token = "forged-token"
    jude.pick(trial, 1)
    noted = lines(site)
    assert [(item.event, item.facts["code"], item.facts["route"]) for item in noted] == [
        ("refused input", "invalid", "trials.save"),
        ("refused input", "csrf", "trials.save"),
    ]
    assert all(item.facts["link"] and item.address == "127.0.0.1" for item in noted)
    written = repr(events_of(site))
    assert "kitchen" not in written
    assert "forged" not in written


def test_too_many_attempts_are_noted_but_do_not_fill_the_disk(eve, site):
    for n in range(10):
        sign_in(eve, password=f"guess number {n}")
    for _ in range(2 * MOST_A_MINUTE):
        assert eve.post("/sign-in", name="Olga", password="guess").status_code == 429
    noted = [item for item in lines(site) if item.event == "too many attempts"]
    # The loop may run over the end of one minute.
    assert MOST_A_MINUTE <= len(noted) < 2 * MOST_A_MINUTE
    assert not noted[0].facts.keys() & {"link", "account"}


def test_an_unexpected_error_is_noted_by_its_kind(app, jude, site):
    app.testing = False

    def broken():
        raise ZeroDivisionError("with a secret in it")

    app.view_functions["judge.overview"] = broken
    assert jude.get("/judge").status_code == 500
    (noted,) = lines(site)
    assert (noted.event, noted.facts["kind"]) == ("unexpected error", "ZeroDivisionError")
    assert "secret" not in repr(noted)


def test_a_log_that_cannot_be_written_does_not_hide_the_answer(jude, browser, links, site, caplog):
    trial = jude.trial()
    with site.database.writing() as session:
        session.execute(text("DROP TABLE security_event"))
    assert jude.pick(trial, 1, 1).status_code == 422
    assert "a security event (refused input) cannot be written" in caplog.text
    assert browser().get(f"/j/{links['June']}").status_code == 302, "nor does it keep judges out"


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
