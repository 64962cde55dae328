"""Where the processes of a server keep their counts for Prometheus: side by side, in memory.

The client writes each count into a file that it has mapped. On a full disk such a write would kill the
process, and ballots with it; so the files lie in memory where the system offers that.
"""

import hashlib
import os
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

VARIABLE = "PROMETHEUS_MULTIPROC_DIR"
MEMORY = Path("/dev/shm")  # noqa: S108 (the folder is made for this account alone)


@contextmanager
def counting(root: Path) -> Iterator[None]:
    """Give the client of Prometheus, which is loaded later, an empty folder; remove it at the end.

    One that a killed server left is emptied by the next, so the name follows from the study's folder.
    """
    if VARIABLE in os.environ:  # an operator's choice; what a server before left in it is not counted again
        folder = Path(os.environ[VARIABLE])
        folder.mkdir(parents=True, exist_ok=True)
        for file in folder.glob("*.db"):
            file.unlink()
        yield
        return
    folder = _own_folder(root)
    os.environ[VARIABLE] = str(folder)
    try:
        yield
    finally:
        del os.environ[VARIABLE]
        shutil.rmtree(folder, ignore_errors=True)


def forget(_server: Any, worker: Any) -> None:
    """Leave a process that ended out of the counts of what is going on; called by gunicorn."""
    from prometheus_client.multiprocess import mark_process_dead

    mark_process_dead(worker.pid)


def _own_folder(root: Path) -> Path:
    place = MEMORY if os.access(MEMORY, os.W_OK) else Path(tempfile.gettempdir())
    name = hashlib.sha256(os.fsencode(root.resolve())).hexdigest()[:16]
    folder = place / f"studyapp-counts-{os.getuid()}-{name}"
    shutil.rmtree(folder, ignore_errors=True)
    try:
        folder.mkdir(mode=0o700)
    except FileExistsError:  # somebody else's
        return Path(tempfile.mkdtemp(prefix="studyapp-counts-", dir=place))
    return folder
