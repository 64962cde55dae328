"""What a server tells whoever watches it: that it is well, what it answers; nothing of judges and teams."""

import functools
import json
import logging
import re
from types import SimpleNamespace

import pytest
from flask.testing import FlaskClient
from prometheus_client.parser import text_string_to_metric_families
from sqlalchemy import text

from studyapp.app import create_app
from studyapp.db.database import Database
from studyapp.db.site_tables import Job
from studyapp.errors import StudyError
from studyapp.web.permissions import PERMISSIONS
from studyapp.web.watching import probes
from studyapp.web.watching.request_log import JsonHandler, write_json
from tests.conftest import CAST, TEAMS
from tests.sqlite_alone import database_url  # noqa: F401
from tests.web.conftest import Browser


@pytest.fixture
def application(folder, links, monkeypatch):
    """Make an application under settings that a test has set; close it and its log at the end."""
    made = []

    def make(**settings: str):
        for name, value in settings.items():
            monkeypatch.setenv(f"STUDYAPP_{name}", value)
        made.append(create_app(folder))
        return made[-1]

    yield make
    for app in made:
        app.extensions["studyapp"].workspace.database.close()
    for name in ("studyapp", "gunicorn.error"):
        logger = logging.getLogger(name)
        logger.handlers[:] = [item for item in logger.handlers if not isinstance(item, JsonHandler)]


def to_the_end(client: FlaskClient) -> FlaskClient:
    """Let a client take every answer to its end, as a server's clients do."""
    client.open = functools.partial(client.open, buffered=True)
    return client


def counted(answer) -> dict[tuple[str, ...], float]:
    """Read counts: by name and the values of the labels, in order of the labels' names."""
    return {
        (sample.name, *(sample.labels[label] for label in sorted(sample.labels))): sample.value
        for family in text_string_to_metric_families(answer.text)
        for sample in family.samples
    }


def test_strangers_may_ask_whether_the_server_is_well_and_learn_no_more(eve):
    alive, ready = eve.client.get("/healthz"), eve.client.get("/readyz")
    assert (alive.status_code, alive.json) == (200, {"alive": True})
    assert (ready.status_code, ready.json) == (
        200,
        {"ready": True, "database": "ok", "site": "ok", "disk": "ok"},
    )
    for answer in (alive, ready):
        assert answer.headers["Cache-Control"] == "no-store"
        assert "Set-Cookie" not in answer.headers


def test_probes_come_by_any_name_and_pages_by_the_one_that_is_known(application):
    client = application(BASE_URL="https://study.example.org/track1", PROXIES="1").test_client()
    for base in ("http://127.0.0.1:8000/", "http://app:8000/", "https://study.example.org/track1"):
        assert client.get("/readyz", base_url=base).status_code == 200
    assert client.get("/", base_url="http://app:8000/").status_code == 421


def test_another_schema_is_not_ready(app, eve, workspace):
    with workspace.database.engine.begin() as connection:
        connection.execute(text("UPDATE alembic_version SET version_num = '0000'"))
    answer = eve.client.get("/readyz")
    assert (answer.status_code, answer.json["database"]) == (503, "other schema")
    assert eve.client.get("/healthz").status_code == 200


def test_a_database_that_is_away_is_not_ready():
    nobody = Database("postgresql://nobody@127.0.0.1:1/nothing")
    assert probes.database_check(nobody) == "away"


def test_a_disk_without_room_for_ballots_is_not_ready(eve, tmp_path, monkeypatch):
    monkeypatch.setattr(probes.shutil, "disk_usage", lambda _: SimpleNamespace(free=probes.ROOM - 1))
    answer = eve.client.get("/readyz")
    assert (answer.status_code, answer.json["disk"]) == (503, "full")
    monkeypatch.undo()
    assert probes.disk_check(tmp_path / "unplugged") == "away"


FROM_ELSEWHERE = (
    {"environ_base": {"REMOTE_ADDR": "192.0.2.7"}},
    {"headers": {"X-Forwarded-For": "127.0.0.1"}},
    {"headers": {"Forwarded": "for=127.0.0.1"}},
    {"headers": {"Via": "1.1 proxy"}},
    {"base_url": "http://study.example.org"},
)


