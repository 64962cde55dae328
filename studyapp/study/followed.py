"""A file that people edit while it is in use: study.yaml or site.yaml."""

from collections.abc import Callable
from pathlib import Path
from typing import Generic, TypeVar

from studyapp.errors import StudyError

Content = TypeVar("Content")


class Followed(Generic[Content]):
    """What a file says as it lies there now. Only a file that was changed is read again."""

    def __init__(self, path: Path, read: Callable[[Path], Content]) -> None:
        self._path, self._read = path, read
        self._kept: tuple[object, Content] | None = None

    def now(self) -> Content:
        """Return what the file says; one that cannot be read leaves what was read before.

        Raises
        ------
        StudyError
            When it cannot be read the first time.
        """
        stamp, kept = self._stamp(), self._kept
        if kept is None or kept[0] != stamp:
            try:
                content = self._read(self._path)
            except (OSError, StudyError):
                if kept is None:
                    raise
                content = kept[1]
            kept = self._kept = stamp, content
        return kept[1]

    def _stamp(self) -> object:
        try:
            stat = self._path.stat()
        except OSError:
            return None
        return stat.st_mtime_ns, stat.st_size, stat.st_ino
