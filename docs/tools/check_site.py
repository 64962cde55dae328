"""Check the built site: ``python docs/tools/check_site.py build/docs``.

Every link within the site leads to a page and an anchor that exist, every link to elsewhere has the form of
an address, and no page loads anything from another host.
"""

import sys
from collections.abc import Iterator
from html.parser import HTMLParser
from pathlib import Path
from urllib.parse import unquote, urlsplit

LOADED = {"script": "src", "img": "src", "iframe": "src", "source": "src", "video": "src", "audio": "src"}
LINKS = ("stylesheet", "preload", "icon", "modulepreload", "preconnect", "dns-prefetch")


class Page(HTMLParser):
    """What of a page's HTML matters here: anchors, links, and what it loads."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.anchors: set[str] = set()
        self.links: list[str] = []
        self.loaded: list[str] = []
        self.feed(text)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Note what a tag says."""
        has = {name: value or "" for name, value in attrs}
        self.anchors |= {has[name] for name in ("id", "name") if name in has}
        if tag == "a" and "href" in has:
            # MyST writes a link to the top where it finds a folder; those of the menu have more classes.
            to_a_folder = has["href"] == "#" and has.get("class") == "reference internal"
            self.links.append("a folder" if to_a_folder else has["href"])
        elif tag == "link" and has.get("rel") in LINKS:
            self.loaded.append(has["href"])
        elif tag in LOADED and has.get(LOADED[tag]):
            self.loaded.append(has[LOADED[tag]])


def problems(site: Path) -> Iterator[str]:
    """Name every link that leads nowhere, and everything that another host would be asked for."""
    pages = {
        path: Page(path.read_text(encoding="utf-8"))
        for path in sorted(site.rglob("*.html"))
        if "_static" not in path.parts
    }
    for path, page in pages.items():
        shown = path.relative_to(site)
        for address in page.links:
            if wrong := _wrong(address, path, pages):
                yield f"{shown}: the link to {address!r} {wrong}"
        for address in page.loaded:
            parts = urlsplit(address)
            if parts.scheme not in ("", "data") or parts.netloc:
                yield f"{shown} loads {address!r} from another host; bring it along"
            elif not parts.scheme and not (path.parent / unquote(parts.path)).exists():
                yield f"{shown} loads {address!r}, which is not there"
    for path in sorted(site.rglob("*.css")):
        text = path.read_text(encoding="utf-8")
        if "url(http" in text or "url(//" in text or '@import "http' in text:
            yield f"{path.relative_to(site)} loads something from another host; bring it along"


def _wrong(address: str, path: Path, pages: dict[Path, Page]) -> str:
    parts = urlsplit(address)
    if parts.scheme or parts.netloc:
        is_address = parts.scheme in ("https", "http") and "." in parts.netloc and " " not in address
        is_mail = parts.scheme == "mailto" and "@" in parts.path
        return "" if is_address or is_mail else "is no address"
    target = (path.parent / unquote(parts.path)).resolve() if parts.path else path
    if not target.is_file():
        return "leads to no file of the site"
    if parts.fragment and target in pages and unquote(parts.fragment) not in pages[target].anchors:
        return "leads to no anchor of that page"
    return ""


if __name__ == "__main__":
    found = list(problems(Path(sys.argv[1]).resolve()))
    for problem in found:
        print(problem, file=sys.stderr)
    sys.exit(1 if found else 0)
