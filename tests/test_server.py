"""The server's processes: they share the work, save on top of each other's ballots, and one may die."""

import os
import signal
import time
import uuid
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from pathlib import Path

import pytest

from benchmarks.keep_alive import Client, Reply
from studyapp.services.ground.site import open_site
from tests.accounts import make_account
from tests.torture.ordeal import invite
from tests.torture.victim import Victim

on_sqlite = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)


@pytest.fixture
def running(workspace) -> Iterator[tuple[Victim, str]]:
    """A server with two workers, and a judge's personal link."""
    links = invite(workspace.folders.root)
    with Victim(workspace.folders.root, workers=2) as server:
        wait_for_workers(server, gone=0)
        yield server, links[0]


def wait_for_workers(server: Victim, *, gone: int) -> list[int]:
    """Wait until there are two workers, none of them the one that is gone; return them.

    And the one for jobs, which passes for one of them until it has its name.
    """
    deadline = time.monotonic() + 30
    while time.monotonic() < deadline:
        workers = server.processes()[1:]
        if len(workers) == 2 and gone not in workers and server.jobs_worker():
            return workers
        time.sleep(0.02)
    raise AssertionError(f"the workers are {workers}")


def is_running(pid: int) -> bool:
    """Tell whether a process is there and no zombie."""
    status = Path(f"/proc/{pid}/stat")
    return status.exists() and status.read_text().rpartition(")")[2].split()[0] != "Z"


@contextmanager
def asleep(pid: int) -> Iterator[None]:
    """Let a worker do nothing: the other one takes what comes."""
    os.kill(pid, signal.SIGSTOP)
    try:
        yield
    finally:
        os.kill(pid, signal.SIGCONT)


@pytest.fixture
def log_in() -> Iterator[Callable[[Victim, str], tuple[Client, str]]]:
    """Log judges in, on connections that stay with the worker that took them; with each, the first trial."""
    judges = []

    def one(server: Victim, link: str) -> tuple[Client, str]:
        judges.append(judge := Client(server.port))
        assert judge.get(link).status == 200
        trial = judge.get("/api/trials").json()["trials"][0]["trial"]
        judge.csrf = judge.get(f"/api/trials/{trial}").json()["csrf"]
        return judge, trial

    yield one
    for judge in judges:
        judge.close()


def pick(judge: Client, trial: str, base: int) -> Reply:
    body = {"key": str(uuid.uuid4()), "base_revision": base, "picks": [1]}
    return judge.put_json(f"/api/trials/{trial}/ballot", body)


def test_each_builds_on_what_the_others_saved(running, log_in):
    server, link = running
    _, first, second = server.processes()
    with asleep(first):
        here, trial = log_in(server, link)
    with asleep(second):
        there, _ = log_in(server, link)
    assert pick(here, trial, 0).json()["revision"] == 1
    assert pick(there, trial, 0).status == 409
    assert pick(there, trial, 1).json()["revision"] == 2
    assert pick(here, trial, 1).status == 409
    assert here.get(f"/api/trials/{trial}").json()["ballot"]["revision"] == 2


def test_one_that_dies_is_missed_by_nobody_else_and_replaced(running, log_in):
    server, link = running
    _, first, second = server.processes()
    with asleep(first):
        judge, trial = log_in(server, link)
    os.kill(first, signal.SIGKILL)
    for base in range(20):
        assert pick(judge, trial, base).json()["revision"] == base + 1
    assert second in wait_for_workers(server, gone=first)
    with asleep(second):
        other, _ = log_in(server, link)
    assert pick(other, trial, 20).json()["revision"] == 21


@on_sqlite
def test_its_successor_completes_the_second_record_when_it_can(running, log_in, workspace):
    """A worker dies between a commit and its line; the next finds no file to write, the one after it does."""
    server, link = running
    judge, trial = log_in(server, link)
    assert pick(judge, trial, 0).status == 200
    journal = workspace.folders.journal
    whole = journal.read_text()
    journal.unlink()
    journal.mkdir()
    first, second = server.processes()[1:]
    os.kill(first, signal.SIGKILL)
    (third,) = set(wait_for_workers(server, gone=first)) - {second}
    with asleep(second):
        assert server.answers_within(10)
    journal.rmdir()
    journal.write_text("".join(whole.splitlines(keepends=True)[:-1]))
    os.kill(second, signal.SIGKILL)
    assert third in wait_for_workers(server, gone=second)
    deadline = time.monotonic() + 10
    while journal.read_text() != whole and time.monotonic() < deadline:
        time.sleep(0.05)
    assert journal.read_text() == whole


@on_sqlite
def test_a_successor_that_waits_for_its_database_ends_with_its_master(running, workspace):
    server, _ = running
    first = server.processes()[1]
    workspace.folders.database.rename(workspace.folders.var / "elsewhere.db")
    os.kill(first, signal.SIGKILL)
    wait_for_workers(server, gone=first)
    processes = server.processes()
    server.kill("master")
    deadline = time.monotonic() + 10
    while any(map(is_running, processes)) and time.monotonic() < deadline:
        time.sleep(0.1)
    assert not any(map(is_running, processes))


@on_sqlite
def test_guesses_are_counted_together(running, workspace):
    server, _ = running
    with closing(open_site(workspace.folders.root)) as site:
        make_account(site)
    _, first, second = server.processes()

    def guess() -> int:
        person = Client(server.port)
        page = person.get("/sign-in").body.decode()
        token = page.partition('name="csrf_token" value="')[2].partition('"')[0]
        form = f"csrf_token={token}&name=Olga&password=guess&code="
        answer = person.exchange("POST", "/sign-in", form.encode(), kind="application/x-www-form-urlencoded")
        person.close()
        return answer.status

    with asleep(first):
        assert [guess() for _ in range(5)] == [401] * 5
    with asleep(second):
        assert [guess() for _ in range(6)] == [401] * 5 + [429]


@on_sqlite
def test_no_process_uses_what_another_one_opened(running, workspace):
    """An SQLite connection that two processes share breaks the database; the master keeps none."""
    server, _ = running
    held = {os.readlink(entry) for entry in Path(f"/proc/{server.processes()[0]}/fd").iterdir()}
    assert not [name for name in held if name.startswith(str(workspace.folders.database))]
    assert str(workspace.folders.journal) not in held
