"""Sending a file by tus over a line that is cut now and then, with a plain socket: for benchmark and test."""

import base64
import http.cookiejar
import re
import socket
import struct
import threading
import time
import urllib.request
from collections.abc import Callable, Iterator, Sequence
from contextlib import closing, contextmanager, suppress
from urllib.parse import urlsplit

from benchmarks.keep_alive import read_head

PIECE = 1 << 18


class Line:
    """A line to a server that goes dead after so many bytes, each number once.

    A connection that ends before its number is reached, as one that comes too early, leaves it to the next.
    It goes dead only when `ready` says so: what a server did not read before is lost.
    """

    def __init__(self, port: int, cuts: Sequence[int], ready: Callable[[], object] = lambda: True) -> None:
        self._server, self._cuts, self._ready = port, list(cuts), ready
        self.cut = 0
        self._listener = socket.create_server(("127.0.0.1", 0))
        self.port = self._listener.getsockname()[1]
        threading.Thread(target=self._accept, daemon=True).start()

    def mend(self) -> None:
        """Let everything pass from now on."""
        self._cuts.clear()

    def close(self) -> None:
        """Take no more connections."""
        self._listener.close()

    def _accept(self) -> None:
        with suppress(OSError):
            while True:
                client, _ = self._listener.accept()
                server = socket.create_connection(("127.0.0.1", self._server))
                cut = self._cuts[0] if self._cuts else None
                threading.Thread(target=self._pass, args=(client, server, cut), daemon=True).start()
                threading.Thread(target=self._pass, args=(server, client, None), daemon=True).start()

    def _pass(self, source: socket.socket, target: socket.socket, cut: int | None) -> None:
        left = cut
        with suppress(OSError):
            while data := source.recv(PIECE if left is None else min(PIECE, left)):
                target.sendall(data)
                left = None if left is None else left - len(data)
                if cut is not None and left == 0:
                    while not self._ready():
                        time.sleep(0.01)
                    with suppress(ValueError):  # mended meanwhile
                        self._cuts.remove(cut)
                    self.cut += 1
                    break
        for end in (source, target):
            with suppress(OSError):
                end.shutdown(socket.SHUT_RDWR)
                # Closed like this it is reset: who sends on it hears of that at once.
                end.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
            end.close()


class Sender:
    """Somebody who uploads by a door of a server; `headers` says who."""

    def __init__(self, url: str, door: str, headers: dict[str, str]) -> None:
        self._door = door
        self._headers = {"Host": urlsplit(url).netloc, "Tus-Resumable": "1.0.0", **headers}
        self._port = urlsplit(url).port or 0

    @classmethod
    def organiser(cls, url: str, link: str, *, study: str = "") -> "Sender":
        """Sign in by the link that `serve` prints; `study` is the address of a study within its site."""
        jar = http.cookiejar.CookieJar()
        opener = urllib.request.build_opener(urllib.request.HTTPCookieProcessor(jar))
        path = urlsplit(link.rsplit(maxsplit=1)[-1]).path
        with opener.open(url + path):
            pass
        with opener.open(f"{url}{study}/console/judges") as page:
            found = re.search(r'name="csrf_token" value="([^"]+)"', page.read().decode())
        assert found, "the page has no form"
        cookies = "; ".join(f"{cookie.name}={cookie.value}" for cookie in jar)
        return cls(url, f"{study}/console/uploads", {"Cookie": cookies, "X-CSRFToken": found[1]})

    @classmethod
    def team(cls, url: str, token: str, track: str, phase: str) -> "Sender":
        """Somebody of a team of the challenge, by an access token."""
        door = f"/challenge/tracks/{track}/{phase}/uploads"
        return cls(url, door, {"Authorization": f"Bearer {token}"})

    def create(self, name: str, size: int) -> str:
        """Make room for a file; return where it goes."""
        named = base64.b64encode(name.encode()).decode()
        with self._connection(self._port) as connection:
            self._send(connection, "POST", self._door, size=size, name=named)
            return read_head(_answer(connection).partition(b"\r\n\r\n")[0]).headers["location"]

    def offset(self, path: str) -> int:
        """Ask how much is there."""
        with self._connection(self._port) as connection:
            self._send(connection, "HEAD", path)
            return int(read_head(_answer(connection).partition(b"\r\n\r\n")[0]).headers["upload-offset"])

    def send(self, path: str, size: int, pieces: "Pieces", *, port: int) -> int:
        """Send all of a file in one request at a time, as often as it takes; return how often that was."""
        tries = 0
        while (there := self.offset(path)) < size:
            tries += 1
            with suppress(OSError), self._connection(port) as connection:
                self._send(connection, "PATCH", path, offset=there, length=size - there)
                for piece in pieces.after(there):
                    connection.sendall(piece)
                answer = _answer(connection)
                # What the line had carried before it was cut may arrive only now: the next try asks again.
                if read_head(answer).status not in (204, 409, 423):
                    raise RuntimeError(answer.decode())
        return tries

    @contextmanager
    def _connection(self, port: int) -> Iterator[socket.socket]:
        with closing(socket.create_connection(("127.0.0.1", port), timeout=60)) as connection:
            yield connection

    def _send(self, connection: socket.socket, method: str, path: str, **more: object) -> None:
        headers = {
            **self._headers,
            "Content-Length": more.get("length", 0),
            **({"Upload-Length": more["size"]} if "size" in more else {}),
            **({"Upload-Metadata": f"filename {more['name']}"} if "name" in more else {}),
            **({"Upload-Offset": more["offset"]} if "offset" in more else {}),
            **({"Content-Type": "application/offset+octet-stream"} if "offset" in more else {}),
            "Connection": "close",
        }
        lines = [f"{method} {path} HTTP/1.1", *(f"{name}: {value}" for name, value in headers.items())]
        connection.sendall("\r\n".join([*lines, "", ""]).encode())


class Pieces:
    """A file of so many bytes, made as it is sent."""

    def __init__(self, block: bytes, size: int) -> None:
        self._block, self._size = block, size

    def after(self, offset: int) -> Iterator[bytes]:
        """Yield it from a place on."""
        while offset < self._size:
            start = offset % len(self._block)
            piece = self._block[start : start + min(PIECE, self._size - offset)]
            yield piece
            offset += len(piece)


def _answer(connection: socket.socket) -> bytes:
    data = b""
    while b"\r\n\r\n" not in data:
        more = connection.recv(PIECE)
        if not more:
            raise ConnectionResetError("the line is dead")
        data += more
    return data
