"""Where a study is reached: hosts, proxies, paths, cookies, and whether a form comes from its own pages."""

import re
from contextlib import contextmanager

import pytest

from studyapp.app import create_app
from studyapp.errors import StudyError
from studyapp.settings import base_url
from tests.accounts import owner_token
from tests.web.conftest import Browser

pytestmark = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
PUBLIC = "https://study.example.org:8443/track1"
PROXY = {"STUDYAPP_PROXIES": "1", "STUDYAPP_BEHIND_TLS": "1"}


@pytest.fixture
def served(folder, links, monkeypatch):
    """Make the application with these settings."""

    @contextmanager
    def made(path="", **settings):
        for name in ("STUDYAPP_BASE_URL", *PROXY):
            monkeypatch.delenv(name, raising=False)
        for name, value in settings.items():
            monkeypatch.setenv(name, value)
        app = create_app(folder, path=path)
        yield app
        app.extensions["studyapp"].workspace.database.close()

    return made


def status(app, host, **headers) -> int:
    headers = {name.replace("_", "-"): value for name, value in headers.items()}
    return app.test_client().get("/", headers={"Host": host, **headers}).status_code


def test_only_hosts_that_we_know_are_answered(served):
    with served() as app:
        for host in ("localhost:8000", "127.0.0.1", "[::1]:8000", "192.0.2.7:8000"):
            assert status(app, host) == 200
        for host in ("evil.example", "localhost.evil.example", "127.0.0.1.evil.example", ""):
            assert status(app, host) == 421
        assert status(app, "localhost", X_Forwarded_Host="evil.example") == 200
    with served(STUDYAPP_BASE_URL=PUBLIC) as app:
        for host in ("study.example.org:8443", "STUDY.example.org.", "127.0.0.1:8000"):
            assert status(app, host) == 200
        for host in ("evil.example", "192.0.2.7", "example.org", "study.example.org.evil.example"):
            assert status(app, host) == 421
    with served(**PROXY, STUDYAPP_BASE_URL=PUBLIC) as app:
        assert status(app, "127.0.0.1:8000", X_Forwarded_Host="evil.example") == 421
    with served(**PROXY) as app:
        assert status(app, "study.example.org") == 200


def new_link(app, workspace, host: str) -> str:
    token = owner_token(workspace.folders.root)
    client, here = app.test_client(), {"base_url": f"http://{host}"}
    answer = client.get(f"/o/{token}", **here)
    given = (line.partition(";")[0] for line in answer.headers.getlist("Set-Cookie"))
    cookie = {"Cookie": "; ".join(given)}
    plain = app.test_client(use_cookies=False)
    page = plain.get("/console", headers=cookie, **here).text
    form = {"email": "jude@example.org", "action": "reissue"}
    form["csrf_token"] = re.search(r'name="csrf_token" value="([^"]+)"', page)[1]
    page = plain.post("/console/judges/link", data=form, headers=cookie, **here).text
    return re.search(r"<code>(.*?/j/)", page)[1]


@pytest.mark.parametrize(
    ("settings", "host", "link"),
    [
        ({}, "127.0.0.1:8000", "http://127.0.0.1:8000/j/"),
        ({"STUDYAPP_PROXIES": "1"}, "evil.example", "/j/"),
        ({"STUDYAPP_BASE_URL": "http://study.example.org/a"}, "127.0.0.1", "http://study.example.org/a/j/"),
    ],
)
def test_links_are_made_of_what_is_known(served, workspace, settings, host, link):
    with served(**settings) as app:
        assert new_link(app, workspace, host) == link


