"""The server that is killed: master, workers or both, by SIGKILL, and started again on the same port."""

import os
import random
import resource
import signal
import subprocess
import sys
import tempfile
import time
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import BinaryIO

from benchmarks.keep_alive import Client
from studyapp.sample.serving import free_port
from studyapp.server.jobs_worker import NAME as JOBS

_PATIENCE = 120


def children(pid: int) -> list[int]:
    """Return the ids of a process's children."""
    return [int(child) for child in Path(f"/proc/{pid}/task/{pid}/children").read_text().split()]


def name_of(pid: int) -> str:
    """Return what the system calls a process."""
    try:
        return Path(f"/proc/{pid}/comm").read_text().strip()
    except OSError:
        return ""


@dataclass
class Victim:
    """`studyapp serve` in a process of its own; `environment` comes on top of this one's."""

    root: Path
    environment: dict[str, str] = field(default_factory=dict)
    port: int = field(default_factory=free_port)
    workers: int = 2
    _process: subprocess.Popen[bytes] | None = None
    _complaints: BinaryIO = field(default_factory=tempfile.TemporaryFile)

    def __enter__(self) -> "Victim":
        self.start()
        return self

    def __exit__(self, *_: object) -> None:
        if self._process is not None:
            self._process.terminate()
            self._process.wait(30)
        self._complaints.close()

    def start(self, **environment: str) -> None:
        """Start and wait until it answers; an earlier one may still be holding lock and port."""
        deadline = time.monotonic() + _PATIENCE
        command = [
            *(sys.executable, "-m", "studyapp.cli", "serve", str(self.root)),
            *("--port", str(self.port), "--workers", str(self.workers)),
        ]
        while time.monotonic() < deadline:
            self._process = subprocess.Popen(
                command,
                env={**os.environ, "STUDYAPP_MESSAGES_A_MINUTE": "0", **self.environment, **environment},
                stdout=subprocess.DEVNULL,
                stderr=self._complaints,
            )
            while self._process.poll() is None and time.monotonic() < deadline:
                if self._answers():
                    return
                time.sleep(0.05)
        if self._process is not None:  # nobody else will end it: the block was never entered
            self._process.kill()
            self._process.wait()
        self._complaints.seek(0)
        said = self._complaints.read().decode(errors="replace")[-2000:]
        raise RuntimeError(
            f"the server did not come back within {_PATIENCE} s; {' '.join(command)} said: {said}"
        )

    def processes(self) -> list[int]:
        """Return the ids of the master and its workers, the master first."""
        pid = self._process.pid if self._process else 0
        return [pid, *(child for child in children(pid) if name_of(child) != JOBS)]

    def jobs_worker(self) -> int | None:
        """Return the id of the worker for jobs, when it runs."""
        pid = self._process.pid if self._process else 0
        return next((child for child in children(pid) if name_of(child) == JOBS), None)

    def kill(self, which: str) -> None:
        """Kill "a worker", all "workers", "master" or "all"; a server without its master needs `start`."""
        master, *workers = self.processes()
        victims = {
            "a worker": random.sample(workers, min(1, len(workers))),
            "workers": workers,
            "master": [master],
            "all": [master, *workers],
        }[which]
        for pid in victims:
            with suppress(ProcessLookupError):  # a worker that was dying already
                os.kill(pid, signal.SIGKILL)
        if master in victims and self._process is not None:
            self._process.wait()
            self._process = None

    def answers_within(self, seconds: float) -> bool:
        """Wait for an answer; a server that gave up gives none."""
        deadline = time.monotonic() + seconds
        while time.monotonic() < deadline:
            if self._answers():
                return True
            time.sleep(0.1)
        return False

    def fill_disk(self, spare: int) -> None:
        """Let no file of the server's grow beyond what it holds now plus `spare` bytes."""
        sizes = [file.stat().st_size for file in (self.root / "var").iterdir() if file.is_file()]
        self._limit(max(sizes) + spare if spare else 0)

    def free_disk(self) -> None:
        """Let files grow again."""
        self._limit(resource.RLIM_INFINITY)

    def _limit(self, size: int) -> None:
        for pid in self.processes():
            with suppress(ProcessLookupError):
                resource.prlimit(pid, resource.RLIMIT_FSIZE, (size, resource.RLIM_INFINITY))

    def _answers(self) -> bool:
        client = Client(self.port)
        try:
            return client.get("/").status == 200
        except OSError:
            return False
        finally:
            client.close()
