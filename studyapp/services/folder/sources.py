"""What was handed in: folders, zips, and files that were uploaded one by one; it is never changed."""

import os
from abc import ABC, abstractmethod
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass, field
from pathlib import Path, PurePosixPath
from typing import Protocol
from zipfile import ZipFile, ZipInfo

from analysis.image_names import is_image_name, is_junk
from studyapp.errors import StudyError
from studyapp.services.folder.archives import opened_zip, pieces_of

_PIECE = 1 << 20
LARGEST_INNER = 16 * 2**30
"""Bytes of a zip within a zip."""


class Reader(Protocol):
    """Gives the bytes of the files of a source."""

    def pieces(self, path: PurePosixPath, most: int) -> Iterator[bytes]:
        """Yield the bytes of a file, at most so many."""
        ...


@dataclass(frozen=True)
class Source(ABC):
    """Something that was handed in, by the name that people gave it.

    Attributes
    ----------
    name
        Of the folder or zip.
    team
        The id of the team that all of it belongs to, if somebody said so; else names decide.
    """

    name: str
    team: str | None = field(default=None, kw_only=True)

    @abstractmethod
    def paths(self) -> list[PurePosixPath]:
        """Return every file, sorted."""

    @abstractmethod
    def opened(self) -> AbstractContextManager[Reader]:
        """Open it for reading."""

    def around(self, root: Path) -> list[str]:
        """Return its name, and those of the folders it lies in if that is within the study."""
        return [PurePosixPath(self.name).name, *reversed(PurePosixPath(self.name).parent.parts)]

    def images(self) -> list[PurePosixPath]:
        """Return the files that are images, without what systems leave behind."""
        return [path for path in self.paths() if is_image_name(path.name) and not _in_junk(path)]

    def zips(self) -> list[PurePosixPath]:
        """Return the zips in it."""
        return [path for path in self.paths() if path.suffix.casefold() == ".zip" and not _in_junk(path)]


@dataclass(frozen=True)
class FolderSource(Source):
    """A folder of this machine; links in it are not followed, they may lead anywhere."""

    path: Path

    def paths(self) -> list[PurePosixPath]:
        found = []
        for folder, folders, names in os.walk(self.path):
            folders.sort()
            for name in sorted(names):
                path = Path(folder) / name
                if not path.is_symlink() and path.is_file():
                    found.append(PurePosixPath(path.relative_to(self.path).as_posix()))
        return found

    @contextmanager
    def opened(self) -> Iterator[Reader]:
        yield _Files(lambda path: self.path / path)

    def around(self, root: Path) -> list[str]:
        return [self.path.resolve().name, *_around_in_teams(self.path, root)]


@dataclass(frozen=True)
class ZipSource(Source):
    """A zip, which may lie under another name than people gave it."""

    path: Path

    def paths(self) -> list[PurePosixPath]:
        with opened_zip(self.path, name=self.name) as archive:
            return sorted(PurePosixPath(item.filename) for item in archive.infolist() if not item.is_dir())

    @contextmanager
    def opened(self) -> Iterator[Reader]:
        with opened_zip(self.path, name=self.name) as archive:
            yield _Zipped(archive, {PurePosixPath(item.filename): item for item in archive.infolist()})

    def around(self, root: Path) -> list[str]:
        return [*super().around(root), *_around_in_teams(self.path, root)]


@dataclass(frozen=True)
class FilesSource(Source):
    """Files that lie somewhere, by the paths that they had where they come from."""

    files: Mapping[PurePosixPath, Path]

    def paths(self) -> list[PurePosixPath]:
        return sorted(self.files)

    @contextmanager
    def opened(self) -> Iterator[Reader]:
        yield _Files(self.files.__getitem__)


def sources_of(paths: Sequence[Path]) -> list[Source]:
    """Return folders and zips of this machine as sources; the zips in a folder are sources, too.

    Raises
    ------
    StudyError
        When one is neither.
    """
    found: list[Source] = []
    for path in paths:
        if path.is_dir():
            folder = FolderSource(path.resolve().name, path)
            found += [folder, *(ZipSource(f"{folder.name}/{name}", path / name) for name in folder.zips())]
        elif path.suffix.casefold() == ".zip":
            found.append(ZipSource(path.name, path))
        else:
            raise StudyError(f"{path} is neither a folder nor a zip; unpack it into a folder and import that")
    return found


def taken_apart(sources: Sequence[Source], scratch: Path) -> list[Source]:
    """Return the sources and, for each zip in a zip, one that is copied into `scratch`; deeper ones stay.

    Raises
    ------
    StudyError
        When a zip cannot be trusted.
    """
    found: list[Source] = []
    for source in sources:
        found.append(source)
        for path in source.zips() if isinstance(source, ZipSource) else ():
            inner = scratch / f"{len(found)}.zip"
            copy_out(source, path, inner)
            found.append(ZipSource(f"{source.name}/{path}", inner, team=source.team))
    return found


def copy_out(source: Source, path: PurePosixPath, target: Path) -> int:
    """Copy a file out of a source; return its size."""
    size = 0
    with source.opened() as reader, target.open("xb") as file:
        for piece in reader.pieces(path, LARGEST_INNER):
            size += file.write(piece)
        file.flush()
        os.fsync(file.fileno())
    return size


@dataclass(frozen=True)
class _Files:
    place: Callable[[PurePosixPath], Path]

    def pieces(self, path: PurePosixPath, most: int) -> Iterator[bytes]:
        with self.place(path).open("rb") as file:
            while piece := file.read(_PIECE):
                yield piece


@dataclass(frozen=True)
class _Zipped:
    archive: ZipFile
    entries: Mapping[PurePosixPath, ZipInfo]

    def pieces(self, path: PurePosixPath, most: int) -> Iterator[bytes]:
        return pieces_of(self.archive, self.entries[path], most)


def _around_in_teams(path: Path, root: Path) -> list[str]:
    """Return the names of the folders around something below teams/, innermost first."""
    resolved, teams = path.resolve(), (root / "teams").resolve()
    return list(reversed(resolved.relative_to(teams).parts[:-1])) if resolved.is_relative_to(teams) else []


def _in_junk(path: PurePosixPath) -> bool:
    return any(is_junk(part) for part in path.parts)
