"""Files are whole, on disk and one writer's, whoever writes at the same time and whatever fails."""

import os
import stat
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor

import pytest

from analysis.files import Waiting, write_whole
from analysis.locks import locked

SIZE = 300_000


def test_writers_at_once_never_show_half_a_file(tmp_path):
    path = tmp_path / "ledger.jsonl"
    write_whole(path, "a" * SIZE)

    def write(letter: str) -> None:
        for _ in range(40):
            write_whole(path, letter * SIZE)

    with ThreadPoolExecutor(3) as threads:
        writing = [threads.submit(write, letter) for letter in "abc"]
        while not all(future.done() for future in writing):
            seen = path.read_text()
            assert (len(seen), len(set(seen))) == (SIZE, 1)
        assert [future.result() for future in writing] == [None] * 3
    assert [item.name for item in tmp_path.iterdir()] == ["ledger.jsonl"]


def test_text_is_utf8_as_it_stands(tmp_path):
    assert write_whole(tmp_path / "a.csv", "né\n").read_bytes() == "né\n".encode()


def test_what_was_there_stays_when_it_must_not_be_written_over(tmp_path):
    path = write_whole(tmp_path / "key", "one")
    with pytest.raises(FileExistsError, match="key"):
        write_whole(path, "two", over=False)
    assert (path.read_text(), [item.name for item in tmp_path.iterdir()]) == ("one", ["key"])


def test_what_failed_half_way_leaves_nothing(tmp_path):
    def pieces():
        yield b"half"
        raise ValueError("the power of judgement")

    path = write_whole(tmp_path / "a", "whole")
    with pytest.raises(ValueError, match="power"), Waiting(path) as waiting:
        waiting.write(pieces())
    assert (path.read_text(), [item.name for item in tmp_path.iterdir()]) == ("whole", ["a"])


def test_a_file_and_its_name_are_on_disk_when_it_is_said_to_be(tmp_path, monkeypatch):
    """fsync of the content before the rename, of the folder after it; a cache waits for neither."""
    acts = []
    sync, replace = os.fsync, os.replace
    monkeypatch.setattr(os, "fsync", lambda d: (acts.append(stat.S_ISDIR(os.fstat(d).st_mode)), sync(d)))
    monkeypatch.setattr(os, "replace", lambda old, new: (acts.append("renamed"), replace(old, new)))
    write_whole(tmp_path / "a", "a")
    assert acts == [False, "renamed", True]
    acts.clear()
    with Waiting(tmp_path / "b", lasting=False) as waiting:
        waiting.write("b")
        waiting.take_its_place()
    assert acts == ["renamed"]


def test_one_lock_for_threads_and_processes(tmp_path):
    path = tmp_path / ".lock"
    held = "import sys; from pathlib import Path; from analysis.locks import locked\n"
    held += "with locked(Path(sys.argv[1]), wait=False) as free: print(free)"

    def other():
        return subprocess.run([sys.executable, "-c", held, path], capture_output=True, check=True).stdout

    with locked(path) as free, locked(path, wait=False) as again:
        assert (free, again, other()) == (True, False, b"False\n")
    assert other() == b"True\n"
