"""Random and hostile requests to every endpoint: never a 500, never a hang, never a word of the inside.

`HYPOTHESIS_MAX_EXAMPLES` makes it longer.
"""

import os
import re
import time

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from studyapp.app import create_app
from studyapp.services import invitations, preparing, studies
from studyapp.services.workspace import ensure_key, open_workspace
from tests.conftest import CAST, KEY, NOW, write_study
from tests.web.conftest import Browser

EXAMPLES = int(os.environ.get("HYPOTHESIS_MAX_EXAMPLES", "60"))
INSIDE = re.compile(
    rb"Traceback|File \"|\.py\b|sqlite3?\b|psycopg|sqlalchemy|site-packages|/tmp/|/root|/home"
)
DEEP = {"deep list": b"[" * 20_000, "deep object": b'{"a":' * 5_000}
SLOW = 5.0

fuzz = settings(
    max_examples=EXAMPLES,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)


@pytest.fixture(scope="module")
def people(tmp_path_factory):
    """Return the application's routes and a logged-in browser for each role."""
    with pytest.MonkeyPatch.context() as patch:
        patch.delenv("STUDYAPP_DATABASE_URL", raising=False)
        root = write_study(tmp_path_factory.mktemp("fuzzed") / "study")
        ensure_key(root, key=KEY)
        preparing.prepare_study(root, workers=1, progress=None, now=NOW)
        workspace = open_workspace(root)
        with workspace.database.writing() as session:
            jude, _ = invitations.invite_judges(session, workspace.key, CAST, now=NOW)
            studies.open_study(session, now=NOW)
            olga = invitations.organiser_link(session, now=NOW)
        app = create_app(root)
        browsers = {}
        for name, link in (("jude", f"/j/{jude.token}"), ("olga", f"/o/{olga}"), ("eve", "/")):
            browsers[name] = Browser(app.test_client())
            browsers[name].get(link)
        browsers["jude"].trial()
        browsers["olga"].get("/organiser")
        yield app, browsers
        workspace.database.close()
        app.extensions["studyapp"].workspace.database.close()


def hostile_texts():
    return st.one_of(
        st.text(max_size=40),
        st.sampled_from(
            [
                "../../../etc/passwd",
                "..%2f..%2fstudy.yaml",
                "%00",
                "\x00",
                "' OR 1=1 --",
                "<script>",
                "${7*7}",
                "{{7*7}}",
                "-1",
                "9" * 400,
                "1e999",
                "NaN",
                "\ud800".encode("utf-8", "surrogatepass").decode("latin-1"),
                "a" * 3000,
                "%",
                "//evil.example",
                "\r\nX-Injected: 1",
            ]
        ),
    )


def paths(app):
    """Addresses of every route with anything in its places, and addresses that are none."""
    rules = sorted({rule.rule for rule in app.url_map.iter_rules()})

    def filled(rule: str, texts: list[str]) -> str:
        values = iter(texts)
        return re.sub(r"<[^>]+>", lambda _: next(values, "x"), rule)

    routed = st.builds(filled, st.sampled_from(rules), st.lists(hostile_texts(), min_size=4, max_size=4))
    free = st.lists(hostile_texts(), max_size=4).map(lambda parts: "/" + "/".join(parts))
    return st.one_of(routed, routed, free)


def sane(path: str) -> str:
    """A path that a client can put into a request line."""
    path = "/" + path.lstrip("/") if path.startswith("//") else path
    return path.replace("\r", "%0D").replace("\n", "%0A").replace("#", "%23")


