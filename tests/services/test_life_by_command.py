"""A study's life by the command line: each verb says what it did, and ends with 1 where it should."""

import json

import pytest
from click.testing import CliRunner

from studyapp.cli import main
from studyapp.services.ground.workspace import open_workspace
from tests.services.voting import cast_all

REASON = ["--reason", "agreed by the jury"]


@pytest.fixture
def studyapp(folder, monkeypatch):
    """Run a verb on the study; return its exit status and what it said."""
    monkeypatch.delenv("STUDYAPP_DATABASE_URL", raising=False)

    def run(verb: str, *arguments: str, status: int = 0) -> str:
        answer = CliRunner().invoke(main, [verb, str(folder), *arguments])
        assert answer.exit_code == status, answer.output
        return answer.output

    return run


@pytest.fixture
def opened(folder, studyapp, tmp_path) -> None:
    """Invite Jude and Tess, who tests, and open the study."""
    judges = tmp_path / "judges.csv"
    judges.write_text("name,email,test\nJude,jude@example.org,\nTess,tess@example.org,yes\n")
    assert "2 invited" in studyapp("invite", str(judges))
    assert "commitment: " in studyapp("open")


def vote(folder) -> None:
    workspace = open_workspace(folder)
    cast_all(workspace, "Jude", "Tess")
    workspace.database.close()


def test_from_opening_to_a_verified_export(studyapp, opened, folder, tmp_path):
    vote(folder)
    assert "paused" in studyapp("pause")
    assert "the study is open, to" not in studyapp("pause", status=2)
    assert "open again" in studyapp("resume")
    status = json.loads(studyapp("status", "--format", "json"))
    assert (status["state"], status["complete"], len(status["commitment"])) == ("open", 3, 64)
    assert "Tess <tess@example.org> (test)" in studyapp("status")
    assert "sealed" in studyapp("rank", status=2)
    assert "everything matches" in studyapp("verify")
    assert "digest" in studyapp("backup", str(tmp_path / "a.backup"))
    assert "no longer count" in studyapp("withdraw-judge", "tess@example.org", *REASON)
    assert "excluded from the results" in studyapp("disqualify-team", "team01", *REASON)
    digest = studyapp("close").split("study digest: ")[1].strip()
    assert digest in studyapp("status")
    assert "Toms team is disqualified" in studyapp("rank")
    studyapp("export", "--anonymous")
    notes = json.loads((folder / "var" / "anonymous" / "notes.json").read_text(encoding="utf-8"))
    withdrawn, disqualified = (line.split(" (") for line in notes["lines"][:2])
    assert withdrawn[0] in ("tester01 is withdrawn", "tester02 is withdrawn")
    assert withdrawn[1].endswith(")"), "why is nobody's business"
    assert disqualified[0] == "Toms team is disqualified"
    assert disqualified[1].endswith(f"): {REASON[1]}")
    assert "everything matches" in studyapp("verify")
    assert "in the results again" in studyapp("disqualify-team", "team01", *REASON, "--undo")
    found = studyapp("verify", status=1)
    assert "lacks study, event 11 (reinstated): run" in found, "the export is of before"
    studyapp("export")
    assert "everything matches" in studyapp("verify")


def test_an_amendment_is_numbered(studyapp, opened, folder):
    assert "nothing to amend" in studyapp("amend", *REASON, status=2)
    path = folder / "study.yaml"
    path.write_text(path.read_text().replace("title: Spring", "title: Autumn"))
    assert "amendment 1: title" in studyapp("amend", *REASON)
    assert "amendment 1 (title): agreed by the jury" in studyapp("status")
    assert "Missing option '--reason'" in studyapp("amend", status=2)


def test_the_doctor_adds_what_is_missing_and_names_what_is_lost(studyapp, opened, folder):
    vote(folder)
    journal = folder / "var" / "votes.jsonl"
    lines = journal.read_text().splitlines()
    journal.write_text("\n".join(lines[:-2]) + "\n" + lines[-1][:30])
    assert "lacks 2 events" in studyapp("verify", status=1)
    assert "2 lines added, 1 half-written" in studyapp("doctor")
    assert "everything matches" in studyapp("verify")
    lost = json.loads(lines[-1])
    lost["body"]["sequence"] = 99
    journal.write_text(journal.read_text() + json.dumps(lost) + "\n")
    assert "not in the database: test01, event 99" in studyapp("doctor", status=1)


def test_unsealing_needs_a_reason_and_shows_an_interim_ranking(studyapp, opened, folder):
    vote(folder)
    assert "Missing option" in studyapp("unseal", status=2)
    assert "now visible to organisers" in studyapp("unseal", *REASON)
    assert "INTERIM" in studyapp("rank")
    studyapp("export")
    assert not (folder / "var" / "exports" / "opening.json").exists(), "the key is revealed by closing alone"
