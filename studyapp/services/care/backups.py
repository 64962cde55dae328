"""Backups: the database at one moment, the key, a lone study's accounts and small files, in one archive.

Whatever the study's database is, the archive holds it as an SQLite file: it can be restored to either kind.
Pictures and tile packs are not in it; `studyapp tile` makes the packs again. Nor is anybody's session:
whoever was logged in logs in again at the restored study.
"""

import hashlib
import json
import tempfile
import zipfile
from collections.abc import Iterable, Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import BinaryIO

from analysis.files import Waiting, file_sha256, write_whole
from analysis.json_text import read_json
from studyapp.db.copying import copy_file, copy_rows
from studyapp.db.database import Database, sqlite3, sqlite_url
from studyapp.db.revision import has_database
from studyapp.db.schema import upgrade
from studyapp.db.tables import LoginSession, utc_text
from studyapp.errors import StudyError
from studyapp.services.ground.ledger import chain_heads, digest_now
from studyapp.services.ground.second_record import mend_record
from studyapp.services.ground.site import open_site, site_around
from studyapp.services.ground.workspace import Workspace, load_workspace
from studyapp.services.paired import score_files, unpaired
from studyapp.services.people.account_copies import accounts_as_json, put_back
from studyapp.settings import Folders, read_key, write_key
from studyapp.study.study_file import STUDY_FILE

DATABASE, KEY, ACCOUNTS, MANIFEST = "study.db", "study.key", "accounts.json", "manifest.json"
SMALL_FILES = (
    *(STUDY_FILE, "judges.csv", "scores.csv", "measures.csv", "regions.csv"),
    *("var/measures/measures.csv", "var/measures/measures.json"),
    *(f"var/scores/{name}" for name in score_files.NAMES),
    *(f"var/unpaired/{name}" for name in unpaired.NAMES),
)
FORMAT = "studyapp backup 1"
LARGEST = 4 << 30


@dataclass(frozen=True)
class Backup:
    """What a backup holds: the digest of all chains at its moment, and how many events they have."""

    digest: str
    events: int
    lost: tuple[str, ...] = ()
    """Events that the folder's other records hold and a restored database lacks."""


def back_up(workspace: Workspace, path: Path, *, now: datetime) -> Backup:
    """Write a backup while judges vote; whole or not at all, for its owner's eyes only.

    Raises
    ------
    StudyError
        When the file exists.
    """
    if path.exists():
        raise StudyError(f"{path} already exists, and a backup is never overwritten; choose another name")
    with tempfile.TemporaryDirectory(prefix=".backup-", dir=path.resolve().parent) as scratch:
        copy = Path(scratch) / DATABASE
        _copy_database(workspace.database, copy)
        _forget_sessions(copy)
        members = {DATABASE: copy, KEY: workspace.folders.key, ACCOUNTS: Path(scratch) / ACCOUNTS}
        if accounts := _accounts_of(workspace.folders.root):
            write_whole(members[ACCOUNTS], accounts, private=True)
        members |= {name: workspace.folders.root / name for name in SMALL_FILES}
        members = {name: member for name, member in members.items() if member.is_file()}
        backup = _summary(copy)
        manifest = {
            "format": FORMAT,
            "at": utc_text(now),
            "digest": backup.digest,
            "events": backup.events,
            "files": {name: file_sha256(member) for name, member in members.items()},
        }
        with Waiting(path, private=True) as waiting:
            with waiting.opened() as file:
                _write_archive(file, members, manifest)
            waiting.take_its_place(over=False)
    return backup


def restore(path: Path, root: Path) -> Backup:
    """Put a backup into a folder: its database, key, accounts and small files; pictures are not touched.

    Files that are there already stay, if they say the same as those of the backup.

    Raises
    ------
    StudyError
        When the archive is damaged, or the folder holds another study, key or database.
    """
    folders = Folders(root)
    places = [root / name for name in SMALL_FILES]
    places += [folders.key, folders.journal]
    databases = (folders.database, folders.site_database)
    places += [file.with_name(file.name + end) for file in databases for end in ("", "-wal", "-shm")]
    with tempfile.TemporaryDirectory(prefix="studyapp-restore-") as scratch:
        manifest = _unpack(path, Path(scratch))
        _refuse_other_files(manifest, folders)
        with _nothing_half_made(places):
            return _put_back(Path(scratch), manifest, folders)


def describe(path: Path) -> Backup:
    """Read what a backup says that it holds.

    Raises
    ------
    StudyError
        When the archive is damaged.
    """
    with tempfile.TemporaryDirectory(prefix="studyapp-restore-") as scratch:
        manifest = _unpack(path, Path(scratch))
    return Backup(manifest["digest"], manifest["events"])


@contextmanager
def _nothing_half_made(places: Iterable[Path]) -> Iterator[None]:
    """Remove, when it fails, what was not there before, so that it can be tried again."""
    fresh = [path for path in places if not path.exists()]
    try:
        yield
    except BaseException:
        for path in fresh:
            path.unlink(missing_ok=True)
        raise


