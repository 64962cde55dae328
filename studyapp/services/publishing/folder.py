"""The folder of a published site, written so that a killed run goes on, and an unchanged one changes nothing.

The site is whole when SHA256SUMS lies in it: that file is taken away before the first change and written
last. Meanwhile `.publishing/` holds a journal of what has its place already. Whatever is neither in the sums
nor in the journal is not ours: such a folder is refused, and nothing in it is removed.
"""

import hashlib
import json
import os
import shutil
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager, suppress
from itertools import pairwise
from pathlib import Path
from typing import Any

from analysis.files import file_sha256, sync_folder, write_whole
from analysis.json_text import read_json
from analysis.texts import say
from studyapp.errors import StudyError
from studyapp.imaging.pack_reader import PackReader
from studyapp.services.ground.only_run import only_run

SUMS, ABOUT = "SHA256SUMS", "published.json"
FORMAT = "studyapp site 1"
WORK, JOURNAL, BEFORE, NEW = ".publishing", "journal.jsonl", "before", "new"
SUFFIX = ".webp"
NO_JEKYLL = ".nojekyll"
"""Tells GitHub Pages to serve the files as they are."""

# What operating systems leave in folders.
_LEFT = {"thumbs.db", "desktop.ini"}
# A web server runs as somebody else, and may read.
_UMASK = 0o022


