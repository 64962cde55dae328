"""A sheet for each team, to be mailed: its own results as a page and a PDF, and a list of them.

The figures are those that a team reads on its page of a challenge (`feedback`). No judge has a name there,
nor has another team unless it may be told. A file's name is drawn by chance: it tells nothing of places and
cannot be guessed from another one.
"""

import csv
import io
import re
import secrets
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from sqlmodel import Session

from analysis.columns import titles
from analysis.errors import AnalysisError
from analysis.files import write_whole
from analysis.fonts import fonts_for, unshown_in_words
from analysis.reasons.reading import validate_reasons
from analysis.report.blocks import texts_of
from analysis.report.html import to_html
from analysis.report.pdf import to_pdf
from analysis.report.write import with_plots_drawn
from analysis.spreadsheets import plain_cell
from analysis.storage import storage_words
from studyapp.batch.pool import Progress
from studyapp.errors import StudyError
from studyapp.services.ground.ledger import digest_now
from studyapp.services.ground.studies import current_file
from studyapp.services.ground.workspace import Workspace
from studyapp.services.results.feedback import feedback
from studyapp.services.results.kept import kept
from studyapp.services.results.pictures import shown_pictures
from studyapp.services.results.ranking import rank_study
from studyapp.services.results.said import kept_reasons
from studyapp.services.results.sheet import About, Sheet

INDEX = "index.csv"
SIMULATED = "simulated"
COLUMNS = tuple(name for name in titles(INDEX) if name != SIMULATED)

_CALLED = re.compile(r"(results-[0-9a-f]{16})\.html")


@dataclass(frozen=True)
class WrittenSheets:
    """The files, index.csv first, what could not be shown in them, and the digest of what they rest on."""

    files: tuple[Path, ...]
    problems: tuple[str, ...]
    digest: str


def team_sheets(
    session: Session, workspace: Workspace, *, names: bool, about: Mapping[str, About] | None = None
) -> list[Sheet]:
    """Return what is on the sheet of each team of a closed study, in the order of study.yaml.

    Parameters
    ----------
    names
        Whether the sheets name the other teams.
    about
        What a challenge knows of the teams, by id.

    Raises
    ------
    NotFoundError
        While the study is not closed.
    StudyError
        When there is no ranking.
    """
    file = current_file(session)
    teams = {team.id: str(team.name) for team in file.teams}
    found = {team: feedback(session, workspace, team, names=names) for team in teams}
    table = kept_reasons(session, workspace)
    reasons = validate_reasons(table) if len(table) else None
    ranking, pictures = kept(session, workspace, rank_study), shown_pictures(session, workspace)
    digest, known = digest_now(session), about or {}
    return [
        Sheet(
            team,
            str(file.title),
            teams,
            own,
            ranking,
            pictures,
            reasons,
            known.get(team, About()),
            names,
            digest,
        )
        for team, own in found.items()
    ]


def write_team_sheets(
    session: Session,
    workspace: Workspace,
    out: Path,
    *,
    names: bool,
    about: Mapping[str, About] | None = None,
    progress: Progress | None = None,
) -> WrittenSheets:
    """Write two files for each team of a closed study into a folder, and index.csv, which says whose.

    Sheets of an earlier run in this folder are replaced under the names that they had. See `team_sheets`.

    Raises
    ------
    NotFoundError
        While the study is not closed.
    StudyError
        When there is no ranking, or a file cannot be written.
    """
    sheets = team_sheets(session, workspace, names=names, about=about)
    files: list[Path] = []
    problems: list[str] = []
    try:
        out.mkdir(parents=True, exist_ok=True)
        before = _names_before(out)
        stems = {one.team: before.get(one.team) or f"results-{secrets.token_hex(8)}" for one in sheets}
        # First, so that a run that is killed leaves no file whose team nobody knows.
        index = write_whole(out / INDEX, _index(sheets, stems))
        for done, sheet in enumerate(sheets):
            if progress is not None:
                progress("sheets", done, len(sheets))
            page, print_, unshown = _rendered(sheet)
            problems += [f"{sheet.name}: {line}" for line in (*sheet.problems, *unshown)]
            place = out / stems[sheet.team]
            files += [
                write_whole(place.with_suffix(".html"), page),
                write_whole(place.with_suffix(".pdf"), print_),
            ]
        for gone in set(before.values()) - set(stems.values()):
            (out / f"{gone}.html").unlink(missing_ok=True)
            (out / f"{gone}.pdf").unlink(missing_ok=True)
    except OSError as error:
        raise StudyError(storage_words(error)) from error
    except AnalysisError as error:
        raise StudyError(str(error)) from error
    return WrittenSheets((index, *files), tuple(problems), digest_now(session))


def _rendered(sheet: Sheet) -> tuple[bytes, bytes, list[str]]:
    """Return a sheet as page and as PDF, and what neither can show."""
    document = sheet.document()
    with fonts_for(texts_of(document), document.names) as fonts:
        unshown = unshown_in_words(fonts, document.names)
        drawn = with_plots_drawn(replace(document, failures=tuple([*sheet.problems, *unshown])))
        return to_html(drawn).encode(), to_pdf(drawn), unshown


def _names_before(out: Path) -> dict[str, str]:
    """What the files of each team are called since an earlier run."""
    try:
        text = (out / INDEX).read_text(encoding="utf-8-sig")
    except FileNotFoundError:
        return {}
    rows = csv.DictReader(io.StringIO(text))
    if rows.fieldnames is None or not set(COLUMNS) <= set(rows.fieldnames):
        raise StudyError(f"{out / INDEX} is not a list of team sheets; give another folder")
    found = {row["team"]: _CALLED.fullmatch(row["page"]) for row in rows}
    return {team: name[1] for team, name in found.items() if name}


def _index(sheets: Sequence[Sheet], stems: Mapping[str, str]) -> bytes:
    simulated = any(sheet.ranking.simulated for sheet in sheets)
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow([*COLUMNS, *[SIMULATED] * simulated])
    for sheet in sheets:
        stem = stems[sheet.team]
        row = [sheet.team, plain_cell(sheet.name), sheet.about.email, f"{stem}.html", f"{stem}.pdf"]
        writer.writerow([*row, *["true"] * simulated])
    return b"\xef\xbb\xbf" + text.getvalue().encode()
