"""`studyapp submit` and the real server: a cut line, a killed program, a lost answer, and what is refused."""

import json
import os
import re
import time
import zipfile
from collections.abc import Callable, Iterator
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path

import pytest
from click.testing import CliRunner, Result
from sqlmodel import select

from benchmarks.uploading import Line
from studyapp.cli import main
from studyapp.client.packing import as_zip, refuse_code
from studyapp.client.sending import Patience
from studyapp.client.server import Answer, AwayError, Server
from studyapp.client.submitting import Submit
from studyapp.client.submitting import submit as hand_in
from studyapp.db.site_tables import Submission, Upload
from studyapp.errors import ProblemsFoundError
from studyapp.sample import serving
from studyapp.services.challenge import tokens
from studyapp.services.ground.site import Site
from tests.conftest import NOW
from tests.ready import PREFIX
from tests.services.challenge_site import account_of, challenge_site, team
from tests.services.handed_in import PHASE, TRACK, good, write_track

TIMES = "opens: 2026-01-01T00:00:00Z, closes: 2100-01-01T00:00:00Z"
CHALLENGE = f"""\
challenge:
  tracks:
    {TRACK}:
      phases:
        {PHASE}: {{title: Feedback, {TIMES}, daily: 50}}
        later: {{title: Later, kind: final, opens: 2099-01-01T00:00:00Z, closes: 2100-01-01T00:00:00Z}}
    details:
      phases:
        {PHASE}: {{title: Feedback, {TIMES}}}
"""
PATIENCE = 120
MIDDLE = 1_500_000
"""Bytes after which the line is cut, of 3 MB."""


@dataclass
class Running:
    """A server, its site, and Ada's token."""

    url: str
    site: Site
    token: str

    def submissions(self) -> list[Submission]:
        with self.site.database.reading() as session:
            return list(session.exec(select(Submission).order_by(Submission.id)))  # type: ignore[arg-type]

    def received(self) -> int:
        with self.site.database.reading() as session:
            return sum(session.exec(select(Upload.received)).all())

    def is_written(self) -> bool:
        """Whether bytes of an upload are on disk."""
        return any(path.stat().st_size > 100_000 for path in self.site.uploads.iterdir())

    def uploads(self) -> int:
        with self.site.database.reading() as session:
            return len(session.exec(select(Upload)).all())


@pytest.fixture(scope="module")
def running(tmp_path_factory) -> Iterator[Running]:
    with pytest.MonkeyPatch.context() as patch:
        patch.delenv("STUDYAPP_DATABASE_URL", raising=False)
        with challenge_site(tmp_path_factory.mktemp("site"), CHALLENGE) as site:
            write_track(site)
            team(site, "Night", "Ada")
            with site.database.writing() as session:
                token = tokens.make(session, account_of(site, "Ada"), "laptop", NOW)
            with serving.serving(site.root, workers=1) as server:
                yield Running(server.url, site, token)


@pytest.fixture
def environment(running, tmp_path, monkeypatch) -> dict[str, str]:
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path / "state"))
    monkeypatch.setenv("STUDYAPP_TOKEN", running.token)
    return dict(os.environ)


def folder_of(where: Path, files: dict[str, bytes]) -> Path:
    where.mkdir()
    for name, data in files.items():
        (where / name).write_bytes(data)
    return where


def until(condition: Callable[[], object]) -> None:
    deadline = time.monotonic() + PATIENCE
    while not condition():
        assert time.monotonic() < deadline
        time.sleep(0.02)


def submit(*arguments: object) -> Result:
    return CliRunner().invoke(main, ["submit", *map(str, arguments)])


def test_a_cut_line_and_a_killed_program_cost_what_was_on_its_way(running, environment, tmp_path):
    folder = folder_of(tmp_path / "night", {**good(1), "notes.bin": os.urandom(3_000_000)})
    before = len(running.submissions())
    port = int(running.url.rpartition(":")[2])
    with closing(Line(port, [MIDDLE, *[1] * 10_000], running.is_written)) as line:
        address = f"http://127.0.0.1:{line.port}"
        process = serving.subprocess.Popen([*PREFIX, "submit", address, str(folder)], env=environment)
        until(lambda: line.cut >= 2)  # cut, and it tried again
        process.kill()
        process.wait(PATIENCE)
        line.mend()
        until(lambda: running.received() > 0)  # what was on its way may arrive only now
        assert len(running.submissions()) == before
        done = submit(address, folder, "--json")
    assert done.exit_code == 0, done.output
    there = re.search(r"([\d,]+) of [\d,]+ bytes are there already", done.stderr)
    assert there, done.stderr
    assert 100_000 < int(there[1].replace(",", "")) < MIDDLE
    told, made = json.loads(done.stdout), running.submissions()[-1]
    assert len(running.submissions()) == before + 1
    assert (told["submission"], told["state"], told["score"]) == (made.id, "done", made.score)
    assert running.uploads() == 0