class PublishedFolder:
    """What a site has already, and what it is to have; used within `publishing`.

    Attributes
    ----------
    written
        How many files were written in this run.
    """

    def __init__(self, root: Path) -> None:
        self.root = root
        self.written = 0
        self._known: dict[str, str] = {}
        self._made_of: dict[str, str] = {}
        self._wanted: dict[str, str] = {}
        self._wanted_of: dict[str, str] = {}
        self._journal: Any = None
        self._read()

    def size(self) -> int:
        """Bytes that are there already."""
        return sum(os.stat(self.root / name).st_size for name in self._known)

    def put(self, name: str, content: str | bytes) -> None:
        """Write a file, unless it is there already."""
        data = content.encode("utf-8") if isinstance(content, str) else content
        sha256 = hashlib.sha256(data).hexdigest()
        if not self._has(name, sha256, len(data)):
            with self._placed(name, sha256) as scratch:
                scratch.write_bytes(data)
        self._wanted[name] = sha256

    def take(self, name: str, source: Path, sha256: str | None = None) -> None:
        """Give a file that exists already a place: by a hard link where that is possible, else by a copy.

        Not a link to what only its owner may read: its mode would be that of the original.
        """
        sha256 = sha256 or file_sha256(source)
        if not self._has(name, sha256, source.stat().st_size):
            with self._placed(name, sha256) as scratch:
                if not (is_linkable(source, self.root) and _linked(source, scratch)):
                    shutil.copyfile(source, scratch)
        self._wanted[name] = sha256

    def tiles(self, folder: str, pack: Path) -> None:
        """Write the tiles of a pack as files, byte for byte: `folder/<level>/<column>_<row>.webp`."""
        with PackReader(pack) as reader:
            places = list(_places(reader))
            sizes = dict(
                zip((name for _, name in places), map(_length, pairwise(reader.index.offsets)), strict=True)
            )
            self.pieces(
                folder,
                reader.index.sha256_pack,
                sizes,
                lambda: ((name, reader.tile(*tile) or b"") for tile, name in places),
            )

    def pieces(
        self,
        folder: str,
        made_of: str,
        sizes: Mapping[str, int | None],
        make: Callable[[], Iterable[tuple[str, bytes]]],
    ) -> None:
        """Write a folder of files that are made together, all or none, unless it is there already.

        Parameters
        ----------
        folder
            Below the site.
        made_of
            What tells whether they are still the same.
        sizes
            The files, with their bytes where they are known.
        make
            Makes them.
        """
        names = [f"{folder}/{name}" for name in sizes]
        if self._made_of.get(folder) != made_of or not all(
            self._has(name, self._known.get(name, ""), size)
            for name, size in zip(names, sizes.values(), strict=True)
        ):
            self._write_pieces(folder, made_of, make())
        self._wanted_of[folder] = made_of
        self._wanted.update((name, self._known[name]) for name in names)

    def finish(self, about: dict[str, Any]) -> None:
        """Remove what is stale, and declare the site whole."""
        self.put(NO_JEKYLL, "")
        content = {"format": FORMAT, **about, "made_of": dict(sorted(self._wanted_of.items()))}
        self.put(ABOUT, json.dumps(content, indent=1, ensure_ascii=False) + "\n")
        for name in [*(self._known.keys() - self._wanted.keys())]:
            self._change()
            (self.root / name).unlink(missing_ok=True)
            _remove_empty((self.root / name).parent, self.root)
        lines = "".join(f"{sha256}  {name}\n" for name, sha256 in sorted(self._wanted.items()))
        if self._journal is None and (self.root / SUMS).exists():
            return
        self.close()
        if hasattr(os, "sync"):
            os.sync()
        # Not beside it: what a kill leaves there would stay for good.
        scratch = self.root / WORK / NEW
        _remove(scratch)
        write_whole(scratch, lines)
        os.replace(scratch, self.root / SUMS)
        sync_folder(self.root)

    def close(self) -> None:
        """Close the journal."""
        if self._journal is not None:
            self._journal.close()
            self._journal = None

    def _has(self, name: str, sha256: str, size: int | None) -> bool:
        if self._known.get(name) != sha256:
            return False
        try:
            there = os.stat(self.root / name).st_size
        except OSError:
            return False
        return there == size if size is not None else there > 0

    def _write_pieces(self, folder: str, made_of: str, pieces: Iterable[tuple[str, bytes]]) -> None:
        self._change()
        new, target = self.root / WORK / NEW, self.root / folder
        _remove(new)
        new.mkdir()
        sums: dict[str, str] = {}
        made, scratch = {""}, str(new)
        for name, data in pieces:
            above = name.rpartition("/")[0]
            if above not in made:
                (new / above).mkdir(parents=True)
                made.add(above)
            with open(f"{scratch}/{name}", "wb") as file:
                file.write(data)
            sums[name] = hashlib.sha256(data).hexdigest()
        self.written += len(sums)
        target.parent.mkdir(parents=True, exist_ok=True)
        self._note({"pieces": folder, "of": made_of, "sums": sums})
        shutil.rmtree(target, ignore_errors=True)
        os.replace(new, target)

    @contextmanager
    def _placed(self, name: str, sha256: str) -> Iterator[Path]:
        """Note that a file is about to have its place, give the path to write it to, and move it there."""
        self._change()
        scratch, path = self.root / WORK / NEW, self.root / name
        _remove(scratch)
        self._note({"file": name, "sha256": sha256})
        yield scratch
        path.parent.mkdir(parents=True, exist_ok=True)
        os.replace(scratch, path)
        self.written += 1

    def _change(self) -> None:
        """Begin to change the site: from now on it is not whole."""
        if self._journal is not None:
            return
        work = self.root / WORK
        work.mkdir(exist_ok=True)
        if (self.root / SUMS).exists():
            (self.root / SUMS).replace(work / BEFORE)
        self._journal = (work / JOURNAL).open("a", encoding="utf-8")
        self._journal.write("\n")  # ends a line that was cut off

    def _note(self, entry: dict[str, Any]) -> None:
        self._take_in(entry)
        self._journal.write(json.dumps(entry) + "\n")
        self._journal.flush()

    def _take_in(self, entry: dict[str, Any]) -> None:
        if "file" in entry:
            self._known[entry["file"]] = entry["sha256"]
            return
        folder = entry["pieces"]
        if folder in self._made_of:  # not each time: there are 100,000 names
            for name in [name for name in self._known if name.startswith(f"{folder}/")]:
                del self._known[name]
        self._known.update((f"{folder}/{place}", sha256) for place, sha256 in entry["sums"].items())
        self._made_of[folder] = entry["of"]

    def _read(self) -> None:
        """Find out what is there, and refuse a folder with anything that is not ours."""
        for sums in (self.root / SUMS, self.root / WORK / BEFORE):
            if sums.exists():
                self._known = _read_sums(sums)
        if self._known and (self.root / ABOUT).exists():
            self._made_of = dict(
                read_json((self.root / ABOUT).read_text(encoding="utf-8")).get("made_of", {})
            )
        for entry in _journal_of(self.root / WORK / JOURNAL):
            self._take_in(entry)
        there = set(_files(self.root)) - {SUMS}
        for name in sorted(there):
            if name not in self._known:
                raise StudyError(
                    say(
                        "%(folder)s holds %(name)s, which is no part of a published study; "
                        "nothing was changed: choose another folder, or move that file away",
                        folder=self.root,
                        name=name,
                    )
                )
        if (self.root / NO_JEKYLL).exists() and NO_JEKYLL in self._known:
            there.add(NO_JEKYLL)
        # Not what the sums name besides: it may lie anywhere.
        self._known = {name: self._known[name] for name in there}


