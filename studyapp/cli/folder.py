"""Verbs about the study folder: making it, checking it, tiling it."""

import dataclasses
import json
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING

import click

from analysis.amounts import how_many
from analysis.formats import format_options, print_report
from analysis.frame import note
from analysis.printable import printable
from analysis.progress import shown_progress
from studyapp.cli.common import Folder, asked, now, print_facts
from studyapp.errors import Problem, ProblemsFoundError, StudyError, errors_of
from studyapp.services.ground import workspace as workspaces
from studyapp.study.study_file import STUDY_FILE, StudyFile

if TYPE_CHECKING:
    from studyapp.services.folder.sources import Source


@click.command()
@Folder
@asked
@click.option("--site", is_flag=True, help="Create a site instead, for many studies on one server.")
def init(folder: Path, kind: str, site: bool) -> None:
    """Create a study folder to fill in, with its own secret key; or a site for many studies."""
    if site:
        from studyapp.services.ground.site import init_site

        init_site(folder)
        note(f"created {folder}: run `studyapp serve {folder}` and open the link that it prints")
        return
    workspaces.init_folder(folder, kind=kind)
    click.echo(
        f"created {folder}: edit {folder / STUDY_FILE}, add the images, then run `studyapp check {folder}`",
        err=True,
    )


@click.command()
@Folder
@format_options
def check(folder: Path, form: str | None) -> None:
    """List everything that is wrong with a study folder, all at once. Changes no file of yours.

    Exit status 1 if there is an error; warnings are no errors.
    """
    from studyapp.services.folder.checking import check_study

    try:
        with shown_progress() as progress:
            problems = check_study(folder, progress=progress)
    except ProblemsFoundError as error:
        problems = error.problems
    _show_problems(problems, form)
    if errors_of(problems):
        raise SystemExit(1)


@click.command("import")
@Folder
@click.argument(
    "sources", metavar="SOURCE...", nargs=-1, required=True, type=click.Path(exists=True, path_type=Path)
)
@click.option(
    "--team",
    metavar="TEAM",
    help="Everything belongs to this team, which may be new.",
)
@click.option("--known-teams", is_flag=True, help="Add no team to study.yaml.")
@click.option("--yes", is_flag=True, help="Copy without asking.")
def import_(folder: Path, sources: tuple[Path, ...], team: str | None, known_teams: bool, yes: bool) -> None:
    """Copy in what teams submitted, folders and zips: match names with the inputs, propose, ask, copy.

    Folders and zips called after a team, also within a folder or a zip, go to that team; one that study.yaml
    lacks is proposed as a new team. Folders called input, LR or LQ have the inputs. Submissions are never
    changed, and no image in the study is overwritten.
    """
    from studyapp.services.folder.sources import sources_of, taken_apart

    with tempfile.TemporaryDirectory(prefix="studyapp-import-") as scratch:
        _import(folder, taken_apart(sources_of(sources), Path(scratch)), team, not known_teams, yes)


def _import(folder: Path, sources: "list[Source]", team: str | None, new_teams: bool, yes: bool) -> None:
    from studyapp.services.folder.importing import propose, take_in

    proposal = propose(folder, sources, team=team, new_teams=new_teams)
    for line in proposal.lines():
        click.echo(printable(line))
    if proposal.there:
        verb = "is" if proposal.there == 1 else "are"
        note(f"{how_many(proposal.there, 'images')} {verb} already in the study and kept")
    if not proposal.copies:
        raise StudyError(
            "nothing to copy: every image above is already in the study or does not belong to it"
        )
    if not yes:
        click.confirm(f"Copy {how_many(len(proposal.copies), 'images')}?", abort=True, err=True)
    note(f"copied {how_many(take_in(proposal), 'images')}; now run `studyapp check {folder}`")


@click.command()
@Folder
@click.option("--workers", type=click.IntRange(min=1), help="Processes. By default one per core.")
@click.option("--scheduler", metavar="ADDRESS", help="Run on a Dask cluster: tcp://host:port.")
@format_options
def tile(folder: Path, workers: int | None, scheduler: str | None, form: str | None) -> None:
    """Check the folder, build the image tiles, and set up the study's database."""
    from studyapp.services.folder.preparing import prepare_study

    with shown_progress() as progress:
        prepared = prepare_study(
            folder,
            workers=workers,
            progress=progress,
            now=now(),
            scheduler=scheduler,
        )
    if prepared.rehearsed_again:
        note("the folder changed: test judges start over with the same links; their ballots are set aside")
    facts = {
        "images": prepared.images,
        "teams": prepared.teams,
        "tiled": prepared.tiled,
        "kept": prepared.kept,
    }
    print_facts(", ".join(f"{name} {number}" for name, number in facts.items()), form, **facts)


@click.command()
def schema() -> None:
    """Print the JSON schema of study.yaml."""
    click.echo(json.dumps(StudyFile.model_json_schema(), indent=2, ensure_ascii=False))


def _show_problems(problems: list[Problem], form: str | None) -> None:
    if problems or form is not None:
        lines = [f"{problem.severity}: {problem}" for problem in problems]
        print_report(lines, form, rows=[dataclasses.asdict(problem) for problem in problems])
    errors = sum(problem.severity == "error" for problem in problems)
    note(f"{how_many(errors, 'errors')}, {how_many(len(problems) - errors, 'warnings')}")
