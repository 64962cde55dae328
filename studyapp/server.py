"""Serving a study: one process with threads, and a lock that keeps a second one away."""

import fcntl
import gc
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from sqlalchemy.exc import OperationalError

from studyapp.app import create_app
from studyapp.db.durability import check_durability
from studyapp.errors import StudyError
from studyapp.services.workspace import open_workspace
from studyapp.settings import Folders

THREADS = 24
DATABASE_PAUSE = 0.5  # seconds between looks for a database that is away


def serve(root: Path, host: str, port: int) -> None:
    """Serve the study until interrupted, by gunicorn with one worker and threads.

    Raises
    ------
    StudyError
        When another server is using this study folder, or the database does not keep what it commits.
    """
    workspace = open_workspace(root)
    check_durability(workspace.database)
    workspace.database.close()
    with only_server(workspace.folders):
        _gunicorn(root, host, port)


@contextmanager
def only_server(folders: Folders, *, patience: float = 5.0) -> Iterator[None]:
    """Hold the study folder's server lock.

    On SQLite one process must do all the writing. The lock belongs to the process, so a killed server leaves
    none behind; `patience` seconds are waited for one that is just dying.

    Raises
    ------
    StudyError
        When another server holds it.
    """
    path = folders.var / "server.lock"
    with path.open("w", encoding="ascii") as file:
        deadline = time.monotonic() + patience
        while not _try_lock(file.fileno()):
            if time.monotonic() > deadline:
                raise StudyError(
                    f"another server is serving {folders.root}; stop it first, or use another folder"
                )
            time.sleep(0.05)
        yield


def _try_lock(descriptor: int) -> bool:
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True


def _gunicorn(root: Path, host: str, port: int) -> None:
    from gunicorn.app.base import BaseApplication

    class Server(BaseApplication):
        def load_config(self) -> None:
            address = f"[{host}]:{port}" if ":" in host else f"{host}:{port}"
            settings: dict[str, Any] = {
                "bind": address,
                "workers": 1,
                "worker_class": "gthread",
                "threads": THREADS,
                "keepalive": 30,
                "graceful_timeout": 10,
                "loglevel": "warning",
                "proc_name": "studyapp",
            }
            for name, value in settings.items():
                self.cfg.set(name, value)

        def load(self) -> Any:
            app = _when_the_database_is_up(root)
            # What is there by now stays: looking through it again and again would halt everybody each time.
            gc.collect()
            gc.freeze()
            return app

    Server().run()


def _when_the_database_is_up(root: Path) -> Any:
    """Make the application, waiting for a database that is just starting again.

    gunicorn ends for good when a worker fails to start: a worker that dies while PostgreSQL is away must not.
    """
    while True:
        try:
            return create_app(root)
        except OperationalError as error:
            print(f"waiting for the database: {error.orig}", file=sys.stderr, flush=True)
            time.sleep(DATABASE_PAUSE)
