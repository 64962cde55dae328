"""Receiving files in pieces, so that a cut line costs little: what counts as received is on disk.

The order of the bytes and of the row makes it so: bytes are written and flushed first, then the row says how
many there are. What a crash left behind them is cut off when the next piece comes.
"""

import json
import os
import re
import secrets
import shutil
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlmodel import Session, col, func, select

from analysis.files import sync_folder
from analysis.locks import lock
from analysis.texts import say
from studyapp.db.site_tables import Upload
from studyapp.db.tables import utc_text
from studyapp.errors import LimitReachedError, NotFoundError, StaleRevisionError, StudyError
from studyapp.services.ground.site import Site
from studyapp.services.uploads.names import clean_name

LARGEST_FILE = 64 * 2**30
LARGEST_STUDY = 256 * 2**30
MOST_FILES = 5_000  # of a study that are there or on their way: a folder of images, not a library
LARGEST_SUBMISSION = 32 * 2**30
MOST_OF_TEAM = 8
"""Uploads of a team that are on their way to a track."""
FREE_KEPT = 2 * 2**30
"""Bytes of the disk that uploads leave free, for ballots."""
KEPT_UNFINISHED = timedelta(days=7)

_ID = re.compile(r"[0-9a-f]{32}")


class BusyError(StudyError):
    """Another request is writing to the same upload."""


@dataclass(frozen=True)
class Progress:
    """How much of an upload is there."""

    id: str
    name: str
    size: int
    received: int
    expires: datetime | None

    @property
    def arrived(self) -> bool:
        """Whether all of it is."""
        return self.received == self.size


