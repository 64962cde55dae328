"""A bad network on loopback: a proxy that loses, repeats, delays and cuts requests and responses."""

import contextlib
import random
import socket
import threading
import time
from collections import Counter
from dataclasses import dataclass, field

# Weights of what happens to a request. "again" sends it twice, "late" sends it once more after the answer.
FATES = {
    "clean": 60,
    "request lost": 8,
    "response lost": 10,
    "response cut": 5,
    "request delayed": 4,
    "response delayed": 4,
    "again": 5,
    "late": 4,
}
LONGEST_DELAY = 0.3


@dataclass
class BadNetwork:
    """Forwards HTTP from its own port to `target`; each connection has a thread."""

    target: int
    seed: int
    port: int = 0
    fates: Counter[str] = field(default_factory=Counter)

    def __enter__(self) -> "BadNetwork":
        self._rng = random.Random(self.seed)
        self._listener = socket.create_server(("127.0.0.1", 0), backlog=64)
        self.port = self._listener.getsockname()[1]
        threading.Thread(target=self._accept, daemon=True).start()
        return self

    def __exit__(self, *_: object) -> None:
        self._listener.close()

    def _accept(self) -> None:
        while True:
            try:
                client, _ = self._listener.accept()
            except OSError:
                return
            threading.Thread(target=self._serve, args=(client,), daemon=True).start()

    def _serve(self, client: socket.socket) -> None:
        with client:
            client.settimeout(30)
            try:
                while self._pass_on(client, read_message(client)):
                    pass
            except OSError:
                pass  # either side is gone: so is this connection

    def _pass_on(self, client: socket.socket, request: bytes) -> bool:
        """Forward one request by its fate; return whether the connection goes on."""
        fate = self._rng.choices(list(FATES), list(FATES.values()))[0]
        delay = self._rng.uniform(0, LONGEST_DELAY)
        self.fates[fate] += 1
        if fate == "request lost":
            return False
        if fate == "request delayed":
            time.sleep(delay)
        if fate == "again":
            threading.Thread(target=self._once_more, args=(request, 0.0), daemon=True).start()
        response = self._ask(request)
        if fate == "late":
            threading.Thread(target=self._once_more, args=(request, delay), daemon=True).start()
        if fate == "response lost":
            return False
        if fate == "response cut":
            client.sendall(response[: len(response) * 2 // 3])
            return False
        if fate == "response delayed":
            time.sleep(delay)
        client.sendall(response)
        return True

    def _once_more(self, request: bytes, delay: float) -> None:
        time.sleep(delay)
        with contextlib.suppress(OSError):  # nobody waits for this answer
            self._ask(request)

    def _ask(self, request: bytes) -> bytes:
        with socket.create_connection(("127.0.0.1", self.target), timeout=30) as server:
            server.sendall(request)
            return read_message(server)


def read_message(connection: socket.socket) -> bytes:
    """Read one HTTP message, head and body.

    Raises
    ------
    ConnectionResetError
        When the other side closes before its end.
    """
    data = b""
    while b"\r\n\r\n" not in data:
        data += _some(connection)
    head, _, body = data.partition(b"\r\n\r\n")
    lines = head.decode("latin-1").lower().split("\r\n")
    length = next((int(line.split(":")[1]) for line in lines if line.startswith("content-length:")), 0)
    while len(body) < length:
        part = _some(connection)
        data, body = data + part, body + part
    return data


def _some(connection: socket.socket) -> bytes:
    data = connection.recv(65_536)
    if not data:
        raise ConnectionResetError("closed")
    return data
