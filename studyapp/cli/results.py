"""Verbs of a closed study: its ranking and what to take home."""

from pathlib import Path

import click

from analysis.files import file_sha256
from analysis.frame import note
from studyapp.cli.common import Folder, accept_loss, as_json, hold_to_records, print_result
from studyapp.services.ground import workspace as workspaces


@click.command()
@Folder
@click.option(
    "--format",
    "form",
    default="markdown",
    show_default=True,
    type=click.Choice(["csv", "json", "markdown", "latex"]),
)
@accept_loss
def rank(folder: Path, form: str, accept_loss: bool) -> None:
    """Print the final ranking of a closed study."""
    from studyapp.services.results.ranking import rank_study
    from studyapp.services.results.ranking_text import format_ranking

    workspace = workspaces.open_workspace(folder)
    hold_to_records(workspace, accept=accept_loss)
    with workspace.database.reading() as session:
        ranking = rank_study(session, workspace)
    for remark in ranking.remarks:
        note(remark)
    click.echo(format_ranking(ranking, form))


@click.command()
@Folder
@click.option(
    "--crops",
    is_flag=True,
    help="Also cut out what judges drew, of the candidates and the input, as PNG files.",
)
@click.option(
    "--as",
    "form",
    metavar="KIND",
    help="Print the answers alone, in the form of another tool, as `study-analysis convert` has them.",
)
@click.option("--team", help="With --as codabench: whose scores.")
@click.option("--leave-out", is_flag=True, help="With --as: leave out the answers that the form cannot hold.")
@accept_loss
@as_json
def export(
    folder: Path,
    *,
    crops: bool,
    form: str | None,
    team: str | None,
    leave_out: bool,
    accept_loss: bool,
    as_json: bool,
) -> None:
    """Write answers, design, scores, ranking and the report of a closed study to DIR/var/exports.

    Exit status 1 where a part of the report could not be made; everything else is there.
    """
    if form is None and (team or leave_out):
        raise click.UsageError("--team and --leave-out go with --as")
    if form is not None and (crops or as_json):
        raise click.UsageError("--as prints one form and nothing else; leave out --crops and --format")
    if form is not None:
        _print_form(folder, form, team, leave_out=leave_out, accept_loss=accept_loss)
        return
    from studyapp.jobs.bars import Bars
    from studyapp.services.results.exports import export_study, lacking
    from studyapp.services.results.ranking import rank_study

    workspace = workspaces.open_workspace(folder)
    hold_to_records(workspace, accept=accept_loss)
    with workspace.database.reading() as session, Bars() as progress:
        ranking = rank_study(session, workspace)
        paths = export_study(session, workspace, ranking, crops=crops, progress=progress)
    manifest = file_sha256(paths[-1])
    note(f"manifest of this export: {manifest}")
    print_result([str(path) for path in paths], as_json)
    failures = lacking(workspace)
    for failure in failures:
        click.echo(f"not complete: {failure}", err=True)
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
