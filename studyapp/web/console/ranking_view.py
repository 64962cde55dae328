"""What the routes of `results` show of a closed study: the ranking, its export, and the files."""

from flask import abort, redirect, render_template, send_from_directory, url_for
from werkzeug.wrappers import Response

from analysis.columns import titles
from studyapp.errors import StudyError, StudyStateError
from studyapp.services.ground import second_record, studies
from studyapp.services.results import exports, part_tables, ranking, ranking_text
from studyapp.web.security import policy_of_report
from studyapp.web.state import app_state


def ranking_page() -> str | tuple[str, int]:
    """Show the final ranking of a closed study; before, say when it will be there."""
    try:
        return _ranking_page()
    except StudyStateError:
        return render_template("console/no_ranking.html"), 409


def _ranking_page(failed: str | None = None) -> str:
    workspace = app_state().workspace
    second_record.refuse_loss(workspace)
    with workspace.database.reading() as session:
        result = ranking.rank_study(session, workspace)
        title = studies.current_file(session).title
    return render_template(
        "console/ranking.html",
        title=title,
        simulated=result.simulated,
        judges=result.judges,
        images=result.images,
        answers=result.answers,
        rule=result.rule.text,
        method=result.user.method,
        intervals=result.intervals,
        notes=result.notes,
        titles=titles("ranking.csv"),
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


def export() -> Response | tuple[str, int]:
    """Write the tables and the report; the report takes some seconds."""
    workspace = app_state().workspace
    second_record.refuse_loss(workspace)
    with workspace.database.reading() as session:
        result = ranking.rank_study(session, workspace)
        try:
            exports.export_study(session, workspace, result)
        except StudyError as error:
            return _ranking_page(failed=error.args[0] if error.args else str(error)), 500
    return redirect(url_for("console.results.ranking_page"))


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