@pytest.mark.parametrize("asked", FROM_ELSEWHERE)
@pytest.mark.parametrize("proxies", ["0", "1"])
def test_counts_are_for_this_machine(application, asked, proxies):
    client = application(BASE_URL="http://study.example.org", PROXIES=proxies).test_client()
    assert client.get("/metrics", base_url="http://127.0.0.1:8000").status_code == 200
    assert client.get("/metrics", **{"base_url": "http://127.0.0.1:8000", **asked}).status_code == 401


def test_with_a_token_counts_are_for_whoever_has_it(application):
    client = application(METRICS_TOKEN="0123456789abcdef").test_client()
    right = {"Authorization": "Bearer 0123456789abcdef"}
    assert client.get("/metrics").status_code == 401
    assert client.get("/metrics", headers={"Authorization": "Bearer 0123456789abcdeF"}).status_code == 401
    assert client.get("/metrics", headers={"Authorization": "Bearer ü"}).status_code == 401
    assert client.get("/metrics", headers=right, environ_base={"REMOTE_ADDR": "192.0.2.7"}).status_code == 200


def secrets_of(jude: Browser, links: dict[str, str]) -> set[str]:
    """Return what no line for operators may hold."""
    trial = jude.trial()
    tiles = {slot["tiles"].removeprefix("/t/") for slot in trial["slots"]}
    people = {word for line in CAST for word in (line.name, line.email)}
    return {trial["trial"], *tiles, *people, *links.values(), *TEAMS, "made-up-token", "127.0.0.1"}


def walk(jude: Browser, links: dict[str, str]) -> None:
    """Do what judges and strangers do, rightly and wrongly."""
    jude.get(f"/j/{links['Jude']}")
    jude.get("/j/made-up-token")
    jude.get("/nothing/made-up-token")
    jude.client.open("/", method="MADE-UP-TOKEN")
    trial = jude.trial()
    jude.get(f"/judge/trial/{trial['trial']}")
    with jude.client.get(trial["slots"][0]["tiles"] + "/0/0_0") as tile:
        assert tile.status_code == 200
    assert jude.pick(trial, 1, 2, 3).status_code == 200
    assert jude.pick(trial, 99).status_code == 422
    assert jude.pick(trial, 2, base=7).status_code == 409


def test_requests_and_ballots_are_counted_by_pattern_and_by_nobody(jude, eve, links):
    before = counted(eve.client.get("/metrics"))
    to_the_end(jude.client)
    walk(jude, links)
    answer = eve.client.get("/metrics")
    after = counted(answer)
    more = {key: value - before.get(key, 0) for key, value in after.items() if value != before.get(key, 0)}
    assert more["studyapp_ballots_saved_total",] == 1
    assert [more["studyapp_ballots_refused_total", status] for status in ("422", "409")] == [1, 1]
    ballots = "/api/trials/<public_id>/ballot"
    assert more["studyapp_requests_total", "PUT", ballots, "200"] == 1
    assert more["studyapp_requests_total", "GET", "/j/<token>", "404"] == 1
    assert more["studyapp_requests_total", "GET", "unknown", "404"] == 1
    assert more["studyapp_requests_total", "other", "unknown", "405"] == 1
    assert more["studyapp_request_seconds_count", ballots] == 3
    assert ("studyapp_requests_running",) not in more
    assert after["studyapp_disk_free_bytes",] > 0
    assert not [secret for secret in secrets_of(jude, links) if secret in answer.text]
    assert set(re.findall(r"(\w+)=\"", answer.text)) <= {"route", "method", "status", "le", "state"}


def test_jobs_are_counted_by_their_state(app, eve):
    with app.extensions["studyapp"].site.database.writing() as session:
        for state in ("waiting", "waiting", "failed", "done"):
            session.add(
                Job(study="", kind="export", lane=state, state=state, created_at="2026-03-01T12:00:00.000Z")
            )
    told = counted(eve.client.get("/metrics"))
    states = ("waiting", "running", "failed")
    assert [told["studyapp_jobs", state] for state in states] == [2, 0, 1]


