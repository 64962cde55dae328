"""How many processes can work on this machine, or in this container's share of it; and a pool."""

import math
import multiprocessing
import os
import signal
import threading
from collections.abc import Iterator
from concurrent.futures import Executor, ProcessPoolExecutor
from contextlib import contextmanager
from multiprocessing.connection import wait
from pathlib import Path

from analysis.errors import AnalysisError

_CGROUPS = Path("/sys/fs/cgroup")
_OWN_CGROUP = Path("/proc/self/cgroup")


def cores() -> int:
    """Return how many processors this process can keep busy, including in a container."""
    allowed = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
    return max(1, math.ceil(min([allowed, *_quotas()])))


def memory() -> int | None:
    """Return how many bytes of memory there are, within the container's limit; None if unknown."""
    if not hasattr(os, "sysconf"):
        return None
    told = (_read(folder / name) for folder in _groups() for name in ("memory.max", "memory.limit_in_bytes"))
    limits = [int(text) for text in told if text.isdigit()]
    return min([os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES"), *limits])


@contextmanager
def local_pool(workers: int) -> Iterator[Executor]:
    """Open spawned processes that never outlive their parent, however it ends.

    Raises
    ------
    AnalysisError
        For fewer than one worker.
    """
    check_workers(workers)
    # Spawn: a forked child would inherit locks and database connections in an unknown state.
    context = multiprocessing.get_context("spawn")
    pool = ProcessPoolExecutor(workers, context, initializer=_start_worker)
    try:
        yield pool
    finally:
        pool.shutdown(wait=True, cancel_futures=True)


def check_workers(workers: int | None) -> None:
    """Refuse fewer than one worker; None leaves the choice to the caller."""
    if workers is not None and workers < 1:
        raise AnalysisError(f"{workers} workers cannot work; give at least 1")


def _quotas() -> Iterator[float]:
    """Yield what cgroups allow of processor time, in processors."""
    for folder in _groups():
        one = _read(folder / "cpu.max") or " ".join(
            (_read(folder / "cpu.cfs_quota_us"), _read(folder / "cpu.cfs_period_us"))
        )
        share, _, period = one.partition(" ")
        if share.isdigit() and period.isdigit():  # no limit is "max", or -1 in version 1
            yield int(share) / int(period)


def _read(path: Path) -> str:
    try:
        return path.read_text(encoding="ascii").strip()
    except OSError:
        return ""


def _groups() -> Iterator[Path]:
    """Yield the folders of this process's control groups, and of those around them (versions 1 and 2)."""
    try:
        lines = _OWN_CGROUP.read_text(encoding="utf-8").splitlines()
    except OSError:
        return
    for line in lines:
        _, controllers, path = line.split(":", 2)
        root = _CGROUPS / controllers if controllers else _CGROUPS
        own = root / path.strip("/")
        # In a container the path may be the host's, which is not there; the root is the container's then.
        yield from (folder for folder in (own, *own.parents) if folder.is_relative_to(root))


def _start_worker() -> None:
    """Leave Ctrl-C to the parent, and end when the parent is gone, however it went."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    parent = multiprocessing.parent_process()
    if parent is not None:
        threading.Thread(target=_end_with, args=(parent.sentinel,), daemon=True).start()


def _end_with(sentinel: int) -> None:
    wait([sentinel])
    os._exit(1)
