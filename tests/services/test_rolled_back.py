"""A database put back to an older state: nothing goes on with it unless somebody says so."""

import json
import os
import shutil
from pathlib import Path

import pytest
from click.testing import CliRunner

from analysis.cli import main as analysis_main
from studyapp.app import create_app
from studyapp.cli import main
from studyapp.errors import StudyError
from studyapp.services.ground.workspace import open_workspace
from tests.services.voting import cast, cast_all, close


def run(*arguments: object):
    return CliRunner().invoke(main, [str(item) for item in arguments])


def put_back(workspace, *, after) -> None:
    """Let something happen, and then put the database back to what it was before."""
    workspace.database.close()
    database = workspace.folders.database
    files = [database, *(database.with_name(database.name + end) for end in ("-wal", "-shm"))]
    older = {file: file.read_bytes() for file in files if file.exists()}
    after()
    workspace.database.close()
    for file in files:
        file.unlink(missing_ok=True)
        if file in older:
            file.write_bytes(older[file])


@pytest.fixture
def database_url(monkeypatch) -> None:
    monkeypatch.delenv("STUDYAPP_DATABASE_URL", raising=False)


@pytest.fixture
def rolled_back(workspace, links) -> Path:
    """A study whose database lost June's only ballot."""
    cast_all(workspace, "Jude")
    put_back(workspace, after=lambda: cast(workspace, "June", 1, 1, 2, 3))
    return workspace.folders.root


VERBS = (
    ["serve", "close", "rank", "export", "pause"],
    [["invite", "judges.csv"], ["amend", "--reason", "so"], ["disqualify-team", "team01", "--reason", "so"]],
)


@pytest.mark.parametrize("verb", [[verb] for verb in VERBS[0]] + VERBS[1], ids=lambda verb: verb[0])
def test_no_verb_goes_on_with_it(verb, rolled_back, monkeypatch):
    monkeypatch.chdir(rolled_back)
    (rolled_back / "judges.csv").write_text("name,email\nJack,jack@example.org\n")
    before = (rolled_back / "var" / "votes.jsonl").read_bytes()
    answer = run(verb[0], rolled_back, *verb[1:])
    assert answer.exit_code == 2
    assert "lacks an event that votes.jsonl has: judge02, event 1." in answer.output
    assert "--accept-loss" in answer.output
    assert (rolled_back / "var" / "votes.jsonl").read_bytes() == before


def test_a_server_does_not_start_on_it(rolled_back):
    with pytest.raises(StudyError, match="judge02, event 1"):
        create_app(rolled_back)


def test_going_on_is_an_event_that_the_ranking_tells(rolled_back):
    answer = run("close", rolled_back, "--accept-loss")
    assert answer.exit_code == 0, answer.output
    assert "judge02, event 1" in answer.output
    told = [
        json.loads(line)["body"] for line in (rolled_back / "var" / "votes.jsonl").read_text().splitlines()
    ]
    (lost,) = [body["lost"] for body in told if body.get("kind") == "loss-accepted"]
    assert [event[:2] for event in lost] == [["judge02", 1]]
    ranked = run("rank", rolled_back)
    assert "1 recorded event was lost, from judge02" in ranked.output
    assert run("export", rolled_back).exit_code == 0
    verified = run("verify", rolled_back)
    assert verified.exit_code == 0, verified.output
    assert "1 whose loss was accepted" in verified.output


@pytest.fixture
def receipts(tmp_path, monkeypatch) -> Path:
    folder = tmp_path / "elsewhere"
    folder.mkdir()
    monkeypatch.setenv("STUDYAPP_RECEIPTS_DIR", str(folder))
    return folder


def test_receipts_elsewhere_tell_when_both_records_are_put_back(receipts, workspace, links):
    cast_all(workspace, "Jude")
    older = workspace.folders.journal.read_bytes()
    put_back(workspace, after=lambda: cast(workspace, "June", 1, 1, 2, 3))
    workspace.folders.journal.write_bytes(older)
    (file,) = receipts.iterdir()
    assert "picks" not in file.read_text()
    answer = run("verify", workspace.folders.root)
    assert answer.exit_code == 1
    assert f"{file.name} has what the database does not: judge02, event 1" in answer.output
    refused = run("close", workspace.folders.root)
    assert f"lacks an event that {file.name} has: judge02, event 1" in refused.output
    os.environ.pop("STUDYAPP_RECEIPTS_DIR")
    answer = run("verify", workspace.folders.root, "--receipts", file)
    assert answer.exit_code == 1
    assert f"{file.name}: line" in answer.output
    assert run("verify", workspace.folders.root).exit_code == 0, "without the receipts nobody can know"


