"""A copy of an export for strangers: judges under random codes, nothing that they wrote, no times of day."""

import codecs
import csv
import io
import re
import secrets
import shutil
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from pathlib import Path

from sqlmodel import Session

from analysis.columns import TABLES, dictionary
from analysis.files import write_whole
from analysis.json_text import read_json
from analysis.study_notes import StudyNotes, read_notes
from analysis.texts import say
from studyapp.errors import StudyError
from studyapp.services.ground.ledger import chain_heads
from studyapp.services.ground.studies import current_file, require_unsealed
from studyapp.services.ground.workspace import Workspace
from studyapp.services.results.data_package import DATA_PACKAGE, data_package, header
from studyapp.services.results.export_readme import README, export_readme
from studyapp.services.results.exports import MANIFEST
from studyapp.services.results.ledger_notes import JUDGE
from studyapp.services.results.tables_workbook import WORKBOOK, tables_workbook

LEFT_OUT = ("conditions.csv", "columns.csv")
"""A screen can be as good as a name; columns.csv is made again."""
KEPT = ("rule.json", "definitions.json", "unpaired.json")
DROPPED = ("at", "text")

_REASON = re.compile(r"(\(\d{4}-\d\d-\d\d\)): .*", flags=re.DOTALL)

Rows = list[dict[str, str]]


@dataclass(frozen=True)
class _Codes:
    judges: Mapping[str, str]
    trials: Mapping[str, str]


def anonymous_export(export: Path, folder: Path, *, title: str, simulated: bool) -> list[Path]:
    """Write the copy in place of an earlier one, and return its files.

    Codes are drawn anew each time and kept nowhere, so two copies cannot be joined by them. What is left out,
    and that the ledger of the same study undoes all of this, stands in the README.

    Parameters
    ----------
    export
        The whole export, as just written.
    folder
        Where to write.
    title, simulated
        Of the study.
    """
    beside = folder.with_name(f"{folder.name}.new")
    shutil.rmtree(beside, ignore_errors=True)
    beside.mkdir()
    tables = {path.name: _rows(path) for path in sorted(export.glob("*.csv")) if path.name not in LEFT_OUT}
    codes = _codes(tables)
    for name, rows in tables.items():
        _write(beside / name, header(export / name), _recoded(rows, codes))
    for name in KEPT:
        if (export / name).exists():
            shutil.copyfile(export / name, beside / name)
    with (export / "notes.json").open("rb") as file:
        notes = _without_names(read_notes(file), codes.judges)
    write_whole(beside / "notes.json", notes.to_json())
    _explain(beside, sorted(beside.glob("*.csv")), title, (*notes.lines, *notes.conclusions), simulated)
    shutil.rmtree(folder, ignore_errors=True)
    beside.rename(folder)
    return sorted(folder.iterdir())


def anonymous_copy(session: Session, workspace: Workspace) -> list[Path]:
    """Write the copy of the export that is there to var/anonymous.

    Raises
    ------
    StudyStateError
        While identities are sealed.
    StudyError
        When there is no export, or the ledger has grown since.
    """
    require_unsealed(session)
    folders = workspace.folders
    try:
        manifest = read_json((folders.exports / MANIFEST).read_text(encoding="utf-8"))
        package = read_json((folders.exports / DATA_PACKAGE).read_text(encoding="utf-8"))
        heads, simulated = manifest["heads"], package["simulated"]
    except (OSError, ValueError, KeyError, TypeError):
        raise StudyError(
            say("there is no export to make a copy of: create tables and report first")
        ) from None
    if heads != [list(head) for head in chain_heads(session)]:
        raise StudyError(
            say("the ledger has grown since the export was made: create tables and report again first")
        )
    title = current_file(session).title
    return anonymous_export(folders.exports, folders.anonymous, title=title, simulated=simulated)


def _rows(path: Path) -> Rows:
    with path.open(encoding="utf-8-sig", newline="") as file:
        return list(csv.DictReader(file))


def _codes(tables: Mapping[str, Rows]) -> _Codes:
    named = sorted({row["judge"] for rows in tables.values() for row in rows if row.get("judge")})
    order = list(range(1, len(named) + 1))
    secrets.SystemRandom().shuffle(order)
    judges = {
        judge: f"{'tester' if judge.startswith('test') else 'person'}{number:02d}"
        for judge, number in zip(named, order, strict=True)
    }
    trials: dict[str, str] = {}
    design = sorted(tables["design.csv"], key=lambda row: (judges[row["judge"]], int(row["position"])))
    for row in (*design, *(row for rows in tables.values() for row in rows if row.get("trial"))):
        trials.setdefault(row["trial"], f"trial{len(trials) + 1:04d}")
    return _Codes(judges, trials)


def _recoded(rows: Rows, codes: _Codes) -> Rows:
    """The rows with codes; in their order, as the order of judges gives away their numbers."""
    if not rows or "judge" not in rows[0]:
        return rows
    recoded = [
        row
        | {"judge": codes.judges[row["judge"]]}
        | ({"trial": codes.trials.get(row["trial"], "")} if "trial" in row else {})
        for row in rows
    ]
    return sorted(recoded, key=lambda row: row["judge"])


def _write(path: Path, names: Iterable[str], rows: Rows) -> Path:
    out = io.StringIO()
    kept = [name for name in names if name not in DROPPED]
    writer = csv.DictWriter(out, kept, extrasaction="ignore", lineterminator="\n")
    writer.writeheader()
    writer.writerows(rows)
    return write_whole(path, codecs.BOM_UTF8 + out.getvalue().encode())


def _without_names(notes: StudyNotes, codes: Mapping[str, str]) -> StudyNotes:
    """Why a judge was withdrawn is told to nobody; why a team is out, is."""

    def coded(line: str) -> str:
        return JUDGE.sub(lambda found: codes.get(found[0], "a judge"), line)

    lines = (_REASON.sub(r"\1", line) if JUDGE.search(line) else line for line in notes.lines)
    return replace(
        notes,
        lines=tuple(map(coded, lines)),
        conclusions=tuple(map(coded, notes.conclusions)),
    ).numbered(codes)


def _explain(folder: Path, tables: list[Path], title: str, notes: tuple[str, ...], simulated: bool) -> None:
    names = [column.name for column in TABLES["columns.csv"].columns]
    told = dictionary({path.name: header(path) for path in tables})
    rows = [dict(zip(names, row, strict=True)) for row in told]
    tables = [*tables, _write(folder / "columns.csv", names, rows)]
    package = data_package(tables, title=title, notes=notes, simulated=simulated)
    write_whole(folder / DATA_PACKAGE, package)
    write_whole(folder / WORKBOOK, tables_workbook(tables, title=title, notes=notes))
    files = [path.name for path in folder.iterdir()]
    readme = export_readme(files, title=title, notes=notes, simulated=simulated, anonymous=True)
    write_whole(folder / README, readme)