def test_probes_are_not_counted(eve):
    to_the_end(eve.client)
    before = counted(eve.client.get("/metrics"))
    eve.client.get("/healthz")
    eve.client.get("/readyz")
    after = counted(eve.client.get("/metrics"))
    assert {key for key in after if after[key] != before.get(key)} <= {("studyapp_disk_free_bytes",)}


def test_the_log_is_a_line_for_each_request_without_identities(application, links, tmp_path):
    log = tmp_path / "log.jsonl"
    app = application(LOG=f"json:{log}")

    def fails(token: str) -> str:
        raise ValueError("Jude, jude@example.org, made-up-token")

    app.add_url_rule("/fails/<token>", "fails", fails)
    PERMISSIONS["fails"] = PERMISSIONS["auth.home"]
    try:
        jude = Browser(to_the_end(app.test_client()))
        walk(jude, links)
        assert jude.get("/fails/made-up-token").status_code == 500
    finally:
        del PERMISSIONS["fails"]
    for path in ("/healthz", "/readyz", "/metrics"):
        jude.get(path)
    said = log.read_text(encoding="utf-8")
    lines = [json.loads(line) for line in said.splitlines()]
    requests = [line for line in lines if line["event"] == "request"]
    assert {tuple(line) for line in requests} == {
        ("at", "event", "id", "method", "route", "status", "ms", "bytes")
    }
    saved = [line for line in requests if line["route"].endswith("/ballot")]
    assert [line["status"] for line in saved] == [200, 422, 409]
    assert min(line["bytes"] for line in requests if line["status"] == 200) > 0
    assert len({line["id"] for line in requests}) == len(requests)
    assert not {"/healthz", "/readyz", "/metrics"} & {line["route"] for line in requests}
    [error] = [line for line in lines if line["event"] == "error"]
    assert error["error"][0]["kind"] == "ValueError"
    assert "in fails" not in error["says"]
    assert any("fails: raise ValueError" in place for place in error["error"][0]["traceback"])
    assert error["id"] == requests[-1]["id"]
    # The line of code that raised is in the traceback; what it raised is not.
    shown = said.replace('raise ValueError(\\"Jude, jude@example.org, made-up-token\\")', "")
    assert not [secret for secret in secrets_of(jude, links) if secret in shown]
    assert log.stat().st_mode & 0o077 == 0


def test_an_error_is_logged_without_the_address_also_as_text(app, links, caplog):
    app.testing = False
    app.config["PROPAGATE_EXCEPTIONS"] = False

    def fails(token: str) -> str:
        raise ValueError

    app._got_first_request = False
    app.add_url_rule("/fails/<token>", "fails", fails)
    PERMISSIONS["fails"] = PERMISSIONS["auth.home"]
    try:
        assert app.test_client().get("/fails/made-up-token").status_code == 500
    finally:
        del PERMISSIONS["fails"]
    assert "an error in GET /fails/<token>" in caplog.text
    assert "made-up-token" not in caplog.text


@pytest.mark.parametrize(
    ("name", "value"),
    [("LOG", "text"), ("LOG", "json:/nowhere/log"), ("METRICS_TOKEN", "short"), ("METRICS_TOKEN", "a b" * 9)],
)
def test_a_setting_that_cannot_be_is_refused(application, name, value):
    with pytest.raises(StudyError, match=name):
        application(**{name: value})


def test_what_a_worker_says_is_json_too(monkeypatch, capsys):
    monkeypatch.setenv("STUDYAPP_LOG", "json")
    try:
        assert write_json()
        logging.getLogger("studyapp.services.jobs.worker").warning("waiting for the database: %s", "away")
    finally:
        monkeypatch.delenv("STUDYAPP_LOG")
        assert not write_json()
    said = json.loads(capsys.readouterr().err)
    assert (said["event"], said["says"]) == ("warning", "waiting for the database: away")
