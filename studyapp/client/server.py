"""A server with a challenge, as a program with an access token sees it."""

import http.client
import json
import ssl
import urllib.error
import urllib.request
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from email.message import Message
from typing import IO, Any
from urllib.parse import urljoin, urlsplit

from studyapp.errors import StudyError

PATIENCE_S = 60.0
"""Seconds without a sign of life after which a connection counts as dead."""
AWAY = frozenset({423, 429, 502, 503, 504})
"""Answers after which the same request may succeed: busy, too fast, or the server is away for a moment."""


class RefusedError(StudyError):
    """The server's no, in its words."""

    def __init__(self, status: int, said: str) -> None:
        super().__init__(said)
        self.status = status


class AwayError(StudyError):
    """The line was cut, or the server is away: the same may succeed in a moment."""


@dataclass(frozen=True)
class Answer:
    """What a server answered."""

    headers: Mapping[str, str]
    body: bytes

    @property
    def told(self) -> dict[str, Any]:
        """The content, of an answer in JSON.

        Raises
        ------
        StudyError
            When it is something else.
        """
        try:
            found = json.loads(self.body)
        except ValueError:
            found = None
        if not isinstance(found, dict):
            raise StudyError("this is no server of studyapp, or one of another version; check the address")
        return found


@dataclass(frozen=True)
class Place:
    """An address as somebody gives it: of the site, or of any page of its challenge."""

    challenge: str
    track: str | None = None
    phase: str | None = None

    @property
    def is_here(self) -> bool:
        """Whether the server is on this machine: nobody else is on the line."""
        return urlsplit(self.challenge).hostname in ("127.0.0.1", "::1", "localhost")


def place_of(address: str) -> Place:
    """Find the challenge, and the track and phase where the address names them.

    Examples
    --------
    >>> place_of("https://host/raim/")
    Place(challenge='https://host/raim/challenge', track=None, phase=None)
    >>> place_of("https://host/challenge/tracks/night/feedback/submissions")
    Place(challenge='https://host/challenge', track='night', phase='feedback')

    Raises
    ------
    StudyError
        When it is no address of a web server.
    """
    parts = urlsplit(address)
    if parts.scheme not in ("http", "https") or not parts.hostname:
        raise StudyError(f"{address!r} is no address; copy it from the browser, https:// and all")
    before, _, after = (parts.path + "/").partition("/challenge/")
    track, phase = None, None
    if after.startswith("tracks/"):
        named = [*after.split("/")[1:3], "", ""]
        track, phase = named[0] or None, named[1] or None
    return Place(f"{parts.scheme}://{parts.netloc}{before.rstrip('/')}/challenge", track, phase)


class Server:
    """Asks a server, by an access token. Every address may be relative to that of the challenge."""

    def __init__(self, challenge: str, token: str) -> None:
        if not (token.isascii() and token.isprintable() and token.strip()):
            raise StudyError("this is no access token; copy it again from the page Access of your account")
        self.challenge = challenge
        self._token = token.strip()
        self._opener = urllib.request.build_opener(_NoRedirect())

    def address(self, path: str) -> str:
        """Return the whole address of a path that the server named."""
        return urljoin(f"{self.challenge}/", path)

    def ask(
        self,
        method: str,
        path: str,
        headers: Mapping[str, object] | None = None,
        body: bytes | Iterable[bytes] | None = None,
    ) -> Answer:
        """Send a request.

        Raises
        ------
        AwayError
            When no answer came, or one after which it may be repeated.
        RefusedError
            With any other answer than yes.
        """
        address = self.address(path)
        if urlsplit(address).netloc != urlsplit(self.challenge).netloc:
            raise StudyError(f"the server names another one: {address}; use the address that it gives itself")
        sent = {
            "Authorization": f"Bearer {self._token}",
            "User-Agent": "studyapp",
            "Accept": "application/json",
        }
        sent |= {name: str(value) for name, value in (headers or {}).items()}
        request = urllib.request.Request(address, data=body, headers=sent, method=method)  # noqa: S310
        try:
            with self._opener.open(request, timeout=PATIENCE_S) as answer:
                return Answer(answer.headers, answer.read())
        except urllib.error.HTTPError as error:
            with error:
                raise _refusal(error) from error
        except (OSError, http.client.HTTPException) as error:
            raise _away(error, address) from error


class _NoRedirect(urllib.request.HTTPRedirectHandler):
    """Follows no redirect: the token is for this server alone."""

    def redirect_request(
        self, req: urllib.request.Request, fp: IO[bytes], code: int, msg: str, headers: Message, newurl: str
    ) -> None:
        raise StudyError(f"{req.full_url} leads to {newurl}; use that address")


def _refusal(error: urllib.error.HTTPError) -> StudyError:
    try:
        body = error.read()
    except (OSError, http.client.HTTPException):
        body = b""
    said = _words(error.headers.get_content_type(), body)
    if error.code in AWAY:
        return AwayError(said or f"the server answers {error.code}")
    if error.code == 401:
        said = "the access token was revoked, or is for no team here; make a new one under Access"
    return RefusedError(error.code, said or f"the server answers {error.code} {error.reason}")


def _words(kind: str, body: bytes) -> str:
    """Return what an answer says, without the page around it."""
    text = body.decode("utf-8", "replace").strip()
    if kind == "application/json":
        try:
            return str(json.loads(text)["error"]["message"])
        except (ValueError, KeyError, TypeError):
            return ""
    return text[:1000] if kind == "text/plain" else ""


def _away(error: OSError | http.client.HTTPException, address: str) -> StudyError:
    reason = error.reason if isinstance(error, urllib.error.URLError) else error
    if isinstance(reason, ssl.SSLCertVerificationError):
        return StudyError(
            f"the certificate of {urlsplit(address).netloc} cannot be trusted ({reason.verify_message}); "
            "check the address, or ask the organisers"
        )
    return AwayError(f"{urlsplit(address).netloc} does not answer ({reason})")
