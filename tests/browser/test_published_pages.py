"""The pages of a published site, walked as a visitor does: by links alone, on files alone."""

from collections.abc import Iterator
from pathlib import Path
from urllib.parse import unquote, urldefrag

import pytest
from playwright.sync_api import Page

from tests.browser.chromium import chromium, needs_chromium
from tests.browser.test_accessible import AXE, IN_CI, violations

pytestmark = [
    pytest.mark.browser,
    needs_chromium,
    pytest.mark.skipif(not AXE.exists() and not IN_CI, reason="axe-core is missing: npm ci --ignore-scripts"),
]

LINKS = """() => [...document.querySelectorAll("[href], [src]")]
    .map((one) => one.href ?? one.src).filter((url) => url && !url.startsWith("data:"))"""


@pytest.fixture
def page() -> Iterator[Page]:
    with chromium() as page:
        page.add_init_script(path=str(AXE))
        yield page


def test_every_link_leads_on_within_the_site_and_every_page_is_accessible(
    page: Page, served_site: str, published_site: Path
) -> None:
    asked, trouble = set[str](), list[str]()
    page.on("request", lambda request: asked.add(request.url))
    page.on("response", lambda answer: trouble.append(answer.url) if answer.status >= 400 else None)
    page.on("console", lambda said: trouble.append(said.text) if said.type == "error" else None)
    linked, waiting = set[str](), [f"{served_site}/index.html"]
    while waiting:
        url = waiting.pop()
        page.goto(url)
        # One page of each kind; the comparator has tests of its own.
        if "/images/" not in url or url.endswith(("/images/index.html", "/1/answers.html")):
            assert violations(page) == [], url
        found = {urldefrag(link).url for link in page.evaluate(LINKS)}
        new = found - linked
        linked |= found
        waiting += [link for link in new if link.endswith(".html") and "/data/" not in link]
    outside = {url for url in linked | asked if not url.startswith(f"{served_site}/") and url[:5] != "data:"}
    assert outside == set()
    assert trouble == []
    files = {path.relative_to(published_site).as_posix() for path in published_site.rglob("*")}
    names = {unquote(url.removeprefix(f"{served_site}/")) for url in linked}
    assert names <= files
    pages = {name for name in files if name.endswith(".html")}
    assert pages <= names, "pages that no link leads to"
    assert {"data/ledger.jsonl", "data/opening.json", "data/datapackage.json", "data/votes.csv"} <= names