def test_receipts_are_completed_when_the_setting_comes_late(workspace, links, tmp_path, monkeypatch):
    cast(workspace, "Jude", 1, 1)
    monkeypatch.setenv("STUDYAPP_RECEIPTS_DIR", str(tmp_path))
    assert run("doctor", workspace.folders.root).exit_code == 0
    (file,) = tmp_path.glob("receipts-*.jsonl")
    assert len(file.read_text().splitlines()) == len(workspace.folders.journal.read_text().splitlines())


def test_a_share_that_is_not_mounted_is_named(workspace, links, monkeypatch):
    monkeypatch.setenv("STUDYAPP_RECEIPTS_DIR", "/no/such/share")
    answer = run("close", workspace.folders.root)
    assert answer.exit_code == 2
    assert "'/no/such/share' is not a folder" in answer.output


def hashes(path: Path) -> list[str]:
    return [json.loads(line)["hash"] for line in path.read_text().splitlines() if line.endswith("}")]


def replaced(path: Path) -> None:
    shutil.copy(path, path.with_name("copy"))
    os.replace(path.with_name("copy"), path)
    path.write_text(path.read_text().split("\n")[0] + "\n")


DAMAGE = {
    "deleted": lambda path: path.unlink(),
    "replaced": replaced,
    "truncated": lambda path: path.write_bytes(b""),
    "cut": lambda path: path.write_bytes(path.read_bytes()[:-200]),
    "overwritten": lambda path: path.write_bytes(b"x" * len(path.read_bytes())),
}


@pytest.mark.parametrize("what", DAMAGE)
def test_a_record_that_goes_while_it_is_written_is_written_anew(what, workspace, links, caplog):
    """Two processes have it open; whichever writes next puts everything back, and says so."""
    other = open_workspace(workspace.folders.root)
    cast(workspace, "Jude", 1, 1, 2, 3)
    cast(other, "June", 1, 1, 2, 3)
    path = workspace.folders.journal
    held = set(hashes(path))
    DAMAGE[what](path)
    cast(other, "June", 2, 1, 2, 3)
    assert "was removed, replaced or truncated" in caplog.text
    cast(workspace, "Jude", 2, 1, 2, 3)
    after = hashes(path)
    assert held < set(after)
    assert len(set(after)) == len(held) + 2
    close(workspace)
    assert run("verify", workspace.folders.root).exit_code == 0
    other.database.close()


def test_judges_receipts_are_found_by_both_verifiers(workspace, links, tmp_path):
    cast_all(workspace, "Jude", "June")
    receipt = cast(workspace, "Jude", 1, 3, 2, 1, base=1)
    close(workspace)
    root = workspace.folders.root
    assert run("export", root).exit_code == 0
    kept = tmp_path / "receipts.txt"
    kept.write_text(f"Image 1 of 3: {receipt}\nthank you\n")
    for main_, folder in ((main, root), (analysis_main, root / "var" / "exports")):
        answer = CliRunner().invoke(main_, ["verify", str(folder), "--receipts", str(kept)])
        assert answer.exit_code == 0, answer.output
        assert "1 receipt of receipts.txt found in the ledger" in answer.output
    kept.write_text(f"{receipt}\n{'0' * 16}\n")
    for main_, folder in ((main, root), (analysis_main, root / "var" / "exports")):
        answer = CliRunner().invoke(main_, ["verify", str(folder), "--receipts", str(kept)])
        assert answer.exit_code == 1
        assert f"line 2 ({'0' * 16}): not in the ledger" in answer.output


def test_an_older_backup_says_what_it_lacks(workspace, links, tmp_path):
    cast_all(workspace, "Jude")
    root = workspace.folders.root
    assert run("backup", root, tmp_path / "older.zip").exit_code == 0
    cast(workspace, "June", 1, 1, 2, 3)
    workspace.database.close()
    for file in root.glob("var/study.db*"):
        file.unlink()
    answer = run("restore", tmp_path / "older.zip", root)
    assert answer.exit_code == 0, answer.output
    assert "missing from it: judge02, event 1" in answer.output
    assert run("close", root).exit_code == 2
