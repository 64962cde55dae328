"""A closed study as a folder of files: what is in it, that it can be checked, and that work is never lost."""

import errno
import hashlib
import html
import json
import multiprocessing
import os
import re
import shutil
import signal
import socket
from pathlib import Path

import numpy as np
import pytest
from click.testing import CliRunner
from PIL import Image

from analysis.verify import verify_folder
from studyapp.cli import main
from studyapp.core.judges_file import JudgeLine
from studyapp.errors import StudyError
from studyapp.imaging.pack_reader import PackReader
from studyapp.services.folder import preparing
from studyapp.services.ground import studies
from studyapp.services.ground.workspace import Workspace, open_workspace
from studyapp.services.people import invitations
from studyapp.services.publishing import estimate, folder
from studyapp.services.publishing.settings import Choice
from studyapp.services.voting import lifecycle
from studyapp.web.published.publish import publications, publish_study
from tests.conftest import CAST, NOW
from tests.services.test_reasons import WORSE, say
from tests.services.voting import cast_all, close

HOSTILE = ("<script>alert(1)</script> #1 %20/..", "光の \u202eא second & 'light'")
WINDOWS = {
    "con",
    "prn",
    "aux",
    "nul",
    *(f"{name}{number}" for name in ("com", "lpt") for number in range(10)),
}


@pytest.fixture(scope="module")
def closed_folder(tiled_folder, tmp_path_factory) -> Path:
    """A study with two judges and a reason, closed; a team and a judge are out. Copy it."""
    root = Path(shutil.copytree(tiled_folder, tmp_path_factory.mktemp("closed") / "study"))
    told = (root / "study.yaml").read_text(encoding="utf-8")
    for name, hostile in zip(("Toms team", "Second light"), HOSTILE, strict=True):
        told = told.replace(name, json.dumps(hostile))
    (root / "study.yaml").write_text(told, encoding="utf-8")
    preparing.prepare_study(root, workers=1, progress=None, now=NOW)
    workspace = open_workspace(root, url=f"sqlite:///{root}/var/study.db")
    with workspace.database.writing() as session:
        cast = (*CAST, JudgeLine("Jack", "jack@example.org"))
        invitations.invite_judges(session, workspace.key, cast, now=NOW)
        studies.open_study(session, now=NOW)
    cast_all(workspace, "Jude", "June")
    say(workspace, "Jude", WORSE)
    close(workspace)
    with workspace.database.writing() as session:
        lifecycle.disqualify_team(session, "team03", "used the test images", now=NOW)
        lifecycle.withdraw_judge(session, "jack@example.org", "was on sick leave", now=NOW)
    workspace.database.close()
    return root


@pytest.fixture
def closed(closed_folder, monkeypatch):
    """The closed study, which nobody changes."""
    monkeypatch.delenv("STUDYAPP_DATABASE_URL", raising=False)
    workspace = open_workspace(closed_folder)
    yield workspace
    workspace.database.close()


@pytest.fixture
def own(closed_folder, tmp_path):
    """A copy of it, to change."""
    root = Path(shutil.copytree(closed_folder, tmp_path / "study"))
    workspace = open_workspace(root, url=f"sqlite:///{root}/var/study.db")
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


def test_every_disk_and_server_takes_the_names_and_pages_show_those_that_people_gave(site):
    names = [path.relative_to(site).as_posix() for path in site.rglob("*")]
    assert all(re.fullmatch(r"[A-Za-z0-9._/-]+", name) for name in names)
    assert len({name.casefold() for name in names}) == len(names)
    parts = {part.casefold() for name in names for part in name.split("/")}
    assert {part.partition(".")[0] for part in parts}.isdisjoint(WINDOWS)
    assert not any(part.endswith(".") for part in parts)
    for page in ("index.html", "images/1/answers.html", "images/1/index.html"):
        told = (site / page).read_text(encoding="utf-8")
        assert "alert(1)" in told, page
        assert "<script>alert" not in told, page
        assert html.escape(HOSTILE[1]).replace("&#x27;", "&#39;") in told or "\\u5149" in told, page


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


