"""Verbs that carry a study: backup, restore, migrate."""

from pathlib import Path

import click

from analysis.formats import format_options
from analysis.frame import note
from studyapp.cli.common import Folder, now, print_facts
from studyapp.services.ground import workspace as workspaces
from studyapp.settings import Folders


@click.command()
@Folder
@click.argument("file", type=click.Path(dir_okay=False, path_type=Path))
@format_options
def backup(folder: Path, file: Path, form: str | None) -> None:
    """Write database, key, accounts and small files to FILE, even while judges vote. Keep FILE secret."""
    from studyapp.services.care.backups import back_up

    made = back_up(workspaces.open_workspace(folder), file, now=now())
    said = f"{file}: {made.events} events, digest {made.digest}"
    print_facts(said, form, path=str(file), events=made.events, digest=made.digest)


@click.command()
@click.argument("file", type=click.Path(dir_okay=False, path_type=Path))
@Folder
@format_options
def restore(file: Path, folder: Path, form: str | None) -> None:
    """Restore a backup into DIR; then `studyapp tile DIR` rebuilds the tiles from your images."""
    from studyapp.services.care.backups import restore as put_back

    folder.mkdir(parents=True, exist_ok=True)
    found = put_back(file, folder)
    said = f"{folder}: {found.events} events, digest {found.digest}"
    print_facts(said, form, path=str(folder), events=found.events, digest=found.digest)
    for event in found.lost:
        note(f"warning: acknowledged after this backup, so missing from it: {event}")


@click.command()
@Folder
@click.option(
    "--to",
    "url",
    required=True,
    metavar="URL",
    help="The empty database to move to: postgresql://user@host/name.",
)
@format_options
def migrate(folder: Path, url: str, form: str | None) -> None:
    """Move a study from SQLite to PostgreSQL; its digest stays the same."""
    from studyapp.server import only_server
    from studyapp.services.care.moving import migrate as move

    with only_server(Folders(folder), patience=0):
        moved = move(workspaces.open_workspace(folder), url)
    print_facts(f"{moved.rows} rows, digest {moved.digest}", form, rows=moved.rows, digest=moved.digest)
    note("from now on, set STUDYAPP_DATABASE_URL to this address")
