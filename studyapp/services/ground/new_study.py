"""A new study in a site: its folder, its key and its tables, ready for images to come."""

import re
import unicodedata

from analysis.texts import say
from studyapp.core.one_line import one_line
from studyapp.errors import StudyError
from studyapp.services.ground.site import SLUG, STUDIES, Site
from studyapp.services.ground.workspace import begin_study, init_folder


def name_of(title: str) -> str:
    """Return a name for addresses that a title suggests; "" where it has no Latin letters or digits.

    Examples
    --------
    >>> name_of("RAIM 2026: Denoising, Track 1"), name_of("Größe"), name_of("去噪")
    ('raim-2026-denoising-track-1', 'grosse', '')
    """
    plain = unicodedata.normalize("NFKD", title.casefold()).encode("ascii", "ignore").decode("ascii")
    return re.sub("[^a-z0-9]+", "-", plain).strip("-")[:40].rstrip("-")


def new_study(site: Site, name: str, *, title: str, kind: str) -> None:
    """Make a study without images and teams.

    Parameters
    ----------
    site
        The site; not a study that is served alone.
    name
        The study's name in addresses.
    title
        What judges and organisers read.
    kind
        How judges are asked, of `studyapp.protocols.KINDS`.

    Raises
    ------
    StudyError
        When the name or the title cannot be used, or there is such a study already.
    """
    if site.is_lone:
        raise StudyError(
            say("this server serves one study; `studyapp init --site DIR` makes a site for many")
        )
    if not SLUG.fullmatch(name):
        raise StudyError(
            say(
                "the address %(name)s cannot be used; take 1 to 40 of a-z, 0-9 and -, not beginning with -",
                name=repr(name),
            )
        )
    try:
        title = one_line(title.strip())
    except ValueError as error:
        raise StudyError(say("the title cannot be used: %(why)s", why=error.args[0])) from None
    root = site.root / STUDIES / name
    if root.exists():
        raise StudyError(say("there is already a study %(name)s; choose another address", name=repr(name)))
    init_folder(root, kind=kind, title=title, with_teams=False)
    begin_study(root)
