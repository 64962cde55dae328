"""`studyapp analyse report`: the report of a study, from its tables."""

import hashlib
from pathlib import Path
from typing import TYPE_CHECKING, Any, BinaryIO

import click
import numpy as np
import pandas as pd

from analysis.cli import answers_argument, draws_option, rule_options, seed_option, table_option
from analysis.errors import AnalysisError
from analysis.formats import format_options
from analysis.frame import note
from analysis.image_names import is_image_name
from analysis.json_text import read_json
from analysis.output import Output, render, shown
from analysis.part_options import part_options, read_parts
from analysis.progress import working
from analysis.reasons.reading import read_reasons
from analysis.rule import Rule
from analysis.rule.entry import read_entry
from analysis.study_notes import StudyNotes, read_notes
from analysis.table_help import TableCommand, TableOption

if TYPE_CHECKING:
    from analysis.report.write import ReportPaths
    from analysis.user_study.read import Answers


@click.command("report", cls=TableCommand)
@answers_argument(source=True)
@table_option("--scores", "S2 and EScore of each team.")
@part_options
@click.option(
    "--definitions", type=click.File("rb"), help="definitions.json of an export: formula and metrics."
)
@click.option(
    "--notes",
    "notes_file",
    type=click.File("rb"),
    help="notes.json of an export: what happened to the study (amendments, exclusions).",
)
@click.option(
    "--reasons",
    "reasons_file",
    cls=TableOption,
    tables=("reasons",),
    metavar="REASONS.csv",
    type=click.File("rb"),
    help="What judges said of candidates, reasons.csv of an export.",
)
@click.option(
    "--conditions",
    "conditions_file",
    cls=TableOption,
    tables=("conditions",),
    metavar="CONDITIONS.csv",
    type=click.File("rb"),
    help="How judges looked, conditions.csv of an export.",
)
@table_option("--candidates", "Metrics of what judges saw, unpaired.csv of an export.")
@click.option(
    "--candidate-definitions",
    type=click.File("rb"),
    help="unpaired.json of an export: which way each of these metrics goes.",
)
@click.option(
    "--pictures",
    type=click.Path(exists=True, file_okay=False, path_type=Path),
    help="Folder of candidates, TEAM/IMAGE.png; the page shows parts of those that stand out on each image, "
    "and some where metrics and judges disagree.",
)
@click.option(
    "--inputs",
    type=click.Path(exists=True, file_okay=False, path_type=Path),
    help="The study's input images, to show beside the candidates.",
)
@click.option(
    "--looking",
    metavar="EXPORT_DIR",
    type=click.Path(exists=True, file_okay=False, path_type=Path),
    help="An export with looking_maps.csv: pictures are cut where judges looked.",
)
@click.option("--figures", type=click.Choice(["svg", "pdf"]), help="Also write each plot as a separate file.")
@click.option(
    "--output",
    type=click.Path(file_okay=False, path_type=Path),
    default=Path("report"),
    show_default=True,
    help="Folder for the report.",
)
@click.option("--title", default="User study", show_default=True, help="Title of the report.")
@rule_options()
@click.option("--simulated", is_flag=True, help="Mark the report as made from simulated answers.")
@click.option("--anonymous", is_flag=True, help="Number the judges instead of naming them.")
@draws_option
@seed_option
@format_options
def command(
    answers: "Answers",
    source: BinaryIO,
    scores: BinaryIO | None,
    paired: BinaryIO | None,
    measures: BinaryIO | None,
    definitions: BinaryIO | None,
    notes_file: BinaryIO | None,
    reasons_file: BinaryIO | None,
    conditions_file: BinaryIO | None,
    candidates: BinaryIO | None,
    candidate_definitions: BinaryIO | None,
    pictures: Path | None,
    inputs: Path | None,
    looking: Path | None,
    figures: str | None,
    output: Path,
    form: str | None,
    title: str,
    rule: Rule,
    simulated: bool,
    anonymous: bool,
    draws: int | None,
    seed: int,
) -> None:
    """Write the report of votes, pairs or ratings into a folder and print the paths of its files.

    Exit status 1 if a part or file could not be made; it is named, and the rest is written.
    """
    from analysis.looking.reading import read_maps
    from analysis.metrics_against_judges.summary import STREAM, metrics_summary
    from analysis.metrics_against_judges.table import read_definitions, read_metrics
    from analysis.report.write import write_report
    from analysis.resampling.joint import joint_draws, observe
    from analysis.viewing.reading import read_conditions

    given = {
        _name(source): source
        for source in (
            *(source, scores, paired, measures, definitions, notes_file, reasons_file, conditions_file),
            *(candidates, candidate_definitions),
        )
        if source is not None
    }
    notes = None if notes_file is None else read_notes(notes_file)
    with working("report"):
        study = observe(answers, read_parts(scores, paired, measures, rule), rule)
        about = _about(definitions)
        defined = [
            *about.get("metrics", ()),
            *([] if candidate_definitions is None else read_definitions(candidate_definitions)),
        ]
        compared = None
        if candidates is not None or study.sources.paired is not None:
            compared = metrics_summary(
                answers,
                rule=rule,
                candidates=None if candidates is None else read_metrics(candidates),
                paired=study.sources.paired,
                definitions=defined,
                skip_unknown=True,
                rng=np.random.default_rng([seed, STREAM]),
            )
        paths = write_report(
            joint_draws(study, draws=draws, seed=seed),
            output,
            about=about,
            title=title,
            simulated=simulated,
            anonymous=anonymous,
            inputs={name: _sha256(source) for name, source in given.items() if source.seekable()},
            notes=notes,
            reasons=None if reasons_file is None else read_reasons(reasons_file),
            conditions=None if conditions_file is None else read_conditions(conditions_file),
            metrics=compared,
            pictures=_pictures(pictures),
            input_pictures=_inputs(inputs),
            looking=None if looking is None else read_maps(looking),
            figures=figures,
        )
    _print(paths, notes, form)
    for failure in paths.failures:
        note(f"incomplete: {failure}")
    if paths.failures:
        click.get_current_context().exit(1)


def _print(paths: "ReportPaths", notes: StudyNotes | None, form: str | None) -> None:
    if form is None:
        click.echo("\n".join(map(str, paths.files)))
        return
    kinds = {"html": paths.html, "pdf": paths.pdf, "latex": paths.latex}
    kinds |= {"summary_html": paths.summary_html, "summary_pdf": paths.summary_pdf}
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
            f"{_name(source)} has no formula ({error}); give an export's definitions.json"
        ) from error


def _pictures(folder: Path | None) -> dict[tuple[str, str], Path]:
    """Image files by image and team."""
    if folder is None:
        return {}
    files = [path for path in sorted(folder.glob("*/*")) if is_image_name(path.name) and path.is_file()]
    return {(path.stem, path.parent.name): path for path in files}


def _inputs(folder: Path | None) -> dict[str, Path]:
    """Image files by image."""
    files = [] if folder is None else sorted(folder.iterdir())
    return {path.stem: path for path in files if is_image_name(path.name) and path.is_file()}


def _name(source: BinaryIO) -> str:
    return Path(getattr(source, "name", "<stdin>")).name


def _sha256(source: BinaryIO) -> str:
    source.seek(0)
    digest = hashlib.sha256()
    while chunk := source.read(1 << 20):
        digest.update(chunk)
    return digest.hexdigest()
