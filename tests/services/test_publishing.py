"""A closed study as a folder of files: what is in it, that it can be checked, and that work is never lost."""

import hashlib
import shutil
from pathlib import Path

import pytest

from studyapp.errors import StudyError
from studyapp.imaging.pack_reader import PackReader
from studyapp.services.ground import studies
from studyapp.services.ground.workspace import Workspace, open_workspace
from studyapp.services.people import invitations
from studyapp.services.voting import lifecycle
from studyapp.web.published.publish import Choice, publish_study
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
