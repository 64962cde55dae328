"""Moving what a server serves from SQLite to PostgreSQL: every row, hash and digest stays what it is."""

from contextlib import ExitStack, closing, suppress
from dataclasses import dataclass
from pathlib import Path

from studyapp.db.copying import copy_rows, no_schemas_half_filled
from studyapp.db.database import Database, sqlite_files, sqlite_url
from studyapp.db.revision import SITE, has_database
from studyapp.db.schema import upgrade
from studyapp.errors import StudyError
from studyapp.services.care.each_study import closing_study, naming
from studyapp.services.ground.ledger import digest_now
from studyapp.services.ground.site import LONE, Site
from studyapp.services.ground.workspace import Workspace


@dataclass(frozen=True)
class Move:
    """A finished move: the digest of all chains, the same on both sides, and the rows copied."""

    digest: str
    rows: int


@dataclass(frozen=True)
class SiteMove:
    """A finished move: each study's, by name, and the rows of the site's own."""

    studies: dict[str, Move]
    rows: int


def migrate(site: Site, url: str) -> SiteMove:
    """Copy every study and the site's database into an empty database, then set the files aside.

    No server and no worker may run meanwhile. Until all is copied and every digest compared, nothing changes.

    Raises
    ------
    StudyError
        When something is not on SQLite, the target is not empty, or digests differ; it names the study.
    """
    moved: dict[str, Move] = {}
    with ExitStack() as stack, no_schemas_half_filled(url):
        workspaces: dict[str, Workspace] = {}
        for study in site.studies():
            with naming(study):
                workspaces[study] = stack.enter_context(closing_study(site, study))
                _refuse_moved(workspaces[study])
        if site.is_lone and not has_database(workspaces[LONE].database):
            raise StudyError(f"{site.root} has no database yet; run `studyapp tile {site.root}` first")
        with closing(Database(url, schema=site.schema)) as target:
            if target.is_sqlite:
                raise StudyError("give the URL of a PostgreSQL database, such as postgresql://user@host/name")
            upgrade(target, tables=SITE)
            rows = sum(copy_rows(site.database, target, tables=SITE).values())
        for study, workspace in workspaces.items():
            if has_database(workspace.database):
                with naming(study):
                    moved[study] = _copy_study(workspace, url, site.schema_of(study))
        for workspace in workspaces.values():
            workspace.database.close()
            _rename(workspace.folders.database, workspace.folders.moved)
        site.close()
        _rename(site.folders.site_database, site.moved)
    return SiteMove(moved, rows)


def _refuse_moved(workspace: Workspace) -> None:
    if workspace.database.url != sqlite_url(workspace.folders.database):
        raise StudyError(
            "this study is not in its own SQLite file, so there is nothing to move; unset "
            "STUDYAPP_DATABASE_URL to move from it"
        )


def _copy_study(workspace: Workspace, url: str, schema: str | None) -> Move:
    source = workspace.database
    with closing(Database(url, schema=schema)) as target:
        upgrade(target)
        rows = sum(copy_rows(source, target).values())
        with source.reading() as before, target.reading() as after:
            digests = digest_now(before), digest_now(after)
    if digests[0] != digests[1]:
        raise StudyError(
            f"the digest changed from {digests[0]} to {digests[1]}; the old database is still in use"
        )
    return Move(digests[0], rows)


def _rename(own: Path, moved: Path) -> None:
    """Rename an SQLite file and what SQLite keeps beside it, so that nothing writes to it any more."""
    for file, new in zip(sqlite_files(own), sqlite_files(moved), strict=True):
        with suppress(FileNotFoundError):
            file.rename(new)
