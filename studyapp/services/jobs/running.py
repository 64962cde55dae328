"""The process that runs one job: started, listened to, and ended with all that it started."""

import json
import logging
import multiprocessing
import os
import shutil
import signal
import sys
import tempfile
import threading
import time
import traceback
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from datetime import UTC, datetime
from multiprocessing.connection import Connection, wait
from pathlib import Path
from typing import Any, NoReturn

from analysis.errors import AnalysisError
from analysis.storage import storage_words
from studyapp.batch.pool import LostTaskError
from studyapp.errors import ProblemsFoundError, StudyError
from studyapp.services.ground.only_run import BusyError
from studyapp.services.ground.site import open_site
from studyapp.services.jobs.kinds import KINDS, Context, NoSenseError, refuse_senseless, rows_of
from studyapp.services.jobs.queue import LONGEST_LOG, Claim
from studyapp.settings import Folders

GRACE = 5.0
"""Seconds that a job's process gets to tidy up before it is killed."""
_STEP = 0.2  # seconds between two reports of progress
_TICK = 0.02

Progress = tuple[str, int, int]


class Running:
    """The process of a job, as its worker sees it.

    Attributes
    ----------
    progress
        What it does: stage, how many are done, how many there are.
    said
        What it printed, as far as nobody has taken it.
    outcome
        How it ended, in its own words; None while it runs, and when it died.
    """

    def __init__(
        self, process: Any, told: Connection, printed: int, leasing: Connection, header: str
    ) -> None:
        self.progress: Progress | None = None
        self.outcome: tuple[str, Any] | None = None
        self.said = header
        self._process, self._told, self._printed, self._leasing = process, told, printed, leasing
        os.set_blocking(printed, False)
        self._open: set[Any] = {told, printed}
        self._deadline: float | None = None
        self._ended = False

    def listen(self, wake: int, seconds: float) -> bool:
        """Wait for news of it, or for `wake`; return whether it still runs."""
        found = wait([*self._open, self._process.sentinel, wake], seconds)
        for source in (self._told, self._printed):
            if source in found:
                self._hear(source)
        if self._process.sentinel in found:
            self._hear_all()
            return False
        if self.outcome is not None:  # it has a moment to end
            self._deadline = self._deadline or time.monotonic() + GRACE
            return time.monotonic() < self._deadline
        return True

    def extend(self, until: float) -> None:
        """Let it run on until then, in seconds of the monotonic clock; without that it ends."""
        with suppress(OSError):  # it has ended
            self._leasing.send(until)

    def end(self) -> None:
        """End it and all that it started: asked first, then killed."""
        if self._ended:
            return
        self._process.terminate()
        deadline = time.monotonic() + GRACE
        while self._process.is_alive() and time.monotonic() < deadline:
            self._process.join(_TICK)
            self._hear_all()
        with suppress(ProcessLookupError):
            os.killpg(self._process.pid, signal.SIGKILL)
        self._process.join()
        self._hear_all()
        self._ended = True

    def death(self) -> str:
        """Say how it died without a word."""
        self._process.join()
        code = self._process.exitcode
        if code is not None and code < 0:
            name = signal.Signals(-code).name
            memory = ", perhaps because memory ran out" if -code == signal.SIGKILL else ""
            return f"its process was ended by {name}{memory}"
        return f"its process ended with status {code} and without a result"

    def _hear_all(self) -> None:
        while self._told in self._open and self._told.poll():
            self._hear(self._told)
        while self._printed in self._open and wait([self._printed], 0):
            self._hear(self._printed)

    def _hear(self, source: Any) -> None:
        try:
            if source is self._told:
                name, said = self._told.recv()
                if name == "progress":
                    self.progress = said
                else:
                    self.outcome = (name, said)
                return
            piece = os.read(self._printed, 1 << 16)
            self.said = (self.said + piece.decode("utf-8", "replace"))[-LONGEST_LOG:]
            if not piece:
                self._open.discard(source)
        except (EOFError, OSError):
            self._open.discard(source)