json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=20),
    lambda inner: st.lists(inner, max_size=5) | st.dictionaries(st.text(max_size=15), inner, max_size=5),
    max_leaves=20,
)
field_names = ["key", "base_revision", "picks", "reasons", "looking", "regions", "kind", "dpr", "seen"]
bodies = st.one_of(
    json_values,
    st.dictionaries(st.sampled_from(field_names), json_values, max_size=7),
    st.fixed_dictionaries(
        {
            "key": st.just("0123456789abcdef") | hostile_texts(),
            "base_revision": st.integers(-2, 3) | json_values,
            "picks": st.lists(st.integers(-1, 6), max_size=5) | json_values,
        }
    ),
)
header_values = st.text(st.characters(min_codepoint=32, max_codepoint=255), max_size=60)
headers = st.dictionaries(
    st.sampled_from(
        ["Cookie", "Content-Type", "Accept", "Range", "If-None-Match", "If-Modified-Since", "Host", "Origin",
         "Referer", "X-Forwarded-For", "X-HTTP-Method-Override", "Accept-Language", "Authorization"]
    ),
    header_values,
    max_size=4,
)  # fmt: skip
methods = st.sampled_from(["GET", "GET", "POST", "PUT", "DELETE", "PATCH", "HEAD", "OPTIONS", "TRACE", "FOO"])
roles = st.sampled_from(["jude", "olga", "eve"])


def check(browser, method, path, **request):
    started = time.monotonic()
    with browser.client.open(sane(path), method=method, **request) as answer:
        body = answer.get_data()
        assert answer.status_code < 500, (method, path)
        assert time.monotonic() - started < SLOW, (method, path)
        if not answer.headers.get("Content-Type", "").startswith(("image/", "text/javascript", "text/css")):
            assert not INSIDE.search(body), (method, path, body[:500])
        assert "X-Injected" not in answer.headers


def test_any_address(people):
    app, browsers = people

    @fuzz
    @given(path=paths(app), method=methods, role=roles)
    def run(path, method, role):
        check(browsers[role], method, path)

    run()


def test_any_json(people):
    _, browsers = people
    trial = browsers["jude"].trial()
    targets = [
        (trial["links"]["ballot"], "jude"),
        (trial["links"]["looking"], "jude"),
        ("/api/conditions", "jude"),
        ("/organiser/regions/001", "olga"),
        ("/api/trials/none/ballot", "jude"),
    ]

    @fuzz
    @given(body=bodies, target=st.sampled_from(targets), method=st.sampled_from(["PUT", "POST"]))
    def run(body, target, method):
        path, role = target
        token = {"X-CSRFToken": browsers[role].token}
        check(browsers[role], method, path, json=body, headers=token)

    run()


def test_any_bytes_as_a_body(people):
    _, browsers = people
    trial = browsers["jude"].trial()
    kinds = [
        "application/json",
        "application/x-www-form-urlencoded",
        "multipart/form-data; boundary=x",
        "x",
        "",
    ]

    @fuzz
    @given(
        body=st.binary(max_size=300) | st.sampled_from(sorted(DEEP)),
        kind=st.sampled_from(kinds),
        path=st.sampled_from([trial["links"]["ballot"], "/api/conditions", "/judge/finish", "/sign-in"]),
    )
    def run(body, kind, path):
        method = "PUT" if path.endswith("/ballot") else "POST"
        token = {"X-CSRFToken": browsers["jude"].token}
        data = DEEP[body] if isinstance(body, str) else body
        check(browsers["jude"], method, path, data=data, content_type=kind, headers=token)

    run()


def test_any_form(people):
    _, browsers = people
    targets = [
        ("/judge/finish", "jude"),
        ("/judge/guidelines", "jude"),
        ("/organiser/link", "olga"),
        ("/sign-in", "eve"),
        ("/account/end", "jude"),
        ("/account/password", "olga"),
    ]
    names = st.sampled_from(
        ["answered", "digest", "email", "action", "name", "password", "csrf_token", "next", "session", "old",
         "new", "again", "code"]
    )  # fmt: skip

    @fuzz
    @given(form=st.dictionaries(names, hostile_texts(), max_size=6), target=st.sampled_from(targets))
    def run(form, target):
        path, role = target
        form.setdefault("csrf_token", browsers[role].token)
        if form.get("action") == "revoke":
            form["email"] = "nobody@example.org"
        check(browsers[role], "POST", path, data=form)

    run()


def test_any_header(people):
    _, browsers = people

    @fuzz
    @given(
        sent=headers,
        path=st.sampled_from(
            ["/", "/judge", "/api/trials", "/static/css/base.css", "/organiser", "/t/x/0/0_0"]
        ),
        role=roles,
    )
    def run(sent, path, role):
        check(browsers[role], "GET", path, headers=sent)

    run()
