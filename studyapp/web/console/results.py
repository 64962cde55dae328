"""The console's pages of results; what they show is loaded when first asked for (`*_view`)."""

from collections.abc import Iterator
from contextlib import contextmanager
from importlib import import_module
from types import ModuleType

from flask import Blueprint, abort, make_response, render_template
from sqlmodel import Session
from werkzeug.wrappers import Response

from studyapp.errors import NotFoundError, StudyStateError
from studyapp.web.state import app_state

blueprint = Blueprint("results", __name__)


@blueprint.get("/ranking")
def ranking_page() -> str:
    """Show the final ranking of a closed study; before, say when it will be there."""
    return _view("ranking").ranking_page()


@blueprint.get("/ranking/<team>")
def team_page(team: str) -> str:
    """Show what a team's final score is made of."""
    return _view("ranking").team_page(team)


@blueprint.get("/reasons")
def reasons_page() -> str:
    """Show what judges said of a closed study; before, say when it will be there."""
    return _view("reasons").reasons_page()


@blueprint.get("/ballots")
def ballots_page() -> str:
    """Show every answer that counts or checks a judge, by judge, image and team."""
    return _view("evidence").ballots_page()


@blueprint.get("/looking")
def looking_page() -> str:
    """Show where judges looked on an image."""
    return _view("evidence").looking_page()


@blueprint.get("/compare")
def compare_page() -> Response:
    """Lead to the comparison of an image."""
    return _view("compare").compare_page()


@blueprint.get("/compare/images/<int:number>/index.html")
def compare_image(number: int) -> str:
    """Compare the candidates of an image, with the teams that made them."""
    return _view("compare").compare_image(number)


@blueprint.get("/compare/tiles/<int:number>/<place>/<int:level>/<int:column>_<int:row>.webp")
def compare_tile(number: int, place: str, level: int, column: int, row: int) -> Response:
    """Send a tile of what is compared."""
    return _view("compare").compare_tile(number, place, level, column, row)


@blueprint.get("/report")
def files_page() -> Response:
    """Show the report and the exported files; make and download them."""
    return _view("files").files_page()


@blueprint.post("/export")
def export() -> Response:
    """Ask for the tables and the report."""
    return _view("files").export()


@blueprint.get("/files/<name>")
def download(name: str) -> Response:
    """Send one of the exported files."""
    return _view("files").download(name)


@blueprint.get("/files.zip")
def download_all() -> Response:
    """Send every exported file in one archive."""
    return _view("files").download_all()


@blueprint.post("/anonymous")
def anonymous() -> Response:
    """Ask for the copy of the export that names no judge."""
    return _view("files").anonymous()


@blueprint.get("/anonymous.zip")
def download_anonymous() -> Response:
    """Send the copy that names no judge in one archive."""
    return _view("files").download_anonymous()


@blueprint.post("/forms")
def forms() -> Response:
    """Ask for the answers in the formats of other tools."""
    return _view("files").forms()


@blueprint.get("/forms.zip")
def download_forms() -> Response:
    """Send the answers in the formats of other tools in one archive."""
    return _view("files").download_forms()


@blueprint.post("/team-sheets")
def team_sheets() -> Response:
    """Ask for what each team may know of its own results, for mailing."""
    return _view("files").team_sheets()


@blueprint.get("/team-sheets.zip")
def download_team_sheets() -> Response:
    """Send the team sheets in one archive, with the list of whose they are."""
    return _view("files").download_team_sheets()


@blueprint.get("/proof")
def proof_page() -> str:
    """Show what verifying and auditing the study found."""
    return _view("files").proof_page()


@blueprint.post("/proof")
def prove() -> Response:
    """Ask for the study to be verified or audited."""
    return _view("files").prove()


@contextmanager
def reading_results() -> Iterator[Session]:
    """Read what a page of results shows; before there are any to be seen, answer with a page that says so."""
    try:
        with app_state().workspace.database.reading() as session:
            yield session
    except (StudyStateError, NotFoundError):
        abort(make_response(render_template("console/no_ranking.html"), 409))


def _view(name: str) -> ModuleType:
    return import_module(f"studyapp.web.console.{name}_view")
