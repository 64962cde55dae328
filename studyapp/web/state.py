"""What a running application carries: its site, and of a study's application the workspace and the tiles."""

from collections.abc import Iterator
from contextlib import suppress
from datetime import UTC, datetime
from functools import cached_property
from threading import Lock

from flask import current_app

from studyapp.db.database import sqlite_url
from studyapp.errors import StudyError
from studyapp.services.ground.site import LONE, Site
from studyapp.services.ground.workspace import Workspace, open_workspace
from studyapp.services.voting.ballot_box import BallotBox
from studyapp.services.voting.drawing import Drawer
from studyapp.services.voting.tile_store import TileStore
from studyapp.settings import Folders


class SiteState:
    """What the applications of one process have in common: the site, and its studies that are open."""

    def __init__(self, site: Site) -> None:
        self.site = site
        self._open: dict[str, Workspace] = {}
        self._lock = Lock()

    def workspace_of(self, study: str) -> Workspace:
        """Return a study's workspace; its database is opened once in each process.

        Raises
        ------
        NotFoundError
            When there is no such study.
        StudyError
            When it cannot be opened.
        """
        root = self.site.study_root(study)
        with self._lock:
            if study not in self._open:
                url = sqlite_url(Folders(root).database) if self.site.apart else None
                self._open[study] = open_workspace(root, url=url)
            return self._open[study]

    def workspaces(self) -> Iterator[Workspace]:
        """Go through the studies that can be opened."""
        for study in self.site.studies():
            with suppress(StudyError):
                yield self.workspace_of(study)

    def close(self) -> None:
        """Give back every connection."""
        self.site.close()
        with self._lock:
            for workspace in self._open.values():
                workspace.database.close()


class AppState:
    """Set once by the factory. `study` is the study's name in addresses; LONE of one that is served alone."""

    def __init__(self, site: Site, workspace: Workspace, tiles: TileStore, study: str = LONE) -> None:
        self.site, self._workspace, self.tiles, self.study = site, workspace, tiles, study

    @property
    def workspace(self) -> Workspace:
        """The study's folder, with study.yaml as it is now."""
        self._workspace = self._workspace.as_it_is_now()
        return self._workspace

    @cached_property
    def ballot_box(self) -> BallotBox:
        """Where this process puts in its ballots."""
        return BallotBox(self.workspace.database)

    @cached_property
    def drawer(self) -> Drawer:
        """What draws trials in this process, where answers decide what is shown."""
        return Drawer(self.workspace)

    def workspaces(self) -> Iterator[Workspace]:
        """Go through the studies: there is one."""
        yield self.workspace

    def close(self) -> None:
        """Give back every connection."""
        self._workspace.database.close()
        self.site.close()


def app_state() -> AppState:
    """Return the state of the study's application that serves this request."""
    return current_app.extensions["studyapp"]


def site_state() -> SiteState:
    """Return the state of the site's application that serves this request."""
    return current_app.extensions["studyapp"]


def the_site() -> Site:
    """Return the site that serves this request, in a study of it or beside them."""
    return current_app.extensions["studyapp"].site


def study_here() -> str | None:
    """Return the name of the study that this request is for; None for the site's own pages."""
    state = current_app.extensions["studyapp"]
    return state.study if isinstance(state, AppState) else None


def now() -> datetime:
    """Return the server's time; the only clock of the web layer."""
    return datetime.now(UTC)
