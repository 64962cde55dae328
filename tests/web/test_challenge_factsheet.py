"""The pages of factsheets: the form and the file are one, the organisers see all of them, judges none."""

import csv
import io
from collections.abc import Iterator
from contextlib import closing

import pytest
from flask import Flask

from studyapp.app import create_app
from studyapp.services.ground.site import Site, init_site, open_site
from studyapp.study.site_file import SITE_FILE
from tests.accounts import owner_token
from tests.services.challenge_site import CHALLENGE
from tests.services.test_challenge_factsheets import WRITTEN
from tests.sqlite_alone import *  # noqa: F403
from tests.web.conftest import Browser
from tests.web.forms import fields_of
from tests.web.teams_here import led, signed_in
from tests.web.test_sites import judge_link

PAGE = "/challenge/tracks/lowlight/factsheet"
CONSOLE = "/s/lowlight/console/factsheets"


@pytest.fixture
def site(folder, tmp_path, monkeypatch) -> Iterator[Site]:
    monkeypatch.delenv("STUDYAPP_DATABASE_URL", raising=False)
    init_site(tmp_path / "site")
    (tmp_path / "site" / SITE_FILE).write_text(CHALLENGE, encoding="utf-8")
    folder.rename(tmp_path / "site" / "studies" / "lowlight")
    with closing(open_site(tmp_path / "site")) as made:
        for name, leader in (("Owls", "Ada"), ("Bats", "Bo")):
            led(made, name, leader)
        yield made


@pytest.fixture
def app(site) -> Iterator[Flask]:
    app = create_app(site.root)
    yield app
    app.extensions["studyapp"].close()


def as_typed() -> dict[str, str]:
    lines = {name: "\n".join(value) for name, value in WRITTEN.items() if isinstance(value, list)}
    return {**{name: str(value) for name, value in WRITTEN.items()}, **lines, "pretrained": "no"}


def test_the_form_and_the_file_are_one_and_every_version_stays(app):
    ada, bo = signed_in(app, "Ada"), signed_in(app, "Bo")
    assert f'href="{PAGE}"' in ada.get("/challenge/tracks/lowlight").text
    page = ada.get(PAGE).text
    shown = fields_of(page, "factsheet")
    assert (shown["team"], shown["leader"], shown["over"]) == ("Owls", "Ada", "0")
    wrong = ada.post(PAGE, **{**shown, **as_typed(), "runtime_s": "fast", "code": "ftp://x"})
    assert wrong.status_code == 422
    assert "must be a number (it is &#39;fast&#39;)" in wrong.text
    assert wrong.text.count('aria-invalid="true"') == 2
    kept = fields_of(wrong.text, "factsheet")
    assert (kept["runtime_s"], kept["method"].split("\r\n")[0]) == (
        "fast",
        "First: a U-Net.\n\n  Then & a loss of 50 %.",
    )
    long = "夜" * 20_000  # 180 KB as a form sends it
    assert ada.post(PAGE, **{**kept, "runtime_s": "0.25", "code": "", "method": long}).status_code == 302
    assert "Saved as version 1." in ada.get(f"{PAGE}?saved=1").text
    file = ada.get(f"{PAGE}/1.yaml")
    assert long in file.text
    changed = file.text.replace(long, "<b>short</b>").encode()
    sent = {"file": (io.BytesIO(changed), "facts.yaml"), "over": "1"}
    assert ada.post(f"{PAGE}/upload", **sent).location == f"{PAGE}?saved=1"
    stale = ada.post(PAGE, **{**kept, "runtime_s": "3", "code": ""})
    assert stale.status_code == 409
    assert "Ada saved version 2 meanwhile" in stale.text
    assert fields_of(stale.text, "factsheet")["over"] == "2"
    newest = ada.get(PAGE).text
    assert "complete" in newest
    assert "&lt;b&gt;short&lt;/b&gt;" in ada.get(f"{PAGE}/2").text
    assert long in ada.get(f"{PAGE}/1").text
    assert ada.get(f"{PAGE}/3").status_code == 404
    bad = ada.post(f"{PAGE}/upload", file=(io.BytesIO(b"runtime_s: [1]\ncolour: red"), "f.yaml"), over="2")
    assert (bad.status_code, "<code>colour</code>: is not known here" in bad.text) == (422, True)
    for address in ("/1", "/1.yaml", "/2"):
        assert bo.get(f"{PAGE}{address}").status_code == 404
    assert "nothing saved yet" in bo.get(PAGE).text
    assert Browser(app.test_client()).get(PAGE).status_code == 401
    assert ada.get(CONSOLE).status_code == 404


def test_organisers_see_what_is_missing_and_judges_see_nothing(app, site):
    ada = signed_in(app, "Ada")
    ada.get(PAGE)
    assert ada.post(PAGE, over="0", **{**as_typed(), "flops_g": ""}).status_code == 302
    owner = Browser(app.test_client())
    owner.get(f"/o/{owner_token(site.root)}")
    assert "1 of 2 teams have one, 0 are complete" in owner.get(CONSOLE).text
    listed = owner.get(CONSOLE).text.split("<tbody>")[1]
    assert listed.index("missing") < listed.index("incomplete"), "Bats, then Owls"
    assert "First: a U-Net." in owner.get(f"{CONSOLE}/1?version=1").text
    assert "First: a U-Net." in owner.get(f"{CONSOLE}/all").text
    assert owner.get(f"{CONSOLE}/2").status_code == owner.get(f"{CONSOLE}/1?version=2").status_code == 404
    rows = list(
        csv.DictReader(io.StringIO(owner.get(f"{CONSOLE}/factsheets.csv").text.removeprefix("\ufeff")))
    )
    assert [row["team"] for row in rows] == ["", "Night & Owls_2"]
    assert r"Night \& Owls\_2" in owner.get(f"{CONSOLE}/factsheets.tex").text
    (site.study_root("lowlight") / "measures.csv").write_text("team,params_m\nteam01,x\n", encoding="utf-8")
    assert "measures" in owner.get(CONSOLE).text.split('role="alert"')[1].split("</div>")[0]
    assert owner.get(f"{CONSOLE}/factsheets.csv").status_code == 400
    judge = Browser(app.test_client())
    token = judge_link(site, "lowlight", "Jude")
    judge.get(f"/s/lowlight/j/{token}")
    judge.post(f"/s/lowlight/j/{token}")
    for address in (PAGE, f"{PAGE}/1", CONSOLE, f"{CONSOLE}/1", f"{CONSOLE}/factsheets.csv"):
        assert judge.get(address).status_code in (401, 404)
    own = judge.get("/s/lowlight/").text
    assert "Owls" not in own
    assert "actsheet" not in own
