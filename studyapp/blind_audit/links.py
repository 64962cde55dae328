"""Addresses that a text leads to: links and forms of pages, imports of scripts, strings of JSON."""

import html
import posixpath
import re
from collections.abc import Iterator
from typing import Any
from urllib.parse import urljoin

_ATTRIBUTE = re.compile(r"""(?:href|src|action|poster|data-[a-z-]+)\s*=\s*["']([^"'<>\s]+)["']""")
_IMPORT = re.compile(r"""(?:\bfrom|\bimport)\s*\(?\s*["'](\.{0,2}/[^"']+)["']""")
_CSS = re.compile(r"""url\(\s*["']?([^"')]+)["']?\s*\)""")
_MAP = re.compile(r"sourceMappingURL=(\S+)")
_STRING = re.compile(r'"(/[A-Za-z0-9_\-./]+)"')


def links_in(path: str, text: str, content_type: str) -> Iterator[str]:
    """Yield the paths on this server that a text found at `path` leads to."""
    if "html" in content_type:
        found = [html.unescape(link) for link in _ATTRIBUTE.findall(text)] + _STRING.findall(text)
    elif "javascript" in content_type:
        found = _IMPORT.findall(text) + _MAP.findall(text)
    elif "css" in content_type:
        found = _CSS.findall(text) + _MAP.findall(text)
    elif "json" in content_type:
        found = _STRING.findall(text)
    else:
        return
    for link in found:
        whole = urljoin(path, link.split("#")[0])
        if whole.startswith("/") and not whole.startswith("//"):
            yield posixpath.normpath(whole) if ".." in whole else whole


def external_links(text: str) -> list[str]:
    """Return the addresses on other servers that a page or style sheet would load or lead to."""
    found = [html.unescape(link) for link in _ATTRIBUTE.findall(text)] + _CSS.findall(text)
    return sorted({link for link in found if re.match(r"(?:[a-z]+:)?//", link)})


def trial_data(text: str, content_type: str, decode: Any) -> dict[str, Any] | None:
    """Return a trial's data from the API's answer or from a judging page, None where there is none."""
    if "html" in content_type:
        embedded = re.search(r'<script type="application/json" id="trial-data">(.*?)</script>', text, re.S)
        text = embedded[1] if embedded else ""
    try:
        data = decode(text)
    except ValueError:
        return None
    return data if isinstance(data, dict) and "slots" in data and "input" in data else None
