"""A worker: it claims jobs, one at a time, and runs each in a process of its own.

The worker's own process does next to nothing and has one thread: it waits for what the job's process says,
renews the lease, and writes down progress and log. Whatever a job does to its process, by memory, crashes or
endless loops, the worker goes on; when the worker is killed, the job's process ends, too.
"""

import logging
import os
import secrets
import shutil
import socket
import time
from collections.abc import Callable, Collection
from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import partial
from multiprocessing.connection import wait
from typing import Any

from sqlalchemy import text
from sqlalchemy.exc import DBAPIError, IntegrityError
from sqlmodel import Session

from studyapp.services.ground.site import Site
from studyapp.services.jobs import queue
from studyapp.services.jobs.queue import Claim, LostJobError
from studyapp.services.jobs.running import Running, running, scratch_folder, scratch_folders

POLL = 0.5
"""Seconds between two looks for a job."""
BEATS = 5
"""How often a lease is renewed within its time."""
STEP = 0.5
"""Seconds between two reports of progress that are written down."""

_ANY = text("SELECT 1 FROM job WHERE state IN ('waiting', 'running') LIMIT 1")

log = logging.getLogger(__name__)

Ending = Callable[..., None]
"""How a job ends: a function of the queue, to be called with session, held, log and now."""


@dataclass(frozen=True)
class Working:
    """How a worker works.

    Attributes
    ----------
    lease, pause
        See `queue.LEASE` and `queue.PAUSE`.
    poll
        Seconds between two looks for a job.
    kinds
        Only these; all by default.
    processes, scheduler
        See `kinds.Context`.
    parent
        The process without which it ends; None for a worker that was started alone.
    """

    lease: timedelta = queue.LEASE
    pause: timedelta = queue.PAUSE
    poll: float = POLL
    kinds: Collection[str] | None = None
    processes: int | None = None
    scheduler: str | None = None
    parent: int | None = None


class Worker:
    """A worker of a site; `stop` may be called from a signal handler."""

    def __init__(self, site: Site, how: Working | None = None) -> None:
        self.site, self.how = site, how or Working()
        self.name = f"{socket.gethostname()}:{os.getpid()}:{secrets.token_hex(3)}"
        self._stopping = False
        self.wake, self._woken = os.pipe()

    def stop(self) -> None:
        """Let it end: what it runs is given back."""
        self._stopping = True
        with suppress(OSError):
            os.write(self._woken, b".")

    @property
    def is_stopping(self) -> bool:
        """Whether it was told to end, or its parent is gone."""
        parent = self.how.parent
        return self._stopping or (parent is not None and os.getppid() != parent)

    def work(self) -> None:
        """Run jobs until told to stop."""
        while not self.is_stopping:
            if not self.work_once():
                wait([self.wake], self.how.poll)

    def work_once(self) -> bool:
        """Run a job if there is one; return whether there was."""
        began = time.monotonic()
        try:
            held = self._claim()
            if held is None:
                self._tidy()
        except DBAPIError as error:
            log.warning("waiting for the database: %s", error.orig)
            return False
        if held is not None:
            log.info("job %s: %s %s, attempt %s", held.id, held.kind, held.study, held.attempt)
            _Hold(self, held, began).run()
        return held is not None

    def _tidy(self) -> None:
        """Remove what is left of jobs that ended with their worker: usually there is nothing."""
        if numbers := scratch_folders(self.site.root):
            with self.site.database.reading() as session:
                over = queue.which_are_over(session, numbers)
            for number in over:
                shutil.rmtree(scratch_folder(self.site.root, number), ignore_errors=True)

    def _claim(self) -> Claim | None:
        """Look without locking anything first: mostly there is nothing."""
        with self.site.database.looking() as connection:
            if connection.execute(_ANY).first() is None:
                return None
        try:
            with self.site.database.writing() as session:
                return queue.claim(session, self.name, now=_now(), lease=self.how.lease, kinds=self.how.kinds)
        except IntegrityError:  # another worker was quicker in this lane
            return None


class _Hold:
    """A job in the hands of a worker, from its claim to its end."""

    def __init__(self, worker: Worker, held: Claim, began: float) -> None:
        self._worker, self._site, self._how, self._held = worker, worker.site, worker.how, held
        self._renewed = began
        self._lease = self._how.lease.total_seconds()
        self._reported: tuple[str, int, int] | None = None

    def run(self) -> None:
        """Run it, and record how it ended."""
        # No connection, and nothing that SQLite knows of its files, may be in two processes.
        self._site.database.close()
        how, until = self._how, self._renewed + self._lease
        with running(self._site.root, self._held, how.processes, how.scheduler, until=until) as job:
            try:
                ending = self._follow(job)
                job.end()
                # What was done before it heard that it should stop is done.
                done = job.outcome is not None and job.outcome[0] == "done"
                self._record(self._ending_of(job) if done else ending, job)
            except LostJobError as error:
                log.warning("%s", error)

    def _follow(self, job: Running) -> Ending:
        """Listen to the job's process until it has ended, or has to; return how the job ended."""
        beat = self._lease / BEATS
        while job.listen(self._worker.wake, min(beat, STEP)):
            if self._worker.is_stopping:
                return queue.give_back
            passed = time.monotonic() - self._renewed
            fresh = job.progress != self._reported and passed >= STEP
            if (passed >= beat or fresh) and (ending := self._beat(job)):
                return ending
        return self._ending_of(job)

    def _beat(self, job: Running) -> Ending | None:
        """Renew the lease; return how the job ends if it may not go on."""
        began, progress, said = time.monotonic(), job.progress, job.said
        beat = partial(queue.beat, lease=self._how.lease, progress=progress)
        try:
            with self._site.database.writing() as session:
                stopped = beat(session, self._held, log=said, now=_now())
        except DBAPIError as error:
            if began - self._renewed > self._lease:
                raise LostJobError(f"job {self._held.id}: the database is away ({error.orig})") from error
            return None
        job.said = job.said[len(said) :]
        self._renewed, self._reported = began, progress
        job.extend(began + self._lease)
        if stopped:
            return partial(queue.drop, why="cancelled")
        if not self._site.has(self._held.study):
            return partial(queue.drop, why=f"there is no study {self._held.study!r} any more")
        return None

    def _ending_of(self, job: Running) -> Ending:
        """Return what the job's process said of its end, or that it died."""
        name, said = job.outcome or ("died", job.death())
        endings: dict[str, Callable[[Any], Ending]] = {
            "done": lambda result: partial(queue.finish, result=result),
            "failed": lambda result: partial(queue.fail, result=result),
            "senseless": lambda why: partial(queue.drop, why=why),
            "busy": lambda _why: partial(queue.give_back, pause=self._how.pause),
            "died": lambda why: partial(queue.stumble, why=why, pause=self._how.pause),
        }
        return endings[name](said)

    def _record(self, ending: Ending, job: Running) -> None:
        """Write down how it ended, waiting for a database that is away as long as the lease lasts."""

        def write(session: Session) -> None:
            if job.progress is not None:
                queue.beat(session, self._held, lease=self._how.lease, progress=job.progress, now=_now())
            ending(session, self._held, log=job.said, now=_now())

        while True:
            try:
                with self._site.database.writing() as session:
                    write(session)
                return
            except DBAPIError as error:
                if time.monotonic() - self._renewed > self._lease:
                    raise LostJobError(f"job {self._held.id}: the database is away ({error.orig})") from error
                time.sleep(self._how.poll)


def _now() -> datetime:
    return datetime.now(UTC)
