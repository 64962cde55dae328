"""The console's page of images: what was handed in, importing, checking, tiling (`images_view`)."""

from types import ModuleType

from flask import Blueprint
from werkzeug.wrappers import Response

blueprint = Blueprint("images", __name__, url_prefix="/images")


@blueprint.get("")
def page() -> str:
    """Show what is there and what comes next."""
    return _view().page()


@blueprint.post("/decide")
def decide() -> Response:
    """Say what an upload is for, take it apart, or remove it."""
    return _view().decide()


@blueprint.post("/work")
def work() -> Response:
    """Ask for a job: import, check or tile."""
    return _view().work()


@blueprint.post("/remedy")
def remedy() -> Response:
    """Put something right in the folder."""
    return _view().put_right()


@blueprint.get("/picture")
def picture() -> Response:
    """Send a small picture of an image of the study, or of one that was handed in."""
    return _view().picture()


@blueprint.get("/finding")
def finding() -> Response:
    """Send the picture of a fairness finding of a check."""
    return _view().finding()


def _view() -> ModuleType:
    from studyapp.web.console import images_view

    return images_view
