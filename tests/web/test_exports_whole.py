"""An export is there whole or not at all, and can be made again at any time: on the page and by command."""

import errno
import io
import json
import os
import re
import zipfile
from collections import Counter
from html import unescape
from pathlib import Path

import pytest
from click.testing import CliRunner

from analysis.verify import Published, verify_export
from studyapp.cli import main
from studyapp.services.results.export_readme import LEFT_OUT
from studyapp.services.voting import lifecycle
from tests.conftest import NOW
from tests.services.voting import cast_all, close
from tests.web.jobs_here import do_jobs

BUTTON = "Create tables and report"
PAGE = "/console/report"


@pytest.fixture
def database_url(monkeypatch) -> None:
    monkeypatch.delenv("STUDYAPP_DATABASE_URL", raising=False)


@pytest.fixture
def closed(workspace, links):
    cast_all(workspace, "Jude", "June")
    close(workspace)
    return workspace


def exported(person, app) -> list[str]:
    """Press the button, and let a worker do it."""
    assert person.post("/console/export").status_code == 302
    return do_jobs(app)


def contents(folder: Path) -> dict[str, bytes]:
    return {path.name: path.read_bytes() for path in folder.iterdir()} if folder.exists() else {}


def full_disk(patch: pytest.MonkeyPatch, name: str) -> None:
    """Let there be no space for one of the files."""
    replace = os.replace

    def refuse(source: Path, target: Path) -> None:
        if Path(target).name == name:
            raise OSError(errno.ENOSPC, "No space left on device")
        replace(source, target)

    patch.setattr(os, "replace", refuse)


def misfits(folder: Path, published: Published | None = None) -> dict[str, str]:
    return {item.check: item.message for item in verify_export(folder, published) if item.verdict == "wrong"}


def test_a_failed_export_leaves_the_page_its_button_and_a_word_why(closed, olga, app, monkeypatch):
    folder = closed.folders.exports
    olga.get(PAGE)
    with monkeypatch.context() as patch:
        full_disk(patch, "ranking.tex")
        assert exported(olga, app) == ["failed"]
    text = olga.get(PAGE).get_data(as_text=True)
    assert "the disk is full; free some space and try again" in text
    assert BUTTON in text
    assert contents(folder) == {}
    assert exported(olga, app) == ["done"]
    first = contents(folder)
    page = olga.get(PAGE).get_data(as_text=True)
    assert "Update tables and report" in page
    assert "The ledger has grown" not in page
    with closed.database.writing() as session:
        lifecycle.disqualify_team(session, "team01", "late", now=NOW)
    with monkeypatch.context() as patch:
        full_disk(patch, "ranking.tex")
        assert CliRunner().invoke(main, ["export", str(closed.folders.root)]).exit_code == 2
    assert contents(folder) == first, "the earlier export stays whole"
    assert "The ledger has grown" in olga.get(PAGE).get_data(as_text=True)
    (folder / "notes.txt").write_text("of my own")
    assert exported(olga, app) == ["done"]
    assert b"team01" not in (folder / "ranking.csv").read_bytes()
    assert misfits(folder) == {"manifest": "notes.txt is not part of this export; remove it from the folder"}
    (folder / "notes.txt").unlink()
    assert misfits(folder) == {}
    assert [path.name for path in closed.folders.exporting.iterdir()] == [".lock"]


def test_a_report_that_fails_in_part_is_exported_with_a_word_why(closed, olga, app, monkeypatch):
    """Notes and audit say what happened; the part that failed is named on the page and by command."""
    with closed.database.writing() as session:
        lifecycle.disqualify_team(session, "team01", "late", now=NOW)
    with monkeypatch.context() as patch:
        patch.setattr("analysis.report.write.to_pdf", lambda _: 1 / 0)
        answer = CliRunner().invoke(main, ["export", str(closed.folders.root)])
    assert answer.exit_code == 1
    assert "incomplete: report.pdf failed (ZeroDivisionError: division by zero)" in answer.stderr
    page = olga.get("/console/ranking").get_data(as_text=True)
    assert "The report is incomplete: report.pdf failed" in page
    assert "report.pdf" not in contents(closed.folders.exports)
    assert misfits(closed.folders.exports) == {}
    notes = json.loads((closed.folders.exports / "notes.json").read_text())
    assert notes["disqualified"] == ["team01"]
    assert notes["images"] == 3
    html = (closed.folders.exports / "report.html").read_text()
    assert "is disqualified (" in html.split("<nav")[0]
    assert "left the votes (disqualified)" in html
    assert "is disqualified (" in (closed.folders.exports / "ranking.tex").read_text()
    olga.get(PAGE)
    assert exported(olga, app) == ["done"]
    assert "not complete" not in olga.get("/console/ranking").get_data(as_text=True)
    assert "report.pdf" in contents(closed.folders.exports)


