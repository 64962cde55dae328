"""Random and hostile requests to every endpoint: never a 500, never a hang, never a word of the inside.

`HYPOTHESIS_MAX_EXAMPLES` makes it longer.
"""

import json
import os
import re
import time

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from studyapp.app import create_app
from studyapp.services.folder import preparing
from studyapp.services.ground import studies
from studyapp.services.ground.workspace import ensure_key, open_workspace
from studyapp.services.people import invitations
from studyapp.web.static_files import static_path
from tests.accounts import owner_token
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
        # A judge who is too fast is refused unread: nothing would be tried any more.
        patch.setenv("STUDYAPP_MESSAGES_A_MINUTE", "0")
        root = write_study(tmp_path_factory.mktemp("fuzzed") / "study")
        ensure_key(root, key=KEY)
        preparing.prepare_study(root, workers=1, progress=None, now=NOW)
        workspace = open_workspace(root)
        with workspace.database.writing() as session:
            jude, june = invitations.invite_judges(session, workspace.key, CAST, now=NOW)
            studies.open_study(session, now=NOW)
        olga = owner_token(root)
        app = create_app(root)
        browsers = {}
        for name, link in (
            ("jude", f"/j/{jude.token}"),
            ("june", f"/j/{june.token}"),
            ("olga", f"/o/{olga}"),
            ("eve", "/"),
        ):
            browsers[name] = Browser(app.test_client())
            browsers[name].get(link)
        browsers["jude"].trial()
        browsers["olga"].get("/console")
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
field_names = [
    "key",
    "base_revision",
    "picks",
    "reasons",
    "looking",
    "regions",
    "kind",
    "dpr",
    "seen",
]
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
        ("/console/regions/001", "olga"),
        ("/api/trials/none/ballot", "jude"),
    ]

    @fuzz
    @given(body=bodies, target=st.sampled_from(targets), method=st.sampled_from(["PUT", "POST"]))
    def run(body, target, method):
        path, role = target
        token = {"X-CSRFToken": browsers[role].token}
        check(browsers[role], method, path, json=body, headers=token)

    run()


WRONG = [
    "null", "true", "0", "-1", "1.5", "1e400", "-1e400", "1e-320", "NaN", "Infinity", "-0.0", "9" * 30,
    "9" * 5000, '""', '"x"', r'"\ud800"', r'"\udc00\ud800"', r'"\u0000"', r'"a\u0000b"',
    '"' + "x" * 70_000 + '"',
    "[]", "[[]]", "[[[[[[[[1]]]]]]]]", "[" * 15 + "]" * 15, "[" * 900 + "]" * 900,
    "[null]", r'["\ud800"]', "{}", '{"a":{"b":{}}}', r'{"\ud800":1}', r'{"\u0000":1}', '{"__class__":"x"}',
    '{"1":{"1":{"1":1}}}',
]  # fmt: skip
"""JSON as it may be written, in the place of any part of a body."""

STEP = 1 if "HYPOTHESIS_MAX_EXAMPLES" in os.environ else 6
"""Of the wrong values every so many is tried at a place, others at the next."""

PLACE = "the place of something else"
AT = "2026-03-01T12:00:00.000Z"


def whole_bodies(trial: dict) -> dict[str, tuple[str, dict]]:
    """For each kind of message of a judge's page its address and one that is taken."""
    reason = {
        "slot": 2, "region": "Face", "rect": [1, 2, 30, 20], "attribute": "Noise", "direction": "better",
        "severity": 2, "text": "clean",
    }  # fmt: skip
    looking = {
        "version": 1, "seconds": 12.5, "slots": {"1": {"seen": 0.4, "dwell": 2.5}}, "views": {"grid": 12.5},
        "blinks": 2, "path": [[0.5, 30, 20, 1, "g"], [3.2, 10, 10, 4, "b", [1]]], "reported": [2],
        "visit": "v" * 16, "map": {"cell": 30, "columns": 2, "rows": 1, "cells": [10, 20]},
    }  # fmt: skip
    facts = {
        "dpr": 1, "zoom": 1, "width": 900, "height": 700, "screen": [900, 700], "depth": 24, "gamut": "srgb",
        "hdr": False, "contrast": False, "touch": False,
    }  # fmt: skip
    seen = {"checkerboard": "even", "dark": "4", "bright": "5"}
    about = {"at": AT, "trial": trial["trial"]}
    ballot = {
        "key": "k" * 16,
        "base_revision": 0,
        "picks": [1, 2],
        "reasons": [reason],
        "looking": looking,
    }
    return {
        "ballot": (trial["links"]["ballot"], ballot),
        "looking": (trial["links"]["looking"], looking),
        "check": ("/api/conditions", {"kind": "check", "at": AT, **facts, "seen": seen}),
        "change": ("/api/conditions", {"kind": "change", **about, "changed": facts}),
        "altered": ("/api/conditions", {"kind": "altered", **about}),
    }


def variants(value, put):
    """The body with PLACE for each of its parts in turn, and as the name of a field."""
    yield put(PLACE)
    if isinstance(value, dict):
        yield put({**value, PLACE: 1})
        for name, inner in value.items():
            yield from variants(inner, lambda part, name=name: put({**value, name: part}))
    elif isinstance(value, list):
        yield put([*value, PLACE])
        for at, inner in enumerate(value):
            yield from variants(inner, lambda part, at=at: put([*value[:at], part, *value[at + 1 :]]))


@pytest.mark.parametrize("kind", ["ballot", "looking", "check", "change", "altered"])
def test_anything_in_the_place_of_any_part_of_what_a_page_sends(people, kind):
    """What is no body is refused with a word; what is one is kept, and can be shown again."""
    _, browsers = people
    june = browsers["june"]
    path, whole = whole_bodies(june.trial())[kind]
    headers = {"X-CSRFToken": june.token}
    found = set()
    for number, body in enumerate(variants(whole, lambda part: part)):
        text = json.dumps(body)
        for wrong in WRONG[number % STEP :: STEP]:
            if f'"{PLACE}":' in text and not wrong.startswith('"'):
                continue  # only a string is a name
            data = text.replace(json.dumps(PLACE), wrong).replace('"k' + "k" * 15 + '"', f'"{number:016}"')
            answer = june.client.post(path, data=data, content_type="application/json", headers=headers)
            found.add(answer.status_code)
            assert answer.status_code in (200, 404, 409, 413, 422), (kind, body, wrong[:40])
            if answer.status_code != 200:
                assert answer.json["error"]["message"], (kind, body, wrong[:40])
    assert 422 in found
    assert june.client.post(path, json=whole, headers=headers).status_code in (200, 409)
    assert june.client.get(june.trial()["links"]["data"]).status_code == 200
    assert browsers["olga"].get("/console").status_code == 200


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
        ("/console/judges/link", "olga"),
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
            ["/", "/judge", "/api/trials", static_path("css/base.css"), "/console", "/t/x/0/0_0"]
        ),
        role=roles,
    )
    def run(sent, path, role):
        check(browsers[role], "GET", path, headers=sent)

    run()