@pytest.mark.parametrize(
    ("path", "settings", "asked", "headers"),
    [
        ("", {"STUDYAPP_BASE_URL": PUBLIC}, "", {}),
        ("", {"STUDYAPP_BASE_URL": PUBLIC}, "/track1", {}),
        ("/track1", {}, "/track1", {}),
        ("", PROXY, "", {"X-Forwarded-Prefix": "/track1/"}),
        ("", PROXY, "/track1", {"X-Forwarded-Prefix": "/track1"}),
    ],
)
def test_below_a_path_everything_stays_below_it(served, links, path, settings, asked, headers):
    """Whether the proxy cuts the path off or not."""
    with served(path, **settings) as app:
        client = app.test_client(use_cookies=False)
        secure = "https" if settings else "http"
        ask = {"headers": headers, "base_url": f"{secure}://localhost"}
        answer = client.get(f"{asked}/j/{links['Jude']}", **ask)
        assert answer.headers["Location"] == "/track1/?entered=judge"
        cookie = answer.headers["Set-Cookie"]
        assert "Path=/track1;" in f"{cookie};"
        assert cookie.startswith("__Secure-studyapp-" if settings else "studyapp-")
        sent = {**ask, "headers": {**headers, "Cookie": cookie.partition(";")[0]}}
        for page in ("/judge", "/judge/finish"):
            text = client.get(f"{asked}{page}", **sent).text
            found = re.findall(r'(?:href|src|action)="(/[^"]*)"', text)
            assert found
            assert not [address for address in found if not address.startswith("/track1/")]
        trials = client.get(f"{asked}/api/trials", **sent).json["trials"]
        trial = client.get(f"{asked}/api/trials/{trials[0]['trial']}", **sent).json
        addresses = [*trial["links"].values(), trial["input"]["tiles"], trial["preload"]]
        assert not [address for address in addresses if address and not address.startswith("/track1/")]


def test_two_studies_on_one_host_keep_their_own_cookies(served, folder):
    with served() as app:
        one = app.config["SESSION_COOKIE_NAME"]
    (folder / "var" / "session.key").unlink()
    with served() as app:
        assert app.config["SESSION_COOKIE_NAME"] != one


FORM = [
    ({}, True),
    ({"Sec-Fetch-Site": "same-origin", "Origin": "https://other.example.org:8443"}, True),
    ({"Sec-Fetch-Site": "none"}, True),
    ({"Sec-Fetch-Site": "cross-site", "Origin": "https://evil.example"}, False),
    ({"Sec-Fetch-Site": "same-site", "Origin": "https://x.example.org"}, False),
    ({"Origin": "http://localhost:8000", "Referer": "http://elsewhere.example/"}, True),
    ({"Origin": "http://localhost"}, True),
    ({"Origin": "null"}, True),
    ({"Origin": "http://evil.example"}, False),
    ({"Origin": "http://localhost.evil.example"}, False),
]


@pytest.mark.parametrize(("headers", "taken"), FORM)
def test_a_form_is_taken_from_our_own_pages_only(served, links, headers, taken):
    with served() as app:
        jude = Browser(app.test_client())
        jude.get(f"/j/{links['Jude']}")
        trial = jude.trial()
        body = {"key": "a" * 32, "base_revision": 0, "picks": [1]}
        token = {"X-CSRFToken": jude.token}
        answer = jude.client.put(trial["links"]["ballot"], json=body, headers={**token, **headers})
        assert answer.status_code == (200 if taken else 400)
        answer = jude.client.put(trial["links"]["ballot"], json=body, headers=headers)
        assert answer.status_code == 400, "without the token none is taken"


@pytest.mark.parametrize(
    "text", ["study.example.org", "ftp://a.example", "https://", "https://a/?b", "https://u:p@a",
             "https://a/b c", "https://a:99999", "https://a/../b", "https://a/%2e%2e", "https://[::1"]
)  # fmt: skip
def test_a_base_url_that_is_none_is_refused(text, database_url):
    with pytest.raises(StudyError, match="base URL"):
        base_url(text)


@pytest.mark.parametrize(
    ("path", "settings", "says"),
    [
        ("/judge", {}, "/judge"),
        ("", {"STUDYAPP_BASE_URL": "http://study.example.org/static/x"}, "/static"),
        ("//evil.example", {}, "SCRIPT_NAME"),
        ("", {"STUDYAPP_BASE_URL": "http://a.example", "STUDYAPP_BEHIND_TLS": "1"}, "contradicts"),
    ],
)
def test_settings_that_cannot_work_are_refused(served, path, settings, says):
    with pytest.raises(StudyError, match=says), served(path, **settings):
        pass


def test_a_prefix_that_is_none_is_refused_and_no_redirect(served):
    with served(STUDYAPP_PROXIES="1") as app:
        for prefix in ("//evil.example", "/a/../b", "https://evil.example", "/a b"):
            assert status(app, "localhost", X_Forwarded_Prefix=prefix) == 400
        assert status(app, "localhost", Script_Name="/elsewhere") == 200