def test_team_sheets_are_written_and_sent_as_one_zip(closed, olga, app):
    """Once the ledger has grown, the page says that they are of before."""
    assert olga.client.get("/console/team-sheets.zip").status_code == 404
    assert "Write team sheets" in olga.get(PAGE).get_data(as_text=True)
    assert olga.post("/console/team-sheets").status_code == 302
    assert do_jobs(app) == ["done"]
    page = olga.get(PAGE).get_data(as_text=True)
    assert "Download all team sheets" in page
    assert "since these sheets were written" not in page
    with olga.client.get("/console/team-sheets.zip") as answer:
        names = zipfile.ZipFile(io.BytesIO(answer.data)).namelist()
        assert "team-sheets/index.csv" in names
        assert Counter(Path(name).suffix for name in names) == {".csv": 1, ".html": 4, ".pdf": 4}
    with closed.database.writing() as session:
        lifecycle.disqualify_team(session, "team01", "late", now=NOW)
    assert "since these sheets were written" in olga.get(PAGE).get_data(as_text=True)
    assert olga.post("/console/team-sheets").status_code == 302
    assert do_jobs(app) == ["done"]
    folder = closed.folders.team_sheets
    pages = {path.name: path.read_text("utf-8") for path in folder.glob("*.html")}
    assert len(pages) == 4
    assert {path.name for path in folder.iterdir()} == {Path(name).name for name in names}
    [out] = [page for page in pages.values() if "is not in the ranking; ask the organisers why" in page]
    assert "is disqualified (" in out
    assert sum("another team is disqualified (" in page for page in pages.values()) == 3


def test_the_page_makes_an_anonymous_copy_and_the_formats_of_other_tools(closed, olga, app):
    for name in ("anonymous", "forms"):
        assert olga.client.get(f"/console/{name}.zip").status_code == 404
    olga.get(PAGE)
    assert olga.post("/console/anonymous").status_code == 302
    assert do_jobs(app) == ["failed"]
    assert "there is no export to make a copy of" in olga.get(PAGE).get_data(as_text=True)
    assert exported(olga, app) == ["done"]
    for name in ("anonymous", "forms"):
        assert olga.post(f"/console/{name}").status_code == 302
    assert do_jobs(app) == ["done", "done"]
    page = olga.get(PAGE).get_data(as_text=True)
    assert page.count("Download as zip") == 2
    assert str(LEFT_OUT) in unescape(page)
    assert "<td>wide</td>" in page
    about = re.findall(r'<tr><td><a href="/console/files/[^"]+">([^<]+)</a></td><td>([^<]*)</td>', page)
    assert dict(about)["columns.csv"] == "what every column of every table means, with its unit"
    assert len(about) > 15
    assert all(text for _, text in about), "each file says what it is"
    assert "left out because wide cannot hold them: " in page
    files = {name: unzipped(olga, name) for name in ("anonymous", "forms")}
    assert {"votes.csv", "README.md", "tables.xlsx"} <= set(files["anonymous"])
    readme = " ".join(files["anonymous"]["README.md"].decode().split())
    assert str(LEFT_OUT) in readme
    assert not [name for name, data in files["anonymous"].items() if b"judge01" in data]
    answers = {"form.csv", "wide.csv", "picks.csv", "ranking-matrix.csv"}
    assert set(files["forms"]) == {
        "README.md", *answers, *(f"codabench/team0{n}/scores.json" for n in range(1, 5))
    }  # fmt: skip
    with closed.database.writing() as session:
        lifecycle.disqualify_team(session, "team01", "late", now=NOW)
    page = olga.get(PAGE).get_data(as_text=True)
    assert page.count("since this was made") == 2
    assert "Make the copy again" not in page, "the export has to be made first"
    assert olga.post("/console/anonymous").status_code == 302
    assert olga.post("/console/forms").status_code == 302
    assert do_jobs(app) == ["failed", "done"]
    assert "the ledger has grown since the export was made" in olga.get(PAGE).get_data(as_text=True)
    now = unzipped(olga, "forms")
    assert "is disqualified (" in now["README.md"].decode()
    assert "codabench/team01/scores.json" not in now


def unzipped(person, name: str) -> dict[str, bytes]:
    with person.client.get(f"/console/{name}.zip") as answer:
        archive = zipfile.ZipFile(io.BytesIO(answer.data))
    return {one.removeprefix(f"{name}/"): archive.read(one) for one in archive.namelist()}


def test_every_file_of_an_export_is_noticed_when_it_changes(closed):
    answer = CliRunner().invoke(main, ["export", str(closed.folders.root)])
    folder = closed.folders.exports
    honest = contents(folder)
    told = answer.output.split("SHA-256 of this export's manifest: ")[1][:64]
    assert misfits(folder, Published(manifest=told)) == {}
    for name, data in honest.items():
        for change in (data + b" ", data[:-1], None):
            (folder / name).unlink() if change is None else (folder / name).write_bytes(change)
            try:
                found = set(misfits(folder, Published(manifest=told)))
            except Exception as error:  # a ledger that cannot be read is refused as a whole
                found = {str(error)}
            assert found, f"{name} changed unnoticed"
        (folder / name).write_bytes(data)
    manifest = json.loads(honest["manifest.json"])
    for key, value in manifest.items():
        forged = manifest | {key: [] if isinstance(value, list) else {} if isinstance(value, dict) else "x"}
        (folder / "manifest.json").write_text(json.dumps(forged))
        assert "manifest" in misfits(folder), key
