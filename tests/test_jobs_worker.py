"""The worker that `serve` brings along: it works, is started again when it dies, and ends with the server."""

import os
import signal
import time
from collections.abc import Callable, Iterator
from contextlib import closing
from datetime import UTC, datetime
from pathlib import Path

import pytest

from studyapp.services.ground.site import Site, open_site
from studyapp.services.jobs import queue
from tests.torture.ordeal import invite
from tests.torture.victim import Victim, name_of

PATIENCE = 60


def until(condition: Callable[[], object]) -> None:
    """Wait for something to be so."""
    deadline = time.monotonic() + PATIENCE
    while not condition():
        assert time.monotonic() < deadline, f"still not so after {PATIENCE} s"
        time.sleep(0.02)


@pytest.fixture
def site(folder, monkeypatch) -> Iterator[Site]:
    monkeypatch.delenv("STUDYAPP_DATABASE_URL", raising=False)
    invite(folder)
    with closing(open_site(folder)) as opened:
        yield opened


def ask(site: Site, kind: str) -> int:
    with site.database.writing() as session:
        return queue.ask(session, "", kind, {}, by="Olga", now=datetime.now(UTC)).id


def state(site: Site, number: int) -> str:
    with site.database.reading() as session:
        return queue.the_job(session, "", number).state


def test_a_server_works_on_jobs_and_starts_a_dead_worker_again(site):
    with Victim(site.root, workers=1) as server:
        until(server.jobs_worker)
        first, done = server.jobs_worker(), ask(site, "verify")
        until(lambda: state(site, done) == "done")
        os.kill(first, signal.SIGKILL)
        until(lambda: server.jobs_worker() not in (None, first))
        again = ask(site, "verify")
        until(lambda: state(site, again) == "done")
        last = server.jobs_worker()
    assert name_of(last) == ""


@pytest.mark.parametrize("which", ["master", "all"])
def test_a_worker_ends_when_its_server_is_killed_and_holds_nothing_of_it(site, which):
    """The next server gets port and folder while a job's process may still be ending."""
    with Victim(site.root, workers=1) as server:
        until(server.jobs_worker)
        orphan = server.jobs_worker()
        opened = {os.readlink(path) for path in Path(f"/proc/{orphan}/fd").iterdir()}
        assert not any(name.startswith("socket:") or name.endswith("server.lock") for name in opened), opened
        server.kill(which)
        until(lambda: name_of(orphan) == "")
        server.start()
        assert server.answers_within(PATIENCE)
