"""Handing out links that are shown once: none is used up unless it was written."""

from collections.abc import Callable, Sequence
from contextlib import suppress
from pathlib import Path

from sqlmodel import Session

from analysis.files import Waiting
from analysis.frame import Refusal, give_up_output
from analysis.storage import storage_words
from studyapp.cli.common import DEFAULT_PORT
from studyapp.core.links_file import ListedLink, links_text, merge_links, read_links
from studyapp.db.database import Database
from studyapp.errors import NotFoundError
from studyapp.services.people.invitations import live_link
from studyapp.settings import base_url

USUAL_URL = f"http://127.0.0.1:{DEFAULT_PORT}"

Change = Callable[[Session], Sequence[ListedLink]]


def check_base_url(url: str | None) -> str:
    """Return the address where judges reach the server: the one given, the configured one, or the usual one.

    Raises
    ------
    StudyError
        When no link can begin with it.
    """
    return str(base_url(url and url.strip()) or USUAL_URL)


def print_links(database: Database, change: Change, show: Callable[[Sequence[ListedLink]], None]) -> None:
    """Change links in one transaction, and print them before it ends, so that it ends only if they were."""
    with database.writing() as session:
        links = change(session)
        try:
            show(links)
        except OSError as error:
            give_up_output()
            raise Refusal(
                f"the links could not be printed ({storage_words(error)}); nothing was changed"
            ) from error


def keep_links(database: Database, change: Change, path: Path) -> None:
    """Change links in one transaction, and write them into their file, where earlier ones stay.

    The new file is on disk before the transaction ends, and takes its place after.
    """
    listed = read_links(path)
    with Waiting(path, private=True) as waiting:
        links: Sequence[ListedLink] = ()
        try:
            with database.writing() as session:
                links = change(session)
                waiting.write(links_text(merge_links(listed, links)))
        except OSError:
            # Committed all the same: only the second record could not be written.
            if any(_is_live(database, item) for item in links):
                waiting.take_its_place()
            raise
        waiting.take_its_place()


def _is_live(database: Database, item: ListedLink) -> bool:
    with suppress(NotFoundError), database.reading() as session:
        live_link(session, token=item.link.rpartition("/")[2])
        return True
    return False
