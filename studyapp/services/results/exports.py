"""What an organiser takes home after closing: everything from which the ranking can be recomputed."""

import codecs
import json
import logging
import shutil
import warnings
from collections.abc import Collection
from dataclasses import replace
from pathlib import Path

import pandas as pd
from pandas.api.types import is_float_dtype
from sqlmodel import Session

from analysis.columns import Column, described, dictionary, titles
from analysis.errors import AnalysisError, InputWarning
from analysis.files import file_sha256, write_whole
from analysis.json_text import read_json
from analysis.looking.reading import MAPS
from analysis.metrics_against_judges.summary import differences_table, measures_table
from analysis.output import plain
from analysis.storage import storage_words
from analysis.texts import say
from studyapp.batch.pool import Progress
from studyapp.core.hidden_trials import KNOWN_WORSE
from studyapp.errors import StudyError
from studyapp.services.ground.ledger import chain_heads, closing_digest, ledger_entries
from studyapp.services.ground.only_run import only_run
from studyapp.services.ground.sealing import opening
from studyapp.services.ground.studies import current_file, the_study
from studyapp.services.ground.workspace import Workspace
from studyapp.services.results.answers import design_table
from studyapp.services.results.conditions import CONDITIONS, conditions_table
from studyapp.services.results.crops import write_crops
from studyapp.services.results.data_package import DATA_PACKAGE, data_package, header
from studyapp.services.results.export_readme import README, export_readme
from studyapp.services.results.ledger_notes import without_judges
from studyapp.services.results.looking_tables import LOOKING, looking_lines, looking_tables
from studyapp.services.results.metrics import MetricsAgainstJudges, metrics_against_judges
from studyapp.services.results.pictures import ShownPictures, shown_pictures
from studyapp.services.results.ranking import StudyRanking
from studyapp.services.results.ranking_text import for_spreadsheets, marked
from studyapp.services.results.reasons import REASON_LINES, REASONS, reason_lines, reasons_table
from studyapp.services.results.tables_workbook import WORKBOOK, tables_workbook
from studyapp.study.study_file import StudyFile

LEDGER, OPENING, MANIFEST = "ledger.jsonl", "opening.json", "manifest.json"
FORMAT = "studyapp export 1"
NEW, OLD = "new", "old"
UNPAIRED, UNPAIRED_DEFINITIONS = "unpaired.csv", "unpaired.json"
AGREEMENT, DIFFERENCES = "metrics_against_judges.csv", "metric_differences.csv"
NOTES, INCOMPLETE, RULE, COLUMNS = "notes.json", "incomplete.txt", "rule.json", "columns.csv"
COMPLIANCE = Path("compliance.md")
EVIDENCE = frozenset({"conditions", "looking"})
"""What of the evidence a published site can be without: no check needs it, and it says much of a judge."""
SCORES, PAIRED, MEASURES, DEFINITIONS = "scores.csv", "paired.csv", "measures.csv", "definitions.json"


def export_study(
    session: Session,
    workspace: Workspace,
    ranking: StudyRanking,
    *,
    crops: bool = False,
    public: Collection[str] | None = None,
    progress: Progress | None = None,
) -> list[Path]:
    """Write answers, design, scores, ranking, the other parts, the ledger, the opened seal and the report.

    `studyapp analyse` recomputes the ranking from the answers, paired.csv and measures.csv alone, and
    `studyapp analyse verify` everything from the ledger. The key is revealed only once the study is closed.
    The same study gives byte-identical files.

    Everything is made beside var/exports and takes its place as a whole: an export that fails leaves the
    earlier one as it was. Files that somebody else put there stay. A report that fails in part is written
    without that part, and `lacking` says what it is.

    Parameters
    ----------
    crops
        Write what judges drew as PNG files, too; of a closed study alone.
    public
        For a published site, into var/public: which of `EVIDENCE` it has. Its notes name no judge, nor why
        one was withdrawn.
    progress
        Called as ``progress("crops", done, total)``.

    Raises
    ------
    StudyStateError
        While identities are sealed.
    StudyError
        When something cannot be made or written; it says what.
    """
    folder, beside = workspace.folders.exports, workspace.folders.exporting
    if public is not None:
        folder, beside = workspace.folders.public, workspace.folders.public.with_suffix(".new")
        ranking = _without_judges(ranking)
    with only_run(beside, "exporting", wait=True):
        _clear(folder, beside)
        try:
            (beside / NEW).mkdir()
            paths = _write(session, workspace, ranking, beside / NEW, public)
            if crops:
                paths += write_crops(session, workspace, beside / NEW, progress=progress)
            paths += _explained(current_file(session).title, ranking, beside / NEW, paths)
            paths.append(_manifest(session, beside / NEW, paths))
            names = [path.relative_to(beside / NEW) for path in paths]
            _take_place(folder, beside)
        except StudyError:
            raise
        except (OSError, AnalysisError) as error:
            why = storage_words(error) if isinstance(error, OSError) else str(error)
            raise StudyError(_failed(why)) from error
        except Exception as error:
            logging.getLogger(__name__).exception("the export failed")
            raise StudyError(_failed(f"{type(error).__name__}: {error}")) from error
        finally:
            shutil.rmtree(beside / NEW, ignore_errors=True)
    return [folder / name for name in names]


