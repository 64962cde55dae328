"""study-analysis report."""

import hashlib
from pathlib import Path
from typing import TYPE_CHECKING, Any, BinaryIO

import click
import pandas as pd

from analysis.cli import answers_argument, draws_option, rule_options, seed_option
from analysis.errors import AnalysisError
from analysis.frame import note
from analysis.json_text import read_json
from analysis.output import FORMATS, Output, render, shown
from analysis.part_options import part_options, read_parts
from analysis.reasons.reading import read_reasons
from analysis.rule import Rule
from analysis.rule.entry import read_entry
from analysis.study_notes import StudyNotes, read_notes

if TYPE_CHECKING:
    from analysis.report.write import ReportPaths
    from analysis.user_study.read import Answers


@click.command("report")
@answers_argument(source=True)
@click.option("--scores", type=click.File("rb"), help="CSV with team and s2, escore.")
@part_options
@click.option(
    "--definitions", type=click.File("rb"), help="JSON with formula and metrics, as an export has it."
)
@click.option(
    "--notes",
    "notes_file",
    type=click.File("rb"),
    help="JSON with what happened to the study (amendments, who is out), as an export has it.",
)
@click.option(
    "--reasons",
    "reasons_file",
    type=click.File("rb"),
    help="CSV with what judges said of candidates, as an export has it.",
)
@click.option(
    "--figures", type=click.Choice(["svg", "pdf"]), help="Write each plot as a file, too, beside the report."
)
@click.option(
    "--output",
    type=click.Path(file_okay=False, path_type=Path),
    default=Path("report"),
    show_default=True,
    help="Folder for the report.",
)
@click.option(
    "--format",
    "form",
    type=click.Choice(list(FORMATS)),
    help="How to print the paths; one on each line without it.",
)
@click.option("--title", default="User study", show_default=True)
@rule_options()
@click.option("--simulated", is_flag=True, help="Mark the report as made from simulated answers.")
@click.option("--anonymous", is_flag=True, help="Number the judges instead of naming them.")
@draws_option
@seed_option
def command(
    answers: "Answers",
    source: BinaryIO,
    scores: BinaryIO | None,
    paired: BinaryIO | None,
    measures: BinaryIO | None,
    definitions: BinaryIO | None,
    notes_file: BinaryIO | None,
    reasons_file: BinaryIO | None,
    figures: str | None,
    output: Path,
    form: str | None,
    title: str,
    rule: Rule,
    simulated: bool,
    anonymous: bool,
    draws: int,
    seed: int,
) -> None:
    """Write the report of votes, pairs or ratings into a folder and print the paths of its files.

    Exit status 1 where a part or file could not be made: it is named, and the others are written.
    """
    from analysis.report.write import write_report
    from analysis.resampling.joint import joint_draws, observe

    given = {
        _name(source): source
        for source in (source, scores, paired, measures, definitions, notes_file, reasons_file)
        if source is not None
    }
    notes = None if notes_file is None else read_notes(notes_file)
    study = observe(answers, read_parts(scores, paired, measures, rule), rule)
    paths = write_report(
        joint_draws(study, draws=draws, seed=seed),
        output,
        about=_about(definitions),
        title=title,
        simulated=simulated,
        anonymous=anonymous,
        inputs={name: _sha256(source) for name, source in given.items() if source.seekable()},
        notes=notes,
        reasons=None if reasons_file is None else read_reasons(reasons_file),
        figures=figures,
    )
    _print(paths, notes, form)
    for failure in paths.failures:
        note(f"not complete: {failure}")
    if paths.failures:
        click.get_current_context().exit(1)


def _print(paths: "ReportPaths", notes: StudyNotes | None, form: str | None) -> None:
    if form is None:
        click.echo("\n".join(map(str, paths.files)))
        return
    kinds = {"html": paths.html, "pdf": paths.pdf, "latex": paths.latex}
    written: dict[str, Any] = {kind: str(path) for kind, path in kinds.items() if path.exists()}
    rows = [*written.items(), *(("figure", str(path)) for path in paths.figures)]
    written["figures"] = [str(path) for path in paths.figures]
    written["notes"] = list(notes.lines) if notes else []
    written["failures"] = list(paths.failures)
    table = Output(pd.DataFrame(rows, columns=["kind", "path"]), data=written)
    click.echo(render(shown(table), form), nl=False)


def _about(source: BinaryIO | None) -> dict[str, Any]:
    if source is None:
        return {}
    try:
        about = read_json(source.read())
        read_entry("s2", about["formula"])
        return about
    except (ValueError, LookupError, TypeError, AttributeError) as error:
        raise AnalysisError(
            f"{_name(source)} holds no formula ({error}); give definitions.json of an export"
        ) from error


def _name(source: BinaryIO) -> str:
    return Path(getattr(source, "name", "<stdin>")).name


def _sha256(source: BinaryIO) -> str:
    source.seek(0)
    digest = hashlib.sha256()
    while chunk := source.read(1 << 20):
        digest.update(chunk)
    return digest.hexdigest()