def _put_back(scratch: Path, manifest: dict, folders: Folders) -> Backup:
    folders.make_var()
    for name in (name for name in manifest["files"] if name in SMALL_FILES):
        if not (folders.root / name).exists():
            (folders.root / name).parent.mkdir(parents=True, exist_ok=True)
            write_whole(folders.root / name, (scratch / name).read_bytes())
    if not folders.key.exists():
        write_key(folders.key, read_key(scratch / KEY))
    workspace = load_workspace(folders.root)
    with closing(workspace.database) as target:
        upgrade(target)
        with closing(Database(sqlite_url(scratch / DATABASE))) as source:
            upgrade(source)
            copy_rows(source, target)
        with target.reading() as session:
            found = digest_now(session)
        if found != manifest["digest"]:
            raise StudyError(
                f"the restored study has the digest {found}, but the backup says {manifest['digest']}"
            )
        if ACCOUNTS in manifest["files"]:
            _put_accounts_back(folders.root, (scratch / ACCOUNTS).read_bytes())
        # The second record is no part of a backup: it follows from the ledger, unless it knows more.
        return Backup(found, manifest["events"], mend_record(workspace).strangers)


def _accounts_of(root: Path) -> bytes | None:
    """Write the accounts of a study that is served alone; those of a site are no study's."""
    if site_around(root) is not None:
        return None
    with closing(open_site(root)) as site, site.database.reading() as session:
        return accounts_as_json(session)


def _put_accounts_back(root: Path, kept: bytes) -> None:
    with closing(open_site(root)) as site, site.database.writing() as session:
        there = accounts_as_json(session)
        if there is None:
            put_back(session, kept)
        elif there != kept:
            raise StudyError(f"{root} has other accounts than the backup; restore into another folder")


def _copy_database(database: Database, path: Path) -> None:
    """Make a copy of one moment: SQLite's own backup, or the rows of PostgreSQL; empty before tiling."""
    there = has_database(database)
    if database.is_sqlite and there:
        copy_file(database, path)
        return
    with closing(Database(sqlite_url(path))) as target:
        upgrade(target)
        if there:
            copy_rows(database, target)


def _forget_sessions(path: Path) -> None:
    """Leave out who is logged in, and from where; overwritten, not only unlinked."""
    with closing(sqlite3.connect(path, isolation_level=None)) as copy:  # pyright: ignore[reportAttributeAccessIssue]
        copy.execute("PRAGMA secure_delete = ON")
        copy.execute(f"DELETE FROM {LoginSession.__tablename__}")  # noqa: S608 (our own name)


def _summary(path: Path) -> Backup:
    with closing(Database(sqlite_url(path))) as copy, copy.reading() as session:
        return Backup(digest_now(session), sum(count for _, count, _ in chain_heads(session)))


def _write_archive(file: BinaryIO, members: dict[str, Path], manifest: dict[str, object]) -> None:
    with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr(MANIFEST, json.dumps(manifest, indent=2))
        for name, member in members.items():
            archive.write(member, name)


def _unpack(path: Path, scratch: Path) -> dict:
    """Take the known members out, each checked against the manifest."""
    try:
        with zipfile.ZipFile(path) as archive:
            manifest = read_json(_read(archive, MANIFEST))
            digest, events = manifest["digest"], manifest["events"]
            if not isinstance(digest, str) or type(events) is not int:
                raise ValueError(f"digest {digest!r}, {events!r} events")
            if lacking := {DATABASE, KEY, STUDY_FILE} - set(manifest["files"]):
                raise ValueError(f"without {', '.join(sorted(lacking))}")
            if manifest["format"] != FORMAT:
                raise StudyError(f"{path} is a backup from another version ({manifest['format']!r})")
            for name, expected in manifest["files"].items():
                if name not in (DATABASE, KEY, ACCOUNTS, *SMALL_FILES):
                    raise StudyError(f"{path} contains an unknown file {name!r}, so it is not restored")
                data = _read(archive, name)
                if hashlib.sha256(data).hexdigest() != expected:
                    raise StudyError(f"{path}: {name} is damaged; use another backup")
                (scratch / name).parent.mkdir(parents=True, exist_ok=True)
                write_whole(scratch / name, data, private=True)
    except FileNotFoundError:
        raise StudyError(f"{path} does not exist") from None
    except (zipfile.BadZipFile, KeyError, ValueError, TypeError, AttributeError) as error:
        raise StudyError(f"{path} is not a studyapp backup, or it is damaged ({error})") from None
    return manifest


def _read(archive: zipfile.ZipFile, name: str) -> bytes:
    if archive.getinfo(name).file_size > LARGEST:
        raise StudyError(f"{name} in the backup is larger than {LARGEST >> 30} GiB, so it is not restored")
    return archive.read(name)


def _refuse_other_files(manifest: dict, folders: Folders) -> None:
    for name, expected in manifest["files"].items():
        there = folders.key if name == KEY else folders.root / name
        if name == DATABASE and folders.database.exists():
            raise StudyError(f"{folders.database} already exists; restore into a folder without a database")
        if name in (KEY, STUDY_FILE) and there.exists() and file_sha256(there) != expected:
            raise StudyError(f"{there} is not the one in the backup; restore into another folder")
