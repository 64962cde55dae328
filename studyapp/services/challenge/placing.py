"""Putting a folder into a study: whole, or not at all."""

import os
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from analysis.files import sync_folder


@contextmanager
def scratch_folder(beside: Path, kind: str) -> Iterator[Path]:
    """Give a folder to make something in, on the disk of `beside`; it is gone afterwards.

    What attempts of this kind that were killed left there goes first: no two of a kind run at a time.
    """
    beside.mkdir(mode=0o700, exist_ok=True)
    for left in beside.glob(f".{kind}-*"):
        shutil.rmtree(left, ignore_errors=True)
    scratch = Path(tempfile.mkdtemp(prefix=f".{kind}-", dir=beside))
    try:
        yield scratch
    finally:
        shutil.rmtree(scratch, ignore_errors=True)


def put_in_place(new: Path, target: Path) -> None:
    """Let a folder that lies on the same disk become another, in whose place there may be one already.

    Its files are on disk before. Killed before its last step, whoever called makes the folder anew.
    """
    for path in new.rglob("*"):
        if path.is_dir():
            sync_folder(path)
            continue
        with path.open("rb") as file:
            os.fsync(file.fileno())
    sync_folder(new)
    target.parent.mkdir(parents=True, exist_ok=True)
    old = new.with_name(f"{new.name}.old")
    with suppress(FileNotFoundError):
        target.rename(old)
    new.rename(target)
    sync_folder(target.parent)
    shutil.rmtree(old, ignore_errors=True)


def copied(source: Path, target: Path) -> None:
    """Copy the files of a folder into a new one; a second name for them costs no room."""
    target.mkdir(parents=True)
    for path in source.iterdir():
        try:
            os.link(path, target / path.name)
        except OSError:  # a file system without second names
            shutil.copyfile(path, target / path.name)
