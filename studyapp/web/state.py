"""What a running application carries: its site, the workspace of its study and the open tile packs."""

from dataclasses import dataclass
from datetime import UTC, datetime
from functools import cached_property

from flask import current_app

from studyapp.services.ground.site import LONE, Site
from studyapp.services.ground.workspace import Workspace
from studyapp.services.voting.ballot_box import BallotBox
from studyapp.services.voting.drawing import Drawer
from studyapp.services.voting.tile_store import TileStore


@dataclass(frozen=True)
class AppState:
    """Set once by the factory. `study` is the study's name in addresses; LONE of one that is served alone."""

    workspace: Workspace
    tiles: TileStore
    site: Site
    study: str = LONE

    @cached_property
    def ballot_box(self) -> BallotBox:
        """Where this process puts in its ballots."""
        return BallotBox(self.workspace.database)

    @cached_property
    def drawer(self) -> Drawer:
        """What draws trials in this process, where answers decide what is shown."""
        return Drawer(self.workspace)


def app_state() -> AppState:
    """Return the state of the application that serves this request."""
    return current_app.extensions["studyapp"]


def now() -> datetime:
    """Return the server's time; the only clock of the web layer."""
    return datetime.now(UTC)
