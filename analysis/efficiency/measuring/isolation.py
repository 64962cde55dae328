"""Run a model's process isolated from the machine, and read what it reports and prints, both limited."""

import json
import os
import secrets
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

import analysis
from analysis.efficiency.measuring.inside.start import REFUSED
from analysis.efficiency.measuring.limits import Limits
from analysis.efficiency.measuring.reading import Streams

NAMESPACES = ("--user", "--map-root-user", "--net", "--pid", "--mount", "--ipc", "--fork", "--kill-child")
_PATH = "import sys; sys.path.insert(0, sys.argv[1])"
_START = "from analysis.efficiency.measuring.inside.start import main"
_CALL = "main(int(sys.argv[2]), int(sys.argv[3]))"
_KEPT = ("PATH", "LD_LIBRARY_PATH", "CUDA_VISIBLE_DEVICES", "CUDA_HOME", "NVIDIA_VISIBLE_DEVICES", "TZ")
_KEPT += ("OMP_NUM_THREADS", "MKL_NUM_THREADS")
_TICK_S = 0.2


@dataclass(frozen=True)
class Ending:
    """How a process ended.

    Attributes
    ----------
    reports
        What it reported, with the seconds after its start at which each line arrived.
    status
        Its exit status; 128 + n if signal n ended it.
    stopped
        Which limit ended it, "" for none.
    printed
        The end of what it printed to stderr, or to stdout if that is empty.
    seconds
        How long it ran.
    """

    reports: tuple[dict[str, Any], ...]
    status: int
    stopped: str
    printed: str
    seconds: float


@cache
def why_not_isolated() -> str:
    """Return why models cannot be isolated on this machine, "" if they can."""
    if not sys.platform.startswith("linux") or shutil.which("unshare") is None:
        return "isolation needs Linux and util-linux's unshare"
    with tempfile.TemporaryDirectory(prefix="study-measure-") as folder:
        output = Path(folder) / "output"
        output.mkdir()
        job = {"probe": True, "seen": [], "hidden": [], "frozen": [], "folder": "/", "output": str(output)}
        ending = run_isolated(job, limits=Limits(seconds=30), isolated=True, on_gpu=False)
    if ending.status == 0:
        return ""
    return " ".join(ending.printed.split()) or f"unshare ended with status {ending.status}"


def run_isolated(
    job: dict[str, Any],
    *,
    limits: Limits,
    isolated: bool,
    on_gpu: bool,
    python: str = sys.executable,
    told: Callable[[dict[str, Any]], None] | None = None,
) -> Ending:
    """Run a job of `analysis.efficiency.measuring.inside` in its own process and wait for its end.

    Parameters
    ----------
    job
        What `inside.measure.measure_model` takes, with `seen` and `output` (see `inside.root.enter`).
    isolated
        In its own namespaces; otherwise just as another process of this user.
    python
        The interpreter, if the model has its own environment.
    told
        Called with each report as it arrives.
    """
    token = secrets.token_hex(16)
    with tempfile.TemporaryDirectory(prefix="study-measure-root-") as root:
        job = {
            **job,
            "token": token,
            "root": root,
            "isolated": isolated,
            "packages": [path for path in sys.path if path.endswith("-packages")],
            "probe": job.get("probe", False),
            "scratch_mb": limits.scratch_mb,
            "limits": limits.as_job(on_gpu=on_gpu),
        }
        job_read, job_write = os.pipe()
        report_read, report_write = os.pipe()
        command = _command(python, job_read, report_write, isolated)
        start = time.monotonic()
        process = subprocess.Popen(  # noqa: S603  our own interpreter, no shell
            command,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            pass_fds=(job_read, report_write),
            env=_environment(),
            start_new_session=True,
        )
        os.close(job_read)
        os.close(report_write)
        try:
            _send(job_write, job)
            streams = Streams(process, report_read, token, limits.printed_mb * 10**6)
            stopped = _follow(process, streams, start, limits.seconds, told)
        finally:
            _end(process)
    reports, problem = streams.reports()
    return Ending(reports, _status(process), stopped or problem, streams.printed(), time.monotonic() - start)


def refused(ending: Ending) -> bool:
    """Whether the kernel did not allow the isolation."""
    return ending.status == REFUSED and not ending.reports


def _command(python: str, job: int, report: int, isolated: bool) -> list[str]:
    package = str(Path(analysis.__path__[0]).parent)
    inner = [python, "-I", "-B", "-c", "; ".join((_PATH, _START, _CALL)), package, str(job), str(report)]
    return ["unshare", *NAMESPACES, *inner] if isolated else inner


def _environment() -> dict[str, str]:
    """Nothing of the caller's: it may hold passwords."""
    kept = {name: os.environ[name] for name in _KEPT if name in os.environ}
    return kept | {
        "HOME": "/tmp",  # noqa: S108  the model's own
        "LANG": "C.UTF-8",
        "TORCH_HOME": "/tmp/torch",  # noqa: S108
    }


def _send(descriptor: int, job: dict[str, Any]) -> None:
    with suppress(BrokenPipeError), open(descriptor, "w", encoding="utf-8") as file:
        json.dump(job, file)


def _follow(
    process: "subprocess.Popen[bytes]",
    streams: Streams,
    start: float,
    seconds: float,
    told: Callable[[dict[str, Any]], None] | None,
) -> str:
    while streams.read(_TICK_S):
        for report in streams.new():
            if told is not None:
                told(report)
        if streams.too_much:
            return streams.too_much
        if time.monotonic() - start > seconds:
            return f"ran longer than {seconds:g} s"
        if process.poll() is not None:
            streams.drain()
            return streams.too_much
    while process.poll() is None:  # it closed its streams, and may still run
        if time.monotonic() - start > seconds:
            return f"ran longer than {seconds:g} s"
        time.sleep(0.01)
    return ""


def _end(process: "subprocess.Popen[bytes]") -> None:
    """End the process and its group; in a namespace of its own, that ends whatever it started."""
    with suppress(ProcessLookupError):
        os.killpg(process.pid, signal.SIGKILL)
    process.wait()
    for stream in (process.stdout, process.stderr):
        if stream is not None:
            stream.close()


def _status(process: "subprocess.Popen[bytes]") -> int:
    code = process.returncode
    return code if code >= 0 else 128 - code
