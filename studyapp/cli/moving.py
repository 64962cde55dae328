"""Verbs that carry a study: backup, restore, migrate."""

from pathlib import Path

import click

from analysis.frame import note
from studyapp.cli.common import Folder, now
from studyapp.services.ground import workspace as workspaces
from studyapp.settings import Folders


@click.command()
@Folder
@click.argument("file", type=click.Path(dir_okay=False, path_type=Path))
def backup(folder: Path, file: Path) -> None:
    """Write database, key, accounts and small files into FILE, while judges vote; FILE is as secret."""
    from studyapp.services.care.backups import back_up

    made = back_up(workspaces.open_workspace(folder), file, now=now())
    click.echo(f"{file}: {made.events} events, digest {made.digest}")


@click.command()
@click.argument("file", type=click.Path(dir_okay=False, path_type=Path))
@Folder
def restore(file: Path, folder: Path) -> None:
    """Put a backup into DIR; then `studyapp tile DIR` makes the tile packs again from your images."""
    from studyapp.services.care.backups import restore as put_back

    folder.mkdir(parents=True, exist_ok=True)
    found = put_back(file, folder)
    click.echo(f"{folder}: {found.events} events, digest {found.digest}")
    for event in found.lost:
        note(f"warning: acknowledged after this backup, and not in it: {event}")


@click.command()
@Folder
@click.option(
    "--to", "url", required=True, metavar="URL", help="An empty database: postgresql://user@host/name."
)
def migrate(folder: Path, url: str) -> None:
    """Move the study from SQLite to PostgreSQL; its digest stays the same."""
    from studyapp.server import only_server
    from studyapp.services.care.moving import migrate as move

    with only_server(Folders(folder), patience=0):
        moved = move(workspaces.open_workspace(folder), url)
    click.echo(
        f"{moved.rows} rows, digest {moved.digest}; from now on set STUDYAPP_DATABASE_URL to this address"
    )
