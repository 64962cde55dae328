"""Verbs of the paired part: scoring the images with ground truth, and the weights that takes."""

from pathlib import Path

import click

from analysis.commands.weights import check, fetch
from analysis.frame import note
from studyapp.cli.common import Folder, as_json, print_result
from studyapp.jobs.bars import Bars

Existing = click.Path(exists=True, file_okay=False, path_type=Path)


@click.command()
@Folder
@click.option("--team", "teams", multiple=True, help="Score this team anew; the others keep what they have.")
@click.option(
    "--metric", "metrics", multiple=True, help="Only this one: printed, not written; makes no SCORE."
)
@click.option("--extra", multiple=True, metavar="METRIC", help="Further column, by pyiqa's name; repeatable.")
@click.option("--backend", type=click.Choice(["own", "pyiqa"]), default="own", show_default=True)
@click.option("--device", type=click.Choice(["auto", "cpu", "cuda"]), default="auto", show_default=True)
@click.option("--weights", type=Existing, help="Folder with the networks' weights, before torch's cache.")
@click.option(
    "--workers", type=click.IntRange(min=1), help="Processes; as suits cores and memory by default."
)
@click.option("--scheduler", metavar="ADDRESS", help="Work on a Dask cluster: tcp://host:port.")
@as_json
def score(
    folder: Path,
    *,
    teams: tuple[str, ...],
    metrics: tuple[str, ...],
    extra: tuple[str, ...],
    backend: str,
    device: str,
    weights: Path | None,
    workers: int | None,
    scheduler: str | None,
    as_json: bool,
) -> None:
    """Score paired/teams/*/ against paired/gt/ by the formula of study.yaml; write DIR/var/scores.

    Exit status 1 when something asked for, SCORE or a metric, cannot be had because weights are missing.
    """
    from analysis.output import Output, plain, render, shown, telling_digits
    from analysis.paired.backends import Tools
    from studyapp.services.paired.scoring import ScoringChoice, score_study

    tools = Tools("pyiqa" if backend == "pyiqa" else "own", device, weights and weights.resolve())
    choice = ScoringChoice(teams, metrics, extra, tools, workers, scheduler)
    with Bars() as progress:
        found, paths = score_study(folder, choice, progress=progress)
    about = found.about
    for line in [*about["missing"], *about["folder"]]:
        note(line)
    for row in about["problems"]:
        note(f"{row['team']}, {row['image']}: {row['problem']}")
    for row in about["notes"]:
        note(f"{row['team']}, {row['image']}: {row['note']}")
    if as_json:
        print_result(plain({**about, "means": found.teams.to_dict("records")}), as_json)
    else:
        if not metrics:
            note(f"SCORE = {about['formula']['score']}")
        table = found.teams.drop(columns=["formula", "score"] if metrics else "formula")
        click.echo(render(shown(Output(table, digits=telling_digits(table, 4))), "markdown"), nl=False)
    if paths:
        note(f"written: {paths[0].parent}")
    if metrics and about["missing"]:
        raise SystemExit(1)
    if found.lacking and not metrics:
        note("no SCORE: it is never made of less than its formula")
        raise SystemExit(1)


@click.group()
def weights() -> None:
    """Fetch or check the weights that LPIPS and DISTS need."""


weights.add_command(fetch)
weights.add_command(check)
