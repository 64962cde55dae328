"""The organiser's page of what judges said, once nobody judges any more."""

from collections.abc import Mapping
from typing import Any

import pandas as pd
from flask import render_template

from analysis.reasons.reading import validate_reasons
from analysis.reasons.summary import By, outcomes, reason_counts
from analysis.spreadsheets import read_cell
from analysis.texts import say
from studyapp.services.ground import studies
from studyapp.services.results.said import kept_answers, kept_reasons
from studyapp.web.console.results import reading_results
from studyapp.web.state import app_state

MOST_SHOWN = 500
TITLES = {
    "attribute": say("Attribute"), "region": say("Region"), "team": say("Team"),
    "reasons": say("Reasons"), "judges": say("Judges"),
    "better": say("Better"), "better_won": say("of these won"), "better_lost": say("lost"),
    "worse": say("Worse"), "worse_won": say("of these won"), "worse_lost": say("lost"),
}  # fmt: skip
BY: tuple[By, ...] = ("attribute", "region", "team")
ORDER = ("reasons", "judges", "better", "better_won", "better_lost", "worse", "worse_won", "worse_lost")


def reasons_page() -> str:
    """Show what goes with winning and losing, and every reason; before the closing, say when."""
    with reading_results() as session:
        workspace = app_state().workspace
        given, answers = kept_reasons(session, workspace), kept_answers(session, workspace)
        protocol = studies.the_protocol(session)
        file = studies.current_file(session)
    main = given[given["kind"] == "main"]
    tables = {}
    if len(main):
        reasons, came_off = validate_reasons(main.astype("string")), outcomes(answers, protocol.table)
        tables = {by: _rows(reasons, came_off, by) for by in BY}
    return render_template(
        "console/reasons.html",
        title=file.title,
        simulated=file.simulated,
        count=len(given),
        tables=tables,
        titles=TITLES,
        given=[_words(row) for row in given.head(MOST_SHOWN).to_dict("records")],
    )


def _rows(reasons: pd.DataFrame, came_off: pd.Series, by: By) -> list[dict[Any, Any]]:
    counts = reason_counts(reasons, came_off, by)
    names = [name for name in counts if name not in ORDER]
    return counts[[*names, *ORDER]].to_dict("records")


def _words(row: Mapping[Any, Any]) -> dict[str, Any]:
    """Read what people wrote as they wrote it."""
    return {
        str(name): read_cell(value) if name in ("region", "attribute", "text") and value else value
        for name, value in row.items()
    }
