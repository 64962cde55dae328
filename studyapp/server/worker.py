"""gunicorn's worker with threads, of which slow connections take none.

Its own gives a connection to a thread with the first byte and lets the thread wait for the rest. Here one
loop reads requests and sends what is left of answers, for all connections at once; threads get whole requests
only. Every connection has a deadline in each state, and where there are too many the one due first has to go.
"""

import errno
import io
import os
import selectors
import socket
import time
from collections.abc import Callable
from contextlib import suppress
from functools import partial
from typing import Any, cast

from gunicorn import http
from gunicorn.http.errors import NoMoreData
from gunicorn.workers.gthread import ThreadWorker

from studyapp.server.incoming import FIRST_PIECE, Incoming, UnfitRequestError
from studyapp.server.outgoing import SLOWEST, Outgoing
from studyapp.settings import patience

CHUNK = 64 * 1024
# Seconds between two looks at the deadlines, at the most.
TICK = 0.25
# Seconds for the other side to close a connection that is ended: closed at once, it could lose the answer.
LINGER = 2.0
# Bytes of answers that wait to be taken, over all connections of a process.
MOST_WAITING = 64 << 20


class Connection:
    """A client's connection: what came in, what is to go out, and until when it may stay as it is."""

    def __init__(self, raw: socket.socket, client: Any, server: Any) -> None:
        raw.setblocking(False)
        self.raw, self.client, self.server = raw, client, server
        self.patience = patience()
        self.incoming = Incoming()
        self.sock = Outgoing(raw, self.patience)
        self.deadline = time.monotonic() + self.patience
        self.idle = False  # between two requests
        self.then: Callable[[Connection], None] | None = None  # what happens when its socket is ready

    def give(self, seconds: float) -> None:
        """Let it stay as it is for so long."""
        self.deadline = time.monotonic() + seconds


class _Held:
    """Stands for the socket while the answer to a piece is made, which may never be sent."""

    def __init__(self) -> None:
        self.data = bytearray()

    def sendall(self, data: bytes) -> None:
        """Keep it."""
        self.data += data

    def send(self, data: bytes) -> int:
        """Keep it."""
        self.data += data
        return len(data)

    def close(self) -> None:
        """Do nothing."""

    def shutdown(self, _how: int) -> None:
        """Do nothing."""

    def setblocking(self, _flag: bool) -> None:
        """Do nothing: it never blocks."""


