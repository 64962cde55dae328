"""A team hands in over HTTP: in pieces, signed in or by a token; what it sees, and what it never sees."""

import base64
import hashlib
import io
import json
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta

import numpy as np
import pytest
from flask import Flask
from PIL import Image

from docs.tools import http_api
from studyapp.app import create_app
from studyapp.services.challenge import submissions, tokens
from studyapp.services.ground.site import Site
from studyapp.services.jobs.worker import Worker, Working
from studyapp.services.uploads import contents, receiving
from tests.conftest import NOW
from tests.services.challenge_site import challenge_site
from tests.services.handed_in import PHASE, TRACK, good, write_track, zipped
from tests.web.conftest import Browser
from tests.web.teams_here import led, signed_in

TIMES = "opens: 2026-01-01T00:00:00Z, closes: 2100-01-01T00:00:00Z"
CHALLENGE = f"""\
challenge:
  tracks:
    {TRACK}:
      phases:
        {PHASE}:
          {{title: Feedback, {TIMES}, counts: chosen, daily: 3}}
"""
PAGE = f"/challenge/tracks/{TRACK}/{PHASE}/submissions"
UPLOADS = f"/challenge/tracks/{TRACK}/{PHASE}/uploads"
BYTES = "application/offset+octet-stream"


@pytest.fixture
def site(tmp_path, monkeypatch) -> Iterator[Site]:
    monkeypatch.delenv("STUDYAPP_DATABASE_URL", raising=False)
    with challenge_site(tmp_path, CHALLENGE) as made:
        write_track(made)
        for name, leader in (("Night", "Ada"), ("Owl", "Bo")):
            led(made, name, leader)
        yield made


@pytest.fixture
def app(site) -> Iterator[Flask]:
    app = create_app(site.root)
    yield app
    app.extensions["studyapp"].close()


