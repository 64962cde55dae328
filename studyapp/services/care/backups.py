"""Backups: the database at one moment, the key, a lone study's accounts and small files, in one archive.

Whatever the study's database is, the archive holds it as an SQLite file: it can be restored to either kind.
Pictures and tile packs are not in it; `studyapp tile` makes the packs again. Nor is anybody's session:
whoever was logged in logs in again at the restored study.
"""

import tempfile
from contextlib import closing
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from analysis.files import file_sha256, write_whole
from studyapp.db.copying import copy_rows, copy_to_file, erase
from studyapp.db.database import Database, sqlite_files, sqlite_url
from studyapp.db.schema import upgrade
from studyapp.errors import StudyError
from studyapp.services.care.archives import (
    check_size,
    nothing_half_made,
    opened_archive,
    scratch_for,
    take_out,
    write_archive,
)
from studyapp.services.ground.ledger import chain_heads, digest_now
from studyapp.services.ground.second_record import mend_record
from studyapp.services.ground.site import open_site, site_around
from studyapp.services.ground.workspace import Workspace, load_workspace
from studyapp.services.paired import score_files, unpaired
from studyapp.services.people.account_copies import accounts_as_json, put_back
from studyapp.settings import Folders, read_key, write_key
from studyapp.study.study_file import STUDY_FILE

DATABASE, KEY, ACCOUNTS = "study.db", "study.key", "accounts.json"
SMALL_FILES = (
    *(STUDY_FILE, "judges.csv", "scores.csv", "measures.csv", "regions.csv"),
    *("var/measures/measures.csv", "var/measures/measures.json"),
    *(f"var/scores/{name}" for name in score_files.NAMES),
    *(f"var/unpaired/{name}" for name in unpaired.NAMES),
)
FORMAT = "studyapp backup 1"


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
    with scratch_for(path) as scratch:
        copy = scratch / DATABASE
        copy_to_file(workspace.database, copy)
        erase(copy, "DELETE FROM login_session")
        members = {DATABASE: copy, KEY: workspace.folders.key, ACCOUNTS: scratch / ACCOUNTS}
        if accounts := _accounts_of(workspace.folders.root):
            write_whole(members[ACCOUNTS], accounts, private=True)
        members |= {name: workspace.folders.root / name for name in SMALL_FILES}
        members = {name: member for name, member in members.items() if member.is_file()}
        backup = _summary(copy)
        says = {"digest": backup.digest, "events": backup.events}
        write_archive(path, members, form=FORMAT, now=now, says=says, compressed=True)
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
    with tempfile.TemporaryDirectory(prefix="studyapp-restore-") as scratch:
        manifest = _unpack(path, Path(scratch))
        _refuse_other_files(manifest, folders)
        with nothing_half_made(restored_places(root)):
            return _put_back(Path(scratch), manifest, folders)


def restored_places(root: Path) -> list[Path]:
    """Return every file that restoring a study into a folder may make."""
    folders = Folders(root)
    return [
        *(root / name for name in SMALL_FILES),
        *(folders.key, folders.journal),
        *sqlite_files(folders.database),
        *sqlite_files(folders.site_database),
    ]


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


def _summary(path: Path) -> Backup:
    with closing(Database(sqlite_url(path))) as copy, copy.reading() as session:
        return Backup(digest_now(session), sum(count for _, count, _ in chain_heads(session)))


def _unpack(path: Path, scratch: Path) -> dict:
    """Take the known members out, each checked against the manifest."""
    with opened_archive(path, form=FORMAT) as (archive, manifest):
        digest, events = manifest["digest"], manifest["events"]
        if not isinstance(digest, str) or type(events) is not int:
            raise ValueError(f"digest {digest!r}, {events!r} events")
        if lacking := {DATABASE, KEY, STUDY_FILE} - set(manifest["files"]):
            raise ValueError(f"without {', '.join(sorted(lacking))}")
        for name, expected in manifest["files"].items():
            if name not in (DATABASE, KEY, ACCOUNTS, *SMALL_FILES):
                raise StudyError(f"{path} contains an unknown file {name!r}, so it is not restored")
            check_size(archive, name)
            take_out(archive, name, expected, scratch)
    return manifest


def _refuse_other_files(manifest: dict, folders: Folders) -> None:
    for name, expected in manifest["files"].items():
        there = folders.key if name == KEY else folders.root / name
        if name == DATABASE and folders.database.exists():
            raise StudyError(f"{folders.database} already exists; restore into a folder without a database")
        if name in (KEY, STUDY_FILE) and there.exists() and file_sha256(there) != expected:
            raise StudyError(f"{there} is not the one in the backup; restore into another folder")
