"""The lock of a study folder: one server at a time, also while a killed one's processes are still dying."""

import time
from collections.abc import Iterator
from contextlib import contextmanager

from analysis.locks import lock, lock_for_this_process
from studyapp.errors import StudyError
from studyapp.services.ground.site import site_around
from studyapp.settings import Folders

# Workers whose master died have so long to answer what they were asked, and a little more to end.
PATIENCE = 15.0


@contextmanager
def only_server(folders: Folders, *, patience: float = PATIENCE) -> Iterator[None]:
    """Hold the server lock of a study folder, or of the site that it is part of: one server serves all of it.

    It is two locks on one file. A record lock belongs to this process alone and tells whether a server is
    alive: then there is nothing to wait for. The other one belongs to the workers too, so that the last one
    to die gives it back; `patience` seconds are waited for those that a dead master left behind.

    Raises
    ------
    StudyError
        When another server holds it.
    """
    site = site_around(folders.root)
    folders = site.folders if site else folders
    folders.make_var()
    path = folders.var / "server.lock"
    with path.open("w", encoding="ascii") as file:
        refusal = StudyError(
            f"another server is serving {folders.root}; stop it first, or use another folder"
        )
        if not lock_for_this_process(file):
            raise refusal
        deadline = time.monotonic() + patience
        while not lock(file, wait=False):
            if time.monotonic() > deadline:
                raise refusal
            time.sleep(0.05)
        yield