def _failed(why: str) -> str:
    return say("the export failed, and an earlier one is unchanged: %(why)s", why=why)


def _clear(folder: Path, beside: Path) -> None:
    """Put right what an export that was killed left behind."""
    shutil.rmtree(beside / NEW, ignore_errors=True)
    if (beside / OLD).exists():
        if folder.exists():
            shutil.rmtree(beside / OLD)
        else:
            (beside / OLD).rename(folder)


def _take_place(folder: Path, beside: Path) -> None:
    if not folder.exists():
        (beside / NEW).rename(folder)
        return
    folder.rename(beside / OLD)
    (beside / NEW).rename(folder)
    for name in _strange(beside / OLD):
        if not (folder / name).exists():
            (folder / name).parent.mkdir(parents=True, exist_ok=True)
            (beside / OLD / name).rename(folder / name)
    shutil.rmtree(beside / OLD)


def _strange(folder: Path) -> list[str]:
    """Name what somebody else put into an export."""
    try:
        known = {MANIFEST, *read_json((folder / MANIFEST).read_text(encoding="utf-8"))["files"]}
    except (OSError, ValueError, KeyError, TypeError):
        return []
    files = [path.relative_to(folder).as_posix() for path in folder.rglob("*") if not path.is_dir()]
    return [name for name in files if name not in known]


def _manifest(session: Session, folder: Path, paths: list[Path]) -> Path:
    """Write down every file's hash, and the heads of the ledger that they follow from."""
    content = {
        "format": FORMAT,
        "digest": closing_digest(session),
        "heads": chain_heads(session),
        "files": {path.relative_to(folder).as_posix(): file_sha256(path) for path in sorted(paths)},
    }
    return write_whole(folder / MANIFEST, json.dumps(content, indent=2) + "\n")


def _without_judges(ranking: StudyRanking) -> StudyRanking:
    """The same ranking, with notes for strangers."""
    lines = tuple(map(without_judges, ranking.facts.lines))
    return replace(
        ranking,
        facts=replace(ranking.facts, lines=lines),
        notes=tuple(map(without_judges, ranking.notes)),
    )


def _write(
    session: Session,
    workspace: Workspace,
    ranking: StudyRanking,
    folder: Path,
    public: Collection[str] | None,
) -> list[Path]:
    user = ranking.user
    tables = {
        f"{user.table}.csv": user.answers.table,
        "design.csv": design_table(session),
        user.file: ranking.scores,
    }
    if ranking.simulated:
        tables = {name: table.assign(simulated=True) for name, table in tables.items()}
    tables["ranking.csv"] = marked(ranking)
    paths = [_write_csv(table, folder / name) for name, table in tables.items()]
    paths += _parts(ranking, folder)
    paths += _ledger(session, workspace, folder)
    paths.append(write_whole(folder / RULE, json.dumps(ranking.rule.plain(), indent=2) + "\n"))
    paths.append(write_whole(folder / NOTES, ranking.facts.to_json()))
    evidence = _evidence(session, ranking, folder, set() if public is None else EVIDENCE - set(public))
    said = [path for path in evidence if path.name in (REASONS, CONDITIONS, MAPS)]
    compared = metrics_against_judges(workspace, ranking)
    paths += _metrics(compared, folder)
    declared, declarations = _compliance(current_file(session), folder, for_strangers=public is not None)
    pictures = shown_pictures(session, workspace)
    report = _report(current_file(session), ranking, compared, pictures, declared, folder, paths + said)
    paths += report + evidence
    return [*paths, *declarations, _columns(paths)]


