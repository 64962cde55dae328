"""Where files are uploaded: the server's part of tus 1.0 (https://tus.io), for the page and other clients.

Core, creation, expiration and termination. Whoever uploads is signed in and sends the form's token as
X-CSRFToken; what is refused is said in plain text, which clients show.
"""

from collections.abc import Iterator
from email.utils import format_datetime

from flask import Blueprint, Response, request, url_for
from werkzeug.exceptions import HTTPException

from analysis.texts import say
from studyapp.errors import LimitReachedError, NotFoundError, StaleRevisionError, StudyError
from studyapp.services.uploads import receiving
from studyapp.services.uploads.names import read_metadata
from studyapp.services.uploads.receiving import Progress
from studyapp.web.console.asking import asked_by
from studyapp.web.language import said
from studyapp.web.permissions import may
from studyapp.web.state import app_state, now

blueprint = Blueprint("uploads", __name__, url_prefix="/uploads")

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


@blueprint.before_request
def check_version() -> Response | None:
    """Refuse clients of another version of the protocol."""
    if request.method == "OPTIONS" or request.headers.get("Tus-Resumable") == VERSION:
        return None
    response = _text(412, say("send Tus-Resumable: %(version)s", version=VERSION))
    response.headers["Tus-Version"] = VERSION
    return response


@blueprint.after_request
def name_version(response: Response) -> Response:
    """Say which version of the protocol is spoken, but not to whoever may not know that it is."""
    if may("console.uploads.create"):
        response.headers["Tus-Resumable"] = VERSION
    return response


@blueprint.errorhandler(StudyError)
def refuse(error: StudyError) -> Response:
    """Say in plain text what was refused."""
    status = next(status for kind, status in _STATUS if isinstance(error, kind))
    return _text(status, error.args[0] if error.args else str(error))


@blueprint.route("", methods=["OPTIONS"], provide_automatic_options=False)
def offers() -> Response:
    """Say what this server can do."""
    response = Response(status=204)
    response.headers["Tus-Version"] = VERSION
    response.headers["Tus-Extension"] = "creation,expiration,termination"
    response.headers["Tus-Max-Size"] = str(receiving.LARGEST_FILE)
    return response


@blueprint.post("")
def create() -> Response:
    """Make room for a file, and say where to send it."""
    metadata = read_metadata(request.headers.get("Upload-Metadata", ""))
    state = app_state()
    with state.site.database.writing() as session:
        made = receiving.begin(
            session,
            state.site,
            state.study,
            name=metadata.get("relativePath") or metadata.get("filename", ""),
            size=_number("Upload-Length"),
            by=asked_by(),
            now=now(),
        )
    response = _where(201, made)
    response.headers["Location"] = url_for("console.uploads.add", upload=made.id)
    return response


@blueprint.route("/<upload>", methods=["HEAD"], provide_automatic_options=False)
def look(upload: str) -> Response:
    """Say how much of a file is there."""
    state = app_state()
    with state.site.database.reading() as session:
        return _where(200, receiving.find(session, state.study, upload))


@blueprint.route("/<upload>", methods=["PATCH", "DELETE"], provide_automatic_options=False)
def add(upload: str) -> Response:
    """Add bytes to a file, or give it up."""
    state = app_state()
    if request.method == "DELETE":
        receiving.remove(state.site, state.study, upload)
        return Response(status=204)
    if request.mimetype != BYTES:
        return _text(415, say("send the bytes as %(kind)s", kind=BYTES))
    added = receiving.append(
        state.site,
        state.study,
        upload,
        offset=_number("Upload-Offset"),
        pieces=_pieces(),
        length=request.content_length,
        now=now(),
    )
    return _where(204, added)


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
