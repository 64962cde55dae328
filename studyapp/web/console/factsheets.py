"""The console's page of a track's factsheets: which are there, beside what was measured, and as files."""

from pathlib import Path
from types import ModuleType

from flask import Blueprint, Response, render_template, request

from analysis.texts import say
from studyapp.errors import NotFoundError
from studyapp.services.challenge import factsheets
from studyapp.services.challenge.factsheets import Line
from studyapp.services.challenge.phases import track_of
from studyapp.web.attachments import attachment
from studyapp.web.challenge.factsheet_fields import FIELDS, GROUPS, labels
from studyapp.web.state import app_state, the_site

blueprint = Blueprint("factsheets", __name__, url_prefix="/factsheets")


@blueprint.get("")
def page() -> str:
    """List the teams: whose factsheet is complete, what others lack, and what each says of its cost."""
    lines, tables = _lines(), _tables()
    costs, why = tables.measured_or_why(_root())
    rows = [
        {
            "line": line,
            "lacking": labels(line.lacking),
            "costs": tables.beside(line.newest.sheet, costs.get(line.study_team or "", {}))
            if line.newest
            else {},
        }
        for line in lines
    ]
    return render_template(
        "console/factsheets.html",
        rows=rows,
        problem=why,
        fields=FIELDS,
        there=sum(line.newest is not None for line in lines),
        complete=sum(line.newest is not None and not line.lacking for line in lines),
    )


@blueprint.get("/<int:number>")
def one(number: int) -> str:
    """Show a team's factsheet: the newest version, or the one that is asked for."""
    line = next((line for line in _lines() if line.team == number), None)
    if line is None or line.newest is None:
        raise NotFoundError(say("there is no factsheet of this team"))
    wanted = request.args.get("version", line.newest.number, type=int)
    with the_site().database.reading() as session:
        there = factsheets.versions(session, number, app_state().study)
        found = factsheets.version(session, number, app_state().study, wanted)
    costs = _tables().measured(_root()).get(line.study_team or "", {})
    return render_template(
        "console/factsheet.html",
        line=line,
        found=found,
        groups=GROUPS,
        costs=_tables().beside(found.sheet, costs),
        versions=there,
    )


@blueprint.get("/all")
def whole() -> str:
    """Show all factsheets below each other, to read and to print."""
    costs = _tables().measured(_root())
    return render_template(
        "console/factsheets_whole.html",
        groups=GROUPS,
        shown=[
            (line, _tables().beside(line.newest.sheet, costs.get(line.study_team or "", {})))
            for line in _lines()
            if line.newest
        ],
    )


@blueprint.get("/factsheets.csv")
def as_csv() -> Response:
    """Send all of them as a table for spreadsheets."""
    # The mark at the beginning tells spreadsheets that it is UTF-8.
    text = _tables().as_csv(_lines(), _tables().measured(_root()), simulated=_is_simulated())
    return _file("\ufeff" + text, "csv", "text/csv")


@blueprint.get("/factsheets.tex")
def as_latex() -> Response:
    """Send the table of methods and the list of teams for a report."""
    text = _tables().as_latex(_lines(), _tables().measured(_root()), simulated=_is_simulated())
    return _file(text, "tex", "application/x-tex")


def _file(text: str, ending: str, kind: str) -> Response:
    return attachment(text, f"factsheets-{app_state().study}.{ending}", kind)


def _lines() -> list[Line]:
    site, track = the_site(), app_state().study
    track_of(site, track)
    with site.database.reading() as session:
        return factsheets.of_track(session, track)


def _is_simulated() -> bool:
    return app_state().workspace.file.simulated


def _root() -> Path:
    return app_state().workspace.folders.root


def _tables() -> ModuleType:
    # It knows tables, which take long to load.
    from studyapp.services.challenge import factsheet_tables

    return factsheet_tables
