"""Servers that start at once: `studyapp` in processes forked from one that has imported it already.

Importing is nine tenths of what starting a server costs, and the tests start many. Such a process has its own
id, environment and output, and may be killed like any other; only what it has imported is not read again.
"""

import fcntl
import gc
import io
import json
import os
import select
import signal
import socket
import subprocess
import sys
import tempfile
import threading
import time
import traceback
from collections.abc import Sequence
from contextlib import suppress
from pathlib import Path
from types import TracebackType
from typing import Any

from flask import Flask
from jinja2 import FileSystemBytecodeCache

from tests import shortcuts

PREFIX = [sys.executable, "-m", "studyapp.cli"]
IMPORTED = (
    *("studyapp.cli.running", "studyapp.server.serving", "studyapp.server.worker", "studyapp.app"),
    # What pages of results and jobs import when they are first asked for.
    *(
        "analysis.report.write",
        "typst",
        "matplotlib.figure",
        "studyapp.web.console.ranking_view",
    ),
    *("studyapp.services.results.exports", "studyapp.services.folder.checking", "studyapp.db.schema"),
    "studyapp.services.folder.preparing",
)
_TICK_S = 0.01


_started: list[subprocess.Popen[bytes]] = []
"""Kept: what is no longer referred to while it runs is warned of."""


class Ready:
    """Stands for the module `subprocess` where servers are started."""

    PIPE, DEVNULL, TimeoutExpired = subprocess.PIPE, subprocess.DEVNULL, subprocess.TimeoutExpired

    def __init__(self, place: Path) -> None:
        self._place = place
        self._maker: subprocess.Popen[bytes] | None = None
        self._line: socket.socket | None = None

    def Popen(
        self, command: Sequence[str], *, env: dict[str, str] | None = None, **options: Any
    ) -> "subprocess.Popen[Any] | Forked":
        """Start a process; one that is not `studyapp`, or wants a library of its own, in the usual way."""
        if list(command[:3]) != PREFIX or "LD_PRELOAD" in (env or {}):
            return subprocess.Popen(command, env=env, **options)
        if self._line is None:
            self._line = self._connected()
        return Forked(self._line, list(command), dict(os.environ if env is None else env), **options)

    def _connected(self) -> socket.socket:
        """Connect to the process that forks, for all that test at once; start it if nobody has."""
        line = socket.socket(socket.AF_UNIX)
        with self._place.with_suffix(".lock").open("w") as lock:
            fcntl.flock(lock, fcntl.LOCK_EX)
            if not self._place.exists():
                with socket.socket(socket.AF_UNIX) as listening:
                    listening.bind(str(self._place))
                    listening.listen()
                    number = listening.fileno()
                    owner = os.getppid() if "PYTEST_XDIST_WORKER" in os.environ else os.getpid()
                    command = [sys.executable, "-m", "tests.ready", str(number), str(owner)]
                    self._maker = subprocess.Popen(command, pass_fds=[number])
                    _started.append(self._maker)
            line.connect(str(self._place))
        return line

    def close(self) -> None:
        """Ask for no more; those that it made run on. Alone, end the process that forks."""
        if self._line is not None:
            self._line.close()
        if self._maker is not None and "PYTEST_XDIST_WORKER" not in os.environ:
            self._maker.terminate()
            self._maker.wait(30)


class Forked:
    """A process that was forked elsewhere, with the methods of `subprocess.Popen` that the tests use."""

    def __init__(
        self,
        line: socket.socket,
        command: list[str],
        env: dict[str, str],
        *,
        stdout: int | io.IOBase | None = None,
        stderr: int | io.IOBase | None = None,
        text: bool = False,
    ) -> None:
        self.args, self.returncode, self._said = command, None, b""
        opened = []
        self.stdout: Any = None
        if stdout == subprocess.PIPE:
            reading, stdout = os.pipe()
            opened.append(stdout)
            self.stdout = open(reading, encoding="utf-8" if text else None, mode="r" if text else "rb")  # noqa: SIM115
        elif stdout == subprocess.DEVNULL:
            opened.append(stdout := os.open(os.devnull, os.O_WRONLY))
        files = [1 if stdout is None else stdout, 2 if stderr is None else stderr]
        self._status, theirs = socket.socketpair()
        shorter = sorted(shortcuts.taken)
        order = json.dumps(
            {"arguments": command[3:], "env": env, "cwd": os.getcwd(), "shortcuts": shorter}
        ).encode()
        numbers = [file if isinstance(file, int) else file.fileno() for file in files]
        socket.send_fds(line, [len(order).to_bytes(4, "big")], [*numbers, theirs.fileno()])
        line.sendall(order)
        theirs.close()
        for descriptor in opened:
            os.close(descriptor)
        self.pid = int(self._next())

    def _next(self) -> bytes:
        """Return the next line of what is told of it: its id, then its status."""
        while b"\n" not in self._said:
            self._said += self._status.recv(64) or b"1\n"
        found, _, self._said = self._said.partition(b"\n")
        return found

    def poll(self) -> int | None:
        """Return how it ended, or None."""
        if self.returncode is None:
            self._status.setblocking(False)
            with suppress(BlockingIOError):
                self.returncode = int(self._next())
                self._status.close()
        return self.returncode

    def wait(self, timeout: float | None = None) -> int:
        """Wait for its end."""
        deadline = None if timeout is None else time.monotonic() + timeout
        while self.poll() is None:
            if deadline is not None and time.monotonic() > deadline:
                raise subprocess.TimeoutExpired(self.args, timeout or 0)
            time.sleep(_TICK_S)
        assert self.returncode is not None
        return self.returncode

    def send_signal(self, number: int) -> None:
        """Send a signal while it runs."""
        if self.poll() is None:
            with suppress(ProcessLookupError):
                os.kill(self.pid, number)

    def terminate(self) -> None:
        """Ask it to end."""
        self.send_signal(signal.SIGTERM)

    def kill(self) -> None:
        """End it."""
        self.send_signal(signal.SIGKILL)

    def __enter__(self) -> "Forked":
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self.stdout is not None:
            self.stdout.close()
        self.wait()


