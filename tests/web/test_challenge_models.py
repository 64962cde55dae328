"""The pages of models: a team hands one in over HTTP, an organiser has it measured, the team is told."""

import base64
import json
from collections.abc import Iterator
from contextlib import closing

import pytest
from flask import Flask

from studyapp.app import create_app
from studyapp.services.ground.site import Site, init_site, open_site
from studyapp.services.paired import measuring
from studyapp.study.site_file import SITE_FILE
from tests.accounts import owner_token
from tests.services.challenge_site import CHALLENGE
from tests.services.handed_in import zipped
from tests.services.test_challenge_models import GOOD, failing
from tests.sqlite_alone import *  # noqa: F403
from tests.web.conftest import Browser
from tests.web.jobs_here import do_jobs
from tests.web.teams_here import led, signed_in

OPEN = CHALLENGE.replace(
    "opens: 2026-03-11T00:00:00Z, closes: 2026-03-20", "opens: 2026-03-11T00:00:00Z, closes: 2099-03-20"
)
PAGE = "/challenge/tracks/lowlight/final/model"
UPLOADS = "/challenge/tracks/lowlight/final/uploads"
CONSOLE = "/s/lowlight/console/models"


@pytest.fixture
def site(folder, tmp_path, monkeypatch) -> Iterator[Site]:
    monkeypatch.delenv("STUDYAPP_DATABASE_URL", raising=False)
    init_site(tmp_path / "site")
    (tmp_path / "site" / SITE_FILE).write_text(OPEN, encoding="utf-8")
    folder.rename(tmp_path / "site" / "studies" / "lowlight")
    with closing(open_site(tmp_path / "site")) as made:
        led(made, "Owls", "Ada", study_team="team01")
        led(made, "Bats", "Bo", study_team="team02")
        yield made


@pytest.fixture
def app(site) -> Iterator[Flask]:
    app = create_app(site.root)
    yield app
    app.extensions["studyapp"].close()


def send(browser, data) -> int:
    """Send a model as the page does."""
    browser.get(PAGE)
    told = ",".join(
        f"{key} {base64.b64encode(word).decode()}"
        for key, word in (("filename", b"m.zip"), ("kind", b"code"))
    )
    headers = {"Tus-Resumable": "1.0.0", "X-CSRFToken": browser.token}
    made = browser.client.post(
        UPLOADS, headers={**headers, "Upload-Length": str(len(data)), "Upload-Metadata": told}
    )
    sent = browser.client.patch(
        made.headers["Location"], data=data,
        headers={**headers, "Upload-Offset": "0", "Content-Type": "application/offset+octet-stream"},
    )  # fmt: skip
    assert sent.status_code == 204, sent.text
    return int(sent.headers["Studyapp-Submission"])


def test_a_model_is_handed_in_and_measured_when_an_organiser_asks(app, monkeypatch):
    monkeypatch.setattr(measuring, "measure_models", failing)
    ada, bo, owner = signed_in(app, "Ada"), signed_in(app, "Bo"), Browser(app.test_client())
    owner.get(f"/o/{owner_token(app.extensions['studyapp'].site.root)}")
    assert f'href="{PAGE}"' in ada.get("/challenge/tracks/lowlight").text
    data = json.loads(ada.get(PAGE).text.split('id="hand-in-data">')[1].split("</script>")[0])
    assert (data["kind"], data["uploads"]) == ("code", UPLOADS)
    wrong, number = send(ada, zipped({"net.py": b""})), send(ada, zipped(GOOD))
    assert do_jobs(app) == ["failed", "done"]
    assert "pack the repository as NTIRE has it" in ada.get(f"/challenge/submissions/{wrong}").text
    page = ada.get(PAGE).text
    assert "not measured yet" in page
    assert page.count(">counts<") == 1
    assert "None is run before you ask for it." in owner.get(CONSOLE).text
    owner.get(CONSOLE)
    assert owner.post(f"{CONSOLE}/{wrong}/measure").status_code == 409
    assert ada.post(f"{CONSOLE}/{number}/measure").status_code in (400, 404)
    assert do_jobs(app) == [], "nothing was run"
    assert owner.post(f"{CONSOLE}/{number}/measure").status_code == 302
    assert "waits to be measured" in ada.get(PAGE).text
    assert do_jobs(app) == ["done"]
    told = ada.get(f"/challenge/submissions/{number}").text
    assert "the end of the log of models/team01" in told
    assert "measuring failed" in owner.get(CONSOLE).text
    old = "has other costs of this team"
    costs = app.extensions["studyapp"].site.study_root("lowlight") / "measures.csv"
    costs.write_text("team,params_m,flops_g,time_ms\nteam01,1,2,3\n", encoding="utf-8")
    assert old not in owner.get(CONSOLE).text
    send(ada, zipped({**GOOD, "README.md": b"2"}))
    assert do_jobs(app) == ["done"]
    assert old in owner.get(CONSOLE).text
    assert bo.get(f"/challenge/submissions/{number}").status_code == 404
    assert "Nothing handed in yet" in bo.get(PAGE).text
    assert ada.get(PAGE.replace("final", "feedback")).status_code == 404
