"""What the routes of `results` show of report, exported files and proofs; jobs make each of them."""

import csv
import os
import tempfile
import zipfile
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from flask import (
    abort,
    make_response,
    redirect,
    render_template,
    request,
    send_file,
    send_from_directory,
    url_for,
)
from werkzeug.wrappers import Response

from analysis.columns import titles
from analysis.exchange.forms import FORMS
from analysis.json_text import read_json
from studyapp.services.challenge.known_teams import names_are_public
from studyapp.services.ground import studies
from studyapp.services.ground.ledger import chain_heads, digest_now
from studyapp.services.jobs.queue import JobView
from studyapp.services.results import exports
from studyapp.services.results.export_readme import LEFT_OUT, README, UNDONE, meaning
from studyapp.web.console.asking import ask_for_job, last_job
from studyapp.web.console.results import reading_results
from studyapp.web.security import POLICY_WITH_FRAMES, policy_of_report
from studyapp.web.state import app_state

REPORT = "report.html"
SHEETS_INDEX = "index.csv"
PROOFS = ("verify", "blind_audit")


@dataclass(frozen=True)
class Made:
    """What a kind of job made last, as the page shows it.

    Attributes
    ----------
    is_there
        Whether it can be downloaded.
    is_old
        Whether the ledger has grown since.
    """

    job: JobView | None
    is_there: bool
    is_old: bool


def _made(kind: str, file: Path, digest: str) -> Made:
    job = last_job(kind)
    return Made(job, file.is_file(), job is not None and job.result.get("digest", digest) != digest)


def files_page() -> Response:
    """Show the report in a frame, the files, and how far an export is."""
    workspace = app_state().workspace
    with reading_results() as session:
        studies.require_unsealed(session)
        title = studies.current_file(session).title
        heads = [list(head) for head in chain_heads(session)]
        closed, digest = studies.the_study(session).state == "closed", digest_now(session)
    folder = workspace.folders.exports
    files = [
        (name, (folder / name).stat().st_size, meaning(name)) for name in exports.exported_files(workspace)
    ]
    page = render_template(
        "console/files.html",
        title=title,
        files=files,
        report=REPORT if any(name == REPORT for name, _, _ in files) else None,
        lacking=exports.lacking(workspace.folders.exports),
        old=_manifest().get("heads", heads) != heads,
        job=last_job("export"),
        declared=_declared(),
        agreement=_agreement(),
        titles=titles(exports.AGREEMENT),
        closed=closed,
        anonymous=_made("anonymous", workspace.folders.anonymous / README, digest),
        leaves_out=(LEFT_OUT, UNDONE),
        forms=_made("forms", workspace.folders.forms / README, digest),
        says={name: form.says for name, form in FORMS.items()},
        sheets=(workspace.folders.team_sheets / SHEETS_INDEX).is_file(),
        sheets_job=(sheets_job := last_job("team_sheets")),
        sheets_old=sheets_job is not None and sheets_job.result.get("digest", digest) != digest,
        names_public=names_are_public(app_state().site, app_state().study),
    )
    response = make_response(page)
    response.headers["Content-Security-Policy"] = POLICY_WITH_FRAMES
    return response


def export() -> Response:
    """Ask for the tables and the report."""
    with app_state().workspace.database.reading() as session:
        studies.require_unsealed(session)
    ask_for_job("export", {"crops": True} if request.form.get("crops") else {})
    return redirect(url_for("console.results.files_page"))


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
        answer.headers["X-Frame-Options"] = "SAMEORIGIN"
    return answer


def download_all() -> Response:
    """Send every exported file, folders of crops and figures too, in one archive."""
    workspace = app_state().workspace
    with workspace.database.reading() as session:
        studies.require_unsealed(session)
    folder = workspace.folders.exports
    if not exports.exported_files(workspace):
        abort(404)
    return _zipped(folder, "exports")


