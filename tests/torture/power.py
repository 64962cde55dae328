"""Power cuts: from a log of every write and fsync, the disk as it may be left at any moment of the run.

What was fsynced is there. Of what was not, none is, or a part of it: whole writes in any order, as a disk's
cache may have them. That a file exists counts as durable with its first fsync: SQLite syncs the folder, too.
"""

import os
import random
import shutil
import struct
import subprocess
import sys
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from studyapp.db.database import sqlite3

WRITE, TRUNCATE, SYNC, UNLINK = 1, 2, 3, 4
_RECORD = struct.Struct("=IIqq")


@dataclass(frozen=True)
class Change:
    """One logged operation on a file."""

    operation: int
    name: str
    offset: int
    data: bytes


@dataclass
class CutDisk:
    """The files of a folder under a cache that a power cut empties."""

    durable: dict[str, bytearray]
    pending: dict[str, list[Change]] = field(default_factory=dict)

    def take(self, change: Change) -> None:
        """Let one change happen."""
        if change.operation == UNLINK:
            self.durable.pop(change.name, None)
            self.pending.pop(change.name, None)
        elif change.operation == SYNC:
            file = self.durable.setdefault(change.name, bytearray())
            for earlier in self.pending.pop(change.name, []):
                _apply(file, earlier)
        else:
            self.pending.setdefault(change.name, []).append(change)

    def after_cut(self, rng: random.Random | None) -> dict[str, bytes]:
        """Return what is on disk when the power goes now; with `rng` some of the unsynced writes are, too."""
        files = {name: bytearray(content) for name, content in self.durable.items()}
        if rng is not None:
            for name, changes in self.pending.items():
                for change in changes:
                    if name in files and rng.random() < 0.5:
                        _apply(files[name], change)
        return {name: bytes(content) for name, content in files.items()}


@dataclass
class PowerOutcome:
    """How many cuts there were, how many ballots had been acknowledged by them, and what was missing."""

    cuts: int = 0
    acknowledged: int = 0
    lost: int = 0
    damaged: int = 0
    journal_lost: int = 0


def record(
    root: Path, work: Path, *, ballots: int, environment: dict[str, str], synchronous: str = ""
) -> Path:
    """Run a process that saves ballots in the study at `root`; return the log of what it wrote."""
    compiler = shutil.which("cc") or shutil.which("gcc")
    if compiler is None:
        raise RuntimeError("the power cut needs a C compiler (cc)")
    library, log = work / "power_log.so", work / "power.log"
    source = Path(__file__).with_name("power_log.c")
    subprocess.run([compiler, "-shared", "-fPIC", "-O1", "-o", str(library), str(source)], check=True)
    preload = {"LD_PRELOAD": str(library), "POWER_DIR": f"{root / 'var'}/", "POWER_LOG": str(log)}
    command = [sys.executable, "-m", "tests.torture.power_child", str(root), str(ballots), synchronous]
    subprocess.run(command, env={**os.environ, **environment, **preload}, check=True)
    return log


def cut(before: Path, log: Path, work: Path, *, cuts: int, seed: int) -> PowerOutcome:
    """Cut the power at random moments of the run, and right after acknowledgements, and look what is left.

    Parameters
    ----------
    before
        The var folder as it was when the run began.
    log
        Made by `record`.
    work
        An empty folder to rebuild disks in.
    """
    rng = random.Random(seed)
    changes = list(_changes(log))
    told = [place for place, change in enumerate(changes) if change.name == "acknowledged"]
    moments = {rng.choice(told) for _ in range(cuts // 2)}
    moments |= {rng.randrange(told[0], len(changes)) for _ in range(cuts // 2)}
    disk = CutDisk({file.name: bytearray(file.read_bytes()) for file in before.iterdir() if file.is_file()})
    outcome, keys = PowerOutcome(), []
    for place, change in enumerate(changes):
        if change.name == "acknowledged":
            keys.append(change.data.decode().strip())
        elif not change.name.endswith("-shm"):
            disk.take(change)
        if place in moments:
            for chance in (None, rng):
                _look(disk.after_cut(chance), work, keys, outcome)
    return outcome


def _look(files: dict[str, bytes], work: Path, keys: Sequence[str], outcome: PowerOutcome) -> None:
    shutil.rmtree(work, ignore_errors=True)
    work.mkdir()
    for name, content in files.items():
        (work / name).write_bytes(content)
    outcome.cuts += 1
    outcome.acknowledged += len(keys)
    connection = sqlite3.connect(str(work / "study.db"))
    try:
        if connection.execute("PRAGMA integrity_check").fetchone() != ("ok",):
            outcome.damaged += 1
        stored = {row[0] for row in connection.execute("SELECT key FROM ballot_event")}
    except sqlite3.DatabaseError:
        outcome.damaged += 1
        stored = set()
    finally:
        connection.close()
    outcome.lost += sum(key not in stored for key in keys)
    lines = files.get("votes.jsonl", b"")
    outcome.journal_lost += sum(key.encode() not in lines for key in keys)


def _apply(file: bytearray, change: Change) -> None:
    if change.operation == TRUNCATE:
        del file[change.offset :]
        file.extend(bytes(change.offset - len(file)))
        return
    file.extend(bytes(max(0, change.offset - len(file))))
    file[change.offset : change.offset + len(change.data)] = change.data


def _changes(log: Path) -> Iterator[Change]:
    data, place = log.read_bytes(), 0
    while place < len(data):
        operation, path_length, offset, length = _RECORD.unpack_from(data, place)
        place += _RECORD.size
        name = Path(data[place : place + path_length].decode()).name
        place += path_length
        content = data[place : place + length] if operation == WRITE else b""
        place += len(content)
        yield Change(operation, name, offset, content)
