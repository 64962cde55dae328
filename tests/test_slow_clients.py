"""Clients that are slow, on purpose or not, keep nobody waiting; real sockets against the real server."""

import re
import socket
import time
from contextlib import ExitStack, closing, suppress
from pathlib import Path

import pytest

from benchmarks.keep_alive import Client
from studyapp.services.ground.site import open_site
from studyapp.web.static_files import static_path
from tests.accounts import make_account
from tests.test_server import pick
from tests.torture.ordeal import invite
from tests.torture.victim import Victim

pytestmark = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
HOST = b"Host: localhost\r\n"
FORM = b"POST /sign-in HTTP/1.1\r\n" + HOST + b"Content-Length: 1000\r\n\r\n"
LONG_FILE = static_path("vendor/openseadragon.min.js")
PATIENT = {"STUDYAPP_PATIENCE": "60"}


@pytest.fixture
def judge_link(workspace) -> str:
    with closing(open_site(workspace.folders.root)) as site:
        make_account(site)
    workspace.database.close()
    return invite(workspace.folders.root)[0]


@pytest.fixture
def root(workspace, judge_link) -> Path:
    return workspace.folders.root


def connect(server: Victim, *, room: int = 0) -> socket.socket:
    made = socket.socket()
    if room:  # so that little of an answer fits into what the system holds for us
        made.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, room)
    made.settimeout(30)
    made.connect(("127.0.0.1", server.port))
    return made


def nothing(server: Victim) -> socket.socket:
    return connect(server)


def half_a_head(server: Victim) -> socket.socket:
    made = connect(server)
    made.sendall(b"GET / HTTP/1.1\r\nHost: loc")
    return made


def half_a_body(server: Victim) -> socket.socket:
    made = connect(server)
    made.sendall(FORM + b"name=Olga")
    return made


def no_reading(server: Victim) -> socket.socket:
    made = connect(server, room=2048)
    made.sendall(f"GET {LONG_FILE} HTTP/1.1\r\n".encode() + HOST + b"\r\n")
    return made


def vote(server: Victim, link: str) -> float:
    """Log in and save a ballot, each on time; return the seconds that it took."""
    began = time.monotonic()
    judge = Client(server.port)
    assert judge.get(link).status == 200
    trial = judge.get("/api/trials").json()["trials"][0]["trial"]
    data = judge.get(f"/api/trials/{trial}").json()
    judge.csrf = data["csrf"]
    assert pick(judge, trial, data["ballot"]["revision"]).status == 200
    judge.close()
    return time.monotonic() - began


def test_ballots_go_through_beside_two_hundred_slow_connections(root, judge_link):
    """Sixty seconds each has, so that it is not their end that lets the ballot through."""
    with Victim(root, workers=1, environment=PATIENT) as server, ExitStack() as open_:
        for slowly in (nothing, half_a_head, half_a_body, no_reading):
            for _ in range(50):
                open_.enter_context(slowly(server))
        assert vote(server, judge_link) < 30


def answer_of(connection: socket.socket) -> bytes:
    """Return everything until the other side closes."""
    received = b""
    while data := connection.recv(65536):
        received += data
    return received


def test_each_part_has_its_time_and_no_more(root):
    with Victim(root, workers=1, environment={"STUDYAPP_PATIENCE": "0.5"}) as server:
        with nothing(server) as silent, half_a_head(server) as head, half_a_body(server) as body:
            assert answer_of(silent) == b""
            assert answer_of(head).startswith(b"HTTP/1.1 408 ")
            assert answer_of(body).startswith(b"HTTP/1.1 408 ")
        assert seconds_of_a_drip(server) < 30
        with no_reading(server):
            # A file of 300 kB has some 20 s at the slowest pace that is waited for.
            deadline = time.monotonic() + 90
            while connections(server) and time.monotonic() < deadline:
                time.sleep(0.1)
            assert connections(server) == 0


def seconds_of_a_drip(server: Victim) -> float:
    """Send a byte now and then; return after how long the server has enough."""
    began = time.monotonic()
    with connect(server) as drip, suppress(OSError):
        drip.sendall(b"GET / HTTP/1.1\r\n")
        while time.monotonic() - began < 60:
            drip.sendall(b"X")
            time.sleep(0.05)
    return time.monotonic() - began


def connections(server: Victim) -> int:
    """Count the connections that the server's side has open."""
    port = f":{server.port:04X}"
    lines = Path("/proc/net/tcp").read_text().splitlines()[1:]
    return sum(line.split()[1].endswith(port) and line.split()[3] == "01" for line in lines)


REFUSED = [
    (b"GET / HTTP/1.1\r\nX: " + b"x" * 40_000, b"431"),
    (b"POST /sign-in HTTP/1.1\r\n" + HOST + b"Transfer-Encoding: chunked\r\n\r\n0\r\n\r\n", b"411"),
    (b"POST /sign-in HTTP/1.1\r\n" + HOST + b"Content-Length: 99999999\r\n\r\nname=", b"413"),
    (b"POST /sign-in HTTP/1.1\r\n" + HOST + b"Content-Length: 5\r\nContent-Length: 6\r\n\r\nnames", b"400"),
    (b"no HTTP at all\r\n\r\n", b"400"),
    (b"GET / HTTP/1.1\r\n" + HOST + b"SCRIPT_NAME: /elsewhere\r\nConnection: close\r\n\r\n", b"200"),
]


def test_whole_requests_are_answered_however_they_come(root):
    with Victim(root, workers=1, environment=PATIENT) as server:
        assert statuses_on_each_others_heels(server) == [b"200", b"200", b"404"]
        for sent, status in REFUSED:
            with connect(server) as client:
                client.sendall(sent)
                assert answer_of(client).split(b" ")[1] == status
        with connect(server) as client:
            form = b"name=Olga"
            head = b"POST /sign-in HTTP/1.1\r\n" + HOST + b"Expect: 100-continue\r\nConnection: close\r\n"
            client.sendall(head + b"Content-Length: %d\r\n\r\n" % len(form))
            assert client.recv(1000).startswith(b"HTTP/1.1 100 Continue")
            client.sendall(form)
            assert b"HTTP/1.1 401 " in answer_of(client)
        file = Client(server.port)
        whole = file.get(LONG_FILE).body
        file.close()
        with no_reading(server) as slow:
            slow.sendall(b"GET / HTTP/1.1\r\n" + HOST + b"Connection: close\r\n\r\n")
            received = b""
            while data := slow.recv(4096):
                received += data
                time.sleep(0.0005)
    assert whole in received
    assert received.count(b"HTTP/1.1 200 OK") == 2
    assert received.rstrip().endswith(b"</html>")


def statuses_on_each_others_heels(server: Victim) -> list[bytes]:
    one = b"GET /sign-in HTTP/1.1\r\n" + HOST + b"\r\n"
    other = b"GET /nothing HTTP/1.1\r\n" + HOST + b"Connection: close\r\n\r\n"
    with connect(server) as client:
        client.sendall(one + one[:9])
        client.sendall(one[9:] + other)
        received = answer_of(client)
    return re.findall(rb"HTTP/1\.1 (\d+) ", received)
