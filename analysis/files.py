"""Files: written whole or not at all and flushed to disk; hashes of their content."""

import hashlib
import os
import secrets
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import BinaryIO, Self

LEFTOVERS = ".*.new"
"""What a process killed while writing may leave next to a file."""


def write_whole(path: Path, content: str | bytes, *, private: bool = False, over: bool = True) -> Path:
    """Write bytes, or a text as UTF-8, in place of what was there, and return the path.

    It is on disk when this returns. Several processes may do so at once: the last one wins.

    Parameters
    ----------
    path, content
        Where to write, and what.
    private
        Readable by its owner only (mode 0600).
    over
        Whether it may replace an existing file.

    Raises
    ------
    FileExistsError
        If the file exists and `over` is false.
    OSError
        Naming `path` if it cannot be written; the old content stays.
    """
    with Waiting(path, private=private) as waiting:
        waiting.write(content)
        waiting.take_its_place(over=over)
    return path


class Waiting:
    """New content of a file: written next to it first, and moved into place on request.

    Used in a `with` statement: content that was not moved into place by the end is deleted.

    Parameters
    ----------
    path
        The file.
    private
        Readable by its owner only (mode 0600).
    lasting
        Whether it must survive a power cut; a cache can skip the wait.
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
        """Open the new content for writing and reading; it is on disk at the end of the block."""
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
        """Move what was written into place; without `over`, never replace another file."""
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
    """Flush a folder's list of files to disk, where folders can be opened (not on Windows)."""
    if not hasattr(os, "O_DIRECTORY"):
        return
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def file_sha256(path: Path) -> str:
    """Return the SHA-256 of a file's bytes, in hexadecimal digits."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()
