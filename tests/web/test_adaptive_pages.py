"""A judge of an adaptive study: one list, one total, and the next pair is there when it is looked at."""

import shutil
import uuid

import pytest

from studyapp.app import create_app
from studyapp.core.judges_file import JudgeLine
from studyapp.services.ground import studies
from studyapp.services.ground.workspace import open_workspace
from studyapp.services.people import invitations
from tests.asked import ask
from tests.conftest import NOW
from tests.web.conftest import Browser

PAIRS = 9


@pytest.fixture
def judge(tiled_folder, tmp_path, monkeypatch):
    """A judge's browser in an open adaptive study, and its application's workspace."""
    monkeypatch.delenv("STUDYAPP_DATABASE_URL", raising=False)
    folder = shutil.copytree(tiled_folder, tmp_path / "study")
    ask(folder, f"kind: pairwise, design: adaptive, pairs_per_judge: {PAIRS}")
    workspace = open_workspace(folder)
    with workspace.database.writing() as session:
        (invited,) = invitations.invite_judges(
            session, workspace.key, [JudgeLine("Jude", "jude@example.org")], now=NOW
        )
        studies.open_study(session, now=NOW)
    workspace.database.close()
    app = create_app(folder)
    app.testing = True
    browser = Browser(app.test_client())
    browser.get(f"/j/{invited.token}")
    yield browser, app.extensions["studyapp"].workspace
    app.extensions["studyapp"].workspace.database.close()


def answer(browser: Browser, data: dict):
    body = {"key": str(uuid.uuid4()), "base_revision": data["ballot"]["revision"], "choice": "a"}
    browser.token = data["csrf"]
    return browser.put(data["links"]["ballot"], body)


def test_the_way_from_the_first_pair_to_the_finish(judge):
    browser, _ = judge
    listed = [line["trial"] for line in browser.client.get("/api/trials").json["trials"]]
    assert len(listed) == PAIRS
    path, seen, shapes = f"/api/trials/{listed[0]}", [], set()
    while path:
        response = browser.client.get(path)
        data = response.json
        assert browser.client.get(f"{data['slots'][0]['tiles']}/0/0_0").status_code == 200
        assert answer(browser, data).json["complete"] is True
        seen.append(data["trial"])
        shapes.add((response.status_code, data["total"], len(data["slots"]), tuple(sorted(data))))
        path = data["preload"]
    assert seen == listed
    assert shapes == {(200, PAIRS, 2, next(iter(shapes))[3])}
    browser.get("/judge/finish")
    assert [line["trial"] for line in browser.client.get("/api/trials").json["trials"]] == listed


def test_a_pair_far_ahead_can_be_opened_at_once_as_a_page_too(judge):
    browser, _ = judge
    listed = [line["trial"] for line in browser.client.get("/api/trials").json["trials"]]
    page = browser.client.get(f"/judge/trial/{listed[-1]}")
    assert page.status_code == 200
    data = browser.client.get(f"/api/trials/{listed[-1]}").json
    assert (data["position"], data["answered"], len(data["slots"])) == (PAIRS, 0, 2)


def test_after_closing_there_is_no_way_to_what_was_never_drawn(judge):
    browser, workspace = judge
    listed = [line["trial"] for line in browser.client.get("/api/trials").json["trials"]]
    data = browser.client.get(f"/api/trials/{listed[0]}").json
    answer(browser, data)
    with workspace.database.writing() as session:
        studies.close_study(session, now=NOW)
    left = [line["trial"] for line in browser.client.get("/api/trials").json["trials"]]
    assert left == listed[:3]
    assert browser.client.get(f"/judge/trial/{listed[-1]}").status_code == 409
    assert browser.client.get(f"/api/trials/{listed[2]}").json["preload"] is None
