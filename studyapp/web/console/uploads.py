"""Where organisers upload files: tus 1.0 (`studyapp.web.tus`), for the page and other clients.

Whoever uploads is signed in and sends the form's token as X-CSRFToken.
"""

from flask import Blueprint, Response, url_for

from studyapp.services.uploads import receiving
from studyapp.services.uploads.receiving import Progress
from studyapp.web import tus
from studyapp.web.console.asking import asked_by
from studyapp.web.state import app_state, now

blueprint = Blueprint("uploads", __name__, url_prefix="/uploads")
tus.prepare(blueprint, "console.uploads.create")


class _Door(tus.Door):
    """A study's organisers bring in files."""

    def owner(self) -> tuple[str, None]:
        return app_state().study, None

    def begin(self, metadata: dict[str, str], name: str, size: int) -> Progress:
        state = app_state()
        with state.site.database.writing() as session:
            return receiving.begin(
                session, state.site, state.study, name=name, size=size, by=asked_by(), now=now()
            )

    def location(self, upload: str) -> str:
        return url_for("console.uploads.add", upload=upload)


_DOOR = _Door()


@blueprint.route("", methods=["OPTIONS"], provide_automatic_options=False)
def offers() -> Response:
    """Say what this server can do."""
    return tus.offers(_DOOR)


@blueprint.post("")
def create() -> Response:
    """Make room for a file, and say where to send it."""
    return tus.create(_DOOR)


@blueprint.route("/<upload>", methods=["HEAD"], provide_automatic_options=False)
def look(upload: str) -> Response:
    """Say how much of a file is there."""
    return tus.look(_DOOR, upload)


@blueprint.route("/<upload>", methods=["PATCH", "DELETE"], provide_automatic_options=False)
def add(upload: str) -> Response:
    """Add bytes to a file, or give it up."""
    return tus.add(_DOOR, upload)
