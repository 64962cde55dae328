"""A judge's browser without a screen: it keeps cookies and writes down every answer."""

from collections.abc import Callable, Mapping
from time import perf_counter
from typing import Any
from wsgiref.types import WSGIApplication

from werkzeug.test import Client

from studyapp.blind_audit.evidence import Exchange

Record = Callable[[Exchange], None]


class Browser:
    """Sends requests to a WSGI application in the name of one judge, or of nobody.

    Parameters
    ----------
    app
        The application, possibly wrapped.
    judge
        The judge's number in the design, or None for a stranger.
    record
        Called with every exchange.
    root
        Where the study lies: "", or "/s/..." in a site.
    """

    def __init__(self, app: WSGIApplication, judge: int | None, record: Record, root: str = "") -> None:
        self._client = Client(app)
        # Failed attempts are limited by address; judges do not sit at one machine.
        number = 0 if judge is None else judge + 1
        # Nor at the server's, where programs may read its counts. (RFC 2544: nobody has these addresses.)
        self._address = f"198.18.{number // 256}.{number % 256}"
        self._record = record
        self._root = root
        self.judge = judge
        self.csrf = ""

    def at(self, path: str) -> str:
        """Return the address of a page of the study."""
        return self._root + path

    def get(self, address: str) -> Exchange:
        """Fetch an address; redirects are not followed."""
        return self.send("GET", address)

    def send(
        self,
        method: str,
        address: str,
        *,
        sealed: str | None = None,
        body: object = None,
        form: Mapping[str, str] | None = None,
        headers: Mapping[str, str] | None = None,
    ) -> Exchange:
        """Send any request, with the CSRF token that was seen last."""
        options: dict[str, Any] = {
            "headers": {"X-CSRFToken": self.csrf, **(headers or {})},
            "environ_base": {"REMOTE_ADDR": self._address},
        }
        if form is not None:
            options["data"] = form
        elif body is not None:
            options["json"] = body
        started = perf_counter()
        response = self._client.open(address, method=method, **options)
        data = response.get_data()
        seconds = perf_counter() - started
        answered = tuple((str(name), str(value)) for name, value in response.headers)
        response.close()
        exchange = Exchange(
            self.judge,
            method,
            address,
            response.status_code,
            answered,
            data,
            seconds,
            self._root,
            sealed,
        )
        self._record(exchange)
        return exchange
