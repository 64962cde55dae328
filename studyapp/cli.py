"""The command line: one verb each. Results go to stdout, chatter and progress to stderr."""

import csv
import dataclasses
import functools
import json
import sys
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import click
from tqdm import tqdm

from studyapp.core.study_file import STUDY_FILE, StudyFile
from studyapp.errors import Problem, ProblemsFoundError, StudyError
from studyapp.services import workspace as workspaces

DEFAULT_PORT = 8000

Folder = click.argument("folder", metavar="DIR", type=click.Path(file_okay=False, path_type=Path))
as_json = click.option("--json", "as_json", is_flag=True, help="Print JSON.")


class _Verbs(click.Group):
    """Turn errors that the user can put right into one message and exit status 1."""

    def invoke(self, ctx: click.Context) -> Any:
        try:
            return super().invoke(ctx)
        except StudyError as error:
            raise click.ClickException(str(error)) from error


@click.group(cls=_Verbs)
@click.version_option(package_name="studyapp")
def main() -> None:
    """Blind user studies and final rankings for image-restoration challenges."""


@main.command()
@Folder
def init(folder: Path) -> None:
    """Make a study folder to fill in, with a secret key of its own."""
    workspaces.init_folder(folder)
    click.echo(
        f"made {folder}: edit {folder / STUDY_FILE}, add the images, then run `studyapp check {folder}`",
        err=True,
    )


@main.command()
@Folder
@as_json
def check(folder: Path, as_json: bool) -> None:
    """Name everything that is wrong with a study folder, at once. Writes nothing."""
    from studyapp.services.checking import check_study

    try:
        with _Bars() as progress:
            problems = check_study(folder, progress=progress)
    except ProblemsFoundError as error:
        problems = error.problems
    _show_problems(problems, as_json)
    if any(problem.severity == "error" for problem in problems):
        raise SystemExit(1)


@main.command()
@Folder
@click.option("--workers", type=click.IntRange(min=1), help="Processes; one for each core by default.")
@as_json
def tile(folder: Path, workers: int | None, as_json: bool) -> None:
    """Check the folder, make the tile packs, and enter the study in its database."""
    from studyapp.services.preparing import prepare_study

    with _Bars() as progress:
        prepared = prepare_study(folder, workers=workers, progress=progress, now=_now())
    facts = {
        "images": prepared.images,
        "teams": prepared.teams,
        "tiled": prepared.tiled,
        "kept": prepared.kept,
    }
    _result(facts, as_json)


@main.command()
@Folder
@click.argument(
    "judges", metavar="JUDGES.CSV", type=click.Path(dir_okay=False, path_type=Path), required=False
)
@click.option(
    "--base-url",
    default=f"http://127.0.0.1:{DEFAULT_PORT}",
    show_default=True,
    help="Where judges reach the server.",
)
@click.option("--reissue", metavar="EMAIL", help="Make a new link for a judge; the old one stops working.")
@click.option("--revoke", metavar="EMAIL", help="Make a judge's link invalid; the ballots stay.")
@as_json
def invite(
    folder: Path, judges: Path | None, base_url: str, reissue: str | None, revoke: str | None, as_json: bool
) -> None:
    """Invite the judges of a CSV file (name, email, conflicts); print their links, this once, as CSV."""
    from studyapp.core.judges_file import read_judges
    from studyapp.services import invitations

    workspace = workspaces.open_workspace(folder)
    if sum(choice is not None for choice in (judges, reissue, revoke)) != 1:
        raise click.UsageError("give JUDGES.CSV, or --reissue EMAIL, or --revoke EMAIL")
    fresh = []
    with workspace.database.writing() as session:
        if revoke:
            invitations.revoke_link(session, revoke, now=_now())
        elif reissue:
            fresh = [invitations.reissue_link(session, reissue, now=_now())]
        elif judges:
            lines, problems = read_judges(
                judges, [team.id for team in workspace.file.teams], workspace.file.protocol.places
            )
            if problems:
                raise ProblemsFoundError(problems)
            fresh = invitations.invite_judges(session, workspace.key, lines, now=_now())
            click.echo(f"{len(fresh)} invited, {len(lines) - len(fresh)} were invited before", err=True)
    links = [
        {"name": item.name, "email": item.email, "link": f"{base_url.rstrip('/')}/j/{item.token}"}
        for item in fresh
    ]
    if as_json:
        _result(links, as_json)
    elif links:
        writer = csv.DictWriter(sys.stdout, ["name", "email", "link"], lineterminator="\n")
        writer.writeheader()
        writer.writerows({name: _plain_cell(cell) for name, cell in line.items()} for line in links)


@main.command()
@Folder
@click.option("--host", default="127.0.0.1", show_default=True)
@click.option("--port", default=DEFAULT_PORT, show_default=True, type=click.IntRange(1, 65535))
@click.option("--draft", is_flag=True, help="Do not open a study that has not begun.")
def serve(folder: Path, host: str, port: int, draft: bool) -> None:
    """Open the study and serve it; prints the organiser's link."""
    from studyapp.server import serve as run
    from studyapp.services import invitations, studies

    workspace = workspaces.open_workspace(folder)
    with workspace.database.writing() as session:
        study = studies.the_study(session)
        if study.state == "draft" and not draft:
            studies.open_study(session, now=_now())
            click.echo("the study is now open: ballots are accepted", err=True)
        token = invitations.organiser_link(session, now=_now())
    workspace.database.close()
    click.echo(f"organiser: http://{host}:{port}/o/{token}")
    sys.stdout.flush()
    run(folder, host, port)


