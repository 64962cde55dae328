"""The little of a browser that a simulated judge needs: cookies, redirects, forms and a kept connection."""

import http.client
import json
import time
from dataclasses import dataclass
from html.parser import HTMLParser
from http.cookies import SimpleCookie
from typing import Any
from urllib.parse import urlencode, urljoin, urlsplit

from studyapp.errors import StudyError

_PAUSES = (0, 0.1, 0.2, 0.4, 0.8, 1.6)  # seconds after each failed attempt
_REDIRECTS = 5


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
        self._connection = http.client.HTTPConnection(parts.hostname, parts.port, timeout=timeout)
        self._cookies: dict[str, str] = {}

    def get(self, url: str) -> Answer:
        """Fetch `url`, following redirects; any status but 200 is an error."""
        answer = self._follow("GET", url)
        if answer.status != 200:
            raise SimulationError(f"GET {_path(url)} was answered {answer.status}: {answer.body[:200]!r}")
        return answer

    def put_json(self, url: str, body: Any, *, csrf: str) -> Answer:
        """Send `body` as JSON; the caller looks at the status."""
        headers = {"Content-Type": "application/json", "X-CSRFToken": csrf}
        return self._follow("PUT", url, json.dumps(body), headers)

    def submit(self, url: str, *, button: str = "") -> Answer:
        """Open the page at `url` and submit its form as it stands.

        Takes the first form that posts to an address ending in `button`; without one, returns the page.
        """
        page = self.get(url)
        reader = _Forms()
        reader.feed(page.body.decode("utf-8"))
        form = next((form for form in reader.forms if _path(form.action or page.url).endswith(button)), None)
        if form is None:
            return page
        headers = {"Content-Type": "application/x-www-form-urlencoded"}
        action = urljoin(page.url, form.action)
        answer = self._follow("POST", action, urlencode(form.fields), headers)
        if answer.status != 200:
            raise SimulationError(f"POST {_path(action)} was answered {answer.status}: {answer.body[:200]!r}")
        return answer

    def close(self) -> None:
        """Close the connection."""
        self._connection.close()

    def _follow(
        self, method: str, url: str, body: str | None = None, headers: dict[str, str] | None = None
    ) -> Answer:
        for _ in range(_REDIRECTS):
            status, location, payload = self._exchange(method, url, body, headers or {})
            if location is None or status not in (301, 302, 303, 307, 308):
                return Answer(status, url, payload)
            method, url, body, headers = "GET", urljoin(url, location), None, {}
        raise SimulationError(f"{_path(url)}: more than {_REDIRECTS} redirects in a row")

    def _exchange(
        self, method: str, url: str, body: str | None, headers: dict[str, str]
    ) -> tuple[int, str | None, bytes]:
        cookies = "; ".join(f"{name}={value}" for name, value in self._cookies.items())
        sent = {"Accept": "application/json, image/webp, text/html", "Cookie": cookies, **headers}
        for pause in _PAUSES:
            try:
                self._connection.request(method, _path(url), body=body, headers=sent)
                response = self._connection.getresponse()
                payload = response.read()
            except (http.client.HTTPException, OSError):
                # A server closes idle connections, and one that is restarted closes all of them.
                self._connection.close()
                time.sleep(pause)
                continue
            for line in response.headers.get_all("Set-Cookie", []):
                self._cookies |= {name: morsel.value for name, morsel in SimpleCookie(line).items()}
            return response.status, response.headers["Location"], payload
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
