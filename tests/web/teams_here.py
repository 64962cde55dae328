"""Leaders of teams who sign in to a challenge's pages, for tests."""

from flask import Flask

from studyapp.services.challenge import teams
from studyapp.services.ground.site import Site
from studyapp.services.people import signing_in
from tests.accounts import PASSWORD
from tests.conftest import NOW
from tests.services.challenge_site import team
from tests.web.conftest import Browser
from tests.web.test_sign_in import sign_in


def led(site: Site, name: str, leader: str, *, study_team: str | None = None, track: str = "lowlight") -> int:
    """Make a team whose leader has a password; with `study_team` it is in the final phase."""
    number = team(site, name, leader)
    signing_in.set_password(site.database, leader, PASSWORD, title="t", second_factor=None, now=NOW)
    if study_team is not None:
        with site.database.writing() as session:
            entry = teams.entry_of(session, number, track)
            assert entry is not None
            entry.study_team = study_team
            session.add(entry)
    return number


def signed_in(app: Flask, name: str) -> Browser:
    """Return a browser in which somebody is signed in."""
    browser = Browser(app.test_client())
    assert sign_in(browser, name).status_code == 302
    return browser
