"""Verbs that carry a study or a site: backup, restore, migrate."""

from collections.abc import Mapping
from contextlib import closing
from pathlib import Path
from typing import Protocol

import click

from analysis.formats import format_options, print_report
from analysis.frame import note
from studyapp.cli.common import Folder, now, print_facts
from studyapp.errors import StudyError
from studyapp.services.ground import workspace as workspaces
from studyapp.services.ground.site import LONE, is_site, open_site, site_around
from studyapp.settings import Folders


@click.command()
@Folder
@click.argument("file", type=click.Path(dir_okay=False, path_type=Path))
@format_options
def backup(folder: Path, file: Path, form: str | None) -> None:
    """Write database, key, accounts and small files to FILE, even while judges vote. Keep FILE secret.

    The backup of a site has all of its studies.
    """
    if is_site(folder):
        from studyapp.services.care.site_backups import back_up_site

        with closing(open_site(folder)) as site:
            _print_studies(back_up_site(site, file, now=now()).studies, form)
        return
    from studyapp.services.care.backups import back_up

    made = back_up(workspaces.open_workspace(folder), file, now=now())
    said = f"{file}: {made.events} events, digest {made.digest}"
    print_facts(said, form, path=str(file), events=made.events, digest=made.digest)


@click.command()
@click.argument("file", type=click.Path(dir_okay=False, path_type=Path))
@Folder
@format_options
def restore(file: Path, folder: Path, form: str | None) -> None:
    """Restore a backup into DIR; then `studyapp tile DIR` rebuilds the tiles from your images.

    The backup of a site makes a site: put the images into DIR/studies/NAME, then tile each study.
    """
    from studyapp.services.care.backups import restore as put_back
    from studyapp.services.care.site_backups import is_site_backup, restore_site

    if is_site_backup(file):
        made = restore_site(file, folder).studies
        _print_studies(made, form)
        for study, found in made.items():
            for event in found.lost:
                note(f"warning: acknowledged after this backup, so missing from {study}: {event}")
        return
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
    """Move a study, or a site with all of its studies, from SQLite to PostgreSQL; digests stay the same."""
    from studyapp.server import only_server
    from studyapp.services.care.moving import migrate as move

    if around := site_around(folder):
        raise StudyError(f"{folder} is part of the site {around.root}; move that, with all of its studies")
    with only_server(Folders(folder), patience=0), closing(open_site(folder)) as site:
        moved = move(site, url)
    if site.is_lone:
        found = moved.studies[LONE]
        print_facts(f"{found.rows} rows, digest {found.digest}", form, rows=found.rows, digest=found.digest)
    else:
        _print_studies(moved.studies, form)
    note("from now on, set STUDYAPP_DATABASE_URL to this address")


class _Told(Protocol):
    """What came of a study: the digest of its chains is the same on both sides."""

    @property
    def digest(self) -> str: ...


def _print_studies(studies: Mapping[str, _Told], form: str | None) -> None:
    rows = [{"study": name, "digest": item.digest} for name, item in studies.items()]
    lines = [f"{row['study']}: digest {row['digest']}" for row in rows]
    print_report(lines or ["the site has no study yet"], form, rows=rows)