def test_a_part_that_failed_is_named_and_made_the_next_time(closed_folder, tmp_path, monkeypatch):
    monkeypatch.delenv("STUDYAPP_DATABASE_URL", raising=False)
    root = Path(shutil.copytree(closed_folder, tmp_path / "study"))
    shutil.rmtree(root / "var" / "public", ignore_errors=True)
    command = ["publish", str(root), str(tmp_path / "out")]
    with monkeypatch.context() as patch:
        patch.setattr("analysis.report.write.to_pdf", lambda _: 1 / 0)
        answer = CliRunner().invoke(main, command)
    assert answer.exit_code == 1
    assert "incomplete: report.pdf failed (ZeroDivisionError: division by zero)" in answer.stderr
    assert CliRunner().invoke(main, command).exit_code == 0
    assert (tmp_path / "out" / "data" / "report.pdf").exists()
    assert not (tmp_path / "out" / "data" / "incomplete.txt").exists()


def misfits(folder: Path) -> list[str]:
    return [item.message for item in verify_folder(folder) if item.verdict == "wrong"]


def test_screens_and_looking_are_there_only_if_asked_for(site, own, tmp_path):
    assert not (site / "data" / "conditions.csv").exists()
    assert "Screen" not in (site / "data" / "columns.csv").read_text()
    publish(own, tmp_path / "out", Choice(evidence=("conditions",)))
    assert (tmp_path / "out" / "data" / "conditions.csv").exists()
    assert misfits(tmp_path / "out") == []


def test_why_a_judge_is_out_stands_in_the_ledger_alone(site):
    told = {name for name, content in contents(site).items() if b"was on sick leave" in content}
    assert told == {"data/ledger.jsonl"}
    assert b"used the test images" in contents(site)["index.html"]


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
    people = ("Jude", "June", "Jack", "example.org", "pytest-of", socket.gethostname(), "Mozilla")
    for name, content in contents(site).items():
        if name.endswith((".html", ".json", ".csv", ".jsonl", ".md", ".tex")):
            told = re.sub(r"data:[\w/+.-]+;base64,[\w/+=]+", "", content.decode())
            assert not re.search(rf"\b({'|'.join(map(re.escape, people))})\b", told), name
            assert not re.search(r"""(src|href)=["']?(https?:)?//""", told), name


def publish_and_die(root: Path, out: Path, entries: int) -> None:
    """Publish, and be killed after so many entries of the journal, amid what the last one is about."""
    note, left = folder.PublishedFolder._note, [entries]

    def last(self, entry):
        note(self, entry)
        left[0] -= 1
        if not left[0]:  # noted and written, and not in its place yet
            folder.os.replace = lambda *_: os.kill(os.getpid(), signal.SIGKILL)

    folder.PublishedFolder._note = last
    publish(open_workspace(root), out)


def test_a_run_that_was_killed_goes_on_and_ends_with_the_same_bytes(site, closed, tmp_path):
    out, whole = tmp_path / "out", contents(site)
    publish(closed, tmp_path / "undisturbed")
    assert contents(tmp_path / "undisturbed") == whole
    done: dict[Path, int] = {}
    for entries in (1, 30, 1, 12):
        arguments = (closed.folders.root, out, entries)
        # The report is there by now: its PDF is made by threads, which a fork would lack.
        fork = multiprocessing.get_context("fork")
        victim = fork.Process(target=publish_and_die, args=arguments, daemon=True)
        victim.start()
        victim.join(60)
        assert victim.exitcode == -signal.SIGKILL
        assert not (out / "SHA256SUMS").exists(), "it looks whole and is not"
        assert {path: path.stat().st_mtime_ns for path in done} == done, "what was finished was done again"
        # The last one may have been noted and not have got its place.
        files = [path for path in out.rglob("*.webp") if ".publishing" not in path.parts]
        done = {path: path.stat().st_mtime_ns for path in files}
    assert len(done) == 12
    publish(closed, out)
    assert contents(out) == whole
    assert {path: path.stat().st_mtime_ns for path in done} == done