def anonymous() -> Response:
    """Ask for the copy of the export that names no judge."""
    with app_state().workspace.database.reading() as session:
        studies.require_unsealed(session)
    ask_for_job("anonymous")
    return redirect(url_for("console.results.files_page"))


def download_anonymous() -> Response:
    """Send the copy that names no judge in one archive."""
    return _zip_of(app_state().workspace.folders.anonymous, "anonymous")


def forms() -> Response:
    """Ask for the answers in the formats of other tools."""
    with app_state().workspace.database.reading() as session:
        studies.require_unsealed(session)
    ask_for_job("forms")
    return redirect(url_for("console.results.files_page"))


def download_forms() -> Response:
    """Send the answers in the formats of other tools in one archive."""
    return _zip_of(app_state().workspace.folders.forms, "forms")


def team_sheets() -> Response:
    """Ask for the team sheets of a closed study."""
    with app_state().workspace.database.reading() as session:
        if studies.the_study(session).state != "closed":
            abort(409)
    ask_for_job("team_sheets", {"names": True} if request.form.get("names") else {})
    return redirect(url_for("console.results.files_page"))


def download_team_sheets() -> Response:
    """Send the team sheets and their list in one archive."""
    workspace = app_state().workspace
    with workspace.database.reading() as session:
        studies.require_unsealed(session)
    folder = workspace.folders.team_sheets
    if not (folder / SHEETS_INDEX).is_file():
        abort(404)
    return _zipped(folder, "team-sheets")


def _zip_of(folder: Path, name: str) -> Response:
    with app_state().workspace.database.reading() as session:
        studies.require_unsealed(session)
    if not (folder / README).is_file():
        abort(404)
    return _zipped(folder, name)


def _zipped(folder: Path, name: str) -> Response:
    archive = tempfile.TemporaryFile(dir=app_state().workspace.folders.var)  # noqa: SIM115 - the response closes it
    with zipfile.ZipFile(archive, "w", zipfile.ZIP_DEFLATED) as target:
        for path in sorted(folder.rglob("*")):
            if path.is_file() and not path.is_symlink() and path.name[0] != ".":
                target.write(path, os.path.join(name, path.relative_to(folder)))
    archive.seek(0)
    return send_file(archive, mimetype="application/zip", as_attachment=True, download_name=f"{name}.zip")


def proof_page() -> str:
    """Show what verifying and auditing found the last time, and how far they are."""
    with reading_results() as session:
        state = studies.the_study(session).state
    return render_template("console/proof.html", state=state, jobs={kind: last_job(kind) for kind in PROOFS})


def prove() -> Response:
    """Ask for the study to be verified or audited."""
    kind = request.form.get("kind", "")
    if kind not in PROOFS:
        abort(404)
    ask_for_job(kind, {"packs": True} if request.form.get("packs") else {})
    return redirect(url_for("console.results.proof_page"))


def _manifest() -> dict[str, Any]:
    return _read(exports.MANIFEST)


def _declared() -> dict[str, Any]:
    """What the export declares of how the study was run: recommendation, and the sentence about it."""
    found = _read(exports.COMPLIANCE.with_suffix(".json").name).get("declarations", {})
    return (
        {name: points.get("summary", "") for name, points in found.items()} if isinstance(found, dict) else {}
    )


def _agreement() -> list[dict[str, str]]:
    """How metrics agree with the judges, as the export has it."""
    try:
        with (app_state().workspace.folders.exports / exports.AGREEMENT).open(
            encoding="utf-8-sig", newline=""
        ) as file:
            return [{name: _short(value) for name, value in row.items()} for row in csv.DictReader(file)]
    except OSError:
        return []


def _short(value: str) -> str:
    try:
        return f"{float(value):.3g}" if "." in value else value
    except ValueError:
        return value


def _read(name: str) -> dict[str, Any]:
    try:
        found = read_json((app_state().workspace.folders.exports / name).read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return {}
    return found if isinstance(found, dict) else {}
