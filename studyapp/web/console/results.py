"""The console's pages of results; what they show is loaded when first asked for (`ranking_view`)."""

from types import ModuleType

from flask import Blueprint
from werkzeug.wrappers import Response

blueprint = Blueprint("results", __name__)


@blueprint.get("/ranking")
def ranking_page() -> str | tuple[str, int]:
    """Show the final ranking of a closed study; before, say when it will be there."""
    return _ranking().ranking_page()


@blueprint.get("/reasons")
def reasons_page() -> str | tuple[str, int]:
    """Show what judges said of a closed study; before, say when it will be there."""
    from studyapp.web.console import reasons_view

    return reasons_view.reasons_page()


@blueprint.post("/export")
def export() -> Response | tuple[str, int]:
    """Write the tables and the report; the report takes some seconds."""
    return _ranking().export()


@blueprint.get("/files/<name>")
def download(name: str) -> Response:
    """Send one of the exported files."""
    return _ranking().download(name)


def _ranking() -> ModuleType:
    from studyapp.web.console import ranking_view

    return ranking_view