@contextmanager
def running(
    root: Path, held: Claim, processes: int | None, scheduler: str | None, *, until: float
) -> Iterator[Running]:
    """Run a job of the site in `root` in a process of its own; it is gone when the block ends.

    It ends with the worker, and at the time `until` unless that is extended: a worker that is halted, or has
    lost the database, does not leave it running beside the one that has the job then.

    The process is forked: what the worker has imported is there at once. The worker has one thread, and its
    database has to be closed.
    """
    folder = scratch_folder(root, held.id)
    # Of attempts that were killed. A later attempt's is not this worker's to remove.
    shutil.rmtree(folder, ignore_errors=True)
    scratch = folder / str(held.attempt)
    scratch.mkdir(mode=0o700, parents=True)
    told, telling = multiprocessing.Pipe(duplex=False)
    leased, leasing = multiprocessing.Pipe(duplex=False)
    reading, writing = os.pipe()

    def run() -> NoReturn:
        leasing.close()
        threading.Thread(target=_end_in_time, args=(leased, until), daemon=True).start()
        _run(root, held, scratch, telling, writing, processes, scheduler)

    process = multiprocessing.get_context("fork").Process(target=run)
    try:
        process.start()
        with suppress(OSError):  # it does the same: whoever is first
            os.setpgid(process.pid or 0, 0)
        telling.close()
        leased.close()
        os.close(writing)
        now = datetime.now(UTC).isoformat(timespec="seconds")
        job = Running(process, told, reading, leasing, f"[attempt {held.attempt} by {held.worker}, {now}]\n")
        try:
            yield job
        finally:
            job.end()
    finally:
        told.close()
        leasing.close()
        os.close(reading)
        shutil.rmtree(scratch, ignore_errors=True)
        with suppress(OSError):
            folder.rmdir()


def scratch_folder(root: Path, number: int) -> Path:
    """Return where a job keeps what it needs while it runs: a killed one leaves it to the next attempt."""
    return Folders(root).var / "jobs" / str(number)


def scratch_folders(root: Path) -> list[int]:
    """Return the numbers of the jobs that have such a folder."""
    try:
        return [int(name) for name in os.listdir(Folders(root).var / "jobs") if name.isdigit()]
    except FileNotFoundError:
        return []


def _run(
    root: Path,
    held: Claim,
    scratch: Path,
    telling: Connection,
    writing: int,
    processes: int | None,
    scheduler: str | None,
) -> NoReturn:
    """Be the job's process."""
    os.setpgid(0, 0)  # Ctrl-C is for the worker; and whatever is started here ends with this process
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    os.dup2(writing, 1)
    os.dup2(writing, 2)
    sys.stdout = open(1, "w", encoding="utf-8", errors="backslashreplace", buffering=1, closefd=False)  # noqa: SIM115
    sys.stderr = open(2, "w", encoding="utf-8", errors="backslashreplace", buffering=1, closefd=False)  # noqa: SIM115
    logging.basicConfig(level=logging.INFO, stream=sys.stderr, force=True)
    os.environ["TMPDIR"] = tempfile.tempdir = str(scratch)
    status = 0
    try:
        telling.send(_outcome(root, held, _Telling(telling), processes, scheduler))
    except SystemExit:
        status = 143
    except BaseException:
        traceback.print_exc()
        status = 1
    finally:
        sys.stdout.flush()
        sys.stderr.flush()
        os._exit(status)  # whatever it left running would keep it waiting


def _end_in_time(leased: Connection, until: float) -> NoReturn:
    """End this process when its time is over, or its worker gone."""
    try:
        while leased.poll(max(0.0, until - time.monotonic())):
            until = leased.recv()
    except (EOFError, OSError):
        pass
    os._exit(1)


class _Telling:
    """Tells the worker of progress, not more often than anybody would look."""

    def __init__(self, telling: Connection) -> None:
        self._telling, self._stage, self._next = telling, "", 0.0

    def __call__(self, stage: str, done: int, total: int) -> None:
        now = time.monotonic()
        if stage != self._stage or done >= total or now >= self._next:
            self._stage, self._next = stage, now + _STEP
            self._telling.send(("progress", (stage, done, total)))


def _outcome(
    root: Path, held: Claim, progress: _Telling, processes: int | None, scheduler: str | None
) -> tuple[str, Any]:
    """Run the job; return how it ended, and what came of it or why."""
    site = open_site(root)
    context = Context(site, held.study, held.id, datetime.now(UTC), progress, processes, scheduler)
    try:
        refuse_senseless(KINDS[held.kind], context)
        result = KINDS[held.kind].run(context, held.arguments)
        return "done", json.loads(json.dumps(result))
    except (StudyError, AnalysisError, OSError) as error:
        gone = not site.has(held.study)
        return ("senseless", f"there is no study {held.study!r} any more") if gone else _refusal(error)
    except Exception as error:
        traceback.print_exc()
        return "died", f"{type(error).__name__}: {error}"


def _refusal(error: Exception) -> tuple[str, Any]:
    """Return what an error that somebody can put right means for the job."""
    names = {NoSenseError: "senseless", BusyError: "busy", LostTaskError: "died"}
    name = next((name for kind, name in names.items() if isinstance(error, kind)), "failed")
    print(error, file=sys.stderr)
    return name, _words(error) if name == "failed" else str(error)


def _words(error: Exception) -> dict[str, Any]:
    if isinstance(error, ProblemsFoundError):
        return {"error": str(error).partition("\n")[0], **rows_of(error.problems)}
    return {"error": storage_words(error) if isinstance(error, OSError) else str(error)}
