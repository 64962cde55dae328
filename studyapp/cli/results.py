"""Verbs of a closed study: its ranking and what to take home."""

from pathlib import Path

import click

from analysis.files import file_sha256
from analysis.formats import format_options, print_report, table_form
from analysis.frame import note
from analysis.progress import shown_progress, working
from studyapp.cli.common import Folder, accept_loss, hold_to_records
from studyapp.services.ground import workspace as workspaces


@click.command()
@Folder
@accept_loss
@format_options
def rank(folder: Path, accept_loss: bool, form: str | None) -> None:
    """Print the final ranking of a closed study."""
    from studyapp.services.results.ranking import rank_study
    from studyapp.services.results.ranking_text import format_ranking

    workspace = workspaces.open_workspace(folder)
    hold_to_records(workspace, accept=accept_loss)
    with working("rank"), workspace.database.reading() as session:
        ranking = rank_study(session, workspace)
    for remark in ranking.remarks:
        note(remark)
    click.echo(format_ranking(ranking, table_form(form)))


def complete_form(_context: click.Context, _parameter: click.Parameter, incomplete: str) -> list[str]:
    """Complete the kinds of --as."""
    from analysis.exchange.forms import FORMS

    return [name for name in FORMS if name.startswith(incomplete)]


@click.command()
@Folder
@click.option(
    "--crops",
    is_flag=True,
    help="Also save what judges marked, as PNG crops of candidates and inputs.",
)
@click.option(
    "--anonymous",
    is_flag=True,
    help="Also write a copy for strangers to DIR/var/anonymous: judges as random codes, no free text.",
)
@click.option(
    "--as",
    "other",
    metavar="KIND",
    shell_complete=complete_form,
    help="Print only the answers, in another tool's format; `studyapp analyse convert` has the same.",
)
@click.option("--team", metavar="ID", help="With --as codabench: whose scores.")
@click.option("--leave-out", is_flag=True, help="With --as: drop answers that the format cannot hold.")
@accept_loss
@format_options
def export(
    folder: Path,
    *,
    crops: bool,
    anonymous: bool,
    other: str | None,
    team: str | None,
    leave_out: bool,
    accept_loss: bool,
    form: str | None,
) -> None:
    """Write answers, design, scores, ranking and report of a closed study to DIR/var/exports.

    README.md in it says what each file is. The tables are CSV files in UTF-8 with a byte order mark, and
    together in tables.xlsx; datapackage.json describes their columns.

    Exit status 1 if a part of the report could not be made; everything else is written.
    """
    if other is None and (team or leave_out):
        raise click.UsageError("--team and --leave-out work only together with --as")
    if other is not None and (crops or anonymous or form):
        raise click.UsageError(
            "--as prints one format and nothing else; remove --crops, --anonymous and --format"
        )
    if other is not None:
        _print_form(folder, other, team, leave_out=leave_out, accept_loss=accept_loss)
        return
    from studyapp.services.results.anonymous_export import anonymous_copy
    from studyapp.services.results.exports import export_study, lacking
    from studyapp.services.results.ranking import rank_study

    workspace = workspaces.open_workspace(folder)
    hold_to_records(workspace, accept=accept_loss)
    with workspace.database.reading() as session, shown_progress() as progress:
        progress("ranking and report", 0, 1)
        ranking = rank_study(session, workspace)
        paths = export_study(session, workspace, ranking, crops=crops, progress=progress)
        manifest = file_sha256(paths[-1])
        if anonymous:
            paths += anonymous_copy(session, workspace)
    note(f"SHA-256 of this export's manifest: {manifest}")
    files = [str(path) for path in paths]
    print_report(files, form, rows=[{"path": path} for path in files], data=files)
    failures = lacking(workspace.folders.exports)
    for failure in failures:
        note(f"incomplete: {failure}")
    if failures:
        click.get_current_context().exit(1)


def _print_form(folder: Path, form: str, team: str | None, *, leave_out: bool, accept_loss: bool) -> None:
    from studyapp.services.results.other_forms import study_in_form

    workspace = workspaces.open_workspace(folder)
    hold_to_records(workspace, accept=accept_loss)
    with workspace.database.reading() as session:
        text, notes = study_in_form(session, workspace, form, team=team, leave_out=leave_out)
    for line in notes:
        note(line)
    click.echo(text, nl=False)


@click.command("team-sheets")
@Folder
@click.argument("out", metavar="OUT", type=click.Path(file_okay=False, path_type=Path))
@click.option(
    "--names",
    is_flag=True,
    help="Name the other teams. Without it they have no names, unless site.yaml says `results: public`.",
)
@accept_loss
@format_options
def team_sheets(folder: Path, out: Path, *, names: bool, accept_loss: bool, form: str | None) -> None:
    """Write for each team of a closed study what it may know, as a page and a PDF for mailing, to OUT.

    A sheet has the team's place beside the others', its best and worst images, what judges said, what its
    model costs, and what is in its factsheet. Names of files are drawn by chance; OUT/index.csv says whose
    they are and where the team is reached, for mail merge. It is for organisers alone.

    Exit status 1 if something could not be shown; it is named, and everything else is written.
    """
    from studyapp.services.challenge.known_teams import known_teams, names_are_public
    from studyapp.services.ground.site import site_around
    from studyapp.services.results.team_sheets import write_team_sheets

    workspace = workspaces.open_workspace(folder)
    hold_to_records(workspace, accept=accept_loss)
    site, track = site_around(folder), folder.resolve().name
    with workspace.database.reading() as session, shown_progress() as progress:
        written = write_team_sheets(
            session,
            workspace,
            out,
            names=names or names_are_public(site, track),
            about=known_teams(site, track),
            progress=progress,
        )
    files = [str(path) for path in written.files]
    print_report(files, form, rows=[{"path": path} for path in files], data=files)
    for problem in written.problems:
        note(f"incomplete: {problem}")
    if written.problems:
        click.get_current_context().exit(1)
