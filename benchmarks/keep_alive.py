"""A lean HTTP client with one kept connection: the load generator must cost little beside the server."""

import json
import socket
import time
from dataclasses import dataclass, field
from typing import Any

JSON = "application/json"


@dataclass
class Reply:
    """What the server said."""

    status: int
    headers: dict[str, str]
    cookies: list[str]
    body: bytes

    def json(self) -> Any:
        """Decode the body."""
        return json.loads(self.body)


@dataclass
class Client:
    """One judge's browser, as seen by the server.

    Each judge comes from a loopback address of its own, as real judges come from theirs: limits by address
    then do what they would do.
    """

    port: int
    source: str = "127.0.0.1"
    cookies: dict[str, str] = field(default_factory=dict)
    csrf: str = ""
    _socket: socket.socket | None = None

    def get(self, path: str) -> Reply:
        """Fetch a path, following redirects within the server."""
        for _ in range(5):
            reply = self.exchange("GET", path)
            if reply.status == 429:
                time.sleep(float(reply.headers.get("retry-after", 1)))
                continue
            if reply.status not in (302, 303):
                return reply
            path = reply.headers["location"]
        raise RuntimeError(f"{path}: too many redirects")

    def put_json(self, path: str, body: Any) -> Reply:
        """Send JSON with the session's CSRF token."""
        content = json.dumps(body, separators=(",", ":")).encode()
        return self.exchange("PUT", path, content)

    def exchange(self, method: str, path: str, content: bytes = b"", kind: str = JSON) -> Reply:
        """Send one request and read its reply; a broken connection raises OSError."""
        self.connection.sendall(self.request(method, path, content, kind))
        reply = _read(self.connection)
        for cookie in reply.cookies:
            name, _, value = cookie.partition(";")[0].partition("=")
            self.cookies[name] = value
        if reply.headers.get("connection", "").lower() == "close":
            self.close()
        return reply

    @property
    def connection(self) -> socket.socket:
        """The kept connection, made when there is none."""
        if self._socket is None:
            self._socket = socket.create_connection(
                ("127.0.0.1", self.port), timeout=30, source_address=(self.source, 0)
            )
            if self._socket.getsockname() == self._socket.getpeername():
                # Where nobody listens yet, loopback may connect a port to itself, which then echoes.
                self._socket.close()
                self._socket = None
                raise ConnectionRefusedError
            self._socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        return self._socket

    def request(self, method: str, path: str, content: bytes = b"", kind: str = JSON) -> bytes:
        """Return a request as it goes over the line."""
        lines = [f"{method} {path} HTTP/1.1", "Host: 127.0.0.1", f"Content-Length: {len(content)}"]
        if self.cookies:
            lines.append("Cookie: " + "; ".join(f"{name}={value}" for name, value in self.cookies.items()))
        if content:
            lines += [f"Content-Type: {kind}", f"X-CSRFToken: {self.csrf}"]
        return "\r\n".join([*lines, "", ""]).encode() + content

    def close(self) -> None:
        """Close the connection; the next request opens another."""
        if self._socket is not None:
            self._socket.close()
            self._socket = None


def _read(connection: socket.socket) -> Reply:
    data = b""
    while b"\r\n\r\n" not in data:
        data += _some(connection)
    head, _, body = data.partition(b"\r\n\r\n")
    reply = read_head(head)
    length = int(reply.headers.get("content-length", 0))
    parts, have = [body], len(body)
    while have < length:
        part = _some(connection)
        parts.append(part)
        have += len(part)
    reply.body = b"".join(parts)
    return reply


def read_head(head: bytes) -> Reply:
    """Read status, headers and cookies of an answer from its head."""
    first, *lines = head.decode("latin-1").split("\r\n")
    pairs = [(name.lower(), value.strip()) for name, _, value in (line.partition(":") for line in lines)]
    cookies = [value for name, value in pairs if name == "set-cookie"]
    return Reply(int(first.split(" ")[1]), dict(pairs), cookies, b"")


def _some(connection: socket.socket) -> bytes:
    data = connection.recv(262_144)
    if not data:
        raise ConnectionResetError("the server closed the connection")
    return data
