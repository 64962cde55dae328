"""Locks of open files, which end with the processes that hold them. Windows has no such locks."""

import fcntl
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Protocol


class _Numbered(Protocol):
    def fileno(self) -> int: ...


def lock(file: int | _Numbered, *, wait: bool = True) -> bool:
    """Lock an open file against other processes and threads, and return whether it was free.

    The lock belongs to the open file and to copies of it in child processes: it ends when the last of them
    ends, for whatever reason.

    Parameters
    ----------
    file
        Open for writing.
    wait
        Wait for the current holder instead of returning False.
    """
    return _taken(lambda: fcntl.flock(file, fcntl.LOCK_EX | (0 if wait else fcntl.LOCK_NB)))


def lock_for_this_process(file: int | _Numbered) -> bool:
    """Lock an open file for this process alone, not for its children; return whether it was free."""
    return _taken(lambda: fcntl.lockf(file, fcntl.LOCK_EX | fcntl.LOCK_NB))


def unlock(file: int | _Numbered) -> None:
    """Release a `lock` of a file that stays open."""
    fcntl.flock(file, fcntl.LOCK_UN)


@contextmanager
def locked(path: Path, *, wait: bool = True) -> Iterator[bool]:
    """Hold the lock of a file made for this purpose; the block gets whether it was free."""
    with path.open("w", encoding="ascii") as file:
        yield lock(file, wait=wait)


def _taken(take: Callable[[], None]) -> bool:
    try:
        take()
    except (BlockingIOError, PermissionError):  # what a record lock says depends on the system
        return False
    return True
