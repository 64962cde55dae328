"""Run commands on a disk with next to nothing free, in a mount namespace of its own.

`python -m tests.disk.small_disk` under `unshare --mount` reads attempts as JSON and prints what came
of them: for each the exit status, what was said, and what is on the disk that was not as before.
"""

import contextlib
import hashlib
import json
import os
import shutil
import sqlite3
import subprocess
import sys
import traceback
from pathlib import Path

from tests import shortcuts

MEGABYTES = 24
# Programs are read once: an attempt is a fork of this process.
MODULES = {"studyapp": "studyapp.cli"}
READ = (
    *MODULES.values(),
    "matplotlib.pyplot",
    "scipy.stats",
    "studyapp.services.care.backups",
    "studyapp.services.folder.preparing",
    "studyapp.services.results.exports",
    "studyapp.services.results.ranking",
)
# What a process holds while it runs, and SQLite's shared memory: neither says anything of the study.
PASSING = {"server.lock", ".lock", "study.db-shm"}


def isolated(*command: str) -> list[str]:
    """A command with mounts of its own; what is mounted goes with it."""
    return ["unshare", "--user", "--map-root-user", "--mount", *command]


def contents(folder: Path) -> dict[str, str]:
    """Every file and what is in it; of a database what it says, however it lies on the disk."""
    found = {}
    for path in sorted(folder.rglob("*")):
        if path.is_file() and path.name not in PASSING and not path.name.endswith("-wal"):
            data = _rows(path) if path.name == "study.db" else path.read_bytes()
            found[path.relative_to(folder).as_posix()] = hashlib.sha256(data).hexdigest()
    return found


def _rows(path: Path) -> bytes:
    with contextlib.closing(sqlite3.connect(path)) as database:
        return "\n".join(database.iterdump()).encode()


def attempt(program: str, arguments: list[str], told: Path) -> int:
    """Run a command in a fork, all that it says in a file; return its exit status."""
    child = os.fork()
    if not child:
        status = 70
        try:
            descriptor = os.open(told, os.O_WRONLY | os.O_CREAT | os.O_TRUNC)
            os.dup2(descriptor, 1)
            os.dup2(descriptor, 2)
            sys.stdout, sys.stderr = open(1, "w", closefd=False), open(2, "w", closefd=False)  # noqa: SIM115
            status = _status(program, arguments)
            sys.stdout.flush()
            sys.stderr.flush()
        except BaseException:
            os.write(2, traceback.format_exc().encode())
        finally:
            os._exit(status)
    return os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])


def _status(program: str, arguments: list[str]) -> int:
    module = sys.modules[MODULES[program]]
    try:
        module.main(arguments, standalone_mode=True)
    except SystemExit as ended:
        return ended.code if isinstance(ended.code, int) else int(ended.code is not None)
    return 0


def fill(disk: Path, free: int) -> None:
    """Leave so many bytes."""
    there = os.statvfs(disk)
    with (disk / "filler").open("wb") as file:
        os.posix_fallocate(file.fileno(), 0, max(there.f_bavail * there.f_bsize - free, 1))


def on_a_full_disk(disk: Path, source: Path, told: Path, case: dict) -> dict:
    """Put a copy of `source` onto the disk, leave little room, run the command; then again with room."""
    for path in disk.iterdir():
        shutil.rmtree(path) if path.is_dir() else path.unlink()
    work = Path(shutil.copytree(source, disk / "work"))
    arguments = [argument.replace("WORK", str(work)) for argument in case["arguments"]]
    before = contents(work)
    fill(disk, case["free"])
    status = attempt(case["program"], arguments, told)
    said = told.read_text(errors="replace")
    (disk / "filler").unlink()
    after = contents(work)
    again = attempt(case["program"], arguments, told)
    return {
        "status": status,
        "said": said,
        "changed": sorted(name for name in before if after.get(name) != before[name]),
        "new": sorted(after.keys() - before.keys()),
        "again": again,
        "said_again": told.read_text(errors="replace"),
    }


def main() -> None:
    spec = json.load(sys.stdin)
    for module in READ:
        __import__(module)
    shortcuts.take_all(["blank_plots"])
    disk = Path(spec["disk"])
    command = ["mount", "-t", "tmpfs", "-o", f"size={MEGABYTES}m", "none", str(disk)]
    subprocess.run(command, check=True)
    told = Path(spec["told"])
    found = [on_a_full_disk(disk, Path(case["source"]), told, case) for case in spec["cases"]]
    json.dump(found, sys.stdout)


if __name__ == "__main__":
    main()
