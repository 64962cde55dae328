"""Reading a zip that a stranger sent: nothing is unpacked by its own word, and every byte is counted."""

import stat
import zipfile
import zlib
from collections import Counter
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path, PurePosixPath

from studyapp.errors import StudyError

MOST_ENTRIES = 20_000
LARGEST_RATIO, FREE_BYTES = 50, 64 * 2**20
_PIECE = 1 << 20
_LOCAL_HEADER = 30
_ENCRYPTED = 0x1
DAMAGES = (
    zipfile.BadZipFile,
    zipfile.LargeZipFile,
    zlib.error,
    NotImplementedError,
    EOFError,
    ValueError,
)
"""What reading a zip raises that is none, or damaged."""


@contextmanager
def opened_zip(path: Path, *, name: str | None = None) -> Iterator[zipfile.ZipFile]:
    """Open a zip whose list of files can be believed; `name` is what errors call it.

    Raises
    ------
    StudyError
        When it is damaged, or its entries overlap, repeat a name, are encrypted, of a rare method, packed as
        only a bomb is, links, lead out of it, or are too many.
    """
    name = name or path.name
    try:
        with zipfile.ZipFile(path) as archive:
            _check(name, archive.infolist())
            yield archive
    except DAMAGES as error:
        raise StudyError(
            f"{name} is not a zip, or it is damaged ({error}); ask the team for it again"
        ) from None


def pieces_of(archive: zipfile.ZipFile, entry: zipfile.ZipInfo, most: int) -> Iterator[bytes]:
    """Yield the bytes of an entry, and no more than it declares or `most`.

    Raises
    ------
    StudyError
        When it holds more.
    """
    if entry.file_size > most:
        raise StudyError(f"{entry.filename!r} unpacks to {entry.file_size:,} bytes; ask for the images only")
    found = 0
    with archive.open(entry) as file:
        while piece := file.read(_PIECE):
            found += len(piece)
            if found > entry.file_size:
                raise StudyError(
                    f"{entry.filename!r} contains more than it declares; ask the team for it again"
                )
            yield piece


def faults(entries: Sequence[zipfile.ZipInfo]) -> Iterator[tuple[str, str]]:
    """Yield what keeps a zip from being believed: the entry ("" for the whole), and what is wrong with it."""
    if len(entries) > MOST_ENTRIES:
        yield "", f"has {len(entries):,} files; a submission may have at most {MOST_ENTRIES:,}"
    for filename, count in Counter(entry.filename for entry in entries).items():
        if count > 1:
            yield filename, f"is in it {count} times"
    for entry in entries:
        if what := _wrong(entry):
            yield entry.filename, what
        elif entry.header_offset < 0:
            yield entry.filename, "lies outside of the file"
    end = 0
    for entry in sorted(entries, key=lambda entry: entry.header_offset):
        if entry.header_offset < end:
            yield entry.filename, "overlaps another entry, as in a zip bomb"
            return
        end = entry.header_offset + _LOCAL_HEADER + len(entry.orig_filename) + entry.compress_size


def _check(name: str, entries: Sequence[zipfile.ZipInfo]) -> None:
    for filename, what in faults(entries):
        if not filename:
            raise StudyError(f"{name} {what}")
        raise StudyError(f"{name}: {filename!r} {what}; ask for a plain zip of the images")


def _wrong(entry: zipfile.ZipInfo) -> str | None:
    path = PurePosixPath(entry.filename)
    if path.is_absolute() or ".." in path.parts or "\\" in entry.filename or entry.filename[1:2] == ":":
        return "leads out of the archive"
    if entry.file_size > FREE_BYTES and entry.file_size > LARGEST_RATIO * entry.compress_size:
        return f"unpacks to {entry.file_size:,} bytes, as only a zip bomb does"
    if entry.flag_bits & _ENCRYPTED:
        return "is encrypted"
    if entry.compress_type not in (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED):
        return "uses a rare compression method"
    if stat.S_ISLNK(entry.external_attr >> 16):
        return "is a link"
    return None
