"""The console's page of a study as it runs: progress, pace, warnings. It refreshes itself."""

from flask import Blueprint, render_template, request

from studyapp.services.ground import studies
from studyapp.services.results.live import live, marks
from studyapp.web.console.sorting import one_page, sorted_rows
from studyapp.web.state import app_state, now

blueprint = Blueprint("live", __name__, url_prefix="/live")

COLUMNS = {
    "name": lambda judge: judge.name,
    "done": lambda judge: judge.done,
    "saved": lambda judge: judge.last_saved_at,
    "warnings": lambda judge: len(judge.warnings) or None,
}
WIDTH, HEIGHT = 9, 16
"""Of a cell, in CSS pixels."""
SHOWN_IMAGES = 60
"""Columns of the matrix at most, so that rows fit a screen; further images are in the table of images."""


@blueprint.get("")
def page() -> str:
    """Show the study as it is now; to htmx the part that changes."""
    workspace = app_state().workspace
    part = request.headers.get("HX-Request") == "true"
    template = "console/live_part.html" if part else "console/live.html"
    with workspace.database.reading() as session:
        if not studies.is_registered(session):
            return render_template("console/live_none.html")
        view = live(session, workspace.folders.var, now=now())
        rows, order = sorted_rows(view.judges, COLUMNS)
        shown, pages = one_page(rows)
        names, signs = marks(session, [judge.id for judge in shown])
    return render_template(
        template,
        live=view,
        shown=[(judge, _row(signs[judge.id][:SHOWN_IMAGES])) for judge in shown],
        order=order,
        pages=pages,
        columns=names[:SHOWN_IMAGES],
        more=max(0, len(names) - SHOWN_IMAGES),
        cell=(WIDTH, HEIGHT),
        busiest=max((count for _, count in view.hours), default=0),
    )


def _row(signs: str) -> dict[str, str]:
    """Write a judge's cells as three paths, which is far less than an element for each."""
    paths = {"d": "", "b": "", "o": ""}
    for place, sign in enumerate(signs):
        if sign in paths:
            top = {"d": 1, "b": HEIGHT // 2, "o": HEIGHT - 4}[sign]
            paths[sign] += f"M{place * WIDTH + 1} {top}h{WIDTH - 2}v{HEIGHT - 1 - top}h-{WIDTH - 2}z"
    return paths
