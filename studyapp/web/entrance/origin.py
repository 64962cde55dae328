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


def may_be_unmeant(other: str | None) -> bool:
    """Tell whether another page may have opened a link that signs in.

    Where somebody else (`other`) is signed in already, the browser has to say that a person opened it: an
    address typed, or out of a mail. Else it is enough that it names no other site.
    """
    site = request.headers.get("Sec-Fetch-Site")
    return site in ("cross-site", "same-site") or bool(other and site not in ("none", "same-origin"))


def _check() -> None:
    if request.method not in SAFE and not _is_ours():
        raise CSRFError(say("This was sent from another site, or the proxy changed the host name."))


def _is_ours() -> bool:
    site, origin = request.headers.get("Sec-Fetch-Site"), request.headers.get("Origin")
    if site is not None:
        return site in ("same-origin", "none")
    # Told no referrer, browsers send "null" from our own pages, too.
    return origin in (None, "null") or host_name(origin) == host_name(request.host)
