"""Serving a study: a few processes with threads each, and a lock that keeps a second server away."""

import fcntl
import gc
import os
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, TypeVar

from sqlalchemy.exc import OperationalError

from studyapp.app import create_app
from studyapp.db.durability import check_durability
from studyapp.errors import StudyError
from studyapp.jobs.pool import cores
from studyapp.services.second_record import mend_record
from studyapp.services.workspace import Workspace, open_workspace
from studyapp.settings import Folders

Result = TypeVar("Result")

USUAL_WORKERS = 4  # at most, unless told otherwise
# Of each process, and of all together: few enough for the 100 connections that a PostgreSQL usually allows.
THREADS, ALL_THREADS = 24, 64
DATABASE_PAUSE = 0.5  # seconds between looks for a database that is away


def usual_workers() -> int:
    """Return how many processes serve unless told otherwise: one for each core, up to a few."""
    return min(cores(), USUAL_WORKERS)


def serve(root: Path, host: str, port: int, workers: int) -> None:
    """Serve the study until interrupted, by gunicorn: `workers` processes with threads.

    Raises
    ------
    StudyError
        When another server is using this study folder, or the database does not keep what it commits.
    """
    workspace = open_workspace(root)
    check_durability(workspace.database)
    workspace.database.close()
    with only_server(workspace.folders):
        _gunicorn(root, host, port, workers)


@contextmanager
def only_server(folders: Folders, *, patience: float = 5.0) -> Iterator[None]:
    """Hold the study folder's server lock.

    It belongs to the server's processes, so that the last one to die gives it back; `patience` seconds are
    waited for those that are just dying.

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


def _gunicorn(root: Path, host: str, port: int, workers: int) -> None:
    from gunicorn.app.base import BaseApplication

    class Server(BaseApplication):
        def load_config(self) -> None:
            address = f"[{host}]:{port}" if ":" in host else f"{host}:{port}"
            settings: dict[str, Any] = {
                "bind": address,
                "workers": workers,
                "worker_class": "gthread",
                "threads": min(THREADS, ALL_THREADS // workers),
                # Made once, the workers are copies: they share its memory, and one that died is back at once.
                "preload_app": True,
                "post_worker_init": _after_a_death,
                "keepalive": 30,
                "graceful_timeout": 10,
                "loglevel": "warning",
                "proc_name": "studyapp",
            }
            for name, value in settings.items():
                self.cfg.set(name, value)

        def load(self) -> Any:
            app = _with_the_database(lambda: create_app(root))
            # No connection may be used by two processes: each worker opens its own.
            _workspace(app).database.close()
            # What is there by now stays: looking through it again and again would halt everybody each time.
            gc.collect()
            gc.freeze()
            return app

    Server().run()


def _after_a_death(worker: Any) -> None:
    """Mend the second record when this worker takes the place of one that died, perhaps before its line."""
    if worker.age <= worker.cfg.workers:
        return
    try:
        _with_the_database(lambda: mend_record(_workspace(worker.wsgi)), stop=lambda: _is_left(worker))
    except Exception:
        # Nobody was told of what is missing; gunicorn would end the whole server with this worker.
        worker.log.exception("the second record stays incomplete until the next start")


def _is_left(worker: Any) -> bool:
    """Tell whether a worker that waits was asked to end, or its master is gone."""
    worker.notify()
    return not worker.alive or os.getppid() != worker.ppid


def _workspace(app: Any) -> Workspace:
    return app.extensions["studyapp"].workspace


def _with_the_database(do: Callable[[], Result], *, stop: Callable[[], bool] = lambda: False) -> Result:
    """Do what needs the database, waiting for one that is just starting again.

    gunicorn ends for good when a worker fails to start: one that dies while PostgreSQL is away must not.
    """
    while True:
        try:
            return do()
        except OperationalError as error:
            print(f"waiting for the database: {error.orig}", file=sys.stderr, flush=True)
            time.sleep(DATABASE_PAUSE)
            if stop():
                sys.exit(0)
