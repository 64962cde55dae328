"""A closed study as a folder of files for any web server."""

from pathlib import Path

import click

from analysis.formats import format_options
from analysis.progress import shown_progress
from studyapp.cli.common import Folder, accept_loss, hold_to_records, print_facts
from studyapp.services.ground import workspace as workspaces


@click.command()
@Folder
@click.argument("out", metavar="OUT", type=click.Path(file_okay=False, path_type=Path))
@click.option("--language", default="en", show_default=True, help="Of the pages: en or zh_Hans.")
@accept_loss
@format_options
def publish(folder: Path, out: Path, *, language: str, accept_loss: bool, form: str | None) -> None:
    """Write a closed study to OUT as a web site that any file server can serve."""
    from studyapp.web.published.publish import Choice, publish_study

    workspace = workspaces.open_workspace(folder)
    hold_to_records(workspace, accept=accept_loss)
    with workspace.database.reading() as session, shown_progress() as progress:
        publish_study(session, workspace, out, Choice(language), progress=progress)
    print_facts(str(out), form, path=str(out))
