"""The backup of a whole site: every study and the site's database in one file.

The file has a backup of each study as `studyapp.services.care.backups` writes it, so that one can be taken
out and restored separately. Sessions, uploads on their way and jobs that have not ended are not in it:
restored, they would sign somebody in, wait for a browser, or do again what was done.
"""

import tempfile
import zipfile
from contextlib import closing
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from analysis.files import write_whole
from analysis.json_text import read_json
from studyapp.db.copying import copy_rows, copy_to_file, erase, no_schemas_half_filled
from studyapp.db.database import Database, sqlite_files, sqlite_url
from studyapp.db.revision import SITE
from studyapp.db.schema import upgrade
from studyapp.errors import StudyError
from studyapp.services.care.archives import (
    MANIFEST,
    nothing_half_made,
    opened_archive,
    scratch_for,
    take_out,
    write_archive,
)
from studyapp.services.care.backups import Backup, back_up, restore, restored_places
from studyapp.services.care.each_study import closing_study, naming
from studyapp.services.ground.site import SLUG, STUDIES, Site, open_site
from studyapp.settings import database_url
from studyapp.study.site_file import SITE_FILE

DATABASE, ENDING = "site.db", ".backup"
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
    made: dict[str, Backup] = {}
    with scratch_for(path) as scratch:
        members = {SITE_FILE: site.root / SITE_FILE, DATABASE: scratch / DATABASE}
        copy_to_file(site.database, members[DATABASE], tables=SITE)
        erase(members[DATABASE], *_PASSING)
        for study in site.studies():
            member = scratch / f"{study}{ENDING}"
            with naming(study), closing_study(site, study) as workspace:
                made[study] = back_up(workspace, member, now=now)
            members[member.name] = member
        digests = {name: {"digest": item.digest, "events": item.events} for name, item in made.items()}
        # Stored: what is large in it, the studies' backups, is compressed already.
        write_archive(path, members, form=FORMAT, now=now, says={"studies": digests}, compressed=False)
    return SiteBackup(made)


def restore_site(path: Path, root: Path) -> SiteBackup:
    """Put a site's backup into a folder that has no site yet; pictures of studies may be there already.

    Raises
    ------
    StudyError
        When the archive is damaged, or the folder has a site, or another study of a name.
    """
    database = Site(root).folders.site_database
    for there in (root / SITE_FILE, database):
        if there.exists():
            raise StudyError(f"{there} already exists; restore into another folder")
    with tempfile.TemporaryDirectory(prefix="studyapp-restore-") as scratch:
        manifest = _unpack(path, Path(scratch))
        places = [root / SITE_FILE, *sqlite_files(database)]
        for study in manifest["studies"]:
            places += [root / STUDIES / study, *restored_places(root / STUDIES / study)]
        with nothing_half_made(places):
            return _put_back(Path(scratch), manifest, root)


def _put_back(scratch: Path, manifest: dict, root: Path) -> SiteBackup:
    found: dict[str, Backup] = {}
    root.mkdir(parents=True, exist_ok=True)
    write_whole(root / SITE_FILE, (scratch / SITE_FILE).read_bytes())
    with no_schemas_half_filled(database_url()), closing(open_site(root)) as site:
        with closing(Database(sqlite_url(scratch / DATABASE))) as source:
            upgrade(source, tables=SITE)
            copy_rows(source, site.database, tables=SITE)
        for study, said in manifest["studies"].items():
            with naming(study):
                found[study] = restore(scratch / f"{study}{ENDING}", root / STUDIES / study)
                if found[study].digest != said["digest"]:
                    raise StudyError(f"its digest is {found[study].digest}, the backup says {said['digest']}")
    return SiteBackup(found)


def _unpack(path: Path, scratch: Path) -> dict:
    """Take the members out, each checked against the manifest."""
    with opened_archive(path, form=FORMAT) as (archive, manifest):
        studies = list(manifest["studies"])
        if bad := [name for name in studies if not SLUG.fullmatch(name)]:
            raise ValueError(f"a study called {bad[0]!r}")
        names = {SITE_FILE, DATABASE, *(f"{name}{ENDING}" for name in studies)}
        if set(manifest["files"]) != names:
            raise ValueError("its list of files is wrong")
        for name, expected in manifest["files"].items():
            take_out(archive, name, expected, scratch)
    return manifest
