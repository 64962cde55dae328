"""The verb of the paired part: scoring images with ground truth."""

from pathlib import Path
from typing import TYPE_CHECKING

import click

from analysis.formats import format_options, table_form
from analysis.frame import note
from analysis.paired.tool_options import tool_options
from analysis.progress import shown_progress
from studyapp.cli.common import Folder

if TYPE_CHECKING:
    from analysis.paired.backends import Tools
    from studyapp.services.paired.scoring import ScoringChoice


@click.command()
@Folder
@click.option(
    "--team",
    "teams",
    multiple=True,
    help="Score only this team again; the others keep what they have. Repeatable.",
)
@click.option(
    "--metric",
    "metrics",
    multiple=True,
    help="Only this metric, printed but not written, without SCORE; repeatable.",
)
@click.option(
    "--unpaired",
    is_flag=True,
    help="Instead measure what judges see, DIR/teams, by metrics that need no ground truth (--metric, by "
    "default niqe and brisque_opencv), and write DIR/var/unpaired.",
)
@click.option(
    "--extra", multiple=True, metavar="METRIC", help="Another column, by pyiqa's name for it; repeatable."
)
@tool_options
@click.option(
    "--workers", type=click.IntRange(min=1), help="Processes. By default as many as cores and memory allow."
)
@click.option("--scheduler", metavar="ADDRESS", help="Run on a Dask cluster: tcp://host:port.")
@format_options
def score(
    folder: Path,
    *,
    teams: tuple[str, ...],
    metrics: tuple[str, ...],
    unpaired: bool,
    extra: tuple[str, ...],
    tools: "Tools",
    workers: int | None,
    scheduler: str | None,
    form: str | None,
) -> None:
    """Compare DIR/paired/teams/TEAM with DIR/paired/gt, by study.yaml's formula; write DIR/var/scores.

    Exit status 1 if SCORE or a requested metric cannot be computed because weights are missing.
    """
    from analysis.output import Output, render, shown, telling_digits
    from studyapp.services.paired.scoring import ScoringChoice, score_study

    if unpaired and teams:
        raise click.UsageError("--unpaired measures every team; leave out --team")

    choice = ScoringChoice(teams, metrics, extra, tools, workers, scheduler)
    if unpaired:
        _print_unpaired(folder, choice, form)
        return
    with shown_progress() as progress:
        found, paths = score_study(folder, choice, progress=progress)
    about = found.about
    for line in [*about["missing"], *about["folder"]]:
        note(line)
    for row in about["problems"]:
        note(f"{row['team']}, {row['image']}: {row['problem']}")
    for row in about["notes"]:
        note(f"{row['team']}, {row['image']}: {row['note']}")
    if not metrics:
        note(f"SCORE = {about['formula']['score']}")
    table = found.teams.drop(columns=["formula", "score"] if metrics else "formula")
    data = {**about, "means": found.teams.to_dict("records")}
    output = Output(table, data, digits=telling_digits(table, 4))
    click.echo(render(shown(output), table_form(form)), nl=False)
    if paths:
        note(f"wrote {paths[0].parent}")
    if metrics and about["missing"]:
        raise SystemExit(1)
    if found.lacking and not metrics:
        note("no SCORE: it needs every metric of its formula")
        raise SystemExit(1)


def _print_unpaired(folder: Path, choice: "ScoringChoice", form: str | None) -> None:
    from analysis.output import Output, render, shown, telling_digits
    from studyapp.services.paired.unpaired import score_unpaired

    with shown_progress() as progress:
        found, paths = score_unpaired(folder, choice, progress=progress)
    for line in found.about["missing"]:
        note(line)
    for name, key in (("problems", "problem"), ("notes", "note")):
        for row in found.about[name]:
            note(f"{row['team']}, {row['image']}: {row[key]}")
    table = found.table.drop(columns="sha256")
    data = {**found.about, "images": found.table.to_dict("records")}
    click.echo(
        render(shown(Output(table, data, digits=telling_digits(table, 4))), table_form(form)), nl=False
    )
    note(f"wrote {paths[0].parent}")
    if found.about["missing"]:
        raise SystemExit(1)