def _compliance(file: StudyFile, folder: Path, *, for_strangers: bool) -> tuple[dict[str, str], list[Path]]:
    """What to report about the test and which Recommendations it meets in what, from the files there."""
    from analysis.compliance.facts import STATED, read_facts
    from analysis.compliance.written import compliance_data, compliance_markdown

    stated = json.dumps(file.stated, indent=2, ensure_ascii=False) + "\n"
    paths = [write_whole(folder / STATED, stated)] if file.stated else []
    facts = read_facts(folder)
    if for_strangers:
        facts = replace(facts, withdrawn=tuple((judge, "see the ledger") for judge, _ in facts.withdrawn))
    data = plain(compliance_data(facts))
    text = json.dumps(data, indent=2, ensure_ascii=False) + "\n"
    paths.append(write_whole(folder / COMPLIANCE.with_suffix(".json"), text))
    paths.append(write_whole(folder / COMPLIANCE, compliance_markdown(facts)))
    return {name: points["summary"] for name, points in data["declarations"].items()}, paths


def _columns(paths: list[Path]) -> Path:
    """Say what the columns of the tables are."""
    headers = {path.name: header(path) for path in paths if path.suffix == ".csv"}
    rows = pd.DataFrame(dictionary(headers), columns=list(titles(COLUMNS)))
    return write_whole(paths[0].with_name(COLUMNS), _csv(rows, COLUMNS))


def _explained(title: str, ranking: StudyRanking, folder: Path, paths: list[Path]) -> list[Path]:
    """Write what explains the other files: to people, to programs, and in a spreadsheet."""
    tables = [path for path in paths if path.suffix == ".csv"]
    notes = (*ranking.facts.lines, *ranking.facts.conclusions)
    simulated = ranking.simulated
    package = data_package(tables, title=title, notes=notes, simulated=simulated)
    texts = {DATA_PACKAGE: package, WORKBOOK: tables_workbook(tables, title=title, notes=notes)}
    names = [*texts, MANIFEST, *(path.relative_to(folder).as_posix() for path in paths)]
    texts[README] = export_readme(names, title=title, notes=notes, simulated=simulated)
    return [write_whole(folder / name, text) for name, text in texts.items()]


def _evidence(session: Session, ranking: StudyRanking, folder: Path, without: Collection[str]) -> list[Path]:
    """What judges said and where they looked, as far as there is any; no part of the ranking."""
    found = {
        REASONS: reasons_table(session),
        **({} if "looking" in without else looking_tables(session)),
        **({} if "conditions" in without else {CONDITIONS: conditions_table(session)}),
    }
    tables = {name: table for name, table in found.items() if len(table)}
    if ranking.simulated:
        tables = {name: table.assign(simulated=True) for name, table in tables.items()}
    paths = [_write_csv(table, folder / name) for name, table in tables.items()]
    lines_of = {REASON_LINES: reason_lines} | ({} if "looking" in without else {LOOKING: looking_lines})
    for name, read in lines_of.items():
        if lines := read(session):
            paths.append(write_whole(folder / name, "".join(line + "\n" for line in lines)))
    return paths


def _parts(ranking: StudyRanking, folder: Path) -> list[Path]:
    """S2 and EScore as ranked, and what they follow from."""
    parts = ranking.parts.parts
    tables = {
        SCORES: parts.of(map(str, ranking.scores["team"]), ranking.rule),
        PAIRED: parts.paired,
        MEASURES: parts.measures,
    }
    about = json.dumps(ranking.parts.about, indent=2, ensure_ascii=False) + "\n"
    texts = {name: _csv(table, name) for name, table in tables.items() if table is not None}
    paths = [write_whole(folder / name, text) for name, text in texts.items()]
    return [*paths, *([write_whole(folder / DEFINITIONS, about)] if ranking.parts.about else [])]


