"""Whatever happened to a study stands first in every form of its results, whatever its letters mean there."""

import json
from html import unescape

import pypdfium2
import pytest
from openpyxl import load_workbook

from analysis.latex import escape_latex
from studyapp.core.judges_file import JudgeLine
from studyapp.services.ground.ledger import append_event
from studyapp.services.people import invitations
from studyapp.services.results.exports import export_study
from studyapp.services.results.other_forms import study_in_form
from studyapp.services.results.ranking import rank_study
from studyapp.services.results.ranking_text import format_ranking
from studyapp.services.voting import lifecycle
from studyapp.services.voting.amending import amend_study
from tests.conftest import NOW
from tests.services.test_lifecycle import amended, do
from tests.services.voting import cast_all, close
from tests.sqlite_alone import database_url  # noqa: F401 (one database is enough)

ODD = "50 % of_the <b>test</b> & more"
DAY = f"({NOW:%Y-%m-%d})"
TOLD = (
    f"amendment 1 of title {DAY}: {ODD}",
    f"judge02 is withdrawn {DAY}: {ODD}",
    f"judge02 counts again {DAY}: {ODD}",
    f"Second light is disqualified {DAY}: {ODD}",
    f"Second light is reinstated {DAY}: {ODD}",
    f"Fourth wall is disqualified {DAY}: {ODD}",
    f"unsealed before closing {DAY}: {ODD}",
    f"1 recorded event was lost, from judge02 {DAY}",
    "1 test judge does not count",
)


def live(workspace) -> None:
    """Let everything happen that results must tell."""
    cast_all(workspace, "Jude", "June")
    changed = amended(workspace, "title: Spring study", "title: Spring study 2026")
    with workspace.database.writing() as session:
        tess = [JudgeLine("Tess", "tess@example.org", test=True)]
        invitations.invite_judges(session, workspace.key, tess, now=NOW)
        amend_study(session, changed, ODD, now=NOW)
    for undo in (False, True):
        do(workspace, lifecycle.withdraw_judge, "june@example.org", ODD, undo=undo)
    for undo in (False, True):
        do(workspace, lifecycle.disqualify_team, "team02", ODD, undo=undo)
    do(workspace, lifecycle.disqualify_team, "team04", ODD)
    do(workspace, lifecycle.unseal_study, ODD)
    do(workspace, append_event, "loss-accepted", lost=[["judge02", 9, "ab" * 32]])
    close(workspace)


@pytest.mark.usefixtures("blank_plots", "links")
def test_notes_stand_before_the_results_in_every_form(workspace):
    live(workspace)
    with workspace.database.reading() as session:
        ranking = rank_study(session, workspace)
        files = {path.name: path for path in export_study(session, workspace, ranking)}
        beside = study_in_form(session, workspace, "picks", team=None, leave_out=False)[1]
    assert tuple(ranking.facts.lines) == TOLD
    forms = {form: format_ranking(ranking, form) for form in ("json", "markdown", "latex")}
    pdf = pypdfium2.PdfDocument(files["report.pdf"])
    texts = {
        "report.html": unescape(files["report.html"].read_text(encoding="utf-8")).split("<h2>1. ")[0],
        "report.pdf": pdf[0].get_textpage().get_text_bounded().split("1. Final ranking")[0],
        "ranking.tex": files["ranking.tex"].read_text(encoding="utf-8").partition("Final ranking of")[0],
        "README.md": files["README.md"].read_text(encoding="utf-8").split("| `")[0],
        "rank --format markdown": forms["markdown"].split("\n|")[0],
        "rank --format latex": forms["latex"].partition("\\begin{tabular}")[0],
    }
    for form, text in texts.items():
        flat = " ".join(text.split())
        for note in TOLD:
            assert (escape_latex(note) if form == "ranking.tex" else note) in flat, (form, note)
    lists = {
        "notes.json": json.loads(files["notes.json"].read_text(encoding="utf-8"))["lines"],
        "datapackage.json": json.loads(files["datapackage.json"].read_text(encoding="utf-8"))["notes"],
        "tables.xlsx": [row[1] for row in load_workbook(files["tables.xlsx"])["about"].values],
        "rank --format json": json.loads(forms["json"])["notes"],
        "export --as": beside,
    }
    for form, told in lists.items():
        assert [note for note in told if note in TOLD] == list(TOLD), form
