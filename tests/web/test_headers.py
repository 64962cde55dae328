"""Security headers and cookie flags, on every kind of answer."""

import pytest

from studyapp.app import create_app
from studyapp.web.security import HEADERS
from studyapp.web.static_files import static_path
from tests.sqlite_alone import database_url  # noqa: F401
from tests.web.conftest import Browser

PATHS = (
    "/",
    "/judge",
    "/judge/guidelines",
    "/api/trials",
    static_path("css/base.css"),
    static_path("nothing"),
    "/console",
    "/j/made-up",
    "/api/trials/none",
    "/t/none/0/0_0",
    "/nothing",
)


@pytest.mark.parametrize("path", PATHS)
def test_every_answer_has_the_headers(jude, eve, olga, path):
    for person in (jude, eve, olga):
        with person.client.get(path) as answer:
            headers = answer.headers
        assert {name: headers.get(name) for name in HEADERS} == HEADERS
        assert "Strict-Transport-Security" not in headers
        assert "Server" not in headers


def test_a_tile_has_them_too(jude):
    headers = jude.client.get(jude.trial()["slots"][0]["tiles"] + "/0/0_0").headers
    assert {name: headers.get(name) for name in HEADERS} == HEADERS


def test_the_policy_allows_nothing_from_elsewhere_and_no_inline_script():
    rules = dict(rule.split(" ", 1) for rule in HEADERS["Content-Security-Policy"].split("; "))
    assert rules["default-src"] == "'none'"
    assert rules["script-src"] == "'self'"
    assert rules["frame-ancestors"] == "'none'"
    for sources in rules.values():
        assert set(sources.split()) <= {"'self'", "'none'", "data:", "blob:"}


@pytest.mark.parametrize("path", ["/", "/judge", "/judge/guidelines", "/judge/screen", "/judge/finish"])
def test_pages_hold_no_inline_script_or_style(jude, path):
    page = jude.get(path).text
    assert "<style" not in page
    assert " style=" not in page
    assert " onclick=" not in page
    for script in page.split("<script")[1:]:
        assert "src=" in script.split(">")[0] or 'type="application/json"' in script.split(">")[0]


def test_pages_are_never_cached(jude):
    for path in ("/", "/judge", "/api/trials", f"/judge/trial/{jude.trial()['trial']}"):
        assert jude.client.get(path).headers["Cache-Control"] == "no-store"


def test_behind_tls_the_cookie_is_secure_and_https_is_for_good(folder, links, monkeypatch):
    monkeypatch.setenv("STUDYAPP_BEHIND_TLS", "1")
    app = create_app(folder)
    answer = Browser(app.test_client()).client.get(f"/j/{links['Jude']}", base_url="https://localhost")
    assert answer.headers["Strict-Transport-Security"].startswith("max-age=31536000")
    cookie = answer.headers["Set-Cookie"]
    assert cookie.startswith("__Host-studyapp-")
    assert {"Secure", "HttpOnly", "SameSite=Lax", "Path=/"} <= set(cookie.split("; "))
    app.extensions["studyapp"].workspace.database.close()


def test_a_body_beyond_the_bound_is_refused(jude):
    trial = jude.trial()
    answer = jude.put(trial["links"]["ballot"], {"key": "x" * 400_000})
    assert answer.status_code == 413
    assert answer.json["error"]["code"] == "request_entity_too_large"
