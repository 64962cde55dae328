"""Open the built site in Chromium, with no other host in reach: ``python docs/tools/open_site.py SITE``.

Pages ask no other host for anything, their search finds something, and axe-core accepts them in both themes.
"""

import functools
import os
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

from playwright.sync_api import Page, Route, sync_playwright

ROOT = Path(__file__).parents[2]
AXE = ROOT / "node_modules" / "axe-core" / "axe.min.js"
OPENED = {
    "light": ("index", "reference/study-yaml", "reference/python", "gallery"),
    "dark": ("index", "reference/rule-terms"),
}
"""Pages by theme: one of each kind."""
RULES = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa"]
FLAGS = ["--no-sandbox", "--disable-gpu", "--no-first-run", "--disable-background-networking"]
SOUGHT = "bootstrap"


def main(site: Path) -> list[str]:
    """Return what is wrong with the site."""
    found: list[str] = []
    with serving(site) as here, sync_playwright() as playwright:
        executable = os.environ.get("STUDYAPP_CHROMIUM", "/usr/bin/chromium")
        browser = playwright.chromium.launch(executable_path=executable, args=FLAGS)
        for theme, names in OPENED.items():
            page = browser.new_page(viewport={"width": 1440, "height": 900}, color_scheme=theme)
            page.route("**/*", functools.partial(only_here, here, found))
            page.on("pageerror", lambda error: found.append(str(error)))  # noqa: B023
            for name in names:
                page.goto(f"{here}/{name}.html")
                found += [f"{name} ({theme}): {said}" for said in complaints(page)]
        page.goto(f"{here}/search.html?q={SOUGHT}")
        page.locator("#search-results li a").first.wait_for()
        browser.close()
    return found


@contextmanager
def serving(site: Path) -> Iterator[str]:
    """Serve the site on this machine."""
    handler = functools.partial(Quiet, directory=str(site))
    server = ThreadingHTTPServer(("127.0.0.1", 0), handler)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield f"http://127.0.0.1:{server.server_address[1]}"
    server.shutdown()


class Quiet(SimpleHTTPRequestHandler):
    """Serves files and says nothing."""

    def log_message(self, format: str, *args: object) -> None:
        """Say nothing."""


def only_here(here: str, found: list[str], route: Route) -> None:
    """Let requests through that stay on this machine, and note all others."""
    address = route.request.url
    if address.startswith((f"{here}/", "data:")):
        route.continue_()
    else:
        found.append(f"{route.request.frame.url} asks for {address}")
        route.abort()


def complaints(page: Page) -> list[str]:
    """Return what axe-core finds."""
    page.add_script_tag(path=AXE)
    result = page.evaluate("(tags) => axe.run(document, { runOnly: tags })", RULES)
    return [f"{one['id']}: {one['help']}: {one['nodes'][0]['html'][:160]}" for one in result["violations"]]


if __name__ == "__main__":
    problems = main(Path(sys.argv[1]))
    print(*problems, sep="\n", file=sys.stderr, end="\n" if problems else "")
    sys.exit(1 if problems else 0)
