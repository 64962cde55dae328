"""Batch work: results in order, failures with the name of their item, no process left behind."""

import math
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from studyapp.batch.pool import TaskError, executor, run
from studyapp.errors import ProblemsFoundError, StudyError
from studyapp.study.study_file import load_study_file

pytestmark = pytest.mark.processes


def test_results_come_in_the_order_of_the_items_and_progress_is_told():
    told = []
    items = [0.2, 0.0, 0.1, 0.0]
    results = run(time.sleep, items, workers=2, stage="sleep", progress=lambda *now: told.append(now))
    assert list(results) == [None] * 4
    assert told == [("sleep", done, 4) for done in range(5)]
    assert list(run(math.sqrt, [16, 9, 4], workers=2)) == [4, 3, 2]


def test_without_items_no_process_is_started():
    assert list(run(math.sqrt, [], workers=None)) == []


def test_an_error_names_its_item():
    with pytest.raises(TaskError, match=r"^four: ValueError: invalid literal"):
        list(run(int, ["3", "four", "5"], workers=1))


def test_an_error_of_ours_keeps_its_words_and_names_its_item(tmp_path):
    path = tmp_path / "study.yaml"
    with pytest.raises(TaskError, match=f"^{path}: 1 problem found") as caught:
        list(run(load_study_file, [path], workers=1))
    assert isinstance(caught.value.__cause__, ProblemsFoundError)


def test_a_dead_worker_names_the_item():
    with pytest.raises(TaskError, match="a worker process died"):
        list(run(signal.raise_signal, [signal.SIGKILL], workers=1))


def test_a_pool_can_be_shared():
    with executor(workers=1) as pool:
        first, second = (set(run(_pid_of, [1, 2], pool=pool)) for _ in range(2))
    assert first == second
    assert os.getpid() not in first


def _pid_of(_item):
    return os.getpid()


def test_bad_settings_are_refused():
    with pytest.raises(StudyError, match="0 workers"), executor(workers=0):
        pass


PARENT = """
import os, signal, sys, time
from studyapp.batch.pool import executor
signal.signal(signal.SIGINT, signal.default_int_handler)  # whoever runs the tests may ignore it
with executor(workers=1) as pool:
    print(pool.submit(os.getpid).result(), flush=True)
    pool.submit(time.sleep, float(sys.argv[1]))
    print("waiting", flush=True)
    time.sleep(600)
"""


def alive(pid):
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    except OSError:
        return False


def gone_within(pid, seconds):
    until = time.monotonic() + seconds
    while alive(pid) and time.monotonic() < until:
        time.sleep(0.05)
    return not alive(pid)


def test_workers_end_when_their_parent_is_killed():
    parent = subprocess.Popen([sys.executable, "-c", PARENT, "60"], stdout=subprocess.PIPE, text=True)
    worker = int(parent.stdout.readline())
    assert alive(worker)
    parent.kill()
    parent.communicate()
    assert gone_within(worker, 120)


def test_ctrl_c_ends_everything_without_a_word_from_the_workers():
    parent = subprocess.Popen(
        [sys.executable, "-c", PARENT, "2"],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        start_new_session=True,
    )
    worker = int(parent.stdout.readline())
    # Sooner, it would interrupt the handing over of the task; a parent that waits only has one thing to say.
    assert parent.stdout.readline() == "waiting\n"
    os.killpg(parent.pid, signal.SIGINT)
    _, errors = parent.communicate(timeout=120)
    assert gone_within(worker, 120)
    assert errors.count("KeyboardInterrupt") == 1
    assert "Process Spawn" not in errors
