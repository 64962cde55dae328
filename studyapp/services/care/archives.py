"""The archive of a backup, of a study or of a site: its members, and a manifest with the hash of each."""

import hashlib
import json
import shutil
import tempfile
import zipfile
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path
from typing import Any

from analysis.files import Waiting, file_sha256
from analysis.json_text import read_json
from studyapp.db.tables import utc_text
from studyapp.errors import StudyError

MANIFEST = "manifest.json"
LARGEST = 4 << 30


@contextmanager
def scratch_for(path: Path) -> Iterator[Path]:
    """Yield a folder beside a new backup for what goes into it, and remove it at the end.

    Raises
    ------
    StudyError
        When the backup exists.
    """
    if path.exists():
        raise StudyError(f"{path} already exists, and a backup is never overwritten; choose another name")
    with tempfile.TemporaryDirectory(prefix=".backup-", dir=path.resolve().parent) as scratch:
        yield Path(scratch)


def write_archive(
    path: Path,
    members: Mapping[str, Path],
    *,
    form: str,
    now: datetime,
    says: Mapping[str, object],
    compressed: bool,
) -> None:
    """Write an archive of these files, whole or not at all, for its owner's eyes only.

    `says` is what its manifest has besides the form, the time and the hashes.
    """
    hashes = {name: file_sha256(member) for name, member in members.items()}
    manifest = {"format": form, "at": utc_text(now), **says, "files": hashes}
    packing = zipfile.ZIP_DEFLATED if compressed else zipfile.ZIP_STORED
    with Waiting(path, private=True) as waiting:
        with waiting.opened() as file, zipfile.ZipFile(file, "w", packing) as archive:
            archive.writestr(MANIFEST, json.dumps(manifest, indent=2))
            for name, member in members.items():
                archive.write(member, name)
        waiting.take_its_place(over=False)


@contextmanager
def opened_archive(path: Path, *, form: str) -> Iterator[tuple[zipfile.ZipFile, dict[str, Any]]]:
    """Open an archive of this form, and read its manifest.

    Raises
    ------
    StudyError
        When there is none or it is damaged, also when the block finds that: by a KeyError, say.
    """
    try:
        with zipfile.ZipFile(path) as archive:
            check_size(archive, MANIFEST)
            manifest = read_json(archive.read(MANIFEST))
            if manifest["format"] != form:
                raise StudyError(f"{path} is a backup from another version ({manifest['format']!r})")
            yield archive, manifest
    except FileNotFoundError:
        raise StudyError(f"{path} does not exist") from None
    except (zipfile.BadZipFile, KeyError, ValueError, TypeError, AttributeError) as error:
        raise StudyError(f"{path} is not a studyapp backup, or it is damaged ({error})") from None


def check_size(archive: zipfile.ZipFile, name: str) -> None:
    """Make sure that a member is no larger than anything that a study has.

    Raises
    ------
    StudyError
        When it is.
    """
    if archive.getinfo(name).file_size > LARGEST:
        raise StudyError(f"{name} in the backup is larger than {LARGEST >> 30} GiB, so it is not restored")


def take_out(archive: zipfile.ZipFile, name: str, expected: str, scratch: Path) -> None:
    """Write a member into a folder, readable by its owner only.

    Raises
    ------
    StudyError
        When its hash is another one.
    """
    place, digest = scratch / name, hashlib.sha256()
    place.parent.mkdir(parents=True, exist_ok=True)
    place.touch(mode=0o600)
    with archive.open(name) as member, place.open("wb") as file:
        while part := member.read(1 << 20):
            digest.update(part)
            file.write(part)
    if digest.hexdigest() != expected:
        raise StudyError(f"{archive.filename}: {name} is damaged; use another backup")


@contextmanager
def nothing_half_made(places: Iterable[Path]) -> Iterator[None]:
    """Remove, when it fails, what was not there before, so that it can be tried again."""
    fresh = [path for path in places if not path.exists()]
    try:
        yield
    except BaseException:
        for path in fresh:
            if path.is_dir():
                shutil.rmtree(path, ignore_errors=True)
            else:
                path.unlink(missing_ok=True)
        raise
