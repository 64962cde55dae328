"""The first process of a model's namespace: it watches what all the others use together, and ends them.

Limits of one process (rlimits) do not bound a process that forks. When this process ends, the kernel ends
every other one of the namespace.
"""

import os
import select
import time
from typing import Any

PAUSE_S = 0.05
_PAGE = os.sysconf("SC_PAGE_SIZE")
_EVERY = 10
_LEAST = 4096  # what an empty file costs, too


def watch(child: int, limits: dict[str, Any], output: str, report: int) -> tuple[int, str]:
    """Wait for the model's process; return its exit status and which limit ended it, "" for none.

    Parameters
    ----------
    child
        Its id.
    limits
        seconds: how long it may take; processes: how many may run at once; memory_mb: the memory of all of
        them together; output_mb: the size of `output`.
    report
        Descriptor of the reports; if nobody reads them any more, the run is over.
    """
    turn, end = 0, time.monotonic() + limits["seconds"]
    reader = select.poll()
    reader.register(report, 0)  # errors alone: the other end is closed
    while True:
        ended, status = _reap(child)
        if ended:
            return status, ""
        if reader.poll(0):
            return 1, ""
        breach = _breach(limits)
        if time.monotonic() > end:
            breach = f"ran longer than {limits['seconds']:g} s"
        if not breach and turn % _EVERY == 0 and _size_mb(output) > limits["output_mb"]:
            breach = f"wrote more than {limits['output_mb']} MB"
        if breach:
            return 1, breach
        turn += 1
        time.sleep(PAUSE_S)


def _reap(child: int) -> tuple[bool, int]:
    """Collect every process that has ended; say whether the child is among them, and its status."""
    while True:
        try:
            pid, status = os.waitpid(-1, os.WNOHANG)
        except ChildProcessError:
            return True, 1
        if pid == 0:
            return False, 0
        if pid == child:
            code = os.waitstatus_to_exitcode(status)
            return True, code if code >= 0 else 128 - code


def _breach(limits: dict[str, Any]) -> str:
    processes = [name for name in os.listdir("/proc") if name.isdigit()]
    if len(processes) > limits["processes"] + 1:
        return f"more than {limits['processes']} processes at once"
    held = sum(map(_private_pages, processes)) * _PAGE / 2**20
    return f"used more than {limits['memory_mb']} MB of memory" if held > limits["memory_mb"] else ""


def _private_pages(process: str) -> int:
    try:
        with open(f"/proc/{process}/statm", encoding="ascii") as file:
            _, resident, shared, *_ = file.read().split()
    except (OSError, ValueError):
        return 0  # it has ended meanwhile
    return int(resident) - int(shared)


def _size_mb(folder: str) -> float:
    total = 0
    for path, _, names in os.walk(folder):
        for name in names:
            try:
                total += max(os.lstat(os.path.join(path, name)).st_size, _LEAST)
            except OSError:
                continue  # removed meanwhile
    return total / 1e6
