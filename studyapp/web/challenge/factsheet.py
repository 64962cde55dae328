"""A team's factsheet in a track: a form, the same as YAML, and every version that was saved."""

from collections.abc import Callable, Mapping

from flask import Blueprint, Response, redirect, render_template, request, url_for
from sqlmodel import Session
from werkzeug.wrappers import Response as Redirect

from analysis.texts import Text, say
from studyapp.errors import StudyError
from studyapp.services.challenge import factsheets, teams
from studyapp.services.challenge.factsheet_form import (
    LARGEST,
    WHOLE,
    BadSheetError,
    Sheet,
    as_yaml,
    read_sheet,
    read_yaml,
)
from studyapp.services.challenge.phases import track_of
from studyapp.web.attachments import attachment
from studyapp.web.challenge.acting import the_team
from studyapp.web.challenge.factsheet_fields import FIELDS, GROUPS, labels
from studyapp.web.state import now, the_site

blueprint = Blueprint("factsheet", __name__, url_prefix="/tracks/<track>/factsheet")

_LARGEST_FORM = 4 * LARGEST
"""Bytes: a letter can take nine in a form."""


@blueprint.url_value_preprocessor
def _allow_long_texts(_endpoint: str | None, _values: dict[str, str] | None) -> None:
    request.max_content_length = request.max_form_memory_size = _LARGEST_FORM


@blueprint.get("")
def page(track: str) -> str:
    """Show the newest version as a form; when factsheets are closed, to read."""
    return _page(track, saved=request.args.get("saved") == "1")


@blueprint.post("")
def save(track: str) -> Redirect | tuple[str, int]:
    """Save what the form says as a new version."""
    typed = {name: request.form.get(name, "") for name in FIELDS}
    return _save(track, lambda: read_sheet(typed), typed)


@blueprint.post("/upload")
def upload(track: str) -> Redirect | tuple[str, int]:
    """Save what a YAML file says as a new version."""
    sent = request.files.get("file")
    data = sent.read(LARGEST + 1) if sent else b""
    if not data:
        return _page(
            track, problems={WHOLE: say("Choose a file first: it was empty, or there was none.")}
        ), 422
    return _save(track, lambda: read_yaml(data), None)


@blueprint.get("/<int:number>")
def one(track: str, number: int) -> str:
    """Show a version to read."""
    with the_site().database.reading() as session:
        found = factsheets.version(session, the_team().team, track, number)
    return render_template("challenge/factsheet_version.html", track=track, found=found, groups=GROUPS)


@blueprint.get("/<int:number>.yaml")
def as_file(track: str, number: int) -> Response:
    """Send a version as YAML; 0 is one to begin with."""
    with the_site().database.reading() as session:
        if number:
            sheet = factsheets.version(session, the_team().team, track, number).sheet
        else:
            sheet = factsheets.begun(session, teams.numbered(session, the_team().team))
    return attachment(as_yaml(sheet), f"factsheet-{track}-{number}.yaml", "application/yaml")


def _save(
    track: str, read: Callable[[], Sheet], typed: Mapping[str, str] | None
) -> Redirect | tuple[str, int]:
    mine, over = the_team(), request.form.get("over", 0, type=int)
    try:
        sheet = read()
        with the_site().database.writing() as session:
            factsheets.save(
                session,
                the_site(),
                team=mine.team,
                track=track,
                sheet=sheet,
                over=over,
                by=mine.account,
                now=now(),
            )
    except BadSheetError as error:
        return _page(track, problems=error.problems, typed=typed), 422
    except StudyError as error:
        return _page(track, problems={WHOLE: error.args[0]}, typed=typed), 409
    return redirect(url_for("challenge.factsheet.page", track=track, saved=1))


def _page(
    track: str,
    *,
    problems: Mapping[str, Text | str] | None = None,
    typed: Mapping[str, str] | None = None,
    saved: bool = False,
) -> str:
    site, mine = the_site(), the_team()
    track_of(site, track)
    with site.database.reading() as session:
        there = factsheets.versions(session, mine.team, track)
        newest = there[0] if there else None
        team = teams.numbered(session, mine.team)
        sheet = newest.sheet if newest else factsheets.begun(session, team)
        costs = _costs(session, track, sheet)
    is_open = factsheets.is_open(site, track, now())
    closes = track_of(site, track).factsheets_close
    shown = dict(typed) if typed is not None else {name: field.typed(sheet) for name, field in FIELDS.items()}
    return render_template(
        "challenge/factsheet.html",
        track=track,
        mine=mine,
        groups=GROUPS,
        typed=shown,
        problems=dict(problems or {}),
        unknown={name: what for name, what in (problems or {}).items() if name and name not in FIELDS},
        fields=FIELDS,
        lacking=labels(newest.sheet.lacking) if newest else [],
        newest=newest,
        versions=there,
        is_open=is_open,
        closes=closes,
        costs=costs,
        saved=saved and not problems,
    )


def _costs(session: Session, track: str, sheet: Sheet) -> Mapping[str, object]:
    """What was measured of the team's model, by field."""
    entry = teams.entry_of(session, the_team().team, track)
    if entry is None or entry.study_team is None:
        return {}
    # It knows tables, which take long to load.
    from studyapp.services.challenge.factsheet_tables import beside, measured

    try:
        return beside(sheet, measured(the_site().study_root(track)).get(entry.study_team, {}))
    except StudyError:  # the organisers are told on their own pages
        return {}
