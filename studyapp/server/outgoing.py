"""What a connection is still to be sent: an answer that is taken slowly waits here, and no thread with it."""

import errno
import select
import socket
import time

# A thread goes on to other work when what it could not send is less than this; only downloads of results are
# longer than that.
LEFT_WAITING = 1 << 20
# Bytes a second that whoever takes an answer must manage, beside the time that everybody has.
SLOWEST = 16 * 1024


class Outgoing:
    """The socket as an answer is written to it: what does not fit into it is kept for later."""

    def __init__(self, raw: socket.socket, patience: float) -> None:
        self._raw = raw
        self._patience = patience
        self._left = bytearray()

    def __len__(self) -> int:
        return len(self._left)

    def sendall(self, data: bytes) -> None:
        """Send, or keep, all of `data`.

        Raises
        ------
        OSError
            When the other side is gone, or too slow with a long answer.
        """
        self._left += data
        self.push()
        deadline = self.deadline()
        while len(self._left) > LEFT_WAITING:
            if not self._is_writable(deadline - time.monotonic()):
                raise TimeoutError(errno.ETIMEDOUT, "a response is read too slowly")
            self.push()

    def send(self, data: bytes) -> int:
        """Send, or keep, all of `data`; return its length."""
        self.sendall(data)
        return len(data)

    def push(self) -> None:
        """Send as much as the other side takes now.

        Raises
        ------
        OSError
            When it is gone.
        """
        while self._left:
            try:
                sent = self._raw.send(self._left)
            except (BlockingIOError, InterruptedError):
                return
            del self._left[:sent]

    def deadline(self) -> float:
        """Return by when (on the monotonic clock) what is left must be taken."""
        return time.monotonic() + self._patience + len(self._left) / SLOWEST

    def _is_writable(self, seconds: float) -> bool:
        poll = select.poll()
        poll.register(self._raw, select.POLLOUT)
        return seconds > 0 and bool(poll.poll(seconds * 1000))

    # gunicorn calls these on what it takes for a socket.
    def close(self) -> None:
        """Do nothing: the worker closes, when what is left is sent."""

    def shutdown(self, _how: int) -> None:
        """Do nothing, as above."""

    def setblocking(self, _flag: bool) -> None:
        """Do nothing: it never blocks."""

    def gettimeout(self) -> float:
        """Return 0: it never blocks."""
        return 0.0

    def settimeout(self, _seconds: float | None) -> None:
        """Do nothing, as above."""

    def recv(self, _size: int) -> bytes:
        """Return nothing: what is read is read before."""
        return b""
