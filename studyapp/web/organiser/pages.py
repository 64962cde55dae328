"""The organiser's pages: progress while it runs, results once it is closed."""

from dataclasses import dataclass

from flask import Blueprint, abort, redirect, render_template, request, send_from_directory, url_for
from werkzeug.wrappers import Response

from studyapp.errors import StudyError, StudyStateError
from studyapp.services.ground import second_record, studies
from studyapp.services.people import invitations
from studyapp.services.results import exports, monitoring, part_tables, ranking, ranking_text
from studyapp.services.voting import lifecycle
from studyapp.web.address import outside_url
from studyapp.web.security import policy_of_report
from studyapp.web.state import app_state, now

blueprint = Blueprint("organiser", __name__, url_prefix="/organiser")


TITLES = {
    "rank": "Rank",
    "team": "Team",
    "name": "Name",
    "s2": "S2",
    "points": "Points",
    "s3": "S3",
    "s3n": "S3n",
    "escore": "EScore",
    "final": "Final",
    "award": "Award",
}


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
        return _page(message="Nothing was closed: type the word close into the field to confirm.")
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
        return _page(message=f"The link of {email} no longer works. Their ballots stay.")
    with database.writing() as session:
        fresh = invitations.reissue_link(session, email, now=now())
    url = outside_url("auth.judge_link", token=fresh.token)
    return _page(new_link=NewLink(fresh.name, url))


@blueprint.get("/ranking")
def ranking_page() -> str | tuple[str, int]:
    """Show the final ranking of a closed study; before, say when it will be there."""
    try:
        return _ranking_page()
    except StudyStateError as error:
        return render_template("organiser/no_ranking.html", why=str(error)), 409


def _ranking_page(failed: str | None = None) -> str:
    workspace = app_state().workspace
    second_record.refuse_loss(workspace)
    with workspace.database.reading() as session:
        result = ranking.rank_study(session, workspace)
        title = studies.the_study(session).title
    return render_template(
        "organiser/ranking.html",
        title=title,
        simulated=result.simulated,
        judges=result.judges,
        images=result.images,
        ballots=result.ballots,
        rule=result.rule.text,
        notes=result.notes,
        titles=TITLES,
        words={"team", "name", "award"},
        rows=ranking_text.as_text(result.table),
        formula=result.parts.about.get("formula"),
        paired=part_tables.paired_rows(result),
        measures=part_tables.measure_rows(result),
        failed=failed,
        files=exports.exported_files(workspace),
        lacking=exports.lacking(workspace),
        all_images=result.facts.images,
    )


@blueprint.post("/export")
def export() -> Response | tuple[str, int]:
    """Write the tables and the report; the report takes some seconds."""
    workspace = app_state().workspace
    second_record.refuse_loss(workspace)
    with workspace.database.reading() as session:
        result = ranking.rank_study(session, workspace)
        try:
            exports.export_study(session, workspace, result)
        except StudyError as error:
            return _ranking_page(failed=str(error)), 500
    return redirect(url_for("organiser.ranking_page"))


@blueprint.get("/files/<name>")
def download(name: str) -> Response:
    """Send one of the exported files."""
    workspace = app_state().workspace
    with workspace.database.reading() as session:
        studies.require_unsealed(session)
    if name not in exports.exported_files(workspace):
        abort(404)
    answer = send_from_directory(workspace.folders.exports.resolve(), name)
    if name.endswith(".html"):
        page = (workspace.folders.exports / name).read_text(encoding="utf-8")
        answer.headers["Content-Security-Policy"] = policy_of_report(page)
    return answer


def _page(*, message: str | None = None, new_link: NewLink | None = None) -> str:
    with app_state().workspace.database.reading() as session:
        status = monitoring.study_status(session)
    return render_template("organiser/overview.html", status=status, message=message, new_link=new_link)
