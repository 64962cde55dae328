"""Where the study is reached: what the base URL says, or else the request and the proxies that are believed.

A host that nobody told us of is refused, so that no page, link or redirect is made of a forged one. Behind a
proxy and without a base URL any host is taken, as the proxy chose it, but no whole link is made of it.
"""

import ipaddress
import socket
from collections.abc import Callable, Iterable
from typing import Any

from flask import Flask, request, url_for
from werkzeug.middleware.proxy_fix import ProxyFix
from werkzeug.wrappers import Response

from studyapp.errors import StudyError
from studyapp.settings import PREFIX, BaseUrl, base_url, behind_tls, proxies

_TRUSTED = "STUDYAPP_HOST_IS_KNOWN"
UNKNOWN = (
    "This server is not known as {host!r}. Open the study at the address in your invitation. "
    "Organisers: set STUDYAPP_BASE_URL to the address that people use (docs/deploy.md).\n"
)

# Asked by programs that know the machine by other names, such as a container's; no link is made of those.
PROBES = ("/healthz", "/readyz", "/metrics")

Environ = dict[str, Any]
Application = Callable[[Environ, Any], Iterable[bytes]]


class Address:
    """WSGI middleware that settles scheme, host and path of each request before anything is made of them."""

    def __init__(self, inner: Application, base: BaseUrl | None, path: str, *, behind_proxy: bool) -> None:
        self._inner, self._base, self._path = inner, base, path
        self._behind_proxy = behind_proxy
        name = socket.gethostname().lower()
        self._own = {"localhost", name, f"{name}.local"}

    def __call__(self, environ: Environ, start_response: Any) -> Iterable[bytes]:
        """Answer a request, or refuse it when it is for another host."""
        host = host_name(environ.get("HTTP_HOST", environ.get("SERVER_NAME", "")))
        known = self._knows(host)
        wanted = known or environ["PATH_INFO"] in PROBES
        if not wanted and (self._base or not self._behind_proxy):
            return _refusal(421, UNKNOWN.format(host=host[:100]))(environ, start_response)
        environ[_TRUSTED] = known
        prefix = self._path or environ.get("SCRIPT_NAME", "").rstrip("/")
        if not PREFIX.fullmatch(prefix):
            return _refusal(400, "The proxy's path prefix is not valid for a study.\n")(
                environ, start_response
            )
        if self._base:
            environ["HTTP_HOST"] = self._base.netloc
            environ["wsgi.url_scheme"] = self._base.scheme
        environ["SCRIPT_NAME"] = prefix
        if prefix and f"{environ['PATH_INFO']}/".startswith(f"{prefix}/"):
            environ["PATH_INFO"] = environ["PATH_INFO"][len(prefix) :] or "/"
        return self._inner(environ, start_response)

    def _knows(self, host: str) -> bool:
        if self._base:
            return host == self._base.host or _is_loopback(host)
        return not self._behind_proxy and (host in self._own or _is_address(host))


def init_address(app: Flask, *, path: str = "") -> None:
    """Settle where the study is reached; `path` is one below which it lies when the base URL names none.

    Raises
    ------
    StudyError
        When the path is none, or begins like one of the study's own pages.
    """
    base, count = base_url(), proxies()
    path = (base.path if base else "") or path.rstrip("/")
    if not PREFIX.fullmatch(path):
        raise StudyError(f"SCRIPT_NAME {path!r} is no path below which a study can lie; use one like /track1")
    app.wsgi_app = Address(app.wsgi_app, base, path, behind_proxy=count > 0 or behind_tls())
    app.config["STUDYAPP_PATH"] = path
    if count:
        app.wsgi_app = ProxyFix(
            app.wsgi_app, x_for=count, x_proto=count, x_host=count, x_port=count, x_prefix=count
        )


def check_path(app: Flask) -> None:
    """Make sure that a path of the study's own is not taken for the one below which it lies.

    Raises
    ------
    StudyError
        When it could be.
    """
    first = app.config["STUDYAPP_PATH"].split("/")[1:2]
    own = {rule.rule.split("/")[1] for rule in app.url_map.iter_rules()}
    if own.intersection(first):
        raise StudyError(f"a study cannot lie below /{first[0]}, which is one of its pages; use another path")


def outside_url(endpoint: str, **values: Any) -> str:
    """Return a whole link where we know our own address, else the part of it behind the host."""
    return url_for(endpoint, **values, _external=bool(request.environ.get(_TRUSTED)))


def host_name(host: str) -> str:
    """Return the name in a Host header or an origin, without scheme, port and final dot.

    Examples
    --------
    >>> host_name("https://Study.example.org:8443"), host_name("[::1]:80"), host_name("study.example.org.")
    ('study.example.org', '::1', 'study.example.org')
    """
    name = host.strip().lower().partition("://")[2] or host.strip().lower()
    if name.startswith("["):
        return name[1:].partition("]")[0]
    return name.partition(":")[0].rstrip(".")


def _refusal(status: int, text: str) -> Response:
    response = Response(text, status, mimetype="text/plain")
    response.headers["Cache-Control"] = "no-store"
    response.headers["X-Content-Type-Options"] = "nosniff"
    return response


def _is_address(host: str) -> bool:
    try:
        ipaddress.ip_address(host)
    except ValueError:
        return False
    return True


def _is_loopback(host: str) -> bool:
    return host == "localhost" or (_is_address(host) and ipaddress.ip_address(host).is_loopback)
