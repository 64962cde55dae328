"""`serve` from start to stop: what it changes when it cannot serve, what it leaves, who can read it."""

import json
import os
import signal
import socket
import sqlite3
import stat
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from benchmarks.keep_alive import Client
from studyapp.errors import StudyError
from studyapp.sample.serving import free_port
from studyapp.services.ground.workspace import open_workspace
from tests.test_server import pick
from tests.torture.ordeal import invite
from tests.torture.victim import Victim

on_sqlite = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)


def everything(workspace) -> tuple[list[str], bytes]:
    """Return all rows of the database and the second record."""
    with sqlite3.connect(workspace.folders.database) as database:
        rows = list(database.iterdump())
    database.close()
    journal = workspace.folders.journal
    return rows, journal.read_bytes() if journal.exists() else b""


@contextmanager
def another_server(workspace) -> Iterator[dict[str, str]]:
    with Victim(workspace.folders.root, workers=1):
        yield {}


@contextmanager
def a_taken_port(_workspace) -> Iterator[dict[str, str]]:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        yield {"--port": str(taken.getsockname()[1])}


@contextmanager
def a_foreign_address(_workspace) -> Iterator[dict[str, str]]:
    yield {"--host": "192.0.2.1", "--insecure": ""}


@contextmanager
def a_wrong_setting(_workspace) -> Iterator[dict[str, str]]:
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("STUDYAPP_PROXIES", "many")
        yield {}


@on_sqlite
@pytest.mark.parametrize(
    ("obstacle", "says"),
    [
        (another_server, "another server is serving"),
        (a_taken_port, "another program is listening there"),
        (a_foreign_address, "does not have that address"),
        (a_wrong_setting, "STUDYAPP_PROXIES"),
    ],
)
def test_one_that_cannot_serve_changes_nothing(workspace, obstacle, says):
    invite(workspace.folders.root)
    with obstacle(workspace) as given:
        before = everything(workspace)
        options = {"--port": str(free_port()), **given}
        words = [word for pair in options.items() for word in pair if word]
        command = [sys.executable, "-m", "studyapp.cli", "serve", str(workspace.folders.root), *words]
        done = subprocess.run(command, capture_output=True, text=True, timeout=60, check=False)
        assert (done.returncode, done.stdout) == (2, "")
        assert says in done.stderr
        assert "Traceback" not in done.stderr
        assert everything(workspace) == before


def log_in_and_vote(server: Victim, link: str) -> None:
    judge = Client(server.port)
    assert judge.get(link).status == 200
    trial = judge.get("/api/trials").json()["trials"][0]["trial"]
    judge.csrf = judge.get(f"/api/trials/{trial}").json()["csrf"]
    assert pick(judge, trial, 0).status == 200
    judge.close()


@on_sqlite
def test_after_a_stop_every_ballot_is_in_the_database_file(workspace):
    """Whoever copies study.db alone, as everybody does, has them all."""
    link = invite(workspace.folders.root)[0]
    workspace.database.close()
    with Victim(workspace.folders.root, workers=2) as server:
        log_in_and_vote(server, link)
    wal = workspace.folders.database.with_name("study.db-wal")
    assert not wal.exists() or wal.stat().st_size == 0
    copy = workspace.folders.root / "copy.db"
    copy.write_bytes(workspace.folders.database.read_bytes())
    with sqlite3.connect(copy) as database:
        assert database.execute("SELECT count(*) FROM ballot_event").fetchone() == (1,)
    database.close()


@on_sqlite
def test_a_server_whose_master_died_is_followed_by_another(workspace):
    """Its workers still answer; the next server waits for them, however long they have."""
    invite(workspace.folders.root)
    with Victim(workspace.folders.root, workers=2) as server:
        with socket.create_connection(("127.0.0.1", server.port)) as slow:
            slow.sendall(b"POST /sign-in HTTP/1.1\r\nHost: localhost\r\nContent-Length: 9\r\n\r\n")
            server.kill("master")
            command = [sys.executable, "-m", "studyapp.cli", "serve", str(workspace.folders.root)]
            command += ["--port", str(server.port)]
            following = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
            assert following.stdout is not None
            assert following.stdout.readline().startswith("organiser: http")
        following.send_signal(signal.SIGTERM)
        following.communicate(timeout=60)


@on_sqlite
def test_nobody_else_on_the_machine_can_read_what_a_study_holds(workspace):
    """Also in a folder that was made loosely, by a copy or an unpacked archive."""
    var = workspace.folders.var
    workspace.database.close()
    var.chmod(0o755)
    link = invite(workspace.folders.root)[0]
    assert stat.S_IMODE(var.stat().st_mode) == 0o700
    before = os.umask(0o022)
    began = time.time_ns()
    try:
        with Victim(workspace.folders.root, workers=1) as server:
            log_in_and_vote(server, link)
            fresh = [path for path in var.rglob("*") if path.stat().st_ctime_ns > began and path.is_file()]
            loose = [path.name for path in fresh if path.stat().st_mode & 0o077]
            assert fresh
            assert not loose
    finally:
        os.umask(before)


@on_sqlite
def test_a_folder_that_cannot_be_closed_to_others_is_refused(workspace, monkeypatch):
    workspace.database.close()
    workspace.folders.var.chmod(0o755)

    def refuse(_path: Path, _mode: int) -> None:
        raise PermissionError

    monkeypatch.setattr(Path, "chmod", refuse)  # as the system does where the folder is somebody else's
    with pytest.raises(StudyError, match="chmod 700"):
        open_workspace(workspace.folders.root).database  # noqa: B018 (opened when first used)


@on_sqlite
def test_processes_count_together_and_a_new_start_begins_anew(workspace, tmp_path):
    """Each process keeps counts of its own; whichever is asked tells those of all."""
    link = invite(workspace.folders.root)[0]
    workspace.database.close()
    log = tmp_path / "log.jsonl"
    with Victim(workspace.folders.root, {"STUDYAPP_LOG": f"json:{log}"}, workers=2) as server:
        log_in_and_vote(server, link)
        for _ in range(30):  # a connection each: both processes get some
            stranger = Client(server.port)
            assert stranger.get("/").status == 200
            stranger.close()
        server.kill("a worker")
        assert server.answers_within(60)
        told = counts(server)
        assert told["studyapp_ballots_saved_total"] == 1
        assert told['studyapp_requests_total{method="GET",route="/j/<token>",status="302"}'] == 1
        # The worker may have been killed between its last answer and the count.
        assert told['studyapp_requests_total{method="GET",route="/",status="200"}'] >= 30
        assert told["studyapp_requests_running"] >= 1  # the one that asks
        lines = [json.loads(line) for line in log.read_text(encoding="utf-8").splitlines()]
        asked = [line["route"] for line in lines if line["event"] == "request"]
        assert asked.count("/j/<token>") == 1
        assert asked.count("/") >= 30
        server.kill("all")  # nothing is tidied up
        server.start()
        assert counts(server)["studyapp_ballots_saved_total"] == 0
        assert link.rpartition("/")[2] not in log.read_text(encoding="utf-8")


def counts(server: Victim) -> dict[str, float]:
    asked = Client(server.port)
    text = asked.get("/metrics").body.decode()
    asked.close()
    lines = [line.rpartition(" ") for line in text.splitlines() if not line.startswith("#")]
    return {name: float(value) for name, _, value in lines}
