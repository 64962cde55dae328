"""var/votes.jsonl beside the database: complete after every answer, mended after a crash, and loud."""

import errno
import json
import os
import threading
import time
from concurrent.futures import ThreadPoolExecutor

import pytest

from studyapp.db.journal import Journal, JournalLine
from studyapp.services.ground.second_record import compare_records, mend_record
from tests.services.voting import cast, cast_all


def compare(workspace):
    return compare_records(workspace.database, workspace.folders.journal)


def test_every_acknowledged_event_is_a_line(workspace, links):
    receipt = cast(workspace, "Jude", 1, 1, 2, 3)
    last = json.loads(workspace.folders.journal.read_text().splitlines()[-1])
    assert (last["chain"], last["body"]["answer"]["picks"], last["hash"][:16]) == (
        "judge01",
        [1, 2, 3],
        receipt,
    )
    found = compare(workspace)
    assert (found.missing, found.strangers, found.damaged) == ((), (), 0)


def test_it_names_nobody(workspace, links):
    cast_all(workspace, "Jude", "June")
    text = workspace.folders.journal.read_text()
    names = [word for team in workspace.file.teams for word in (team.id, team.name)]
    assert not [word for word in (*names, "Jude", "June", "example.org") if word in text]
    assert workspace.folders.journal.stat().st_mode & 0o077 == 0


@pytest.mark.parametrize("keep", [0, 40])
def test_a_crash_between_commit_and_line_is_mended(workspace, links, keep):
    """The database has the event; the file has nothing of it, or half a line. Nobody was told."""
    cast(workspace, "Jude", 1, 1)
    whole = workspace.folders.journal.read_bytes()
    cast(workspace, "Jude", 1, 1, 2, base=1)
    cut = workspace.folders.journal.read_bytes()[: len(whole) + keep]
    workspace.database.close()
    workspace.folders.journal.write_bytes(cut)
    assert len(mend_record(workspace).missing) == 1
    after = compare(workspace)
    assert (after.missing, after.agrees, after.damaged) == ((), True, int(keep > 0))
    cast(workspace, "Jude", 1, 1, 2, 3, base=2)
    assert compare(workspace).missing == ()


def test_a_retry_completes_what_a_crash_cut_off(workspace, links):
    cast(workspace, "Jude", 1, 1)
    workspace.database.close()
    workspace.folders.journal.unlink()
    workspace.database.journal = Journal(workspace.folders.journal)
    cast(workspace, "Jude", 1, 1)
    assert [link.chain for link in compare(workspace).missing] == ["study"] * 4, (
        "Jude's ballot is there again"
    )


def test_a_lost_event_is_named(workspace, links):
    cast(workspace, "Jude", 1, 1)
    line = json.loads(workspace.folders.journal.read_text().splitlines()[-1])
    line["body"]["sequence"] = 2
    with workspace.folders.journal.open("a") as file:
        file.write(json.dumps(line) + "\n")
    found = compare(workspace)
    assert not found.agrees
    assert found.strangers == ("judge01, event 2",)


def test_a_full_disk_is_not_acknowledged_and_the_retry_is(workspace, links, monkeypatch):
    """The commit stands, the line fails: the judge is told that saving failed, and the retry completes it."""
    write = os.write

    def full(descriptor: int, data: bytes) -> int:
        if len(data) > 20:
            return write(descriptor, data[:20])
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(os, "write", full)
    with pytest.raises(OSError, match="No space"):
        cast(workspace, "Jude", 1, 1)
    monkeypatch.setattr(os, "write", write)
    assert len(compare(workspace).missing) == 1
    assert cast(workspace, "Jude", 1, 1)
    found = compare(workspace)
    assert (found.missing, found.strangers, found.damaged) == ((), (), 1)


def test_threads_share_the_file_and_lose_no_line(tmp_path):
    journal = Journal(tmp_path / "votes.jsonl")

    def write(thread: int) -> None:
        for number in range(50):
            journal.append([JournalLine(f"{thread}-{number}", f'"{thread}-{number}"')])
            journal.append([JournalLine(f"{thread}-{number}", "twice")])

    threads = [threading.Thread(target=write, args=(number,)) for number in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    journal.close()
    lines = (tmp_path / "votes.jsonl").read_text().splitlines()
    assert sorted(lines) == sorted(f'"{thread}-{number}"' for thread in range(8) for number in range(50))
    assert not journal.path.read_text().startswith("\n")


def test_a_line_that_another_process_left_unfinished_takes_no_other_with_it(tmp_path):
    path = tmp_path / "votes.jsonl"
    mine, theirs = Journal(path), Journal(path)
    mine.append([JournalLine("1", '"first"')])
    theirs.append([JournalLine("2", '"second"')])
    with path.open("ab") as file:
        file.write(b'"of a process that was kil')
    mine.append([JournalLine("3", '"third"')])
    theirs.append([JournalLine("4", '"fourth"')])
    assert path.read_text().splitlines() == [
        '"first"',
        '"second"',
        '"of a process that was kil',
        '"third"',
        '"fourth"',
    ]
    mine.close()
    theirs.close()


def test_processes_take_turns_at_the_file(tmp_path, monkeypatch):
    """Each writes in small pieces; two open files of one process keep each other out as two processes do."""
    write = os.write

    def in_pieces(descriptor: int, data: bytes) -> int:
        time.sleep(0.0002)
        return write(descriptor, data[:5])

    monkeypatch.setattr(os, "write", in_pieces)
    journals = [Journal(tmp_path / "votes.jsonl") for _ in range(3)]

    def fill(number: int) -> None:
        for line in range(20):
            journals[number].append([JournalLine(f"{number}-{line}", f'"line {line} of process {number}"')])

    with ThreadPoolExecutor(3) as threads:
        list(threads.map(fill, range(3)))
    for journal in journals:
        journal.close()
    lines = (tmp_path / "votes.jsonl").read_text().splitlines()
    assert sorted(lines) == sorted(f'"line {line} of process {n}"' for line in range(20) for n in range(3))


def test_a_line_that_only_looks_like_an_event_is_damage(workspace, links):
    with workspace.folders.journal.open("a") as file:
        file.write('{"chain": "judge01", "hash": "0", "body": 3}\n')
    found = mend_record(workspace)
    assert (found.strangers, found.damaged) == ((), 1)
