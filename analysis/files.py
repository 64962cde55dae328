"""Files: whole or not at all, on disk when they are said to be; their locks; the hash of what they hold."""

import fcntl
import hashlib
import os
import secrets
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import BinaryIO, Protocol, Self

LEFTOVERS = ".*.new"
"""What a process that was killed while writing may leave beside a file."""


def write_whole(path: Path, content: str | bytes, *, private: bool = False, over: bool = True) -> Path:
    """Write bytes, or a text as UTF-8, in place of what was there, and return the path.

    It is on disk when this returns. Several may do so at once: the last one's content stands.

    Parameters
    ----------
    path, content
        Where to, and what.
    private
        For its owner's eyes only (mode 0600).
    over
        Whether it may take the place of a file that is there.

    Raises
    ------
    FileExistsError
        When there is one and `over` is false.
    OSError
        Naming `path` when it cannot be written; what was there stays.
    """
    with Waiting(path, private=private) as waiting:
        waiting.write(content)
        waiting.take_its_place(over=over)
    return path


class Waiting:
    """New content of a file: beside it once written, and in its place when told to be.

    Used in a `with` statement: what has not taken its place by the end is gone.

    Parameters
    ----------
    path
        The file.
    private
        For its owner's eyes only (mode 0600).
    lasting
        Whether it must outlive a power cut; a cache may spare the wait.
    """

    def __init__(self, path: Path, *, private: bool = False, lasting: bool = True) -> None:
        self.path, self._mode, self._lasting = path, 0o600 if private else 0o666, lasting
        self._scratch = path.with_name(f".{secrets.token_hex(8)}.new")

    def write(self, content: str | bytes | Iterable[bytes]) -> None:
        """Write bytes, pieces of them, or a text as UTF-8; they are on disk when this returns."""
        data = content.encode("utf-8") if isinstance(content, str) else content
        with self.opened() as file:
            file.writelines([data] if isinstance(data, bytes) else data)

    @contextmanager
    def opened(self) -> Iterator[BinaryIO]:
        """Open the new content, to write and to read; it is on disk at the end of the block."""
        try:
            descriptor = os.open(self._scratch, os.O_RDWR | os.O_CREAT | os.O_EXCL, self._mode)
            with os.fdopen(descriptor, "w+b") as file:
                yield file
                file.flush()
                if self._lasting:
                    os.fsync(file.fileno())
        except OSError as error:
            raise self._named(error) from None

    def take_its_place(self, *, over: bool = True) -> None:
        """Put what was written where it belongs; without `over`, never in place of another file."""
        try:
            if over:
                os.replace(self._scratch, self.path)
            else:
                os.link(self._scratch, self.path)
            if self._lasting:
                sync_folder(self.path.parent)
        except OSError as error:
            raise self._named(error) from None

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._scratch.unlink(missing_ok=True)

    def _named(self, error: OSError) -> OSError:
        """Name the file that is meant instead of the one beside it; an error of something else stays."""
        if error.errno is None or error.filename not in (None, str(self._scratch)):
            return error
        return OSError(error.errno, error.strerror, str(self.path))


def sync_folder(folder: Path) -> None:
    """Bring to disk which files a folder holds."""
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def file_sha256(path: Path) -> str:
    """Return the SHA-256 of a file's bytes, in hexadecimal digits."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


class _Numbered(Protocol):
    def fileno(self) -> int: ...


def lock(file: int | _Numbered, *, wait: bool = True) -> bool:
    """Lock an open file against other processes and threads, and return whether it was free.

    The lock belongs to the open file and to copies of it in child processes: it ends with the last of them,
    however that ends.

    Parameters
    ----------
    file
        Open for writing.
    wait
        For whoever holds it, instead of returning False.
    """
    return _taken(lambda: fcntl.flock(file, fcntl.LOCK_EX | (0 if wait else fcntl.LOCK_NB)))


def lock_for_this_process(file: int | _Numbered) -> bool:
    """Lock an open file for this process alone, not for its children; return whether it was free."""
    return _taken(lambda: fcntl.lockf(file, fcntl.LOCK_EX | fcntl.LOCK_NB))


def unlock(file: int | _Numbered) -> None:
    """Give back a `lock` of a file that stays open."""
    fcntl.flock(file, fcntl.LOCK_UN)


@contextmanager
def locked(path: Path, *, wait: bool = True) -> Iterator[bool]:
    """Hold the lock of a file made for it; the block gets whether it was free."""
    with path.open("w", encoding="ascii") as file:
        yield lock(file, wait=wait)


def _taken(take: Callable[[], None]) -> bool:
    try:
        take()
    except (BlockingIOError, PermissionError):  # what a record lock says depends on the system
        return False
    return True
