"""A closed study as a folder of files: what is in it, that it can be checked, and that work is never lost."""

import hashlib
import re
import shutil
import socket
from pathlib import Path

import pytest

from analysis.verify import verify_folder
from studyapp.errors import StudyError
from studyapp.imaging.pack_reader import PackReader
from studyapp.services.ground import studies
from studyapp.services.ground.workspace import Workspace, open_workspace
from studyapp.services.people import invitations
from studyapp.services.publishing.settings import Choice
from studyapp.services.voting import lifecycle
from studyapp.web.published.publish import publish_study
from tests.conftest import CAST, NOW
from tests.services.test_reasons import WORSE, say
from tests.services.voting import cast_all, close


@pytest.fixture(scope="module")
def closed_folder(tiled_folder, tmp_path_factory) -> Path:
    """A study with two judges and a reason, closed; a team was disqualified. Copy it."""
    root = Path(shutil.copytree(tiled_folder, tmp_path_factory.mktemp("closed") / "study"))
    workspace = open_workspace(root, url=f"sqlite:///{root}/var/study.db")
    with workspace.database.writing() as session:
        invitations.invite_judges(session, workspace.key, CAST, now=NOW)
        studies.open_study(session, now=NOW)
    cast_all(workspace, "Jude", "June")
    say(workspace, "Jude", WORSE)
    close(workspace)
    with workspace.database.writing() as session:
        lifecycle.disqualify_team(session, "team03", "used the test images", now=NOW)
    workspace.database.close()
    return root


@pytest.fixture
def closed(closed_folder, monkeypatch):
    """The closed study, which nobody changes."""
    monkeypatch.delenv("STUDYAPP_DATABASE_URL", raising=False)
    workspace = open_workspace(closed_folder)
    yield workspace
    workspace.database.close()


@pytest.fixture(scope="module")
def site(closed_folder, tmp_path_factory) -> Path:
    """The study as published. Copy it."""
    out = tmp_path_factory.mktemp("site") / "out"
    with pytest.MonkeyPatch.context() as patch:
        patch.delenv("STUDYAPP_DATABASE_URL", raising=False)
        workspace = open_workspace(closed_folder)
        publish(workspace, out)
        workspace.database.close()
    return out


def publish(workspace: Workspace, out: Path, choice: Choice = Choice()) -> None:  # noqa: B008 - frozen
    with workspace.database.reading() as session:
        publish_study(session, workspace, out, choice, progress=lambda *_: None)


def contents(folder: Path) -> dict[str, bytes]:
    return {
        path.relative_to(folder).as_posix(): path.read_bytes() for path in folder.rglob("*") if path.is_file()
    }


def test_every_file_is_in_the_sums_and_nothing_else_is(site):
    there = contents(site)
    sums = there.pop("SHA256SUMS").decode()
    assert sums == "".join(
        f"{hashlib.sha256(content).hexdigest()}  {name}\n" for name, content in sorted(there.items())
    )


def test_tiles_are_those_of_the_packs(site, closed):
    packs = [path for path in closed.folders.var.rglob("*.pack")]
    tiles = {path.read_bytes() for path in site.glob("tiles/*/*/*/*.webp")}
    held = {PackReader(pack).tile(0, 0, 0) for pack in packs}
    assert len(tiles) == 12, "three images, the input and three teams; not the disqualified one"
    assert tiles < held


def test_a_folder_with_something_else_is_refused_and_left_alone(closed, tmp_path):
    (tmp_path / "thesis.txt").write_text("four years")
    with pytest.raises(StudyError, match=r"thesis\.txt, which is no part of a published study"):
        publish(closed, tmp_path)
    assert contents(tmp_path) == {"thesis.txt": b"four years"}


def test_publishing_again_changes_nothing(site, closed, tmp_path):
    out = Path(shutil.copytree(site, tmp_path / "out"))
    before = {path: path.stat().st_mtime_ns for path in out.rglob("*")}
    publish(closed, out)
    assert {path: path.stat().st_mtime_ns for path in out.rglob("*") if path != out} == before


def misfits(folder: Path) -> list[str]:
    return [item.message for item in verify_folder(folder) if item.verdict == "wrong"]


def test_screens_and_looking_are_there_only_if_asked_for(site, closed, tmp_path):
    assert not (site / "data" / "conditions.csv").exists()
    assert "Screen" not in (site / "data" / "columns.csv").read_text()
    publish(closed, tmp_path / "out", Choice(evidence=("conditions",)))
    assert (tmp_path / "out" / "data" / "conditions.csv").exists()
    assert misfits(tmp_path / "out") == []


def test_a_site_verifies_and_a_changed_vote_is_found(site, tmp_path):
    assert misfits(site) == []
    out = Path(shutil.copytree(site, tmp_path / "out"))
    votes = out / "data" / "votes.csv"
    votes.write_bytes(votes.read_bytes().replace(b"team01", b"team02", 1))
    assert [message.split(" ")[0] for message in misfits(out)] == [
        "data/votes.csv",
        "votes.csv,",
        "votes.csv",
    ]


def test_nothing_on_the_site_says_who_a_judge_is_or_where_it_was_made(site):
    people = ("Jude", "June", "example.org", "pytest-of", socket.gethostname(), "Mozilla")
    for name, content in contents(site).items():
        if name.endswith((".html", ".json", ".csv", ".jsonl", ".md", ".tex")):
            told = re.sub(r"data:[\w/+.-]+;base64,[\w/+=]+", "", content.decode())
            assert not re.search(rf"\b({'|'.join(map(re.escape, people))})\b", told), name
            assert not re.search(r"""(src|href)=["']?(https?:)?//""", told), name
