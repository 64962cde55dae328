"""The pages of results: sealed before closing; then numbers, answers and files, and how each came about."""

import io
import json
import re
import zipfile
from urllib.parse import urljoin

import pytest

from studyapp.app import create_app
from studyapp.services.ground.ledger import closing_digest
from studyapp.services.ground.new_study import begin_study
from studyapp.services.ground.workspace import init_folder
from studyapp.services.results.ranking import rank_study
from studyapp.services.voting import lifecycle
from studyapp.web.console import ranking_view
from tests.conftest import NOW
from tests.services.test_looking_tables import leave, looked
from tests.services.voting import cast_all, close
from tests.sqlite_alone import database_url  # noqa: F401 (the same on every database)
from tests.web.conftest import Browser, owner_token
from tests.web.forms import fields_of
from tests.web.jobs_here import do_jobs

TOKEN = r'name="csrf_token" value="[^"]*"'
SEALED = (
    "ranking",
    "ranking/team01",
    "reasons",
    "ballots",
    "looking",
    "compare",
    "compare/images/1/index.html",
    "compare/tiles/1/1/0/0_0.webp",
    "report",
    "files/votes.csv",
    "files.zip",
)


@pytest.fixture
def closed(workspace, links):
    cast_all(workspace, "Jude", "June")
    close(workspace)
    return workspace


@pytest.mark.parametrize("path", SEALED)
def test_nothing_of_results_is_shown_while_judges_vote(olga, workspace, path):
    cast_all(workspace, "Jude", "June")
    answer = olga.get(f"/console/{path}")
    assert answer.status_code == 409
    assert "Toms team" not in answer.text
    assert olga.post("/console/export").status_code in (400, 409)


def test_a_ranking_has_plot_groups_and_notes_of_the_ledger(olga, closed):
    with closed.database.writing() as session:
        lifecycle.disqualify_team(session, "team04", "late", now=NOW)
        lifecycle.withdraw_judge(session, "june@example.org", "asked to", now=NOW)
    page = olga.get("/console/ranking").text
    notes = page[page.index("Before you read the results") : page.index("</section>")]
    assert "Fourth wall is disqualified" in notes
    assert "judge02 is withdrawn" in notes
    assert len(re.findall(r'<svg class="interval"', page)) == 3
    assert ">Group</th>" in page
    assert "style=" not in page
    assert olga.get("/console/ranking/team04").status_code == 404


def test_every_final_score_explains_itself(olga, closed):
    page = olga.get("/console/ranking/team02").text
    assert "100*minmax(u)" in page
    ((share, value),) = re.findall(r"<code>100 \* ([\d.]+) = ([\d.]+)</code>", page)
    assert 100 * float(share) == pytest.approx(float(value), rel=1e-5)
    ranking = olga.get("/console/ranking").text
    row = next(part for part in ranking.split("<tr>") if "/ranking/team02" in part)
    assert f"{float(value):.2f}" in row
    assert "bootstrap resamples" in page
    with closed.database.reading() as session:
        assert f'<code class="hash">{closing_digest(session)}</code>' in page
    assert 'href="/console/ballots?team=team02"' in page


def test_ballots_are_filtered_sorted_and_those_of_judges_who_count(olga, closed):
    everything = olga.get("/console/ballots").text
    assert "24 rows" in everything
    assert "jude@example.org" not in everything
    some = olga.get("/console/ballots?judge=judge01&image=002").text
    assert "4 rows" in some
    rows = re.findall(r"<tr><td>(judge\d\d)</td><td>(\d+)</td>", some)
    assert rows == [("judge01", "002")] * 4
    assert 'aria-sort="descending"' in olga.get("/console/ballots?sort=-rank").text
    assert "No answer fits" in olga.get("/console/ballots?judge=judge01&team=nobody").text


def test_a_ranking_is_computed_again_only_when_something_changed(olga, closed, monkeypatch):
    made = []

    def counted(session, workspace):
        made.append(1)
        return rank_study(session, workspace)

    monkeypatch.setattr(ranking_view, "rank_study", counted)
    first, second = (olga.get("/console/ranking").text for _ in range(2))
    assert re.sub(TOKEN, "", second) == re.sub(TOKEN, "", first)
    olga.get("/console/ranking/team01")
    assert len(made) == 1
    with closed.database.writing() as session:
        lifecycle.disqualify_team(session, "team04", "late", now=NOW)
    assert "Fourth wall is disqualified" in olga.get("/console/ranking").text
    assert len(made) == 2


