"""The little of a browser that a simulated judge needs: forms, and patience with its server."""

import json
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from html.parser import HTMLParser
from http.client import HTTPException
from typing import Any
from urllib.error import HTTPError
from urllib.parse import urlencode, urljoin, urlsplit
from urllib.request import HTTPCookieProcessor, ProxyHandler, Request, build_opener

from studyapp.errors import StudyError

_PAUSES = (0, 0.1, 0.2, 0.4, 0.8, 1.6)  # seconds after each failed attempt


class SimulationError(StudyError):
    """The application answered a simulated judge in a way that stops the simulation."""


@dataclass(frozen=True)
class Answer:
    """What the server said; `url` is where redirects led."""

    status: int
    url: str
    body: bytes

    def json(self) -> Any:
        """Decode the body."""
        return json.loads(self.body)


class Browser:
    """One judge's session with one server, over HTTP.

    A request is sent again when the connection breaks; for ballots that is safe because each carries its own
    key.

    Parameters
    ----------
    origin
        Any address on the server; its host and port are used.
    """

    def __init__(self, origin: str, *, timeout: float = 60) -> None:
        parts = urlsplit(origin)
        if parts.scheme != "http" or not parts.hostname:
            raise SimulationError(f"{origin!r} is not an http:// address; give the link of a local server")
        self._origin, self._timeout = origin, timeout
        self._opener = build_opener(ProxyHandler({}), HTTPCookieProcessor())

    def get(self, url: str) -> Answer:
        """Fetch `url`, following redirects; any status but 200 is an error."""
        answer = self._send("GET", url)
        if answer.status != 200:
            raise SimulationError(
                f"GET {_path(url)} was answered with {answer.status}: {answer.body[:200]!r}"
            )
        return answer

    def put_json(self, url: str, body: Any, *, csrf: str) -> Answer:
        """Send `body` as JSON; the caller looks at the status."""
        headers = {"Content-Type": "application/json", "X-CSRFToken": csrf}
        return self._send("PUT", url, json.dumps(body), headers)

    def submit(
        self, url: str, *, button: str = "", fields: Mapping[str, str | Sequence[str]] | None = None
    ) -> Answer:
        """Open the page at `url` and submit its form as it stands, but for what is filled in by `fields`.

        Takes the first form that posts to an address ending in `button`; without one, returns the page.
        """
        page = self.get(url)
        reader = _Forms()
        reader.feed(page.body.decode("utf-8"))
        form = next((form for form in reader.forms if _path(form.action or page.url).endswith(button)), None)
        if form is None:
            return page
        action = urljoin(page.url, form.action)
        answer = self._send("POST", action, urlencode({**form.fields, **(fields or {})}, doseq=True))
        if answer.status != 200:
            raise SimulationError(
                f"POST {_path(action)} was answered with {answer.status}: {answer.body[:200]!r}"
            )
        return answer

    def _send(
        self, method: str, url: str, body: str = "", headers: Mapping[str, str] | None = None
    ) -> Answer:
        sent = {"Accept": "application/json, image/webp, text/html", **(headers or {})}
        request = Request(urljoin(self._origin, url), body.encode() or None, sent, method=method)  # noqa: S310
        for pause in _PAUSES:
            try:
                with self._opener.open(request, timeout=self._timeout) as response:
                    return Answer(response.status, response.url, response.read())
            except HTTPError as refusal:
                with refusal:
                    return Answer(refusal.code, refusal.url, refusal.read())
            except (HTTPException, OSError):  # a server that is restarted closes all connections
                time.sleep(pause)
        raise SimulationError(
            f"{method} {_path(url)}: no answer in {len(_PAUSES)} attempts; is the server up?"
        )


@dataclass
class _Form:
    action: str
    fields: dict[str, str]


class _Forms(HTMLParser):
    """Collects the forms of a page that are sent by POST, with the values they carry."""

    def __init__(self) -> None:
        super().__init__()
        self.forms: list[_Form] = []
        self._inside = False

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        values = {name: value or "" for name, value in attrs}
        if tag == "form":
            self._inside = values.get("method", "").lower() == "post"
            if self._inside:
                self.forms.append(_Form(values.get("action", ""), {}))
        elif tag in ("input", "button") and self._inside and "name" in values:
            self.forms[-1].fields[values["name"]] = values.get("value", "")

    def handle_endtag(self, tag: str) -> None:
        if tag == "form":
            self._inside = False


def _path(url: str) -> str:
    parts = urlsplit(url)
    return (parts.path or "/") + (f"?{parts.query}" if parts.query else "")
