"""The console's page of teams: who they are, which images they have, and their results side by side."""

from pathlib import Path

from flask import Blueprint, redirect, render_template, request, url_for
from werkzeug.wrappers import Response

from analysis.texts import say
from studyapp.core.handed_in import team_key
from studyapp.errors import ProblemsFoundError, StudyError
from studyapp.services.folder import teams
from studyapp.services.folder.frozen import is_frozen, refuse_frozen
from studyapp.services.folder.teams import NewTeam, TeamView
from studyapp.study.editing import StaleFileError
from studyapp.web.console.stale import FIELD, stale_page
from studyapp.web.state import app_state

blueprint = Blueprint("teams", __name__, url_prefix="/teams")


@blueprint.get("")
def page() -> str:
    """Show the teams; of a study that may still change, how to edit them, and one image of each."""
    return _page()


@blueprint.post("")
def add() -> Response | tuple[str, int]:
    """Add a team."""
    _refuse_frozen()
    name = request.form.get("name", "").strip()
    there = teams.teams_view(_root())
    if not name:
        return _page(failed=[say("Type the name of the team.")]), 422
    try:
        teams.add_teams(_root(), [NewTeam(team_key(name, [team.id for team in there.teams]), name)])
    except StudyError as error:
        return _page(failed=_words(error)), 422
    return redirect(url_for("console.teams.page"))


@blueprint.post("/<team>")
def save(team: str) -> Response | str | tuple[str, int]:
    """Change what is said of a team, or remove it."""
    _refuse_frozen()
    form = request.form
    try:
        if form.get("action") == "remove":
            teams.remove_team(_root(), team, shown=form.get(FIELD, ""))
        else:
            teams.save_team(
                _root(),
                team,
                name=form.get("name", "").strip(),
                members=_lines("members"),
                affiliations=_lines("affiliations"),
                shown=form.get(FIELD, ""),
            )
    except StaleFileError:
        return _stale(team)
    except StudyError as error:
        return _page(failed=_words(error)), 422
    return redirect(url_for("console.teams.page"))


def _page(*, failed: list[str] | None = None) -> str:
    view = teams.teams_view(_root())
    image = request.args.get("image", "")
    if image not in view.images:
        image = view.images[0] if view.images else ""
    return render_template(
        "console/teams.html",
        view=view,
        frozen=_is_frozen(),
        failed=failed,
        image=image,
        pictures=teams.pictures_of(_root(), image) if image else [],
    )


def _stale(team: str) -> tuple[str, int]:
    found = next((item for item in teams.teams_view(_root()).teams if item.id == team), None)
    there = found or TeamView(team, str(say("removed")), (), (), 0, ())
    removing = request.form.get("action") == "remove"
    if removing:
        versions = [(say("Team name"), say("to be removed"), there.name)]
    else:
        versions = [
            (say("Team name"), request.form.get("name", ""), there.name),
            (say("Members"), ", ".join(_lines("members")), ", ".join(there.members)),
            (say("Affiliations"), ", ".join(_lines("affiliations")), ", ".join(there.affiliations)),
        ]
    return stale_page(
        say("What study.yaml says of a team. The file changed since you opened the page."),
        versions,
        back=url_for("console.teams.page"),
    )


def _lines(name: str) -> list[str]:
    lines = (line.strip() for line in request.form.get(name, "").splitlines())
    return [line for line in lines if line]


def _words(error: StudyError) -> list[str]:
    if isinstance(error, ProblemsFoundError):
        return [problem.what for problem in error.problems]
    return [error.args[0] if error.args else str(error)]


def _root() -> Path:
    return app_state().workspace.folders.root


def _is_frozen() -> bool:
    with app_state().workspace.database.reading() as session:
        return is_frozen(session)


def _refuse_frozen() -> None:
    with app_state().workspace.database.reading() as session:
        refuse_frozen(session)