def _metrics(compared: MetricsAgainstJudges, folder: Path) -> list[Path]:
    """Metrics of the candidates, and how they agree with the judges, where candidates were measured."""
    if compared.measured is None or compared.data is None:
        return []
    tables = {AGREEMENT: measures_table(compared.data), DIFFERENCES: differences_table(compared.data)}
    if compared.data["simulated"]:
        tables = {name: table.assign(simulated=True) for name, table in tables.items()}
    texts = {
        name: _csv(table, name) for name, table in ({UNPAIRED: compared.measured.table} | tables).items()
    }
    about = json.dumps(compared.measured.about, indent=2, ensure_ascii=False) + "\n"
    paths = [write_whole(folder / name, text) for name, text in texts.items()]
    return [*paths, write_whole(folder / UNPAIRED_DEFINITIONS, about)]


def _ledger(session: Session, workspace: Workspace, folder: Path) -> list[Path]:
    lines = [link.line for link in ledger_entries(session)]
    paths = [write_whole(folder / LEDGER, "".join(line + "\n" for line in lines))]
    if the_study(session).state == "closed":
        revealed = json.dumps(opening(session, workspace.key), indent=2, ensure_ascii=False)
        paths.append(write_whole(folder / OPENING, revealed + "\n"))
    return paths


def exported_files(workspace: Workspace) -> list[str]:
    """Name the files that have been written."""
    folder = workspace.folders.exports
    if not folder.is_dir():
        return []
    return sorted(path.name for path in folder.iterdir() if path.is_file() and path.name[0] != ".")


def lacking(folder: Path) -> list[str]:
    """Say which parts of an export's report could not be made; nothing where all could."""
    try:
        return (folder / INCOMPLETE).read_text(encoding="utf-8").splitlines()
    except FileNotFoundError:
        return []


def _report(
    file: StudyFile,
    ranking: StudyRanking,
    compared: MetricsAgainstJudges,
    pictures: ShownPictures,
    declared: dict[str, str],
    folder: Path,
    inputs: list[Path],
) -> list[Path]:
    # Here, because it brings matplotlib, which serving does not need.
    from analysis.looking.reading import read_maps
    from analysis.reasons.reading import read_reasons
    from analysis.report.write import write_report
    from analysis.viewing.reading import read_conditions

    with warnings.catch_warnings():
        warnings.simplefilter("ignore", InputWarning)  # the ranking's notes say the same
        written = write_report(
            ranking.drawn,
            folder,
            about=ranking.parts.about,
            team_names={KNOWN_WORSE: KNOWN_WORSE} | {team.id: team.name for team in file.teams},
            title=file.title,
            simulated=ranking.simulated,
            inputs={path.name: file_sha256(path) for path in inputs},
            notes=ranking.facts,
            reasons=next((read_reasons(path) for path in inputs if path.name == REASONS), None),
            conditions=next((read_conditions(path) for path in inputs if path.name == CONDITIONS), None),
            metrics=compared.data,
            pictures=pictures.candidates,
            input_pictures=pictures.inputs,
            looking=next((read_maps(folder) for path in inputs if path.name == MAPS), None),
            declared=declared,
        )
    failures = [*written.failures, *compared.failures]
    if not failures:
        return written.files
    told = "".join(f"{failure}\n" for failure in failures)
    return [*written.files, write_whole(folder / INCOMPLETE, told)]


def _write_csv(table: pd.DataFrame, path: Path) -> Path:
    return write_whole(path, _csv(for_spreadsheets(table), path.name))


def _csv(table: pd.DataFrame, name: str) -> bytes:
    """UTF-8 with a byte order mark, without which a spreadsheet guesses the letters."""
    whole = [str(column) for column, values in table.items() if _whole(described(name, str(column)), values)]
    table = table.astype(dict.fromkeys(whole, "Int64"))  # 3, not 3.0, beside empty cells
    return codecs.BOM_UTF8 + table.to_csv(index=False, lineterminator="\n").encode()


def _whole(column: Column, values: pd.Series) -> bool:
    return column.type == "integer" and is_float_dtype(values) and bool((values.dropna() % 1 == 0).all())
