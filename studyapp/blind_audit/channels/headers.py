"""Headers: a short list is allowed, and on tiles none may differ between candidates."""

import base64
import binascii
import json
import zlib
from collections import defaultdict
from collections.abc import Iterator

from studyapp.blind_audit.channels.text import leaks
from studyapp.blind_audit.evidence import Evidence, Exchange
from studyapp.core.tile_check import tile_check
from studyapp.web.security import HEADERS

_PLAIN = {"content-type", "content-length", "cache-control", "date", "vary"}
_SECURITY = {name.lower() for name in HEADERS} | {"strict-transport-security"}
_PAGES = {"location", "set-cookie", "allow", "retry-after"}
_OF_FILES = {"content-disposition", "etag", "last-modified", "accept-ranges"}
_OF_ONE_TILE = {"content-length", "date", "x-tile-check"}
_ALLOWED = {
    "tile": _PLAIN | _SECURITY | {"allow", "x-tile-check"},
    "static": _PLAIN | _SECURITY | _OF_FILES | {"location", "allow"},
}


def content_disposition(evidence: Evidence) -> Iterator[str]:
    """No answer proposes a file name; nothing is named by "save as" but by its address."""
    yield from _without(evidence, "Content-Disposition")


def etag(evidence: Evidence) -> Iterator[str]:
    """No answer has an ETag, which can hold a hash of a path or of a file."""
    yield from _without(evidence, "ETag")


def last_modified(evidence: Evidence) -> Iterator[str]:
    """No answer says when a file was made, which shows the order of submission."""
    yield from _without(evidence, "Last-Modified")


def cors(evidence: Evidence) -> Iterator[str]:
    """No other site may read or time an answer."""
    for item in evidence.exchanges:
        for name, value in item.headers:
            if name.lower().startswith("access-control-") or name.lower() == "timing-allow-origin":
                yield f"{name}: {value} in {item}"


def other_headers(evidence: Evidence) -> Iterator[str]:
    """No header beyond the list that is known to be harmless."""
    for item in evidence.exchanges:
        allowed = _ALLOWED.get(item.kind, _PLAIN | _SECURITY | _PAGES)
        # These have checks of their own.
        for name in {name.lower() for name, _ in item.headers} - allowed - _OF_FILES:
            if not name.startswith("access-control-") and name != "timing-allow-origin":
                yield f"{name} in {item}"


def differing_headers(evidence: Evidence) -> Iterator[str]:
    """The headers of all tiles are the same, lengths, dates and sums aside."""
    seen = defaultdict(list)
    for tile in evidence.tiles:
        headers = {name.lower(): value for name, value in tile.exchange.headers}
        seen[frozenset((name, headers[name]) for name in headers.keys() - _OF_ONE_TILE)].append(tile)
    if len(seen) > 1:
        common = max(seen, key=lambda headers: len(seen[headers]))
        for headers, tiles in seen.items():
            if headers != common:
                other = dict(headers ^ common)
                yield f"{sorted(other)} of {len(tiles)} tiles, such as {tiles[0].exchange}"


def tile_sums(evidence: Evidence) -> Iterator[str]:
    """The sum that comes with a tile follows from its address and its bytes, and from nothing else."""
    for tile in evidence.tiles:
        item = tile.exchange
        if item.status == 200:
            address = item.path.split("?")[0].removeprefix("/t/")
            if item.header("X-Tile-Check") != tile_check(address, item.body):
                yield f"X-Tile-Check {item.header('X-Tile-Check')!r} in {item}"


def cookies(evidence: Evidence) -> Iterator[str]:
    """Cookies hold nothing of a team, are sent with pages only, and scripts cannot read them."""
    for item in evidence.exchanges:
        for name, value in item.headers:
            if name.lower() != "set-cookie":
                continue
            if item.kind in ("tile", "static"):
                yield f"a cookie with {item}"
            if "httponly" not in value.lower() or "samesite" not in value.lower():
                yield f"a cookie without HttpOnly or SameSite with {item}"
            said = _opened(value.split(";")[0].partition("=")[2])
            for word in leaks(evidence, said, judge=item.judge):
                yield f"{word!r} in the cookie with {item}"


def referrer(evidence: Evidence) -> Iterator[str]:
    """No address of a page is told to another site."""
    for item in evidence.exchanges:
        if item.header("Referrer-Policy") not in ("same-origin", "no-referrer"):
            yield f"Referrer-Policy {item.header('Referrer-Policy')!r} in {item}"


def caching(evidence: Evidence) -> Iterator[str]:
    """Pages and data are kept by no cache; tiles by the judge's own browser only."""
    for item in evidence.exchanges:
        kept = item.header("Cache-Control")
        if item.kind == "tile" and item.status == 200 and "private" not in kept:
            yield f"Cache-Control {kept!r} in {item}"
        if item.kind in ("page", "api") and "no-store" not in kept:
            yield f"Cache-Control {kept!r} in {item}"


def _without(evidence: Evidence, header: str) -> Iterator[str]:
    for item in evidence.exchanges:
        value = item.header(header)
        if value and not _is_own_file(evidence, item):
            yield f"{header}: {value} in {item}"


def _is_own_file(evidence: Evidence, item: Exchange) -> bool:
    """A file of the application itself, the same for every study: what names it names no team."""
    return item.kind == "static" and item.path.split("?")[0] in evidence.own_files


def _opened(cookie: str) -> str:
    """Return what a signed session cookie says, and the cookie itself."""
    body = cookie.lstrip(".").split(".")[0]
    try:
        raw = base64.urlsafe_b64decode(body + "=" * (-len(body) % 4))
        text = (zlib.decompress(raw) if cookie.startswith(".") else raw).decode("utf-8")
        return json.dumps(json.loads(text), ensure_ascii=False)
    except (binascii.Error, zlib.error, ValueError):
        return cookie
