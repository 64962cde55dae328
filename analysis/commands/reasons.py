"""`studyapp analyse reasons`: what judges said, and which of it goes with winning and losing."""

from pathlib import Path

import click

from analysis.cli import result_command
from analysis.errors import AnalysisError
from analysis.output import Output
from analysis.reasons.reading import read_reasons
from analysis.reasons.summary import By, outcomes, reason_counts, size_in_words
from analysis.user_study.base import Table
from analysis.user_study.read import read_answers

FOLDER = click.Path(exists=True, file_okay=False, path_type=Path)
ANSWERS: tuple[Table, ...] = ("votes", "pairs", "ratings")


@result_command("reasons")
@click.argument("folder", metavar="EXPORT_DIR", type=FOLDER)
@click.option(
    "--by",
    type=click.Choice(["attribute", "region", "team"]),
    default="attribute",
    show_default=True,
    help="One row per attribute, region, or team and attribute.",
)
def command(folder: Path, by: By) -> Output:
    """Count an export's reasons by attribute, region or team: how many, from how many judges, and how many
    of the candidates said to be better or worse won or lost."""
    table: Table | None = next((name for name in ANSWERS if (folder / f"{name}.csv").is_file()), None)
    if table is None:
        raise AnalysisError(
            f"{folder} has no votes.csv, pairs.csv or ratings.csv; give the folder of an export"
        )
    scale = (0, 100) if table == "ratings" else None
    reasons = read_reasons(folder / "reasons.csv")
    answers = read_answers(folder / f"{table}.csv", scale=scale).table
    found = reason_counts(reasons, outcomes(answers, table), by)
    notes = [f"{size_in_words(reasons)}, on main trials"]
    if "simulated" in reasons:
        found["simulated"] = True
        notes.append("the answers of this study are simulated")
    return Output(found, notes=tuple(notes))
