"""Lists of judges between their upload and the click that invites the people on them: a day at most."""

import re
import secrets
import time
from contextlib import suppress
from pathlib import Path

from analysis.files import write_whole
from analysis.texts import say
from studyapp.errors import NotFoundError
from studyapp.settings import Folders

KEPT = 24 * 3600
"""Seconds; addresses of people are not kept without need."""


def keep_list(folders: Folders, data: bytes) -> str:
    """Keep a list and return its name; older ones are forgotten."""
    place = _place(folders)
    place.mkdir(mode=0o700, exist_ok=True)
    for path in place.iterdir():
        with suppress(OSError):
            if time.time() - path.stat().st_mtime > KEPT:
                path.unlink()
    name = secrets.token_hex(16)
    write_whole(place / name, data, private=True)
    return name


def kept_list(folders: Folders, name: str) -> bytes:
    """Return the bytes of a list.

    Raises
    ------
    NotFoundError
        When it is gone.
    """
    try:
        return _path(folders, name).read_bytes()
    except OSError:
        raise NotFoundError(say("this list is no longer here; choose the file again")) from None


def forget_list(folders: Folders, name: str) -> None:
    """Remove a list."""
    with suppress(OSError):
        _path(folders, name).unlink()


def _path(folders: Folders, name: str) -> Path:
    if not re.fullmatch(r"[0-9a-f]{32}", name):
        raise NotFoundError(say("this list is no longer here; choose the file again"))
    return _place(folders) / name


def _place(folders: Folders) -> Path:
    return folders.var / "lists"