def test_a_changed_study_changes_what_follows_from_it_and_removes_what_is_stale(site, own, tmp_path):
    out = Path(shutil.copytree(site, tmp_path / "out"))
    with own.database.writing() as session:
        lifecycle.disqualify_team(session, "team02", "handed in too late", now=NOW)
    kept = {path: path.stat().st_mtime_ns for path in out.glob("tiles/*/[!2]*/*/*")}
    publish(own, out)
    assert sorted(path.name for path in (out / "tiles" / "1").iterdir()) == ["1", "4", "input"]
    assert {path: path.stat().st_mtime_ns for path in kept} == kept
    assert "handed in too late" in (out / "index.html").read_text()
    assert misfits(out) == []


def test_a_disk_without_room_is_named_before_anything_is_written(closed, tmp_path, monkeypatch):
    monkeypatch.setattr(
        estimate.shutil, "disk_usage", lambda _: shutil._ntuple_diskusage(9e9, 9e9, 1_000_000)
    )
    with pytest.raises(StudyError, match=r"has 1\.0 MB free; choose another disk, make room, or use --crops"):
        publish(closed, tmp_path / "out")
    assert not list((tmp_path / "out").iterdir())


def no_links(*_: object) -> None:
    raise OSError(errno.EXDEV, "Invalid cross-device link")


def test_crops_are_the_pixels_of_the_files_and_originals_these_files(closed, tmp_path, monkeypatch):
    out = tmp_path / "out"
    publish(closed, out, Choice(form="crops", originals=True))
    assert not (out / "tiles").exists()
    (marked,) = out.glob("crops/*/[0-9]/1_2_30x20.webp")
    original = next(out.glob(f"originals/{marked.parent.parent.name}/{marked.parent.name}.png"))
    with Image.open(marked) as crop, Image.open(original) as image:
        assert np.array_equal(np.asarray(crop), np.asarray(image)[2:22, 1:31])
    assert len(list(out.glob("crops/*/*/overview.webp"))) == 12
    assert misfits(out) == []
    assert original.stat().st_nlink > 1
    far = tmp_path / "on another disk"
    monkeypatch.setattr(folder.os, "link", no_links)
    publish(closed, far, Choice(form="crops", originals=True))
    assert (far / original.relative_to(out)).stat().st_nlink == 1
    assert contents(far) == contents(out)


def test_closed_studies_of_a_site_lie_below_one_page_and_others_stay_out(
    site, closed_folder, tiled_folder, tmp_path, monkeypatch
):
    monkeypatch.delenv("STUDYAPP_DATABASE_URL", raising=False)
    root, out = tmp_path / "both", tmp_path / "out"
    shutil.copytree(closed_folder, root / "studies" / "spring")
    shutil.copytree(tiled_folder, root / "studies" / "autumn")
    (root / "site.yaml").write_text("title: Two studies\n", encoding="utf-8")
    with publications(root) as found:
        assert found.open == ("Spring study",)
        assert found.write(out, Choice(), progress=lambda *_: None) > 0
    assert [path.name for path in (out / "studies").iterdir()] == ["spring"]
    page = (out / "index.html").read_text(encoding="utf-8")
    assert "Two studies" in page
    assert 'href="studies/spring/index.html"' in page
    assert (out / "studies" / "spring" / "tiles").is_dir()
    assert (out / "studies" / "spring" / "data" / "votes.csv").read_bytes() == (
        site / "data" / "votes.csv"
    ).read_bytes()
    assert misfits(out) == []
    with publications(root) as found:
        assert found.write(out, Choice(), progress=lambda *_: None) == 0
