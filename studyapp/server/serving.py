"""Serving a study: a few processes with threads each."""

import errno
import gc
import os
import socket
import sys
import time
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from typing import Any, TypeVar

from sqlalchemy.exc import DBAPIError, OperationalError

from analysis.processes import cores
from studyapp.app import create_app
from studyapp.db.durability import check_durability
from studyapp.errors import ProblemsFoundError, StudyError
from studyapp.server.counting import counting
from studyapp.server.jobs_worker import JobsWorker
from studyapp.server.lock import only_server
from studyapp.services.ground.second_record import mend_record
from studyapp.services.ground.site import Site, open_site
from studyapp.services.ground.workspace import Workspace, begin_study, load_workspace, open_workspace
from studyapp.settings import json_log, patience

Result = TypeVar("Result")

USUAL_WORKERS = 4  # at most, unless told otherwise
# Of each process, and of all together: few enough for the 100 connections that a PostgreSQL usually allows.
THREADS, ALL_THREADS = 24, 64
# Of each process; a system allows a process 1,024 open files, and a connection takes one.
CONNECTIONS = 700
GRACE = 10  # seconds that a stopping server gives to what it was asked before
BACKLOG = 2048
DATABASE_PAUSE = 0.5  # seconds between looks for a database that is away


def usual_workers() -> int:
    """Return how many processes serve unless told otherwise: one for each core, up to a few."""
    return min(cores(), USUAL_WORKERS)


def serve(
    root: Path,
    host: str,
    port: int,
    workers: int,
    *,
    check: Callable[[Workspace], None],
    begin: Callable[[Site], None],
) -> None:
    """Serve a site or a study until interrupted, by gunicorn: `workers` processes with threads.

    Parameters
    ----------
    check
        Called for each study when the folder's lock is held and the socket listens, to refuse what must not
        be served. Of a site the other studies are served then.
    begin
        What a server that serves does first: called when the folder's lock is held, the socket listens and
        the application is made. Before that nothing is changed: a server that cannot serve does no harm.

    Raises
    ------
    StudyError
        When another server is using this study folder, the address cannot be had, or the database does not
        keep what it commits.
    """
    # gunicorn would read it, too, and answer what lies elsewhere with an error of its own.
    path = os.environ.pop("SCRIPT_NAME", "")
    patience()  # refused here when it is set wrongly, not by each worker
    json_log()
    site = open_site(root)
    if site.is_lone:
        begin_study(root)
        open_workspace(root).database.close()  # refused before the lock, where it is of another version
    check_durability(site.database)
    site.close()
    with only_server(site.folders), listening(host, port) as listener, counting(root):
        _with_the_database(lambda: _check(site, check))
        app = _with_the_database(lambda: create_app(root, path=path))
        begin(site)
        # No connection may be used by two processes: each worker opens its own.
        site.close()
        _state(app).close()
        # What is there by now stays: looking through it again and again would halt everybody each time.
        gc.collect()
        gc.freeze()
        jobs = JobsWorker(root)
        try:
            _gunicorn(app, listener, workers, jobs)
        finally:
            jobs.stop()
            for study in site.studies():
                with suppress(ProblemsFoundError):  # of a draft whose study.yaml is being edited
                    settle(load_workspace(site.study_root(study)))


def _check(site: Site, check: Callable[[Workspace], None]) -> None:
    for study in site.studies():
        try:
            workspace = open_workspace(site.study_root(study))
            try:
                check_durability(workspace.database)
                check(workspace)
            finally:
                workspace.database.close()
        except StudyError as error:
            if site.is_lone:
                raise
            print(f"the study {study} is not served: {error}", file=sys.stderr, flush=True)


