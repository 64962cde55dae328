"""Final results over HTTP: who may hand in, what the pages say, and what becomes of it."""

import io
from collections.abc import Iterator

import numpy as np
import pytest
from flask import Flask
from PIL import Image

from studyapp.app import create_app
from studyapp.services.ground.site import Site
from tests.conftest import write_study
from tests.services.challenge_site import challenge_site
from tests.services.handed_in import README, TRACK, zipped
from tests.web import test_challenge_submissions as over_http
from tests.web.teams_here import led, signed_in
from tests.web.test_challenge_submissions import Program, work

CHALLENGE = f"""\
challenge:
  tracks:
    {TRACK}:
      phases:
        feedback: {{title: Feedback, opens: 2026-01-01T00:00:00Z, closes: 2026-02-01T00:00:00Z}}
        final: {{title: Final, kind: final, opens: 2026-02-02T00:00:00Z, closes: 2100-01-01T00:00:00Z}}
"""
PAGE = f"/challenge/tracks/{TRACK}/final/submissions"


@pytest.fixture
def site(tmp_path, monkeypatch) -> Iterator[Site]:
    monkeypatch.delenv("STUDYAPP_DATABASE_URL", raising=False)
    monkeypatch.setattr(over_http, "UPLOADS", PAGE.replace("submissions", "uploads"))
    with challenge_site(tmp_path, CHALLENGE) as made:
        write_study(made.root / "studies" / TRACK)
        led(made, "Night", "Ada", study_team="team04")
        led(made, "Owl", "Bo")
        yield made


@pytest.fixture
def app(site) -> Iterator[Flask]:
    app = create_app(site.root)
    yield app
    app.extensions["studyapp"].close()


def results(site: Site) -> dict[str, bytes]:
    files = {"readme.txt": README.encode()}
    for path in (site.study_root(TRACK) / "input").iterdir():
        target = io.BytesIO()
        Image.fromarray(np.asarray(Image.open(path)) + np.uint8(30)).save(target, "png")
        files[path.name] = target.getvalue()
    return files


def test_a_team_of_the_cut_hands_in_what_judges_will_see_and_others_cannot(app, site):
    files = results(site)
    first = Program(app, site, 1).send(zipped({**files, "readme.txt": README.replace("0.342", "9").encode()}))
    number = Program(app, site, 1).send(zipped(files))
    bad = Program(app, site, 1).send(zipped({**files, "001.png": b"x"}))
    assert "not among those of the final phase" in Program(app, site, 2).create(zipped(files)).text
    asked = f"/challenge/api/tracks/{TRACK}/final"
    seen = [Program(app, site, number).call("GET", asked).json["images"] for number in (1, 2)]
    assert (sorted(seen[0]), seen[1]) == (["000", "001", "002", "003"], {})
    work(site)
    folder = site.study_root(TRACK) / "teams/team04"
    assert {path.name: path.read_bytes() for path in folder.iterdir()} == {
        name: data for name, data in files.items() if name != "readme.txt"
    }
    ada, bo = signed_in(app, "Ada"), signed_in(app, "Bo")
    track = f"/challenge/tracks/{TRACK}"
    told = ["your team is in the final phase" in person.get(track).text for person in (ada, bo)]
    assert told == [True, False]
    page = ada.get(PAGE).text
    assert page.count(">counts<") == 1
    assert '"003"' in page, "what is asked for"
    page = ada.get(f"/challenge/submissions/{number}").text
    assert "4; judges will see these" in page
    assert "Withdraw" not in page
    assert "4; replaced by later ones" in ada.get(f"/challenge/submissions/{first}").text
    assert "001.png" in ada.get(f"/challenge/submissions/{bad}").text
    assert ada.post(f"/challenge/submissions/{number}/withdraw").status_code == 409
    page = bo.get(PAGE).text
    assert "your team is not among those of the final phase" in page
    assert '"003"' not in page
    assert 'id="zip"' not in page
