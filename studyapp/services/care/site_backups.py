"""The backup of a whole site: every study and the site's database in one file.

The file has a backup of each study as `studyapp.services.care.backups` writes it, so that one can be taken
out and restored separately. Sessions, uploads on their way and jobs that have not ended are not in it:
restored, they would sign somebody in, wait for a browser, or do again what was done.
"""

import hashlib
import json
import shutil
import tempfile
import zipfile
from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from analysis.files import Waiting, file_sha256, write_whole
from analysis.json_text import read_json
from studyapp.db.copying import copy_file, copy_rows, no_schemas_half_filled
from studyapp.db.database import Database, sqlite3, sqlite_url
from studyapp.db.revision import SITE as SITE_TABLES
from studyapp.db.schema import upgrade
from studyapp.db.site_tables import SITE
from studyapp.db.tables import utc_text
from studyapp.errors import StudyError
from studyapp.services.care.backups import Backup, back_up, restore
from studyapp.services.care.each_study import closing_study, naming
from studyapp.services.ground.site import SLUG, Site, open_site
from studyapp.settings import database_url
from studyapp.study.site_file import SITE_FILE

DATABASE, MANIFEST, ENDING = "site.db", "manifest.json", ".backup"
FORMAT = "studyapp site backup 1"
# What a restored site begins without.
_PASSING = (
    "DELETE FROM account_session",
    "DELETE FROM upload",
    "DELETE FROM job WHERE state IN ('waiting', 'running')",
)


@dataclass(frozen=True)
class SiteBackup:
    """What a backup of a site holds: each study's, by name."""

    studies: dict[str, Backup]


def is_site_backup(path: Path) -> bool:
    """Tell whether a file is the backup of a site; one that cannot be read is none."""
    try:
        with zipfile.ZipFile(path) as archive:
            return read_json(archive.read(MANIFEST))["format"] == FORMAT
    except (OSError, zipfile.BadZipFile, KeyError, ValueError, TypeError):
        return False


def back_up_site(site: Site, path: Path, *, now: datetime) -> SiteBackup:
    """Write a backup of every study and the site's database while judges vote; whole or not at all.

    Each study is of one moment, and the site's database of a moment before: an account is never in a study
    only.

    Raises
    ------
    StudyError
        When the file exists, or a study cannot be copied, naming it.
    """
    if path.exists():
        raise StudyError(f"{path} already exists, and a backup is never overwritten; choose another name")
    made: dict[str, Backup] = {}
    with tempfile.TemporaryDirectory(prefix=".backup-", dir=path.resolve().parent) as scratch:
        members = {SITE_FILE: site.root / SITE_FILE, DATABASE: Path(scratch) / DATABASE}
        copy_site(site, members[DATABASE])
        for study in site.studies():
            member = Path(scratch) / f"{study}{ENDING}"
            with naming(study), closing_study(site, study) as workspace:
                made[study] = back_up(workspace, member, now=now)
            members[member.name] = member
        manifest = {
            "format": FORMAT,
            "at": utc_text(now),
            "studies": {name: {"digest": item.digest, "events": item.events} for name, item in made.items()},
            "files": {name: file_sha256(member) for name, member in members.items()},
        }
        with Waiting(path, private=True) as waiting:
            with waiting.opened() as file, zipfile.ZipFile(file, "w") as archive:
                archive.writestr(MANIFEST, json.dumps(manifest, indent=2))
                for name, member in members.items():
                    archive.write(member, name)
            waiting.take_its_place(over=False)
    return SiteBackup(made)


def copy_site(site: Site, path: Path) -> None:
    """Copy the site's database into an SQLite file, without what passes."""
    if site.database.is_sqlite:
        copy_file(site.database, path)
    else:
        with closing(Database(sqlite_url(path))) as target:
            upgrade(target, tables=SITE_TABLES)
            copy_rows(site.database, target, tables=SITE)
    with closing(sqlite3.connect(path, isolation_level=None)) as copy:  # pyright: ignore[reportAttributeAccessIssue]
        copy.execute("PRAGMA secure_delete = ON")
        for statement in _PASSING:
            copy.execute(statement)


def restore_site(path: Path, root: Path) -> SiteBackup:
    """Put a site's backup into a folder that has no site yet; pictures of studies may be there already.

    Raises
    ------
    StudyError
        When the archive is damaged, or the folder has a site, or another study of a name.
    """
    for there in (root / SITE_FILE, Site(root).folders.site_database):
        if there.exists():
            raise StudyError(f"{there} already exists; restore into another folder")
    found: dict[str, Backup] = {}
    with tempfile.TemporaryDirectory(prefix="studyapp-restore-") as scratch, _tidy(root):
        manifest = _unpack(path, Path(scratch))
        root.mkdir(parents=True, exist_ok=True)
        write_whole(root / SITE_FILE, (Path(scratch) / SITE_FILE).read_bytes())
        with no_schemas_half_filled(database_url()), closing(open_site(root)) as site:
            with closing(Database(sqlite_url(Path(scratch) / DATABASE))) as source:
                upgrade(source, tables=SITE_TABLES)
                copy_rows(source, site.database, tables=SITE)
            for study, said in manifest["studies"].items():
                with naming(study):
                    found[study] = restore(Path(scratch) / f"{study}{ENDING}", root / "studies" / study)
                    if found[study].digest != said["digest"]:
                        raise StudyError(
                            f"its digest is {found[study].digest}, the backup says {said['digest']}"
                        )
    return SiteBackup(found)


@contextmanager
def _tidy(root: Path) -> Iterator[None]:
    """Remove, when it fails, what was not there before: the site's files, and studies that it made."""
    site = Site(root)
    places = [
        root / SITE_FILE,
        *(site.folders.site_database.with_name(f"{DATABASE}{end}") for end in ("", "-wal", "-shm")),
    ]
    studies = set((root / "studies").iterdir()) if (root / "studies").is_dir() else set()
    try:
        yield
    except BaseException:
        for place in places:
            place.unlink(missing_ok=True)
        for study in set((root / "studies").glob("*")) - studies:
            shutil.rmtree(study, ignore_errors=True)
        raise


def _unpack(path: Path, scratch: Path) -> dict:
    """Take the members out, each checked against the manifest."""
    try:
        with zipfile.ZipFile(path) as archive:
            manifest = read_json(archive.read(MANIFEST))
            if manifest["format"] != FORMAT:
                raise StudyError(f"{path} is a backup from another version ({manifest['format']!r})")
            studies = list(manifest["studies"])
            if bad := [name for name in studies if not SLUG.fullmatch(name)]:
                raise ValueError(f"a study called {bad[0]!r}")
            names = {SITE_FILE, DATABASE, *(f"{name}{ENDING}" for name in studies)}
            if set(manifest["files"]) != names:
                raise ValueError("its list of files is wrong")
            for name, expected in manifest["files"].items():
                digest = hashlib.sha256()
                with archive.open(name) as member, (scratch / name).open("wb") as file:
                    while part := member.read(1 << 20):
                        digest.update(part)
                        file.write(part)
                if digest.hexdigest() != expected:
                    raise StudyError(f"{path}: {name} is damaged; use another backup")
    except FileNotFoundError:
        raise StudyError(f"{path} does not exist") from None
    except (zipfile.BadZipFile, KeyError, ValueError, TypeError, AttributeError) as error:
        raise StudyError(f"{path} is not a studyapp backup, or it is damaged ({error})") from None
    return manifest
