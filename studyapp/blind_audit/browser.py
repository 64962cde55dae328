"""A judge's browser without a screen: it keeps cookies and writes down every answer."""

import time
from collections.abc import Callable, Mapping
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
    """

    def __init__(self, app: WSGIApplication, judge: int | None, record: Record) -> None:
        self._client = Client(app)
        # Failed attempts are limited by address; judges do not sit at one machine.
        number = 0 if judge is None else judge + 1
        self._address = f"127.1.{number // 256}.{number % 256}"
        self._record = record
        self.judge = judge
        self.csrf = ""

    def get(self, path: str) -> Exchange:
        """Fetch a path; redirects are not followed."""
        return self.send("GET", path)

    def send(
        self,
        method: str,
        path: str,
        *,
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
        started = time.perf_counter()
        response = self._client.open(path, method=method, **options)
        data = response.get_data()
        seconds = time.perf_counter() - started
        answered = tuple((str(name), str(value)) for name, value in response.headers)
        response.close()
        exchange = Exchange(self.judge, method, path, response.status_code, answered, data, seconds)
        self._record(exchange)
        return exchange
