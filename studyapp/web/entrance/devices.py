"""The kind of device that asks, in a few words: enough to know one's own again, and no more is kept."""

from analysis.texts import Text, joined, say

BROWSERS = {"Firefox/": "Firefox", "Edg": "Edge", "OPR/": "Opera", "Chrome/": "Chrome", "Safari/": "Safari"}
SYSTEMS = {
    "Android": "Android",
    "iPhone": "iPhone",
    "iPad": "iPad",
    "Windows": "Windows",
    "Mac OS X": "Mac",
    "CrOS": "ChromeOS",
    "Linux": "Linux",
}


OTHER = "another program"


def said_device(stored: str) -> Text:
    """Return what `device` named as a text, which can be said in another language."""
    browser, _, system = stored.partition(" on ")
    if system:
        return say("%(browser)s on %(system)s", browser=browser, system=system)
    return say("another program") if stored == OTHER else joined("", [stored])


def device(agent: str) -> str:
    """Name browser and system of a User-Agent header.

    Examples
    --------
    >>> device("Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 Chrome/142.0 Safari/537.36")
    'Chrome on Linux'
    >>> device("curl/8.5.0")
    'another program'
    """
    browser = next((name for mark, name in BROWSERS.items() if mark in agent), None)
    system = next((name for mark, name in SYSTEMS.items() if mark in agent), None)
    if browser is None:
        return OTHER
    return f"{browser} on {system}" if system else browser
