"""Failed attempts are counted together by all processes of a server, and counting never stands in the way."""

import contextlib
import multiprocessing
import os
import sqlite3
import stat
import threading
import time
from collections import Counter
from concurrent.futures import ThreadPoolExecutor

import pytest

from studyapp.web.entrance import attempts
from studyapp.web.entrance.attempts import AttemptsFile
from tests.web.counting import TIMES, count_many
from tests.web.test_sign_in import account, sign_in  # noqa: F401 (a fixture)

MINUTE = 60


def store(path) -> AttemptsFile:
    return AttemptsFile(f"attempts://{path}")


def test_counts_hold_for_their_window_and_no_longer(tmp_path, monkeypatch):
    counts, now = store(tmp_path / "a.db"), time.time()
    clock = [now]
    monkeypatch.setattr(time, "time", lambda: clock[0])
    assert (counts.get("one"), counts.get_expiry("one")) == (0, now)
    assert [counts.incr("one", MINUTE), counts.incr("one", MINUTE, 3), counts.incr("two", MINUTE)] == [
        1,
        4,
        1,
    ]
    assert (counts.get("one"), counts.get_expiry("one")) == (4, now + MINUTE)
    clock[0] += MINUTE
    assert counts.get("one") == 0
    assert counts.incr("one", MINUTE) == 1
    counts.clear("one")
    assert (counts.get("one"), counts.reset()) == (0, 0)


def test_a_clock_that_was_wrong_locks_nobody_out_for_years(tmp_path, monkeypatch):
    counts, clock = store(tmp_path / "a.db"), [time.time() + 400 * 86_400]
    monkeypatch.setattr(time, "time", lambda: clock[0])
    counts.incr("one", MINUTE)
    clock[0] -= 400 * 86_400
    assert counts.get("one") == 0
    assert counts.incr("one", MINUTE) == 1


def test_processes_count_together(tmp_path):
    path = tmp_path / "a.db"
    context = multiprocessing.get_context("spawn")
    together = context.Barrier(4)
    processes = [context.Process(target=count_many, args=(path, together)) for _ in range(4)]
    for process in processes:
        process.start()
    for process in processes:
        process.join()
    assert [store(path).get(f"{number}") for number in range(TIMES)] == [4] * TIMES
    assert stat.S_IMODE(path.stat().st_mode) == 0o600


def test_a_spoilt_file_is_begun_anew(tmp_path):
    path = tmp_path / "a.db"
    path.write_bytes(os.urandom(5000))
    counts = store(path)
    assert counts.incr("one", MINUTE) == 1
    assert counts.incr("one", MINUTE) == 1, "in the file"
    assert store(path).get("one") == 1


@pytest.mark.parametrize("harm", ["spoilt", "a folder", "locked"])
@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
def test_without_its_file_a_server_still_counts(eve, account, workspace, harm, monkeypatch):  # noqa: F811
    path = workspace.folders.attempts
    monkeypatch.setattr(attempts, "_PATIENCE", 0.01)
    with contextlib.closing(sqlite3.connect(":memory:" if harm == "a folder" else path)) as other:
        if harm == "spoilt":
            path.write_bytes(os.urandom(5000))
        elif harm == "a folder":
            path.mkdir()
        else:
            other.execute("CREATE TABLE of_another_process (key TEXT)")
            other.execute("BEGIN IMMEDIATE")  # it can be read, and not be written
        answers = [sign_in(eve, password=f"guess number {n}").status_code for n in range(12)]
    assert answers[:10] == [401] * 10
    assert answers[-1] == 429


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
def test_a_burst_tells_little_more_than_the_limit(real_hashes, app, account, workspace):  # noqa: F811
    """Forty guesses at the same instant: those that are checked when the limit is used up say nothing."""
    clients = [app.test_client() for _ in range(40)]
    tokens = [token_of(client.get("/sign-in").text) for client in clients]
    together = threading.Barrier(len(clients))

    def guess(number: int) -> int:
        form = {"csrf_token": tokens[number], "name": "Olga", "password": f"guess {number}", "code": ""}
        together.wait()
        return clients[number].post("/sign-in", data=form).status_code

    with ThreadPoolExecutor(len(clients)) as threads:
        answers = Counter(threads.map(guess, range(len(clients))))
    assert answers[401] + answers[429] == len(clients)
    assert 1 <= answers[401] <= 13


def token_of(page: str) -> str:
    return page.partition('name="csrf_token" value="')[2].partition('"')[0]
