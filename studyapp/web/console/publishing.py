"""The console's page of publishing; what it shows is loaded when first asked for (`publishing_view`)."""

from importlib import import_module
from types import ModuleType

from flask import Blueprint
from werkzeug.wrappers import Response

blueprint = Blueprint("publishing", __name__, url_prefix="/publish")


@blueprint.get("")
def page() -> str:
    """Show what a site would take and say, and the one that is there."""
    return _view().page()


@blueprint.post("")
def publish() -> Response:
    """Ask for a site."""
    return _view().publish()


@blueprint.get("/site.zip")
def download() -> Response:
    """Send the site in one archive."""
    return _view().download()


def _view() -> ModuleType:
    return import_module("studyapp.web.console.publishing_view")