def _make(listening: socket.socket, owner: int) -> None:
    """Fork what is asked for while the owner runs, or somebody may ask."""
    for name in IMPORTED:
        __import__(name)
    gc.freeze()  # what is there from the beginning is not looked through by each of them
    signal.signal(signal.SIGTERM, lambda *_: sys.exit())
    with tempfile.TemporaryDirectory(prefix="studyapp-templates-") as compiled:
        options = {**Flask.jinja_options, "bytecode_cache": FileSystemBytecodeCache(compiled)}
        Flask.jinja_options = options  # a template is compiled by the first that shows it
        lines: list[socket.socket] = []
        while lines or _runs(owner):
            for ready in select.select([listening, *lines], [], [], 1.0)[0]:
                if ready is listening:
                    lines.append(listening.accept()[0])
                elif not _fork_for(ready, [listening, *lines]):
                    lines.remove(ready)
                    ready.close()


def _runs(process: int) -> bool:
    try:
        os.kill(process, 0)
    except ProcessLookupError:
        return False
    return True


def _fork_for(line: socket.socket, held: Sequence[socket.socket]) -> bool:
    """Fork what this line asks for; return False when it is closed."""
    head, descriptors, _, _ = socket.recv_fds(line, 4, 3)
    if not head:
        return False
    order = b""
    while len(order) < int.from_bytes(head, "big"):
        order += line.recv(int.from_bytes(head, "big") - len(order))
    if os.fork() == 0:
        signal.signal(signal.SIGTERM, signal.SIG_DFL)
        for one in held:
            one.close()
        _mind(json.loads(order), *descriptors)
    for descriptor in descriptors:
        os.close(descriptor)
    with suppress(ChildProcessError):
        while os.waitpid(-1, os.WNOHANG)[0]:
            pass
    return True


def _mind(order: dict[str, Any], output: int, errors: int, told: int) -> None:
    """Fork the process itself, tell its id, wait for it and tell how it ended."""
    child = os.fork()
    if child == 0:
        os.close(told)
        _run(order, output, errors)
    os.close(output)
    os.close(errors)
    with suppress(OSError):  # nobody may listen any more
        os.write(told, b"%d\n" % child)
        code = os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])
        os.write(told, b"%d\n" % code)
    os._exit(0)


def _run(order: dict[str, Any], output: int, errors: int) -> None:
    """Be the process that was asked for."""
    os.dup2(output, 1)
    os.dup2(errors, 2)
    os.close(output)
    os.close(errors)
    sys.stdout = open(1, "w", encoding="utf-8", closefd=False)  # noqa: SIM115
    sys.stderr = open(2, "w", encoding="utf-8", closefd=False, buffering=1)  # noqa: SIM115
    os.environ.clear()
    os.environ.update(order["env"])
    os.chdir(order["cwd"])
    sys.argv = ["studyapp", *order["arguments"]]
    shortcuts.take_all(order["shortcuts"])
    code = 1
    try:
        from studyapp.cli import main

        main(prog_name="studyapp")
    except SystemExit as ended:
        code = ended.code if isinstance(ended.code, int) else int(ended.code is not None)
    except BaseException:
        traceback.print_exc()
    finally:
        threading._shutdown()  # pyright: ignore[reportAttributeAccessIssue]
        sys.stdout.flush()
        sys.stderr.flush()
        os._exit(code)


if __name__ == "__main__":
    with socket.socket(fileno=int(sys.argv[1])) as asked:
        _make(asked, int(sys.argv[2]))
