"""`studyapp analyse score`: metrics and SCORE of restored images with ground truth."""

from pathlib import Path

import click

from analysis.cli import result_command
from analysis.output import Output, telling_digits
from analysis.paired.backends import Tools
from analysis.paired.engine import score_pairs
from analysis.paired.folder import find_pairs
from analysis.paired.score import SCORES
from analysis.paired.tool_options import tool_options
from analysis.progress import shown_progress
from analysis.rule import read_rule

Folder = click.Path(exists=True, file_okay=False, path_type=Path)


@result_command("score", tells=True)
@click.argument("folder", metavar="DIR", type=Folder)
@click.option("--team", "teams", multiple=True, help="Score only this team; repeatable.")
@click.option(
    "--formula",
    default="raim-score",
    show_default=True,
    metavar="NAME|FORMULA",
    help=f"{', '.join(SCORES)}, or a formula of metrics; reduced needs no weights.",
)
@click.option(
    "--metric", "metrics", multiple=True, help="Only this metric; repeatable. By default the formula's."
)
@click.option(
    "--extra", multiple=True, metavar="METRIC", help="Another column, by pyiqa's name for it; repeatable."
)
@click.option(
    "--images", "by_image", is_flag=True, help="One row per image instead of the mean of each team."
)
@tool_options
@click.option(
    "--cache",
    type=click.Path(file_okay=False, path_type=Path),
    help="Folder that keeps values for the next run.",
)
@click.option("--workers", type=click.IntRange(min=1), help="Processes. By default one per core.")
def command(
    folder: Path,
    teams: tuple[str, ...],
    formula: str,
    metrics: tuple[str, ...],
    extra: tuple[str, ...],
    by_image: bool,
    tools: Tools,
    cache: Path | None,
    workers: int | None,
) -> Output:
    """Compare DIR/teams/TEAM with DIR/gt: metrics and SCORE, the mean of each team."""
    with shown_progress() as progress:
        scores = score_pairs(
            find_pairs(folder, teams),
            formula=read_rule(formula).final,
            metrics=metrics or None,
            extra=extra,
            tools=tools,
            cache=cache,
            workers=workers,
            progress=progress,
        )
    notes = [*scores.missing]
    notes += [f"{row.team}, {row.image}: {row.problem}" for row in scores.problems.itertuples()]
    notes += [f"{row.team}, {row.image}: {row.note}" for row in scores.notes.itertuples()]
    notes.append(f"score is {scores.formula.text()}")
    table = scores.table if by_image else scores.means
    return Output(table, data=scores.as_dict(), notes=tuple(notes), digits=telling_digits(table, 4))
