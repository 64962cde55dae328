"""The server's part of tus 1.0 (https://tus.io): core, creation, expiration and termination.

Whose uploads they are, the routes say that use it. What is refused is said in plain text, which clients show.
"""

from abc import ABC, abstractmethod
from collections.abc import Iterator
from email.utils import format_datetime

from flask import Blueprint, Response, request
from werkzeug.exceptions import HTTPException

from analysis.texts import say
from studyapp.errors import LimitReachedError, NotFoundError, StaleRevisionError, StudyError
from studyapp.services.uploads import receiving
from studyapp.services.uploads.names import read_metadata
from studyapp.services.uploads.receiving import Progress
from studyapp.web.language import said
from studyapp.web.permissions import may
from studyapp.web.state import now, the_site

VERSION = "1.0.0"
BYTES = "application/offset+octet-stream"
_PIECE = 1 << 20
_STATUS = (
    (receiving.BusyError, 423),
    (NotFoundError, 404),
    (StaleRevisionError, 409),
    (LimitReachedError, 413),
    (StudyError, 400),
)


class Door(ABC):
    """Where files come in: whose they are, what they are for, and what becomes of a whole one."""

    largest = receiving.LARGEST_FILE

    @abstractmethod
    def owner(self) -> tuple[str, int | None]:
        """Return the study, and the team of the challenge that sends; None for an organiser."""

    @abstractmethod
    def begin(self, metadata: dict[str, str], name: str, size: int) -> Progress:
        """Make room for a file."""

    @abstractmethod
    def location(self, upload: str) -> str:
        """Return where a file's bytes are sent."""

    def became(self, upload: str) -> Progress | None:
        """Return how much there was of a whole file that is something else by now."""
        return None

    def arrived(self, upload: str) -> dict[str, str]:
        """Do what follows the last byte; return headers that tell of it."""
        return {}


def prepare(blueprint: Blueprint, permission: str) -> None:
    """Let a blueprint speak the protocol, but not to whoever may not use the route `permission`."""

    @blueprint.before_request
    def check_version() -> Response | None:
        if request.method == "OPTIONS" or request.headers.get("Tus-Resumable") == VERSION:
            return None
        response = _text(412, say("send Tus-Resumable: %(version)s", version=VERSION))
        response.headers["Tus-Version"] = VERSION
        return response

    @blueprint.after_request
    def name_version(response: Response) -> Response:
        if may(permission):
            response.headers["Tus-Resumable"] = VERSION
        return response

    @blueprint.errorhandler(StudyError)
    def refuse(error: StudyError) -> Response:
        status = next(status for kind, status in _STATUS if isinstance(error, kind))
        return _text(status, error.args[0] if error.args else str(error))


def offers(door: Door) -> Response:
    """Say what this server can do."""
    response = Response(status=204)
    response.headers["Tus-Version"] = VERSION
    response.headers["Tus-Extension"] = "creation,expiration,termination"
    response.headers["Tus-Max-Size"] = str(door.largest)
    return response


def create(door: Door) -> Response:
    """Make room for a file, and say where to send it."""
    metadata = read_metadata(request.headers.get("Upload-Metadata", ""))
    name = metadata.get("relativePath") or metadata.get("filename", "")
    made = door.begin(metadata, name, _number("Upload-Length"))
    response = _where(201, made)
    response.headers["Location"] = door.location(made.id)
    return response


def look(door: Door, upload: str) -> Response:
    """Say how much of a file is there."""
    # Whoever lost the answer to the last byte asks, and must not send all of it again.
    if (whole := door.became(upload)) is not None:
        return _where(200, whole)
    study, team = door.owner()
    with the_site().database.reading() as session:
        return _where(200, receiving.find(session, study, upload, team=team))


def add(door: Door, upload: str) -> Response:
    """Add bytes to a file, or give it up."""
    study, team = door.owner()
    if request.method == "DELETE":
        receiving.remove(the_site(), study, upload, team=team)
        return Response(status=204)
    if request.mimetype != BYTES:
        return _text(415, say("send the bytes as %(kind)s", kind=BYTES))
    added = receiving.append(
        the_site(),
        study,
        upload,
        offset=_number("Upload-Offset"),
        pieces=_pieces(),
        length=request.content_length,
        clock=now,
        team=team,
    )
    response = _where(204, added)
    if added.arrived:
        response.headers.update(door.arrived(upload))
    return response


def _pieces() -> Iterator[bytes]:
    while True:
        try:
            piece = request.stream.read(_PIECE)
        except (HTTPException, OSError):  # whoever sent it is gone; what came is kept
            return
        if not piece:
            return
        yield piece


def _number(header: str) -> int:
    text = request.headers.get(header, "")
    if not (text.isascii() and text.isdigit() and len(text) <= 15):
        raise StudyError(say("%(header)s must be a number of bytes", header=header))
    return int(text)


def _where(status: int, progress: Progress) -> Response:
    response = Response(status=status)
    response.headers["Upload-Offset"] = str(progress.received)
    if status == 200:
        response.headers["Upload-Length"] = str(progress.size)
    if progress.expires is not None:
        response.headers["Upload-Expires"] = format_datetime(progress.expires, usegmt=True)
    return response


def _text(status: int, message: str) -> Response:
    return Response(said(message), status, mimetype="text/plain")