def test_an_answer_that_is_lost_makes_no_second_submission_and_a_repetition_goes_on(
    running, environment, tmp_path, monkeypatch
):
    folder = folder_of(tmp_path / "night", good(2))
    before = len(running.submissions())
    ask, lost = Server.ask, []

    def lose(self: Server, method: str, *rest: object) -> Answer:
        answer = ask(self, method, *rest)  # type: ignore[arg-type]
        if method == "PATCH" and not lost:
            lost.append(answer)
            raise AwayError("the line was cut")
        return answer

    monkeypatch.setattr(Server, "ask", lose)
    server, what = Server(f"{running.url}/challenge", running.token), Submit(folder, wait=False)
    quick = Patience(first_pause=0.01)
    found = hand_in(server, what, patience=quick)
    assert (len(lost), len(running.submissions())) == (1, before + 1)
    # Not waited for until now; after that the same files are another submission.
    again = json.loads(submit(running.url, folder, "--json").stdout)
    assert (again["submission"], again["state"]) == (found["submission"], "done")
    fresh = json.loads(submit(running.url, folder, "--no-wait", "--json").stdout)
    assert fresh["number"] == again["number"] + 1


def test_what_is_wrong_with_the_files_is_said_before_a_byte_travels(running, environment, tmp_path):
    files = good(3)
    del files["102.png"]
    before = len(running.submissions())
    wrong = submit(running.url, folder_of(tmp_path / "night", files))
    assert (wrong.exit_code, "102.png: missing" in wrong.stdout) == (1, True)
    assert (len(running.submissions()), running.uploads()) == (before, 0)
    sent = submit(running.url, tmp_path / "night", "--no-check", "--json")
    told = json.loads(sent.stdout)
    assert (sent.exit_code, told["state"], told["score"]) == (1, "failed", None)
    assert "102.png: missing" in told["problem"]


def test_code_is_looked_at_as_a_repository_and_a_folder_makes_the_same_zip_again(tmp_path):
    folder = folder_of(tmp_path / "night", {"night.py": b"raise SystemExit", ".DS_Store": b"x"})
    (folder / "__pycache__").mkdir()
    with as_zip(folder) as path:
        first = path.read_bytes()
        with pytest.raises(ProblemsFoundError, match="models/: missing; pack the repository"):
            refuse_code(path, "night.zip")
    os.utime(folder / "night.py", (0, 0))
    with as_zip(folder) as path:
        assert path.read_bytes() == first
        assert zipfile.ZipFile(path).namelist() == ["night.py"]
    for name in ("models", "model_zoo"):
        (folder / name).mkdir()
    (folder / "night.py").rename(folder / "models" / "team01_Night.py")
    (folder / "model_zoo" / "team01_Night.pth").write_bytes(b"weights")
    with as_zip(folder) as path:
        refuse_code(path, "night.zip")


def test_a_server_that_does_not_want_it_says_why(running, environment, tmp_path):
    folder = folder_of(tmp_path / "night", good(4))
    page = f"{running.url}/challenge/tracks"
    for arguments, said in (
        ((running.url, folder, "--token", "nobody's"), "the access token is not known"),
        ((f"{page}/details/{PHASE}/submissions", folder), "you are in no team of the track details"),
        ((f"{page}/{TRACK}/later/submissions", folder), "Later opens at 2099-01-01"),
        ((running.url, folder, "--track", "other"), f"choose one of details, {TRACK}"),
        ((running.url, folder, "--code"), "takes images; leave out --code"),
        ((f"{running.url}/elsewhere", folder), "the server answers 404"),
        (("night", folder), "is no address"),
    ):
        refused = submit(*arguments)
        assert (refused.exit_code, said in refused.stderr) == (2, True), refused.output
