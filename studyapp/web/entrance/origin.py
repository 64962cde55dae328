"""Whether a request that changes something comes from our own pages: a second fence beside the form's token.

Browsers say so themselves, whatever proxies do to the host's name: by Sec-Fetch-Site where the address is
secure, by Origin elsewhere. A program that sends neither is known by its token alone. The Referer, which
privacy settings leave out, is not asked.
"""

from flask import Flask, request
from flask_wtf.csrf import CSRFError

from analysis.texts import say
from studyapp.web.address import host_name

SAFE = ("GET", "HEAD", "OPTIONS", "TRACE")


def init_origin(app: Flask) -> None:
    """Check every request that may change something."""
    app.before_request(_check)


def comes_from_elsewhere() -> bool:
    """Tell whether a page of another site led here, as far as the browser says."""
    return request.headers.get("Sec-Fetch-Site") in ("cross-site", "same-site")


def is_from_nowhere() -> bool:
    """Tell whether the browser says that a person opened this: an address typed, or out of a mail."""
    return request.headers.get("Sec-Fetch-Site") in ("none", "same-origin")


def _check() -> None:
    if request.method not in SAFE and not _is_ours():
        raise CSRFError(say("This was sent from another site, or the proxy changed the host name."))


def _is_ours() -> bool:
    site, origin = request.headers.get("Sec-Fetch-Site"), request.headers.get("Origin")
    if site is not None:
        return site in ("same-origin", "none")
    # Told no referrer, browsers send "null" from our own pages, too.
    return origin in (None, "null") or host_name(origin) == host_name(request.host)
