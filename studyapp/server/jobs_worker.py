"""The worker for jobs that a server brings along: a process of its own, started again when it dies.

It is forked: what the server has imported is there at once and takes no further memory. Nothing else of the
server's may be in it: a socket or a lock would be held for as long as it lives.
"""

import logging
import os
import signal
import sys
import time
from contextlib import closing, suppress
from pathlib import Path
from typing import NoReturn

from studyapp.services.ground.site import open_site
from studyapp.services.jobs.worker import Worker, Working

NAME = "studyapp-jobs"
"""What the system calls the process."""
PATIENCE = 8.0
"""Seconds that it gets to give back what it works on."""
_REST = 1.0  # seconds between two starts: one that fails at once would take all of a core
_TICK = 0.02


class JobsWorker:
    """A worker's process, for the jobs of the site in `root`; only its maker may use it."""

    def __init__(self, root: Path) -> None:
        self._root, self._pid, self._begun = root, 0, 0.0

    def tend(self) -> None:
        """Start it unless it runs: no database may be open in this process, and no other thread may run."""
        if self._runs() or time.monotonic() - self._begun < _REST:
            return
        self._begun = time.monotonic()
        parent = os.getpid()
        self._pid = os.fork()
        if self._pid == 0:
            _be_worker(self._root, parent)

    def stop(self) -> None:
        """End it: what it works on is given back."""
        if self._pid:
            with suppress(ProcessLookupError):
                os.kill(self._pid, signal.SIGTERM)
        deadline = time.monotonic() + PATIENCE
        while self._runs() and time.monotonic() < deadline:
            time.sleep(_TICK)
        if self._pid:
            with suppress(ProcessLookupError):
                os.kill(self._pid, signal.SIGKILL)

    def _runs(self) -> bool:
        if not self._pid:
            return False
        try:
            ended, _ = os.waitpid(self._pid, os.WNOHANG)
        except ChildProcessError:  # gunicorn, which collects every child, was quicker
            ended = self._pid
        if ended:
            self._pid = 0
        return not ended


def _be_worker(root: Path, parent: int) -> NoReturn:
    try:
        for number in set(signal.Signals) - {signal.SIGKILL, signal.SIGSTOP}:
            with suppress(OSError, ValueError):
                signal.signal(number, signal.SIG_DFL)
        # Who stops the server by Ctrl-C stops the worker by the server.
        signal.signal(signal.SIGINT, signal.SIG_IGN)
        signal.set_wakeup_fd(-1)
        os.closerange(3, os.sysconf("SC_OPEN_MAX"))
        nothing = os.open(os.devnull, os.O_RDWR)
        os.dup2(nothing, 0)
        os.dup2(nothing, 1)  # whoever reads what the server prints need not wait for this process
        with suppress(OSError):
            Path("/proc/self/comm").write_text(NAME, encoding="ascii")
        logging.basicConfig(level=logging.WARNING, stream=sys.stderr, format="jobs: %(message)s", force=True)
        with closing(open_site(root)) as site:
            worker = Worker(site, Working(parent=parent))
            signal.signal(signal.SIGTERM, lambda *_: worker.stop())
            worker.work()
    except BaseException as error:
        print(f"the worker for jobs ended: {error!r}", file=sys.stderr, flush=True)
    finally:
        os._exit(0)
