"""The security log: every way in, right or wrong, and nothing that could be used to come in."""

import json
from datetime import UTC, datetime

from click.testing import CliRunner

from studyapp.cli import main
from tests.accounts import PASSWORD, events_of, make_account


def test_every_way_in_is_noted_without_secrets(folder, site, links, browser):
    make_account(site)
    person = browser()
    person.get(f"/j/{links['Jude']}")
    person.get("/console")
    person.get("/judge")
    person.post("/logout")
    person.get("/j/guessed-token\nforged line")
    person.get(f"/o/{links['June']}")
    person.get("/sign-in")
    person.post("/sign-in", name="Olga", password="not the password")
    person.post("/sign-in", name="Olga", password=PASSWORD)
    text = CliRunner().invoke(main, ["account", str(folder), "--events", "--json"]).stdout
    lines = json.loads(text)
    assert lines == [vars(item) for item in events_of(site)]
    assert [line["event"] for line in lines] == [
        "logged in",
        "not permitted",
        "logged out",
        "unknown link",
        "unknown link",
        "wrong password or code",
        "logged in",
    ]
    assert all(line["address"] == "127.0.0.1" for line in lines)
    assert all(datetime.fromisoformat(line["at"]).tzinfo == UTC for line in lines)
    for secret in (
        links["Jude"],
        links["June"],
        "guessed-token",
        "forged",
        PASSWORD,
        "not the password",
        "Olga",
    ):
        assert secret not in text


def test_strangers_cannot_fill_the_log(eve, site):
    for path in ("/judge", "/console", "/api/trials", "/nothing"):
        eve.get(path)
    assert events_of(site) == []