@main.command()
@Folder
@as_json
def status(folder: Path, as_json: bool) -> None:
    """Show how far the judges are. Says nothing about picks or teams."""
    from studyapp.services.monitoring import study_status

    with workspaces.open_workspace(folder).database.reading() as session:
        state = study_status(session)
    if as_json:
        _result({**dataclasses.asdict(state), "complete": state.complete, "total": state.total}, as_json)
        return
    click.echo(f"{state.title}: {state.state}, {state.complete} of {state.total} ballots complete")
    for judge in state.judges:
        done = "done" if judge.finished_at else f"last saved {judge.last_saved_at or 'never'}"
        click.echo(f"  {judge.complete:>4}/{judge.total}  {judge.name} <{judge.email}>  {done}")


@main.command()
@Folder
def close(folder: Path) -> None:
    """End the voting for good and unseal the results."""
    from studyapp.services.studies import close_study

    with workspaces.open_workspace(folder).database.writing() as session:
        changed = close_study(session, now=_now())
    click.echo("the study is closed" if changed else "the study was closed already", err=True)


@main.command()
@Folder
@click.option(
    "--format",
    "form",
    default="markdown",
    show_default=True,
    type=click.Choice(["csv", "json", "markdown", "latex"]),
)
def rank(folder: Path, form: str) -> None:
    """Print the final ranking of a closed study."""
    from studyapp.services.ranking import format_ranking, rank_study

    workspace = workspaces.open_workspace(folder)
    with workspace.database.reading() as session:
        ranking = rank_study(session, workspace)
    for remark in ranking.remarks:
        click.echo(remark, err=True)
    click.echo(format_ranking(ranking, form))


@main.command()
@Folder
@as_json
def export(folder: Path, as_json: bool) -> None:
    """Write votes, design, scores, ranking and the report of a closed study to DIR/var/exports."""
    from studyapp.services.exports import export_study
    from studyapp.services.ranking import rank_study

    workspace = workspaces.open_workspace(folder)
    with workspace.database.reading() as session:
        ranking = rank_study(session, workspace)
        paths = export_study(session, workspace, ranking)
    _result([str(path) for path in paths], as_json)


@main.command()
@click.argument(
    "folder", metavar="DIR", default="demo-study", type=click.Path(file_okay=False, path_type=Path)
)
@click.option("--serve/--no-serve", default=True, help="Serve the study after the ranking.")
@click.option("--port", default=DEFAULT_PORT, show_default=True, type=click.IntRange(1, 65535))
def demo(folder: Path, serve: bool, port: int) -> None:
    """Build a sample study with simulated judges and take it to the final ranking."""
    from studyapp.sample.demo import run_demo

    run_demo(folder, serve=serve, port=port, echo=functools.partial(click.echo, err=True))


@main.command()
def schema() -> None:
    """Print the JSON schema of study.yaml."""
    click.echo(json.dumps(StudyFile.model_json_schema(), indent=2, ensure_ascii=False))


def _show_problems(problems: list[Problem], as_json: bool) -> None:
    if as_json:
        _result([dataclasses.asdict(problem) for problem in problems], as_json)
        return
    for problem in problems:
        click.echo(f"{problem.severity}: {problem}")
    errors = sum(problem.severity == "error" for problem in problems)
    click.echo(f"{errors} errors, {len(problems) - errors} warnings", err=True)


def _result(value: Any, as_json: bool) -> None:
    if as_json:
        click.echo(json.dumps(value, indent=2, ensure_ascii=False))
    elif isinstance(value, dict):
        click.echo(", ".join(f"{name} {number}" for name, number in value.items()))
    else:
        click.echo("\n".join(str(line) for line in value))


def _plain_cell(text: str) -> str:
    """Keep a spreadsheet from running a name as a formula."""
    return f"'{text}" if text.startswith(("=", "+", "-", "@", "\t", "\r")) else text


class _Bars:
    """Progress bars on stderr, one for each stage; services drive them by (stage, done, total)."""

    def __init__(self) -> None:
        self._stage = ""
        self._bar: tqdm | None = None

    def __enter__(self) -> Callable[[str, int, int], None]:
        return self._update

    def __exit__(self, *_: object) -> None:
        if self._bar is not None:
            self._bar.close()

    def _update(self, stage: str, done: int, total: int) -> None:
        if self._bar is None or stage != self._stage:
            self.__exit__()
            self._stage = stage
            self._bar = tqdm(desc=stage, total=total, file=sys.stderr, disable=None, leave=False)
        self._bar.update(done - self._bar.n)


def _now() -> datetime:
    return datetime.now(UTC)


if __name__ == "__main__":
    main()