class PatientWorker(ThreadWorker):
    """A worker that waits for nobody."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        # Connections that no thread has, in the order in which they came to wait.
        self._waiting: dict[Connection, None] = {}
        self._looked = 0.0
        self._tick = min(TICK, patience() / 4)

    def run(self) -> None:
        """Serve until told to stop, or until the master is gone."""
        wake_up = cast("int", self.method_queue.fileno())
        self.poller.register(wake_up, selectors.EVENT_READ, self.method_queue.run_callbacks)
        self.set_accept_enabled(True)
        while self.alive and self.is_parent_alive():
            self._turn()
        self.alive = False
        self._stop()

    def accept(self, listener: Any) -> None:
        """Take a connection; where there are too many, one that waits has to go."""
        if self.nr_conns >= self.worker_connections and self._waiting:
            self._drop(min(self._waiting, key=lambda conn: conn.deadline))
        try:
            raw, client = listener.accept()
        except OSError as error:
            # Mostly another process was quicker, or the client is gone already.
            if error.errno in (errno.EMFILE, errno.ENFILE) and self._waiting:
                self._drop(min(self._waiting, key=lambda conn: conn.deadline))
            return
        self.nr_conns += 1
        conn = Connection(raw, client, listener.getsockname())
        self._wait(conn, selectors.EVENT_READ, self._read)
        self._read(conn)

    def handle(self, conn: Any) -> bool:
        """Answer a request that is whole, in a thread; return whether another one may follow."""
        if conn.incoming.in_pieces:
            return self._handle_piece(conn)
        request = None
        try:
            parser = http.get_parser(self.cfg, iter([conn.incoming.take()]), conn.client)
            request = next(parser)
            return bool(self.handle_request(request, conn)) and not conn.incoming.overlong
        except (NoMoreData, StopIteration, OSError) as error:
            self.log.debug("closing a connection: %s", error)
        except Exception as error:
            self.handle_error(request, conn.sock, conn.client, error)
        return False

    def _handle_piece(self, conn: Any) -> bool:
        """Pass on a piece of an upload; who sends it hears the last answer, or the first that refuses."""
        request, held, sock = None, _Held(), conn.sock
        head, body = conn.incoming.take_piece()
        try:
            request = next(http.get_parser(self.cfg, iter([head]), conn.client))
            request.body = cast(Any, io.BytesIO(body))  # gunicorn's own would copy it several times
            conn.sock = held
            goes_on = bool(self.handle_request(request, conn)) and not conn.incoming.overlong
        except Exception as error:
            self.handle_error(request, cast(Any, held), conn.client, error)
            goes_on = False
        finally:
            conn.sock = sock
        if conn.incoming.in_pieces and held.data.startswith(b"HTTP/1.1 204 "):
            return self.alive
        with suppress(OSError):  # nobody may be there any more
            conn.sock.sendall(bytes(held.data))
        return goes_on and not conn.incoming.in_pieces

    def finish_request(self, conn: Any, fs: Any) -> None:
        """Go on with a connection whose request is answered."""
        keep = not fs.cancelled() and fs.exception() is None and fs.result()
        if not len(conn.sock):
            self._after_answer(conn, keep)
            return
        conn.deadline = conn.sock.deadline()
        self._wait(conn, selectors.EVENT_WRITE, partial(self._write, keep=keep))
        while sum(len(other.sock) for other in self._waiting) > MOST_WAITING:
            self._drop(max(self._waiting, key=lambda other: len(other.sock)))

    def _turn(self) -> None:
        self.notify()
        self.wait_for_and_dispatch_events(timeout=self._tick)
        now = time.monotonic()
        if now - self._looked < self._tick:
            return
        self._looked = now
        for conn in [conn for conn in self._waiting if conn.deadline < now]:
            self._give_up(conn)

    def _stop(self) -> None:
        """Answer what was asked before, as long as there is time for it."""
        self.set_accept_enabled(False)
        for listener in self.sockets:
            listener.close()
        orphaned = not self.is_parent_alive()
        end = time.monotonic() + (LINGER if orphaned else self.cfg.graceful_timeout)
        for conn in list(self._waiting):
            if orphaned:  # another server may be waiting for the study
                self._drop(conn)
            elif conn.idle:  # the client may be sending its next request already
                conn.deadline = min(conn.deadline, time.monotonic() + LINGER)
        while self.nr_conns > 0 and time.monotonic() < end:
            self._turn()
        for conn in list(self._waiting):
            self._drop(conn)
        if self.nr_conns:  # a thread that does not end would keep the process, and with it the study's lock
            os._exit(0)
        self.tpool.shutdown(wait=False)
        self.poller.close()
        self.method_queue.close()

    def _wait(self, conn: Connection, event: int, then: Callable[[Connection], None]) -> None:
        def ready(_socket: object) -> None:
            if conn.then is then:  # what came before it in the same turn may have ended the connection
                then(conn)

        conn.then = then
        self._waiting[conn] = None
        self.poller.register(conn.raw, event, ready)

    def _leave(self, conn: Connection) -> None:
        if conn in self._waiting:
            conn.then = None
            del self._waiting[conn]
            self.poller.unregister(conn.raw)

    def _drop(self, conn: Connection) -> None:
        self._leave(conn)
        conn.raw.close()
        self.nr_conns -= 1

    def _read(self, conn: Connection) -> None:
        incoming, had_head = conn.incoming, conn.incoming.has_head
        try:
            data = conn.raw.recv(CHUNK)
        except (BlockingIOError, InterruptedError):
            return
        except OSError:
            data = b""
        if not data:
            if incoming.cut():
                self._hand_over(conn)
            else:
                self._drop(conn)
            return
        if conn.idle or incoming.between_pieces:
            conn.idle = False
            conn.give(conn.patience)
        try:
            incoming.feed(data)
        except UnfitRequestError as error:
            self._refuse(conn, error.status)
            return
        if incoming.whole:
            self._hand_over(conn)
        elif incoming.has_head and not had_head:
            conn.give(conn.patience + (FIRST_PIECE / SLOWEST if incoming.in_pieces else 0))
            if incoming.waits_for_word:
                with suppress(OSError):
                    conn.sock.send(b"HTTP/1.1 100 Continue\r\n\r\n")

    def _hand_over(self, conn: Any) -> None:
        self._leave(conn)
        self.enqueue_req(conn)

    def _write(self, conn: Connection, *, keep: bool) -> None:
        try:
            conn.sock.push()
        except OSError:
            self._drop(conn)
            return
        if not len(conn.sock):
            self._leave(conn)
            self._after_answer(conn, keep)

    def _after_answer(self, conn: Connection, keep: bool) -> None:
        if not keep:
            self._end(conn)
            return
        try:
            conn.incoming.feed(b"")  # a part of the next request, or all of it, may be there
        except UnfitRequestError as error:
            self._refuse(conn, error.status)
            return
        if conn.incoming.whole:
            self._hand_over(conn)
        else:
            conn.idle = not conn.incoming.begun
            alive = self.cfg.keepalive if self.alive else LINGER
            conn.give(alive if conn.idle else conn.patience)
            self._wait(conn, selectors.EVENT_READ, self._read)

    def _give_up(self, conn: Connection) -> None:
        if not len(conn.sock) and conn.incoming.cut():
            self._hand_over(conn)
            return
        if conn.incoming.begun and not len(conn.sock):
            self._refuse(conn, "408 Request Timeout")
        else:
            self._drop(conn)

    def _refuse(self, conn: Connection, status: str) -> None:
        answer = f"HTTP/1.1 {status}\r\nConnection: close\r\nContent-Length: 0\r\n\r\n"
        self._leave(conn)
        with suppress(OSError):
            conn.raw.send(answer.encode("ascii"))
        self._end(conn)

    def _end(self, conn: Connection) -> None:
        """End a connection on our side, and close it when the other side did, too, or a little later."""
        try:
            conn.raw.shutdown(socket.SHUT_WR)
        except OSError:
            conn.raw.close()
            self.nr_conns -= 1
            return
        conn.incoming = Incoming()
        conn.give(LINGER)
        self._wait(conn, selectors.EVENT_READ, self._discard)

    def _discard(self, conn: Connection) -> None:
        try:
            more = conn.raw.recv(CHUNK)
        except (BlockingIOError, InterruptedError):
            return
        except OSError:
            more = b""
        if not more:
            self._drop(conn)