def begin(
    session: Session,
    site: Site,
    study: str,
    *,
    name: str,
    size: int,
    by: str,
    now: datetime,
    team: int | None = None,
    purpose: Mapping[str, Any] | None = None,
) -> Progress:
    """Make room for a file.

    Parameters
    ----------
    team
        Of the challenge, that sends it; None for an organiser.
    purpose
        What it is for, as it is kept with it.

    Raises
    ------
    StudyError
        When the name is unfit.
    LimitReachedError
        When the file is too large, or too much is there already, or the disk would be too full for ballots.
    """
    name = clean_name(name)
    site.uploads.mkdir(mode=0o700, parents=True, exist_ok=True)
    _check_limits(session, site, study, team, name, size)
    row = Upload(
        id=secrets.token_hex(16),
        study=study,
        name=name,
        size=size,
        asked_by=by,
        team_id=team,
        purpose=json.dumps(purpose or {}),
        created_at=utc_text(now),
        arrived_at=None if size else utc_text(now),
    )
    descriptor = os.open(site.uploads / row.id, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    os.close(descriptor)
    sync_folder(site.uploads)
    session.add(row)
    return _progress(row)


def find(session: Session, study: str, upload: str, *, team: int | None = None) -> Progress:
    """Return how far an upload is.

    Raises
    ------
    NotFoundError
        When the study, or the team, has none of that id.
    """
    return _progress(_row(session, study, upload, team))


def append(
    site: Site,
    study: str,
    upload: str,
    *,
    offset: int,
    pieces: Iterable[bytes],
    length: int | None,
    clock: Callable[[], datetime],
    team: int | None = None,
) -> Progress:
    """Add bytes to an upload; what arrives before the line is cut stays.

    Parameters
    ----------
    offset
        Where the sender believes to be.
    pieces
        The bytes, as they arrive.
    length
        How many are said to come, if that is known.
    clock
        Tells the time: asked once the bytes are here, because the last one may take hours to come.

    Raises
    ------
    NotFoundError
        When the study has no such upload.
    StaleRevisionError
        When another number of bytes is there.
    LimitReachedError
        When more would come than was said at the beginning, or the disk is nearly full.
    BusyError
        When another request is adding to it.
    """
    with _open(site, upload) as descriptor:
        with site.database.reading() as session:
            row = _row(session, study, upload, team)
        if offset != row.received:
            raise StaleRevisionError(
                say(
                    "%(there)s bytes are there, not %(offset)s; continue from there",
                    there=row.received,
                    offset=offset,
                )
            )
        if length is not None and length > row.size - offset:
            raise _too_long(row.size)
        refuse_full(site, length or 0)
        os.ftruncate(descriptor, offset)
        there = offset
        try:
            for piece in pieces:
                if len(piece) > row.size - there:
                    raise _too_long(row.size)
                _write(descriptor, piece, there)
                there += len(piece)
        finally:
            if there > offset:
                at = clock()
                os.fsync(descriptor)
                row = _note(site, row, there, now=at)
        return _progress(row)


def remove(site: Site, study: str, upload: str, *, team: int | None = None) -> None:
    """Delete an upload, finished or not.

    Raises
    ------
    NotFoundError
        When the study has none of that id.
    BusyError
        When a request is adding to it.
    """
    with _open(site, upload):
        with site.database.writing() as session:
            session.delete(_row(session, study, upload, team))
        (site.uploads / upload).unlink(missing_ok=True)


def remove_expired(site: Site, *, now: datetime) -> int:
    """Delete uploads that were never finished in their time, and files without a row; return how many."""
    before = utc_text(now - KEPT_UNFINISHED)
    with site.database.writing() as session:
        old = session.exec(
            select(Upload).where(col(Upload.arrived_at).is_(None), Upload.created_at < before)
        ).all()
        for row in old:
            session.delete(row)
    with site.database.reading() as session:
        known = set(session.exec(select(Upload.id)))
    gone = 0
    for path in site.uploads.iterdir() if site.uploads.is_dir() else ():
        # A row is written after its file: one of a moment ago may still be without.
        if path.name not in known and path.lstat().st_mtime < (now - timedelta(hours=1)).timestamp():
            path.unlink()
            gone += 1
    return max(gone, len(old))


def refuse_full(site: Site, size: int) -> None:
    """Make sure that so many more bytes leave room for ballots.

    Raises
    ------
    LimitReachedError
        When they do not.
    """
    if shutil.disk_usage(site.uploads).free - size < FREE_KEPT:
        raise LimitReachedError(
            say(
                "the server's disk has too little room: some is kept free for ballots. Remove uploads, or "
                "ask whoever runs the server"
            )
        )


def remove_replaced(site: Site, study: str) -> int:
    """Delete files that arrived before another one of the same name did; return how many."""
    with site.database.writing() as session:
        kept = {row.id for row in arrived(session, study)}
        old = session.exec(
            select(Upload).where(
                Upload.study == study,
                col(Upload.team_id).is_(None),
                col(Upload.arrived_at).is_not(None),
                col(Upload.id).not_in(kept),
            )
        ).all()
        for row in old:
            session.delete(row)
    for row in old:
        (site.uploads / row.id).unlink(missing_ok=True)
    return len(old)


def arrived(session: Session, study: str) -> list[Upload]:
    """Return the organisers' files of a study that are whole, by name; of two with one name the later."""
    rows = session.exec(
        select(Upload)
        .where(Upload.study == study, col(Upload.team_id).is_(None), col(Upload.arrived_at).is_not(None))
        .order_by(col(Upload.arrived_at), col(Upload.created_at), col(Upload.id))
    )
    latest = {row.name: row for row in rows}
    return [latest[name] for name in sorted(latest)]


def unfinished(session: Session, study: str, *, team: int | None = None) -> list[Progress]:
    """Return what is on its way to a study from its organisers, or from a team, by name."""
    rows = session.exec(
        select(Upload)
        .where(Upload.study == study, Upload.team_id == team, col(Upload.arrived_at).is_(None))
        .order_by(col(Upload.name))
    )
    return [_progress(row) for row in rows]


def set_purpose(session: Session, study: str, upload: str, **purpose: str) -> None:
    """Say what an upload is for: ``team``, or ``leave`` for nothing; without any, its name decides.

    Raises
    ------
    NotFoundError
        When the study has none of that id.
    """
    row = _row(session, study, upload)
    row.purpose = json.dumps(purpose)
    session.add(row)


def purpose_of(session: Session, study: str, upload: str, *, team: int | None = None) -> dict[str, Any]:
    """Return what an upload is for.

    Raises
    ------
    NotFoundError
        When the study, or the team, has none of that id.
    """
    return json.loads(_row(session, study, upload, team).purpose)


def _check_limits(session: Session, site: Site, study: str, team: int | None, name: str, size: int) -> None:
    largest = LARGEST_FILE if team is None else LARGEST_SUBMISSION
    if size > largest and team is not None:
        raise LimitReachedError(
            say(
                "%(name)s has %(size)s bytes; a submission may have at most %(most)s. Leave out what was not "
                "asked for",
                name=name,
                size=f"{size:,}",
                most=f"{largest:,}",
            )
        )
    if size > largest:
        raise LimitReachedError(
            say(
                "%(name)s has %(size)s bytes; a file may have at most %(most)s. Split it into several zips",
                name=name,
                size=f"{size:,}",
                most=f"{largest:,}",
            )
        )
    count, total = session.exec(
        select(func.count(col(Upload.id)), func.coalesce(func.sum(Upload.size), 0)).where(
            Upload.study == study, Upload.team_id == team
        )
    ).one()
    if team is not None and count >= MOST_OF_TEAM:
        raise LimitReachedError(
            say("%(count)s uploads of your team are on their way; let them end, or wait", count=count)
        )
    if count >= MOST_FILES:
        raise LimitReachedError(
            say(
                "%(count)s files are here already; apply or remove them first, or send a zip for each team",
                count=f"{count:,}",
            )
        )
    if total + size > LARGEST_STUDY:
        raise LimitReachedError(
            say(
                "the uploads of this study may have %(most)s bytes together; remove some first",
                most=f"{LARGEST_STUDY:,}",
            )
        )
    coming = session.exec(select(func.coalesce(func.sum(Upload.size - Upload.received), 0))).one()
    refuse_full(site, coming + size)


def _too_long(size: int) -> LimitReachedError:
    return LimitReachedError(say("more bytes came than the %(size)s that were announced", size=f"{size:,}"))


def not_there() -> NotFoundError:
    """Return what is said of an upload that there is not, or that is another's."""
    return NotFoundError(say("there is no such upload; it may have been removed. Send the file again"))


def _row(session: Session, study: str, upload: str, team: int | None = None) -> Upload:
    row = session.get(Upload, upload) if _ID.fullmatch(upload) else None
    if row is None or row.study != study or row.team_id != team:
        raise not_there()
    return row


@contextmanager
def _open(site: Site, upload: str) -> Iterator[int]:
    """Open an upload's bytes for one request alone; a link in their place is not followed."""
    if not _ID.fullmatch(upload):
        raise not_there()
    try:
        descriptor = os.open(site.uploads / upload, os.O_WRONLY | os.O_NOFOLLOW)
    except OSError:
        raise not_there() from None
    try:
        if not lock(descriptor, wait=False):
            raise BusyError(say("another connection is sending this file; wait a moment"))
        yield descriptor
    finally:
        with suppress(OSError):
            os.close(descriptor)


def _note(site: Site, upload: Upload, received: int, *, now: datetime) -> Upload:
    with site.database.writing() as session:
        row = _row(session, upload.study, upload.id, upload.team_id)
        row.received = received
        if received == row.size:
            row.arrived_at = utc_text(now)
        session.add(row)
    return row


def _write(descriptor: int, piece: bytes, offset: int) -> None:
    view = memoryview(piece)
    while view:
        written = os.pwrite(descriptor, view, offset)
        view, offset = view[written:], offset + written


def _progress(row: Upload) -> Progress:
    begun = datetime.fromisoformat(row.created_at)
    expires = None if row.arrived_at else begun + KEPT_UNFINISHED
    return Progress(row.id, row.name, row.size, row.received, expires)
