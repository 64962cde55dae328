"""The real server in a process of its own, for as long as a block runs."""

import http.client
import random
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from studyapp.errors import StudyError

_PATIENCE = 30.0
_QUIET_PORTS = (20000, 32000)


@dataclass(frozen=True)
class Running:
    """A server at work: its address and the organiser's fresh link."""

    url: str
    organiser: str
    process: subprocess.Popen[str]


@contextmanager
def serving(
    root: Path, *, port: int | None = None, workers: int | None = None, draft: bool = False
) -> Iterator[Running]:
    """Run `studyapp serve` on the study in `root` and stop it afterwards.

    Parameters
    ----------
    root
        A study that is tiled and has judges.
    port
        Taken if it is free; else, and by default, any free port of 127.0.0.1.
    workers
        How many processes serve; by default as many as `studyapp serve` starts.
    draft
        Whether a draft stays one.

    Raises
    ------
    StudyError
        When the server does not start.
    """
    chosen = free_port(port)
    command = [sys.executable, "-m", "studyapp.cli", "serve", str(root), "--port", str(chosen)]
    command += ["--workers", str(workers)] if workers else []
    command += ["--draft"] if draft else []
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:  # noqa: S603 (our own program)
        try:
            line = process.stdout.readline() if process.stdout else ""
            _wait_until_up(process, chosen, root)
            organiser = line.removeprefix("organiser:").strip()
            yield Running(f"http://127.0.0.1:{chosen}", organiser, process)
        finally:
            _stop(process)


def free_port(preferred: int | None = None) -> int:
    """Return a port of 127.0.0.1 that nobody uses: the preferred one if it is free.

    The others lie below the range from which systems take the ports of outgoing connections: a connection
    that another program opens meanwhile cannot take the port before the server does.
    """
    others = random.sample(range(*_QUIET_PORTS), 100)
    for port in ([preferred] if preferred else []) + others:
        with socket.socket() as probe:
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            try:
                probe.bind(("127.0.0.1", port))
            except OSError:
                continue
            return port
    raise StudyError("there is no free port on 127.0.0.1; stop a server that is running there")


def _wait_until_up(process: subprocess.Popen[str], port: int, root: Path) -> None:
    deadline = time.monotonic() + _PATIENCE
    while process.poll() is None and time.monotonic() < deadline:
        connection = http.client.HTTPConnection("127.0.0.1", port, timeout=5)
        try:
            connection.request("GET", "/")
            connection.getresponse()
            return
        except OSError:
            time.sleep(0.05)
        finally:
            connection.close()
    raise StudyError(f"the server for {root} did not start; `studyapp serve {root}` shows why")


def _stop(process: subprocess.Popen[str]) -> None:
    process.terminate()
    try:
        process.wait(15)
    except subprocess.TimeoutExpired:
        process.kill()