@contextmanager
def publishing(root: Path) -> Iterator[PublishedFolder]:
    """Hold a folder for writing a site into it.

    Raises
    ------
    StudyError
        When it holds anything else.
    BusyError
        When another process writes into it.
    """
    PublishedFolder(root)  # refused before anything is made in it
    before = os.umask(_UMASK)
    try:
        with only_run(root / WORK, "publishing"):
            folder = PublishedFolder(root)
            try:
                yield folder
            finally:
                folder.close()
    finally:
        os.umask(before)
        # Of a site that is not whole yet it is what the next run goes on from.
        if (root / SUMS).exists() or not (root / WORK / JOURNAL).exists():
            shutil.rmtree(root / WORK, ignore_errors=True)


def is_linkable(source: Path, out: Path) -> bool:
    """Tell whether a file may become part of a site by a hard link: on one disk, and others may read it."""
    there = next(path for path in (out, *out.resolve().parents) if path.exists())
    about = source.stat()
    return about.st_dev == there.stat().st_dev and about.st_mode & 0o044 == 0o044


def _length(ends: tuple[int, int]) -> int:
    return ends[1] - ends[0]


def _places(reader: PackReader) -> Iterator[tuple[tuple[int, int, int], str]]:
    """Where each tile lies in the pyramid, and its name, in the order of the pack."""
    for level in range(len(reader.levels)):
        columns, rows = reader.index.pyramid.grid(level)
        for row in range(rows):
            for column in range(columns):
                yield (level, column, row), f"{level}/{column}_{row}{SUFFIX}"


def _linked(source: Path, path: Path) -> bool:
    try:
        os.link(source.resolve(), path)
    except OSError:  # another disk, or one without hard links
        return False
    return True


def _remove(scratch: Path) -> None:
    """Remove what a run that was killed was writing."""
    if scratch.is_dir():
        shutil.rmtree(scratch)
    scratch.unlink(missing_ok=True)


def _remove_empty(folder: Path, root: Path) -> None:
    while folder != root:
        try:
            folder.rmdir()
        except OSError:
            return
        folder = folder.parent


def _read_sums(path: Path) -> dict[str, str]:
    lines = path.read_text(encoding="utf-8").split("\n")
    return {line[66:]: line[:64] for line in lines if line}


def _journal_of(path: Path) -> Iterator[dict[str, Any]]:
    """The entries of a journal; a line that was cut off is none."""
    lines = path.read_text(encoding="utf-8").split("\n") if path.exists() else []
    for line in filter(None, lines):
        with suppress(ValueError):
            yield read_json(line)


def _files(root: Path) -> Iterator[str]:
    """Name the files of a folder, without hidden ones, which systems and git keep there."""
    if not root.is_dir():
        if root.exists():
            raise StudyError(say("%(folder)s is no folder", folder=root))
        return
    for at, folders, names in os.walk(root):
        folders[:] = [name for name in folders if name[0] != "."]
        base = os.path.relpath(at, root).replace(os.sep, "/")
        for name in names:
            if name[0] != "." and name.casefold() not in _LEFT:
                yield name if base == "." else f"{base}/{name}"
