"""Failed attempts are counted together by all processes of a server, and counting never stands in the way."""

import multiprocessing
import os
import stat
import time

import pytest

from studyapp.web.attempts import AttemptsFile
from studyapp.web.limits import limiter
from tests.web.test_sign_in import account, sign_in  # noqa: F401 (a fixture)

MINUTE = 60


def store(path) -> AttemptsFile:
    return AttemptsFile(f"attempts://{path}")


def count_fifty(path) -> None:
    for _ in range(50):
        store(path).incr("together", MINUTE)


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
    processes = [context.Process(target=count_fifty, args=(path,)) for _ in range(3)]
    for process in processes:
        process.start()
    for process in processes:
        process.join()
    assert store(path).get("together") == 150
    assert stat.S_IMODE(path.stat().st_mode) == 0o600


def test_a_spoilt_file_is_begun_anew(tmp_path):
    path = tmp_path / "a.db"
    path.write_bytes(os.urandom(5000))
    assert not store(path).check()
    assert store(path).check()
    assert store(path).incr("one", MINUTE) == 1


@pytest.mark.parametrize("harm", ["spoilt", "a folder"])
def test_without_its_file_a_server_still_counts(eve, account, workspace, harm, monkeypatch):  # noqa: F811
    monkeypatch.setattr(limiter, "_storage_dead", False)  # and so again afterwards: it is one for all tests
    path = workspace.folders.attempts
    if harm == "spoilt":
        path.write_bytes(os.urandom(5000))
    else:
        path.mkdir()
    answers = [sign_in(eve, password=f"guess number {n}").status_code for n in range(12)]
    assert set(answers[:10]) == {401}
    assert answers[-1] == 429
