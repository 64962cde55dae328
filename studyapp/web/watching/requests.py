"""What is noted of each request: how it ended and how long it took, under the pattern of its address.

The address itself may be a personal link or the name of a tile, and so is never noted; nor is who asked.
"""

import ipaddress
import secrets
import time
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any, Protocol

from flask import current_app, request

Environ = dict[str, Any]

KEY = "studyapp.request"
# Any word may stand where a method should: it could be a secret, and each would be counted by itself.
METHODS = frozenset({"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS", "TRACE"})
UNKNOWN = "unknown"
# What proxies add. A request that has none of them and came from this machine is nobody's from elsewhere.
_FORWARDED = ("FORWARDED", "VIA", "X_FORWARDED_FOR", "X_FORWARDED_HOST", "X_FORWARDED_PROTO", "X_REAL_IP")


@dataclass(slots=True)
class Request:
    """A request as it may be noted."""

    method: str
    is_local: bool
    id: str = field(default_factory=lambda: secrets.token_hex(8))
    route: str = UNKNOWN
    endpoint: str | None = None
    is_quiet: bool = False
    status: int = 500
    size: int = 0
    seconds: float = 0.0
    begun: float = field(default_factory=time.perf_counter)


class Observer(Protocol):
    """Who is told of requests."""

    def begun(self) -> None:
        """Hear that one began."""
        ...

    def ended(self, noted: Request) -> None:
        """Hear how it ended."""
        ...


class Watching:
    """WSGI middleware around everything else: it hears of requests that never reach a view, too."""

    def __init__(self, inner: Any, observers: Sequence[Observer]) -> None:
        self._inner, self._observers = inner, observers

    def __call__(self, environ: Environ, start_response: Any) -> Iterable[bytes]:
        """Answer a request and tell the observers."""
        method = environ["REQUEST_METHOD"]
        noted = Request(method if method in METHODS else "other", _is_local(environ))
        environ[KEY] = noted

        def start(status: str, headers: Any, exc_info: Any = None) -> Any:
            noted.status = int(status[:3])
            return start_response(status, headers, exc_info)

        for observer in self._observers:
            observer.begun()
        try:
            return _Answer(self._inner(environ, start), noted, self._observers)
        except BaseException:
            _end(noted, self._observers)
            raise


class _Answer:
    """The body of an answer; when it is taken, or nobody wants it any more, the request has ended."""

    def __init__(self, body: Iterable[bytes], noted: Request, observers: Sequence[Observer]) -> None:
        self._body, self._parts = body, iter(body)
        self._noted, self._observers = noted, observers

    def __iter__(self) -> Iterator[bytes]:
        return self

    def __next__(self) -> bytes:
        try:
            part = next(self._parts)
        except BaseException:
            self._end()
            raise
        self._noted.size += len(part)
        return part

    def close(self) -> None:
        """Give back what the body holds."""
        try:
            if close := getattr(self._body, "close", None):
                close()
        finally:
            self._end()

    def _end(self) -> None:
        observers, self._observers = self._observers, ()
        _end(self._noted, observers)


def _end(noted: Request, observers: Sequence[Observer]) -> None:
    noted.seconds = time.perf_counter() - noted.begun
    for observer in observers:
        observer.ended(noted)


def note_route(endpoint: str | None, _values: Any) -> None:
    """Note the pattern of the address that is asked for; called by Flask before everything else."""
    noted = this_request()
    if noted is not None and endpoint is not None and request.url_rule is not None:
        within = "/s/<study>" if getattr(current_app.extensions["studyapp"], "study", "") else ""
        noted.endpoint, noted.route = endpoint, within + request.url_rule.rule
        noted.is_quiet = endpoint.startswith("watching.")


def this_request() -> Request | None:
    """Return what is noted of the request being answered."""
    return request.environ.get(KEY)


def _is_local(environ: Environ) -> bool:
    """Tell whether a program on this machine asks, without a proxy in between as far as can be seen."""
    if any(f"HTTP_{name}" in environ for name in _FORWARDED):
        return False
    host = environ.get("HTTP_HOST", "localhost").rsplit(":", 1)[0].strip("[]")
    return _is_loopback(environ.get("REMOTE_ADDR", "")) and (host == "localhost" or _is_loopback(host))


def _is_loopback(address: str) -> bool:
    try:
        return ipaddress.ip_address(address).is_loopback
    except ValueError:
        return False