class Program:
    """A client with an access token, and no cookie."""

    def __init__(self, app: Flask, site: Site, account: int) -> None:
        with site.database.writing() as session:
            self.token = tokens.make(session, account, "laptop", NOW)
        self.client = app.test_client(use_cookies=False)

    def call(self, method: str, path: str, data: bytes | None = None, **headers: object):
        named = {name.replace("_", "-"): str(value) for name, value in headers.items()}
        sent = {"Tus-Resumable": "1.0.0", "Authorization": f"Bearer {self.token}", **named}
        return self.client.open(path, method=method, data=data, headers=sent)

    def create(self, data: bytes, name: str = "results.zip"):
        told = f"filename {base64.b64encode(name.encode()).decode()}"
        return self.call("POST", UPLOADS, Upload_Length=len(data), Upload_Metadata=told)

    def add(self, path: str, offset: int, data: bytes):
        return self.call("PATCH", path, data, Upload_Offset=offset, Content_Type=BYTES)

    def send(self, data: bytes) -> int:
        made = self.create(data)
        assert made.status_code == 201, made.text
        sent = self.add(made.headers["Location"], 0, data)
        assert sent.status_code == 204, sent.text
        return int(sent.headers["Studyapp-Submission"])

    def send_slowly(self, data: bytes, then: Callable[[], object]):
        """Send a file as one request; something happens once its first bytes are there."""
        left = [then]

        class Slow(io.BytesIO):
            def readinto(self, room):
                if self.tell() and left:
                    left.pop()()
                return super().readinto(memoryview(room)[: max(1, len(data) // 2)])

        shown = {"Tus-Resumable": "1.0.0", "Authorization": f"Bearer {self.token}"}
        head = {**shown, "Upload-Offset": "0", "Content-Type": BYTES}
        path = self.create(data).headers["Location"]
        return self.client.patch(path, input_stream=Slow(data), headers=head)


@pytest.fixture
def ada(app, site) -> Program:
    return Program(app, site, 1)


@pytest.fixture
def bo(app, site) -> Program:
    return Program(app, site, 2)


@pytest.fixture
def browser(app) -> Browser:
    """Ada, signed in."""
    return signed_in(app, "Ada")


def work(site: Site) -> None:
    while Worker(site, Working(processes=1, pause=timedelta(0))).work_once():
        pass


def test_a_zip_arrives_in_pieces_becomes_one_submission_and_is_scored(ada, site):
    data = zipped(good(1))
    path = ada.create(data).headers["Location"]
    assert ada.add(path, 0, data[:1000]).status_code == 204
    assert ada.call("HEAD", path).headers["Upload-Offset"] == "1000"
    assert ada.call("POST", f"{path}/entered").status_code == 400
    last = ada.add(path, 1000, data[1000:])
    number = int(last.headers["Studyapp-Submission"])
    again = ada.call("POST", f"{path}/entered")  # the answer to the last byte was lost
    assert again.json == {"submission": number}
    assert list(site.uploads.iterdir()) == []
    waiting = ada.call("GET", f"/challenge/api/submissions/{number}").json
    assert (waiting["state"], waiting["ahead"], waiting["score"]) == ("waiting", 0, None)
    work(site)
    done = ada.call("GET", f"/challenge/api/submissions/{number}").json
    assert (done["state"], done["number"], done["sha256"]) == ("done", 1, hashlib.sha256(data).hexdigest())
    assert isinstance(done["score"], float)
    assert done.keys() == http_api.STANDING.keys()
    assert ada.call("GET", "/challenge/api").json.keys() == http_api.CHALLENGE.keys()
    assert ada.call("GET", f"/challenge/api/tracks/{TRACK}/{PHASE}").json.keys() == http_api.WANTED.keys()


def test_what_a_team_sends_is_nobody_elses(ada, bo, site, app, browser):
    data = zipped(good(1))
    path = ada.create(data).headers["Location"]
    for method in ("HEAD", "DELETE"):
        assert bo.call(method, path).status_code == 404
    assert bo.add(path, 0, data).status_code == 404
    ada.add(path, 0, data)
    number = 1
    for address in (
        f"/challenge/api/submissions/{number}",
        f"/challenge/submissions/{number}",
        f"/challenge/submissions/{number}/images/101/small",
    ):
        assert bo.call("GET", address).status_code == 401
        stranger = app.test_client().get(address, headers={"Authorization": "Bearer none"})
        assert stranger.status_code == 401
        assert ada.call("GET", address).status_code in (200, 404)
    assert bo.call("POST", f"/challenge/submissions/{number}/withdraw").status_code == 401
    # A cookie beside a token counts for nothing, so that the token alone needs no form.
    mixed = browser.client.post(
        f"/challenge/submissions/{number}/withdraw", headers={"Authorization": "Bearer x"}
    )
    assert mixed.status_code == 401
    assert browser.client.post(f"/challenge/submissions/{number}/withdraw").status_code == 400
    with site.database.reading() as session:
        noted = tokens.of_account(session, 1)[0].used_at
    left = ada.create(data)
    with site.database.reading() as session:
        assert tokens.of_account(session, 1)[0].used_at == noted is not None, "not every request writes"
        assert contents.handed_in(session, site, TRACK) == []
        assert receiving.unfinished(session, TRACK) == []
        assert len(receiving.unfinished(session, TRACK, team=1)) == 1
    assert left.status_code == 201


def test_quota_and_deadline_are_asked_before_and_after_the_bytes(ada, site, monkeypatch):
    for seed in (1, 2):
        ada.send(zipped(good(seed)))
    first, second = (ada.create(zipped(good(seed))).headers["Location"] for seed in (3, 4))
    assert ada.add(first, 0, zipped(good(3))).status_code == 204
    refused = ada.add(second, 0, zipped(good(4)))
    assert (refused.status_code, "as much as it may today" in refused.text) == (413, True)
    assert list(site.uploads.iterdir()) == [], "what cannot count is not kept"
    assert ada.create(b"x").status_code == 413
    text = (site.root / "site.yaml").read_text()
    (site.root / "site.yaml").write_text(
        text.replace("2100-01-01", "2026-01-02").replace("daily: 3", "daily: 30")
    )
    late = ada.create(zipped(good(5)))
    assert (late.status_code, "closed at" in late.text) == (400, True)


def test_an_upload_that_begins_in_time_and_ends_after_the_phase_is_late(ada, site, monkeypatch):
    data, clock = zipped(good(1)), [datetime(2099, 12, 31, 23, 59, 59, tzinfo=UTC)]
    monkeypatch.setattr("studyapp.web.tus.now", lambda: clock[0])
    late = ada.send_slowly(data, lambda: clock.append(clock.pop() + timedelta(seconds=1)))
    assert (late.status_code, "closed at" in late.text) == (400, True)
    assert list(site.uploads.iterdir()) == []


def test_who_loses_access_while_the_bytes_travel_has_handed_in_nothing(ada, site):
    def revoke():
        with site.database.writing() as session:
            for token in tokens.of_account(session, 1):
                tokens.revoke(session, 1, token.id or 0, NOW)

    refused = ada.send_slowly(zipped(good(1)), revoke)
    assert (refused.status_code, "your access ended" in refused.text) == (400, True)
    assert list(site.uploads.iterdir()) == []
    with site.database.reading() as session:
        assert submissions.of_team(session, 1, TRACK, PHASE) == []


def test_the_pages_show_state_history_choice_and_withdrawal(ada, browser, site):
    numbers = [ada.send(zipped(good(1))), ada.send(zipped({"101.png": b"x"}))]
    page = browser.get(PAGE).text
    assert "waiting, place 1" in page
    assert "waiting, place 2" in page
    work(site)
    # In a list the end of one makes the list new, not the page, on which somebody may be uploading.
    ends = {
        query: browser.get(f"/challenge/submissions/{numbers[0]}/standing{query}").headers
        for query in ("", "?then=history")
    }
    assert "HX-Refresh" in ends[""]
    assert "HX-Refresh" not in ends["?then=history"]
    assert ends["?then=history"]["HX-Trigger"] == "submission-over"
    page = browser.get(PAGE).text
    data = json.loads(page.split('id="hand-in-data">')[1].split("</script>")[0])
    assert data["images"]["101"] == {"name": "101.png", "size": [48, 48]}
    assert "Left today: 2." in page
    failed = browser.get(f"/challenge/submissions/{numbers[1]}").text
    assert "102.png" in failed
    assert "not an image of an accepted format" in failed
    assert "–" in page.split("<tbody>")[1].split("</tr>")[0], "a failed one has no score, not 0"
    browser.get(PAGE)
    assert browser.post(f"/challenge/submissions/{numbers[1]}/choose").status_code == 409
    assert browser.post(f"/challenge/submissions/{numbers[0]}/choose").location == PAGE
    assert "chosen" in browser.get(PAGE).text
    assert browser.post(f"/challenge/submissions/{numbers[0]}/withdraw").location == PAGE
    page = browser.get(PAGE).text
    assert "withdrawn" in page
    assert "chosen" not in page
    assert not submissions.folder_of(site, numbers[0]).exists()


def test_pictures_are_of_result_and_input_and_never_of_ground_truth(ada, site):
    number = ada.send(zipped(good(1)))
    work(site)
    root = site.study_root(TRACK) / "paired"
    truth, given = ((np.asarray(Image.open(root / folder / "101.png"))) for folder in ("gt", "input"))
    changed = np.asarray(given).copy()
    changed[0, 0] ^= 1  # so that the input is not the ground truth
    Image.fromarray(changed).save(root / "input" / "101.png")
    where = f"/challenge/submissions/{number}/images/101"
    shown = {
        kind: np.asarray(Image.open(io.BytesIO(ada.call("GET", f"{where}/{kind}").data)))
        for kind in ("result", "input", "difference")
    }
    mine = np.asarray(Image.open(io.BytesIO(good(1)["101.png"])))
    assert np.array_equal(shown["result"], mine)
    assert np.array_equal(shown["input"], changed)
    wanted = np.minimum(8 * np.abs(mine.astype(int) - changed), 255)
    assert np.array_equal(shown["difference"], wanted)
    assert not any(np.array_equal(pixels, truth) for pixels in shown.values())
    for kind in ("gt", "truth", "..%2fgt", "paired"):
        assert ada.call("GET", f"{where}/{kind}").status_code == 404
    page = ada.call("GET", where)
    assert page.status_code == 200
    assert (
        "gt"
        not in page.text.replace("height", "").replace("right", "").replace("length", "").split("<main")[1]
    )
    assert ada.call("GET", f"/challenge/submissions/{number}/images/999").status_code == 404
    images = submissions.folder_of(site, number) / "images"
    (images / "101.png").rename(images / "101.b.png")
    assert ada.call("GET", f"{where}/result").status_code == 404, "that is the picture of another image"


def test_the_phase_is_over_to_the_second_for_the_page_too(ada, browser, site):
    text = (site.root / "site.yaml").read_text()
    (site.root / "site.yaml").write_text(text.replace("2100-01-01", f"{datetime.now(UTC):%Y-%m-%d}"))
    page = browser.get(PAGE).text
    assert "This phase is over." in page
    assert 'id="send"' not in page
