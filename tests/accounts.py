"""Accounts of a study that is served alone, for tests that need somebody to sign in."""

from contextlib import closing
from pathlib import Path

from studyapp.services.ground.site import Site, open_site
from studyapp.services.people import accounts, sign_in_links, signing_in
from studyapp.services.people.second_factors import SecondFactor
from studyapp.services.people.security_events import Event, events
from tests.conftest import NOW

PASSWORD = "seven quiet herons wade"


def owner_token(root: Path) -> str:
    """Return the token of the link that `serve` would print."""
    with closing(open_site(root)) as site, site.database.writing() as session:
        return sign_in_links.owner_link(session, now=NOW)


def events_of(site: Site) -> list[Event]:
    """Return what the security log holds."""
    with site.database.reading() as session:
        return list(events(session))


def make_account(
    site: Site,
    name: str = "Olga",
    *,
    factor: SecondFactor | None = None,
    role: str | None = accounts.OWNER,
    study: str = "",
) -> int:
    """Make an account that can sign in; return its number."""
    number = signing_in.set_password(
        site.database, name, PASSWORD, title=site.title, second_factor=factor, now=NOW
    )
    if role is not None:
        with site.database.writing() as session:
            accounts.give_role(session, accounts.numbered(session, number), role, study)
    return number