def listening(host: str, port: int) -> socket.socket:
    """Return a socket that listens.

    Raises
    ------
    StudyError
        When the address is taken, or none of this machine's.
    """
    try:
        family, _, _, _, address = socket.getaddrinfo(
            host, port, type=socket.SOCK_STREAM, flags=socket.AI_PASSIVE
        )[0]
        return socket.create_server(address[:2], family=family, backlog=BACKLOG)
    except OSError as error:
        why = {
            errno.EADDRINUSE: "another program is listening there; stop it, or choose another --port",
            errno.EACCES: "only administrators may use ports below 1024; choose another --port",
            errno.EADDRNOTAVAIL: "this machine does not have that address; choose another --host",
        }.get(error.errno or 0, f"{error.strerror}; choose another --host or --port")
        raise StudyError(f"cannot listen on {host} port {port}: {why}") from None


def settle(workspace: Workspace) -> None:
    """Put what SQLite still keeps beside the database into it, so that the file alone holds every ballot."""
    database = workspace.database
    try:
        if database.is_sqlite:
            with database.looking() as connection:
                connection.exec_driver_sql("PRAGMA wal_checkpoint(TRUNCATE)")
    except DBAPIError as error:  # a full disk: nothing is lost, it stays where it is
        print(f"the ballots stay in {workspace.folders.database}-wal: {error.orig}", file=sys.stderr)
    finally:
        database.close()


def _gunicorn(app: Any, listener: socket.socket, workers: int, jobs: JobsWorker) -> None:
    from gunicorn.app.base import BaseApplication
    from gunicorn.arbiter import Arbiter

    from studyapp.server.counting import forget
    from studyapp.server.log import DiscreetLogger
    from studyapp.server.worker import PatientWorker

    class Server(BaseApplication):
        def load_config(self) -> None:
            settings: dict[str, Any] = {
                "bind": f"fd://{listener.detach()}",
                "workers": workers,
                "worker_class": PatientWorker,
                "worker_connections": CONNECTIONS,
                # Files go the way of all answers, which may be taken slowly.
                "sendfile": False,
                "threads": min(THREADS, ALL_THREADS // workers),
                # Made once, the workers are copies: they share its memory, and one that died is back at once.
                "preload_app": True,
                "post_worker_init": _after_a_death,
                "child_exit": forget,
                "logger_class": DiscreetLogger,
                "keepalive": 30,
                "graceful_timeout": GRACE,
                "umask": 0o077,
                # What a proxy says is read by the application, as far as it is told to believe it.
                "forwarded_allow_ips": "",
                "forwarder_headers": "",
                # It would lie in the home folder, one for all servers of this account.
                "control_socket_disable": True,
                "loglevel": "warning",
                "proc_name": "studyapp",
            }
            for name, value in settings.items():
                self.cfg.set(name, value)

        def load(self) -> Any:
            return app

    class Master(Arbiter):
        def manage_workers(self) -> None:
            """Look after the workers, about once a second: the one for jobs, too."""
            super().manage_workers()
            jobs.tend()

    Master(Server()).run()


def _after_a_death(worker: Any) -> None:
    """Mend the second record when this worker takes the place of one that died, perhaps before its line."""
    if worker.age <= worker.cfg.workers:
        return
    try:
        _with_the_database(lambda: _mend(worker.wsgi), stop=lambda: _is_left(worker))
    # Nobody was told of what is missing; gunicorn would end the whole server with this worker.
    except (StudyError, DBAPIError, OSError) as error:
        said = error.orig if isinstance(error, DBAPIError) else error
        worker.log.error("the second record stays incomplete until the next start: %s", said)
    except Exception:
        worker.log.exception("the second record stays incomplete until the next start")


def _is_left(worker: Any) -> bool:
    """Tell whether a worker that waits was asked to end, or its master is gone."""
    worker.notify()
    return not worker.alive or os.getppid() != worker.ppid


def _mend(app: Any) -> None:
    for workspace in _state(app).workspaces():
        mend_record(workspace)


def _state(app: Any) -> Any:
    return app.extensions["studyapp"]


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
