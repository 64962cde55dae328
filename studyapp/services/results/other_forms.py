"""The answers of a closed study, or one team's scores, in the form of another tool."""

import shutil
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

import pandas as pd
from sqlmodel import Session

from analysis.did_you_mean import hint
from analysis.errors import AnalysisError
from analysis.exchange.form import Kind
from analysis.exchange.forms import FORMS, written_as
from analysis.files import write_whole
from analysis.pairs import validate_pairs
from analysis.printable import printable
from analysis.ratings import validate_ratings
from analysis.votes import validate_votes
from studyapp.errors import StudyError
from studyapp.services.ground.studies import current_file, the_protocol
from studyapp.services.ground.workspace import Workspace
from studyapp.services.results.answers import answers_table
from studyapp.services.results.export_readme import README
from studyapp.services.results.ledger_notes import study_notes
from studyapp.services.results.ranking import StudyRanking, rank_study
from studyapp.services.results.ranking_text import marked

_ANY_SCALE = (float("-inf"), float("inf"))


def study_in_form(
    session: Session, workspace: Workspace, form: str, *, team: str | None, leave_out: bool
) -> tuple[str, list[str]]:
    """Return the text, and notes: what bears on the results, and what the form cannot hold.

    Parameters
    ----------
    form
        A name of `analysis.exchange.forms.FORMS`.
    team
        For a form of one team's scores: whose.
    leave_out
        Whether to go on without answers that the form cannot hold.

    Raises
    ------
    StudyStateError
        While identities are sealed.
    AnalysisError
        For a form of other answers than the study's, and for answers that it cannot hold.
    StudyError
        For a form that there is not.
    """
    if form not in FORMS:
        raise StudyError(f"--as {form!r} is not a form: {hint(form, FORMS)}")
    if FORMS[form].table == "scores":
        text, notes = written_as(form, _unmarked(rank_study(session, workspace)), "scores", team=team)
    else:
        text, notes = written_as(form, *_answers(session), leave_out=leave_out)
    return text, [*study_notes(session), *notes]


@dataclass(frozen=True)
class WrittenForm:
    """A form of the study's answers, as written.

    Attributes
    ----------
    form
        Its name.
    files
        Relative to the folder; none where the form can hold nothing of this study.
    notes
        What it leaves out.
    """

    form: str
    files: tuple[str, ...]
    notes: tuple[str, ...]


def write_forms(session: Session, workspace: Workspace) -> list[WrittenForm]:
    """Write the answers in every form that is for them, and scores.json of each team, to var/forms.

    An earlier folder stays until the new one is complete.

    Raises
    ------
    StudyStateError
        While identities are sealed.
    """
    folder = workspace.folders.forms
    beside = folder.with_name(f"{folder.name}.new")
    shutil.rmtree(beside, ignore_errors=True)
    beside.mkdir()
    table, kind = _answers(session)
    written = [_write_form(beside, name, table, kind) for name, form in FORMS.items() if form.table == kind]
    ranking = rank_study(session, workspace)
    scores = _unmarked(ranking)
    unsaid = ("the format cannot mark simulated answers",) if ranking.simulated else ()
    written += [
        _write_scores(beside, name, scores, unsaid) for name, form in FORMS.items() if form.table == "scores"
    ]
    told = _readme(current_file(session).title, study_notes(session), written, simulated=ranking.simulated)
    write_whole(beside / README, told)
    shutil.rmtree(folder, ignore_errors=True)
    beside.rename(folder)
    return written


def _write_form(folder: Path, name: str, table: pd.DataFrame, kind: Kind) -> WrittenForm:
    try:
        text, notes = written_as(name, table, kind, leave_out=True)
    except AnalysisError as error:  # no answer fits
        return WrittenForm(name, (), (str(error),))
    file = f"{name}{FORMS[name].suffix}"
    write_whole(folder / file, text)
    return WrittenForm(name, (file,), tuple(notes))


def _write_scores(folder: Path, name: str, scores: pd.DataFrame, notes: tuple[str, ...]) -> WrittenForm:
    files = []
    for team in map(str, scores["team"]):
        text, _ = written_as(name, scores, "scores", team=team)
        files.append(f"{name}/{team}/scores.json")
        (folder / files[-1]).parent.mkdir(parents=True)
        write_whole(folder / files[-1], text)
    return WrittenForm(name, tuple(files), notes)


def _readme(title: str, notes: Iterable[str], written: Iterable[WrittenForm], *, simulated: bool) -> str:
    lines = [
        f"# {printable(title)}: the answers in other tools' formats",
        "",
        "`study-analysis convert FILE --from FORMAT` reads most of them back. Judges have numbers.",
        "",
        *(["**Nobody judged: every answer here is simulated.**", ""] if simulated else ()),
        "## To know first",
        *(f"- {printable(note)}" for note in [*notes] or ["Nothing was changed and nobody was excluded."]),
        "",
        "## Formats",
        "| file | format | what it is | what is missing |",
        "|---|---|---|---|",
    ]
    for one in written:
        file = "not written" if not one.files else f"`{one.files[0]}`" + (", ..." if one.files[1:] else "")
        missing = printable("; ".join(one.notes)).replace("|", "\\|") or "nothing"
        lines.append(f"| {file} | {one.form} | {FORMS[one.form].says} | {missing} |")
    return "\n".join(lines) + "\n"


def _unmarked(ranking: StudyRanking) -> pd.DataFrame:
    return marked(ranking).drop(columns="simulated", errors="ignore")


def _answers(session: Session) -> tuple[pd.DataFrame, Kind]:
    """The validated answers, and which table they are."""
    kind: Kind = the_protocol(session).table
    table = answers_table(session)
    match kind:
        case "votes":
            return validate_votes(table).table, kind
        case "pairs":
            return validate_pairs(table).table, kind
        case _:
            return validate_ratings(table, scale=_ANY_SCALE).table, kind