def test_the_report_is_in_the_page_and_every_file_in_one_archive(olga, app, closed):
    page = olga.get("/console/report")
    assert "iframe" not in page.text
    assert olga.post("/console/export").status_code == 302
    assert do_jobs(app) == ["done"]
    page = olga.get("/console/report")
    assert '<iframe class="report" src="/console/files/report.html"' in page.text
    assert "frame-src 'self'" in page.headers["Content-Security-Policy"]
    with olga.client.get("/console/files/report.html") as report:
        assert "frame-ancestors 'self'" in report.headers["Content-Security-Policy"]
        assert report.headers["X-Frame-Options"] == "SAMEORIGIN"
    with olga.client.get("/console/files.zip") as answer:
        archive = zipfile.ZipFile(io.BytesIO(answer.data))
    there = {path.name for path in closed.folders.exports.iterdir() if path.is_file()}
    assert {name.removeprefix("exports/") for name in archive.namelist()} >= there
    assert "BT.500" in page.text
    folder = closed.folders.exports
    (folder / "metrics_against_judges.csv").write_text(
        "metric,level,measure,value\npsnr,team,srocc,0.81234\n"
    )
    assert re.search(r"<td>psnr</td>.*<td>0.812</td>", olga.get("/console/report").text)


def test_a_map_shows_where_judges_looked_and_who_for_how_long(olga, workspace, links):
    cast_all(workspace, "Jude", "June")
    leave(workspace, "Jude", looked("a", 9.0, spot=21))
    leave(workspace, "Jude", looked("b", 3.0, spot=0))
    close(workspace)
    (image,) = re.findall(r"<option selected>(\d+)</option>", olga.get("/console/looking").text)
    page = olga.get(f"/console/looking?image={image}").text
    assert f'<image href="/console/regions/{image}/t/0/0_0"' in page
    assert page.count("<rect ") == 2
    # 60 pixels are 640 wide, cells have 3: cell 21 is the second of the second row.
    assert '<rect x="32.0" y="32.0" width="32.0" height="32.0" fill-opacity="0.85"><title>9.0 s' in page
    assert "the darkest cell is 9.0 s" in page
    assert re.search(r"<td>judge01</td><td class=\"number\">12</td>", page)


def test_candidates_are_compared_as_on_a_published_site(olga, closed):
    with closed.database.writing() as session:
        lifecycle.disqualify_team(session, "team04", "late", now=NOW)
    first = olga.get("/console/compare?image=002")
    assert first.status_code == 302
    address = first.headers["Location"]
    page = olga.get(address).text
    told = json.loads(re.findall(r'id="published">(.*?)</script>', page, re.DOTALL)[0])
    assert told["image"] == "002"
    assert {one["team"] for one in told["candidates"]} == {"team01", "team02", "team03"}
    for one in (told["input"], *told["candidates"]):
        tile = olga.client.get(urljoin(address, f"{one['base']}/0/0_0.webp"))
        assert tile.data[8:16] == b"WEBPVP8L"
    assert olga.get(urljoin(address, told["previous"] or told["next"])).status_code == 200
    for nothing in ("images/9/index.html", "tiles/1/9/0/0_0.webp", "tiles/1/1/7/0_0.webp"):
        assert olga.get(f"/console/compare/{nothing}").status_code == 404


def test_verifying_is_a_job_with_its_findings_as_a_table(olga, app, closed):
    olga.get("/console/proof")
    assert olga.post("/console/proof", kind="verify").status_code == 302
    assert "hx-get" in olga.get("/console/proof").text
    assert do_jobs(app) == ["done"]
    page = olga.get("/console/proof").text
    assert "Everything matches." in page
    assert re.search(r"<td>second record</td><td><span class=\"badge good\">ok</span>", page)
    assert olga.post("/console/proof", kind="tile").status_code == 404


def test_pages_of_a_study_without_images_say_what_is_missing(tmp_path):
    root = tmp_path / "study"
    init_folder(root, kind="top_k", title="Summer", with_teams=False)
    begin_study(root)
    app = create_app(root)
    app.testing = True
    person = Browser(app.test_client())
    person.get(f"/o/{owner_token(root)}")
    for path in (*(path for path in SEALED if not path.startswith("files")), "proof"):
        answer = person.get(f"/console/{path}")
        assert (answer.status_code, "No ranking yet" in answer.text) == (409, True), path
    assert "Nothing to do here yet" in person.get("/console/actions").text
    form = fields_of(person.get("/console/rules").text, "rules")
    form.pop("csrf_token")
    assert person.post("/console/rules", **{**form, "kind": "pairwise"}).status_code == 302
    assert "kind: pairwise" in (root / "study.yaml").read_text()
    app.extensions["studyapp"].workspace.database.close()
