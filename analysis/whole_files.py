"""Files that are there whole or not at all, so that nobody ever reads or downloads half of one."""

import os
import secrets
from collections.abc import Iterable
from pathlib import Path
from typing import Self


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
    """New content of a file: on disk beside it once written, and in its place when told to be.

    Used in a `with` statement: what has not taken its place by the end is gone.
    """

    def __init__(self, path: Path, *, private: bool = False) -> None:
        self.path, self._mode = path, 0o600 if private else 0o666
        self._scratch = path.with_name(f".{secrets.token_hex(8)}.new")

    def write(self, content: str | bytes | Iterable[bytes]) -> None:
        """Write bytes, pieces of them, or a text as UTF-8; they are on disk when this returns."""
        data = content.encode("utf-8") if isinstance(content, str) else content
        try:
            descriptor = os.open(self._scratch, os.O_WRONLY | os.O_CREAT | os.O_EXCL, self._mode)
            with os.fdopen(descriptor, "wb") as file:
                file.writelines([data] if isinstance(data, bytes) else data)
                file.flush()
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
        except OSError as error:
            raise self._named(error) from None

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._scratch.unlink(missing_ok=True)

    def _named(self, error: OSError) -> OSError:
        """Name the file that is meant instead of the one beside it."""
        return OSError(error.errno, error.strerror, str(self.path))
