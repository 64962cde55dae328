"""The organiser's pages in Chromium, wide and on a phone: nothing is cut off, axe-core finds nothing."""

from collections.abc import Iterator

import pytest
from playwright.sync_api import Page

from studyapp.sample.serving import serving
from studyapp.services.ground.workspace import Workspace
from tests.browser.chromium import needs_chromium
from tests.browser.test_accessible import AXE, IN_CI
from tests.browser.test_signing_in import violations
from tests.services.joined import closed_joined_study
from tests.services.test_reasons import WORSE, say

pytestmark = [
    needs_chromium,
    pytest.mark.browser,
    pytest.mark.skipif(not AXE.exists() and not IN_CI, reason="axe-core is missing: npm ci --ignore-scripts"),
]
PAGES = (
    "/console",
    "/console/judges",
    "/console/rules",
    "/console/ranking",
    "/console/ranking/team01",
    "/console/reasons",
    "/console/ballots",
    "/console/looking",
    "/console/compare",
    "/console/report",
    "/console/proof",
    "/console/publish",
    "/console/actions",
    "/console/regions",
    "/account",
)
WIDE, PHONE = {"width": 1200, "height": 800}, {"width": 390, "height": 844}
# A page that arranges itself again may take a few frames for it.
CUT_OFF = """async () => {
  const beyond = () => [...document.querySelectorAll('main, header, main *')]
    .filter((part) => !part.closest('.scrolled table'))
    .filter((part) => part.getBoundingClientRect().right > innerWidth + 0.5)
    .map((part) => part.outerHTML.slice(0, 120));
  for (let frame = 0; frame < 300 && beyond().length > 0; frame += 1) {
    await new Promise(requestAnimationFrame);
  }
  return beyond();
}"""


@pytest.fixture(scope="module")
def organiser(tmp_path_factory, shared_browsers) -> Iterator[tuple[Page, str]]:
    """The organiser of a closed study with all three parts and a reason, logged in."""

    def reason(workspace: Workspace) -> None:
        say(workspace, "Jude", WORSE)

    root = closed_joined_study(tmp_path_factory.mktemp("organiser") / "study", before_closing=reason)
    with serving(root) as server, shared_browsers.desk().new_context() as context:
        page = context.new_page()
        page.add_init_script(path=str(AXE))
        page.goto(server.organiser)
        yield page, server.url


@pytest.mark.parametrize("path", PAGES)
def test_nothing_is_cut_off_and_axe_finds_nothing(organiser, path):
    page, url = organiser
    page.set_viewport_size(WIDE)
    page.goto(url + path)
    assert page.evaluate(CUT_OFF) == []
    page.set_viewport_size(PHONE)
    assert page.evaluate(CUT_OFF) == []
    assert violations(page) == []


def test_a_table_that_is_wider_than_a_phone_is_scrolled_by_keyboard(organiser):
    page, url = organiser
    page.set_viewport_size(PHONE)
    page.goto(f"{url}/console/ranking")
    ranking = page.get_by_role("region", name="Final ranking")
    ranking.focus()
    page.keyboard.press("ArrowRight")
    page.wait_for_function("() => document.activeElement.scrollLeft > 0")


def test_a_formula_is_ranked_while_it_is_typed_or_its_mistake_is_pointed_at(organiser):
    page, url = organiser
    page.set_viewport_size(WIDE)
    page.goto(f"{url}/console/rules")
    page.get_by_label("Rule", exact=True).select_option("own")
    formula = page.get_by_label("Your formula")
    formula.fill("20 - rank(u, higher)")
    page.locator("#example td", has_text="19").first.wait_for()
    formula.fill("0.2*ecsore + u")
    page.locator("#example .excerpt").wait_for()
    assert page.locator("#example .excerpt").text_content() == "    0.2*ecsore + u\n        ^"
    assert "did you mean 'escore'?" in page.locator("#example").inner_text()
    assert violations(page) == []
