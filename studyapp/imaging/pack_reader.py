"""Tiles read from a pack, by slices. Without Pillow: a server sends tiles as they are."""

import os
import weakref
from pathlib import Path

from studyapp.imaging.pack_index import PackError, read_index


class PackReader:
    """Tiles of one pack, by slices. Any number of threads may read at once.

    The file is closed with the last reference, so that a reader can be dropped while another thread reads.

    Raises
    ------
    PackError
        When the pack or its index is missing or they do not fit each other.
    """

    def __init__(self, path: Path) -> None:
        self.path = path
        self.index = read_index(path)
        self._pyramid = self.index.pyramid
        try:
            self._descriptor = os.open(path, os.O_RDONLY)
        except OSError as error:
            raise PackError(f"{path.name} cannot be opened; run `studyapp tile` again") from error
        self._finalizer = weakref.finalize(self, os.close, self._descriptor)
        size = os.fstat(self._descriptor).st_size
        if size != self.index.size:
            self.close()
            raise PackError(
                f"{path.name} has {size} bytes instead of {self.index.size}; run `studyapp tile` again"
            )

    @property
    def width(self) -> int:
        """Full resolution in pixels."""
        return self.index.width

    @property
    def height(self) -> int:
        """Full resolution in pixels."""
        return self.index.height

    @property
    def levels(self) -> tuple[tuple[int, int], ...]:
        """Size of each level, coarsest first."""
        return self._pyramid.sizes

    def tile(self, level: int, col: int, row: int) -> bytes | None:
        """Return a tile's WebP file, or None when there is no such tile."""
        place = self._pyramid.position(level, col, row)
        if place is None:
            return None
        start, end = self.index.offsets[place : place + 2]
        if not self._finalizer.alive:
            raise PackError(f"{self.path.name} is closed; open it again")
        data = os.pread(self._descriptor, end - start, start)
        if len(data) != end - start:
            raise PackError(f"{self.path.name} was cut off while it was open; run `studyapp tile` again")
        return data

    def close(self) -> None:
        """Give the file back; only when no thread reads any more."""
        self._finalizer()

    def __enter__(self) -> "PackReader":
        return self

    def __exit__(self, *_: object) -> None:
        self.close()
