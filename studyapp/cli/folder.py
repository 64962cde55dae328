"""Verbs about the study folder: making it, checking it, tiling it."""

import dataclasses
import json
from pathlib import Path

import click

from analysis.frame import note
from analysis.printable import printable
from studyapp.cli.common import Folder, as_json, now, print_result
from studyapp.errors import Problem, ProblemsFoundError, StudyError, errors_of
from studyapp.jobs.bars import Bars
from studyapp.services.ground import workspace as workspaces
from studyapp.settings import Folders
from studyapp.study.study_file import STUDY_FILE, StudyFile


@click.command()
@Folder
def init(folder: Path) -> None:
    """Make a study folder to fill in, with a secret key of its own."""
    workspaces.init_folder(folder)
    click.echo(
        f"made {folder}: edit {folder / STUDY_FILE}, add the images, then run `studyapp check {folder}`",
        err=True,
    )


@click.command()
@Folder
@as_json
def check(folder: Path, as_json: bool) -> None:
    """Name everything that is wrong with a study folder, at once. Writes nothing."""
    from studyapp.services.folder.checking import check_study

    try:
        with Bars() as progress:
            problems = check_study(folder, progress=progress)
    except ProblemsFoundError as error:
        problems = error.problems
    _show_problems(problems, as_json)
    if errors_of(problems):
        raise SystemExit(1)


@click.command("import")
@Folder
@click.argument(
    "sources", metavar="SOURCE...", nargs=-1, required=True, type=click.Path(exists=True, path_type=Path)
)
@click.option("--team", metavar="ID", help="All of it is this team's; by default names tell.")
@click.option("--yes", is_flag=True, help="Copy what is proposed without asking.")
def import_(folder: Path, sources: tuple[Path, ...], team: str | None, yes: bool) -> None:
    """Take in what teams handed in, folders and zips: match names with the inputs, propose, ask, copy.

    What was handed in is never changed, and no image that is there is written over.
    """
    from studyapp.services.folder.importing import propose, take_in

    proposal = propose(folder, sources, team=team)
    for line in proposal.lines():
        click.echo(printable(line))
    if proposal.there:
        note(f"{_count(proposal.there, 'image')} of theirs are there already and stay")
    if not proposal.copies:
        raise StudyError("nothing to copy")
    if not yes:
        click.confirm(f"Copy {_count(len(proposal.copies), 'image')}?", abort=True, err=True)
    note(f"copied {_count(take_in(proposal), 'image')}; now run `studyapp check {folder}`")


@click.command()
@Folder
@click.option("--workers", type=click.IntRange(min=1), help="Processes; one for each core by default.")
@click.option("--scheduler", metavar="ADDRESS", help="Work on a Dask cluster: tcp://host:port.")
@as_json
def tile(folder: Path, workers: int | None, scheduler: str | None, as_json: bool) -> None:
    """Check the folder, make the tile packs, and enter the study in its database."""
    from studyapp.server.lock import only_server
    from studyapp.services.folder.preparing import prepare_study

    with Bars() as progress:
        prepared = prepare_study(
            folder,
            workers=workers,
            progress=progress,
            now=now(),
            scheduler=scheduler,
            alone=lambda: only_server(Folders(folder), patience=0),
        )
    if prepared.rehearsed_again:
        said = "the folder changed: test judges start again with their links, their ballots are set aside"
        note(said)
    facts = {
        "images": prepared.images,
        "teams": prepared.teams,
        "tiled": prepared.tiled,
        "kept": prepared.kept,
    }
    print_result(facts, as_json)


@click.command()
def schema() -> None:
    """Print the JSON schema of study.yaml."""
    click.echo(json.dumps(StudyFile.model_json_schema(), indent=2, ensure_ascii=False))


def _show_problems(problems: list[Problem], as_json: bool) -> None:
    if as_json:
        print_result([dataclasses.asdict(problem) for problem in problems], as_json)
        return
    for problem in problems:
        click.echo(f"{problem.severity}: {problem}")
    errors = sum(problem.severity == "error" for problem in problems)
    note(f"{_count(errors, 'error')}, {_count(len(problems) - errors, 'warning')}")


def _count(number: int, word: str) -> str:
    return f"{number or 'no'} {word}{'' if number == 1 else 's'}"
