"""The security log: every way in, right or wrong, and nothing that could be used to come in."""

import json
from datetime import UTC, datetime

from studyapp.services.people import organisers

PASSWORD = "seven quiet herons wade"


def test_every_way_in_is_noted_without_secrets(folder, workspace, links, browser):
    organisers.set_password(workspace.folders, "Olga", PASSWORD)
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
    path = workspace.folders.security_log
    text = path.read_text()
    lines = [json.loads(line) for line in text.splitlines()]
    assert [line["event"] for line in lines] == [
        "logged in",
        "not permitted",
        "logged out",
        "unknown link",
        "link of another role",
        "wrong password or code",
        "logged in",
    ]
    assert all(line["from"] == "127.0.0.1" for line in lines)
    assert all(datetime.fromisoformat(line["at"]).tzinfo == UTC for line in lines)
    assert path.stat().st_mode & 0o777 == 0o600
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


def test_strangers_cannot_fill_the_log(eve, workspace):
    for path in ("/judge", "/console", "/api/trials", "/nothing"):
        eve.get(path)
    assert not workspace.folders.security_log.exists()
