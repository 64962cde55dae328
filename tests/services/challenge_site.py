"""A site with a challenge of two tracks, and people in its teams, for tests."""

from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path

from studyapp.db.site_tables import Account
from studyapp.services.challenge import teams
from studyapp.services.ground.site import Site, open_site
from studyapp.services.people import accounts
from studyapp.study.site_file import SITE_FILE
from tests.conftest import NOW

CHALLENGE = """\
title: RAIM 2026
challenge:
  registration: approval
  tracks:
    lowlight:
      phases:
        feedback: {title: Feedback, opens: 2026-02-01T00:00:00Z, closes: 2026-03-10T23:59:00Z, daily: 2}
        final: {title: Final, kind: final, opens: 2026-03-11T00:00:00Z, closes: 2026-03-20T00:00:00Z}
    details:
      phases:
        feedback: {title: Online feedback, opens: 2026-02-01T00:00:00Z, closes: 2026-03-10T23:59:00Z}
"""


@contextmanager
def challenge_site(folder: Path, text: str = CHALLENGE) -> Iterator[Site]:
    """Make a site with this site.yaml."""
    (folder / SITE_FILE).write_text(text, encoding="utf-8")
    with closing(open_site(folder)) as site:
        yield site


def person(site: Site, name: str) -> int:
    """Make an account; return its number."""
    with site.database.writing() as session:
        return accounts.make(session, name, now=NOW).id or 0


def team(
    site: Site, name: str, leader: str, *others: str, tracks=("lowlight",), approved: bool = True
) -> int:
    """Make a team with new accounts; return its number."""
    people = [person(site, who) for who in (leader, *others)]
    with site.database.writing() as session:
        made = teams.register(session, people[0], name, tracks=tracks, approved=approved, now=NOW)
        for other in people[1:]:
            teams.join(session, other, made, now=NOW)
        return made.id or 0


def account_of(site: Site, name: str) -> int:
    """Return the number of somebody's account."""
    with site.database.reading() as session:
        found: Account = accounts.named(session, name)
        return found.id or 0
