"""What the routes of `publishing` show: what a site takes and makes public, and the one that is there."""

import os
import tempfile
import zipfile
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from flask import abort, redirect, render_template, request, send_file, url_for
from werkzeug.wrappers import Response

from analysis.json_text import read_json
from studyapp.services.ground.ledger import chain_heads
from studyapp.services.ground.studies import current_file, is_registered, the_study
from studyapp.services.ground.workspace import Workspace
from studyapp.services.publishing.folder import SUMS
from studyapp.services.publishing.settings import FORMS, Choice
from studyapp.services.results.exports import EVIDENCE
from studyapp.web.console.asking import ask_for_job, last_job
from studyapp.web.language import known, languages
from studyapp.web.published.publish import Publication
from studyapp.web.state import app_state

LARGEST_ZIP = 500_000_000
"""Bytes of a site that is offered as one download; a larger one is copied from its folder."""


@dataclass(frozen=True)
class There:
    """A site that is there, whole."""

    files: int
    size: int
    is_old: bool

    @property
    def is_small(self) -> bool:
        """Whether it may be downloaded."""
        return self.size <= LARGEST_ZIP


def page() -> str:
    """Show what a site would take and say, and the one that is there."""
    workspace = app_state().workspace
    with workspace.database.reading() as session:
        closed = is_registered(session) and the_study(session).state == "closed"
        if not closed:
            return render_template("console/publish.html", closed=False)
        study = Publication("", session, workspace)
        out = workspace.folders.published
        return render_template(
            "console/publish.html",
            closed=True,
            takes={form: study.estimate(out, Choice(form=form)) for form in FORMS},
            originals=study.estimate(out, Choice(originals=True)),
            told=study.told(),
            tongues=[(name, called) for name, _, called in languages()],
            there=_there(workspace, [list(head) for head in chain_heads(session)]),
            folder=out,
            job=last_job("publish"),
            title=current_file(session).title,
        )


def publish() -> Response:
    """Ask for a site."""
    form, language = request.form.get("form", "full"), request.form.get("language", "en")
    if form not in FORMS or language not in known():
        abort(400)
    with app_state().workspace.database.reading() as session:
        if the_study(session).state != "closed":
            abort(409)
    ask_for_job(
        "publish",
        {
            "form": form,
            "language": language,
            "originals": bool(request.form.get("originals")),
            "evidence": sorted(EVIDENCE & set(request.form.getlist("evidence"))),
        },
    )
    return redirect(url_for("console.publishing.page"))


def download() -> Response:
    """Send the site in one archive."""
    workspace = app_state().workspace
    there = _there(workspace, [])
    if there is None or not there.is_small:
        abort(404)
    archive = tempfile.TemporaryFile(dir=workspace.folders.var)  # noqa: SIM115 - the response closes it
    with zipfile.ZipFile(archive, "w", zipfile.ZIP_STORED) as target:
        for path in _files(workspace.folders.published):
            target.write(path, os.path.join("site", path.relative_to(workspace.folders.published)))
    archive.seek(0)
    return send_file(archive, mimetype="application/zip", as_attachment=True, download_name="site.zip")


def _there(workspace: Workspace, heads: list[list[object]]) -> There | None:
    folder = workspace.folders.published
    if not (folder / SUMS).exists():
        return None
    sizes = [path.stat().st_size for path in _files(folder)]
    try:
        manifest = read_json((folder / "data" / "manifest.json").read_text(encoding="utf-8"))
        told = manifest["heads"]
    except (OSError, ValueError, KeyError, TypeError):
        told = None
    return There(len(sizes), sum(sizes), told != heads)


def _files(folder: Path) -> Iterator[Path]:
    for at, folders, names in os.walk(folder):
        folders[:] = sorted(name for name in folders if name[0] != ".")
        yield from (Path(at) / name for name in sorted(names))
