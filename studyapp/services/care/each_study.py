"""Going through the studies of a site: each is opened, closed, and named when something is wrong with it."""

from collections.abc import Iterator
from contextlib import contextmanager

from studyapp.db.revision import check_schema, has_database
from studyapp.errors import StudyError
from studyapp.services.ground.site import Site
from studyapp.services.ground.workspace import Workspace, load_workspace


@contextmanager
def closing_study(site: Site, study: str) -> Iterator[Workspace]:
    """Open a study of the site, also one without tiles, and close it at the end."""
    workspace = load_workspace(site.study_root(study))
    if has_database(workspace.database):
        check_schema(workspace.database)
    try:
        yield workspace
    finally:
        workspace.database.close()


@contextmanager
def naming(study: str) -> Iterator[None]:
    """Let an error say in which study it was."""
    try:
        yield
    except StudyError as error:
        if not study:
            raise
        raise StudyError(f"study {study}: {error}") from error
