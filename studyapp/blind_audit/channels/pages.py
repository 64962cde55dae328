"""Pages and what lies beside tiles: source maps, sidecars, other sites, names on saving."""

import re
from collections.abc import Iterator

from studyapp.blind_audit.channels.text import uncommon
from studyapp.blind_audit.evidence import Evidence
from studyapp.blind_audit.links import external_links
from studyapp.blind_audit.words import Finder

_SIDECARS = re.compile(r"\.dzi|\.xml|info\.json|/t/[^/]+(?:/|\.json|/0)?$|\.yaml|\.db|/packs/|\.key")
_NAMING = re.compile(
    r"""\b(?:download|longdesc)\s*=|<img[^>]*\b(?:alt|title|data-[a-z-]+)\s*=\s*["'][^"']+["']"""
)
_TILE_PATH = re.compile(r"^/t/[A-Za-z0-9_-]+/\d+/\d+_\d+$")


def source_maps(evidence: Evidence) -> Iterator[str]:
    """No source map is served: it would hold comments and paths of where it was built."""
    for item in evidence.exchanges:
        if item.path.endswith(".map") and item.status != 404:
            yield str(item)
        if b"sourceMappingURL=data:" in item.body and item.is_text:
            yield f"a source map inside {item}"


def sidecars(evidence: Evidence) -> Iterator[str]:
    """Nothing lies beside the tiles: no .dzi, no vips-properties.xml, no listing, no study file."""
    for item in evidence.exchanges:
        if _SIDECARS.search(item.path) and item.status < 400 and item.kind != "static":
            yield str(item)


def other_sites(evidence: Evidence) -> Iterator[str]:
    """Nothing is loaded from another site, which would learn who looks at what."""
    for item in evidence.exchanges:
        kind = item.header("Content-Type")
        if "html" in kind or "css" in kind:
            for link in external_links(item.text):
                yield f"{link} in {item}"


def save_as(evidence: Evidence) -> Iterator[str]:
    """What "save as" proposes says nothing: no download names, no texts on images, tiles named by place."""
    for item in evidence.exchanges:
        if "html" in item.header("Content-Type") and _NAMING.search(item.text):
            yield f"an image with a name in {item}"
    for tile in evidence.tiles:
        if not _TILE_PATH.match(tile.exchange.path):
            yield f"an address with more than a place: {tile.exchange}"


def addresses(evidence: Evidence) -> Iterator[str]:
    """No address that a page leads to holds a name, an id or a path."""
    words = evidence.truth.words
    finder = Finder({*uncommon(words.ids), *uncommon(words.names), *words.files})
    for item in evidence.exchanges:
        if item.sealed:
            continue  # the audit guessed it
        for word in finder.found(item.path, ignoring=_known(evidence, item.path)):
            yield f"{word!r} in {item}"


def _known(evidence: Evidence, path: str) -> list[str]:
    parts = path.split("/")
    return [part for part in parts if part in evidence.truth.slots or part in evidence.truth.trials]
