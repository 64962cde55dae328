"""What uploads hold, as sources of an import; zips in zips are taken apart into uploads of their own."""

import json
import os
import secrets
from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path, PurePosixPath
from typing import Any

from sqlmodel import Session

from analysis.image_names import is_junk
from analysis.texts import say
from studyapp.db.site_tables import Upload
from studyapp.db.tables import utc_text
from studyapp.errors import StudyError
from studyapp.services.folder.sources import FilesSource, Source, ZipSource, copy_out, sources_of
from studyapp.services.ground.site import Site
from studyapp.services.uploads.receiving import arrived, refuse_full
from studyapp.settings import import_folder

LOOSE = "files"
"""What files that were uploaded without a folder are called together."""


@dataclass(frozen=True)
class Handed:
    """A folder or zip that was uploaded: the uploads it is made of, and what was decided about it."""

    source: Source
    uploads: tuple[str, ...]
    size: int
    left: bool
    apart: bool = False

    @property
    def name(self) -> str:
        """What people called it."""
        return self.source.name

    @property
    def is_zip(self) -> bool:
        """Whether it is a zip."""
        return isinstance(self.source, ZipSource)


def handed_in(session: Session, site: Site, study: str) -> list[Handed]:
    """Return what arrived for a study: each zip, and other files by their outermost folder."""
    found, loose = [], defaultdict(list)
    for row in arrived(session, study):
        path = PurePosixPath(row.name)
        if path.suffix.casefold() == ".zip":
            purpose = json.loads(row.purpose)
            source = ZipSource(row.name, site.uploads / row.id, team=purpose.get("team") or None)
            left = bool(purpose.get("leave"))
            found.append(Handed(source, (row.id,), row.size, left, left and purpose["leave"] == "apart"))
        elif not any(is_junk(part) for part in path.parts):
            loose[path.parts[0] if len(path.parts) > 1 else LOOSE].append(row)
    return found + [_together(site, name, rows) for name, rows in sorted(loose.items())]


def sources_for(site: Site, study: str, arguments: Mapping[str, Any]) -> list[Source]:
    """Return the sources of an import: the uploads that are not left out, or a folder of the server.

    Parameters
    ----------
    arguments
        ``{"folder": NAME}`` for one below STUDYAPP_IMPORT_DIR, else all uploads of the study.

    Raises
    ------
    StudyError
        When there is no such folder.
    """
    if name := arguments.get("folder"):
        return folder_sources(name)
    with site.database.reading() as session:
        return [item.source for item in handed_in(session, site, study) if not item.left]


def folder_names() -> list[str]:
    """Name what an organiser may import from the server's own disk: folders and zips, no links."""
    folder = import_folder()
    if folder is None or not folder.is_dir():
        return []
    return sorted(
        path.name
        for path in folder.iterdir()
        if not path.is_symlink()
        and not is_junk(path.name)
        and (path.is_dir() or path.suffix.casefold() == ".zip")
    )


def folder_sources(name: str) -> list[Source]:
    """Return a folder or zip of the server as sources.

    Raises
    ------
    StudyError
        When it is not one that `folder_names` names.
    """
    folder = import_folder()
    if folder is None or name not in folder_names():
        raise StudyError(say("there is no folder %(name)s to import from", name=repr(name)))
    return sources_of([folder / name])


def take_apart(site: Site, study: str, upload: str, *, by: str, now: datetime) -> int:
    """Make an upload of each zip in a zip; the zip itself stays, and is left out. Return how many there are.

    Raises
    ------
    StudyError
        When the upload is no zip with zips, or cannot be trusted, or the disk is nearly full.
    """
    with site.database.reading() as session:
        found = next((item for item in handed_in(session, site, study) if upload in item.uploads), None)
    zips = found.source.zips() if found and found.is_zip else []
    if found is None or not zips:
        raise StudyError(say("there is no zip in it"))
    refuse_full(site, found.size)  # what is packed twice is hardly smaller than what is packed once
    made = []
    try:
        for path in zips:
            name, target = secrets.token_hex(16), site.uploads
            size = copy_out(found.source, path, target / name)
            os.chmod(target / name, 0o600)
            made.append(_row(name, study, f"{found.name}/{path}", size, by, now))
        with site.database.writing() as session:
            session.add_all(made)
            row = session.get_one(Upload, upload)
            row.purpose = json.dumps({"leave": "apart"})
            session.add(row)
    except BaseException:
        for row in made:
            (site.uploads / row.id).unlink(missing_ok=True)
        raise
    return len(made)


def _row(name: str, study: str, shown: str, size: int, by: str, now: datetime) -> Upload:
    moment = utc_text(now)
    return Upload(
        id=name,
        study=study,
        name=shown,
        size=size,
        received=size,
        asked_by=by,
        created_at=moment,
        arrived_at=moment,
    )


def _together(site: Site, name: str, rows: list[Upload]) -> Handed:
    files: dict[PurePosixPath, Path] = {}
    purpose: dict[str, str] = {}
    for row in rows:
        path = PurePosixPath(row.name)
        files[path.relative_to(name) if name != LOOSE else path] = site.uploads / row.id
        purpose = json.loads(row.purpose) or purpose
    source = FilesSource(name, files, team=purpose.get("team") or None)
    ids = tuple(row.id for row in rows)
    return Handed(source, ids, sum(row.size for row in rows), bool(purpose.get("leave")))
