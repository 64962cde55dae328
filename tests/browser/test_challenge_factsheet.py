"""A team in Chromium: fills in its factsheet, hands in its model, and reads its results."""

from collections.abc import Iterator

import pytest
from playwright.sync_api import ViewportSize, expect

from studyapp.sample.serving import serving
from studyapp.services.challenge import teams
from studyapp.services.people import signing_in
from tests.accounts import PASSWORD
from tests.browser.chromium import needs_chromium
from tests.browser.test_accessible import AXE, IN_CI
from tests.browser.test_challenge_team import DESK, check
from tests.conftest import NOW
from tests.services.challenge_site import CHALLENGE, challenge_site, team
from tests.services.handed_in import TRACK, zipped
from tests.services.joined import closed_joined_study

pytestmark = [
    needs_chromium,
    pytest.mark.browser,
    pytest.mark.skipif(not AXE.exists() and not IN_CI, reason="axe-core is missing: npm ci --ignore-scripts"),
]
PHONE = ViewportSize(width=390, height=844)
OPEN = CHALLENGE.replace("closes: 2026-03-20", "closes: 2100-03-20")


@pytest.fixture
def url(tmp_path, monkeypatch) -> Iterator[str]:
    monkeypatch.delenv("STUDYAPP_DATABASE_URL", raising=False)
    with challenge_site(tmp_path, OPEN) as site:
        closed_joined_study(tmp_path / "studies" / TRACK)
        team(site, "Owls", "Ada")
        signing_in.set_password(site.database, "Ada", PASSWORD, title="t", second_factor=None, now=NOW)
        with site.database.writing() as session:
            entry = teams.entry_of(session, 1, TRACK)
            assert entry is not None
            entry.study_team = "team01"
            session.add(entry)
    with serving(tmp_path, workers=1) as server:
        yield server.url


def test_a_team_describes_its_method_hands_it_in_and_reads_its_results(url, shared_browsers):
    with shared_browsers.desk().new_context(viewport=DESK) as context:
        page = context.new_page()
        page.add_init_script(path=str(AXE))
        page.goto(f"{url}/sign-in")
        page.get_by_label("Name").fill("Ada")
        page.get_by_label("Password").fill(PASSWORD)
        page.get_by_role("button", name="Sign in").click()
        page.goto(f"{url}/challenge/tracks/{TRACK}")

        page.get_by_role("link", name="Factsheet").click()
        check(page)
        page.get_by_label("Description").fill("A network of our own.")
        page.get_by_label("Runtime, in seconds per image").fill("fast")
        page.get_by_role("button", name="Save", exact=True).click()
        expect(page.get_by_label("Runtime, in seconds per image")).to_have_attribute("aria-invalid", "true")
        expect(page.get_by_label("Description")).to_have_value("A network of our own.")
        check(page)
        page.get_by_label("Runtime, in seconds per image").fill("0.25")
        page.get_by_role("button", name="Save", exact=True).click()
        expect(page.get_by_text("Saved as version 1.")).to_be_visible()
        page.get_by_role("link", name="Version 1").click()
        expect(page.get_by_text("A network of our own.")).to_be_visible()
        check(page)

        page.goto(f"{url}/challenge/tracks/{TRACK}")
        page.get_by_role("link", name="Hand in the model").click()
        check(page)
        for files, said in (
            ({"net.py": b""}, "models/: missing; pack the repository with models/ and model_zoo/"),
            ({"NTIRE/models/team07_Owl.py": b"x = 1\n"}, "No problem found"),
        ):
            file = {"name": "model.zip", "mimeType": "application/zip", "buffer": zipped(files)}
            page.locator("#zip").set_input_files(file)
            expect(page.locator("#found")).to_contain_text(said)
        page.get_by_role("button", name="Upload").click()
        expect(page.get_by_role("heading", name="Submission 1")).to_be_visible()
        page.goto(f"{url}/challenge/tracks/{TRACK}/final/model")
        expect(page.get_by_role("link", name="model.zip")).to_be_visible()

        page.goto(f"{url}/challenge/tracks/{TRACK}")
        page.get_by_role("link", name="Your results").click()
        expect(page.get_by_role("heading", name="Results of Owls")).to_be_visible()
        check(page)
        page.set_viewport_size(PHONE)
        assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
