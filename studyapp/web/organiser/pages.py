"""The organiser's pages: progress while the study runs, and the doors to the results."""

from dataclasses import dataclass
from types import ModuleType

from flask import Blueprint, redirect, render_template, request, url_for
from werkzeug.wrappers import Response

from analysis.texts import say
from studyapp.services.ground import second_record, studies
from studyapp.services.people import invitations
from studyapp.services.results import monitoring
from studyapp.services.voting import lifecycle
from studyapp.web.address import outside_url
from studyapp.web.state import app_state, now

blueprint = Blueprint("organiser", __name__, url_prefix="/organiser")


@dataclass(frozen=True)
class NewLink:
    """A judge's fresh link, shown once."""

    name: str
    url: str


@blueprint.get("")
def overview() -> str:
    """Show the study's state and every judge's progress."""
    return _page()


@blueprint.post("/open")
def open_() -> Response:
    """Let ballots in."""
    with app_state().workspace.database.writing() as session:
        studies.open_study(session, now=now())
    return redirect(url_for("organiser.overview"))


@blueprint.post("/pause")
def pause() -> Response:
    """Stop taking ballots for a while."""
    with app_state().workspace.database.writing() as session:
        lifecycle.pause_study(session, now=now())
    return redirect(url_for("organiser.overview"))


@blueprint.post("/resume")
def resume() -> Response:
    """Take ballots again."""
    with app_state().workspace.database.writing() as session:
        lifecycle.resume_study(session, now=now())
    return redirect(url_for("organiser.overview"))


@blueprint.post("/close")
def close() -> Response | str:
    """End the voting for good, if the organiser typed so."""
    if request.form.get("confirm", "").strip().lower() != "close":
        return _page(message=say("The study was not closed: type the word close into the field to confirm."))
    second_record.refuse_loss(app_state().workspace)
    with app_state().workspace.database.writing() as session:
        studies.close_study(session, now=now())
    return redirect(url_for("organiser.overview"))


@blueprint.post("/link")
def link() -> str:
    """Revoke a judge's link, or make a new one."""
    email = request.form.get("email", "")
    database = app_state().workspace.database
    if request.form.get("action") == "revoke":
        with database.writing() as session:
            invitations.revoke_link(session, email, now=now())
        return _page(message=say("The link of %(email)s no longer works. Their ballots stay.", email=email))
    with database.writing() as session:
        fresh = invitations.reissue_link(session, email, now=now())
    url = outside_url("auth.judge_link", token=fresh.token)
    return _page(new_link=NewLink(fresh.name, url))


@blueprint.get("/ranking")
def ranking_page() -> str | tuple[str, int]:
    """Show the final ranking of a closed study; before, say when it will be there."""
    return _results().ranking_page()


@blueprint.get("/reasons")
def reasons_page() -> str | tuple[str, int]:
    """Show what judges said of a closed study; before, say when it will be there."""
    # As `_results`: it brings pandas.
    from studyapp.web.organiser import reasons

    return reasons.reasons_page()


@blueprint.post("/export")
def export() -> Response | tuple[str, int]:
    """Write the tables and the report; the report takes some seconds."""
    return _results().export()


@blueprint.get("/files/<name>")
def download(name: str) -> Response:
    """Send one of the exported files."""
    return _results().download(name)


def _results() -> ModuleType:
    """What shows results, loaded when first asked for: it brings pandas and SciPy, which no judge needs."""
    from studyapp.web.organiser import results

    return results


def _page(*, message: str | None = None, new_link: NewLink | None = None) -> str:
    with app_state().workspace.database.reading() as session:
        status = monitoring.study_status(session)
    return render_template("organiser/overview.html", status=status, message=message, new_link=new_link)
