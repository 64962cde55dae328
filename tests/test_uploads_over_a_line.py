"""Uploads through the real server: cut lines, slow senders, strangers who send much."""

import os
import socket
from contextlib import closing

import pytest

from benchmarks.uploading import Line, Organiser, Pieces
from studyapp.sample.serving import serving
from studyapp.server.incoming import FIRST_PIECE, PIECE

SIZE = 3 * PIECE + 12_345


@pytest.fixture
def running(workspace, links):
    workspace.database.close()
    with serving(workspace.folders.root, workers=1) as running:
        yield running


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
def test_a_line_that_is_cut_costs_what_was_on_its_way_at_the_most(running, folder):
    block = os.urandom(65_537)
    pieces, organiser = Pieces(block, SIZE), Organiser(running.url, running.organiser)
    port = int(running.url.rpartition(":")[2])
    path = organiser.create("team01.zip", SIZE)
    with closing(Line(port, [FIRST_PIECE // 2, FIRST_PIECE + 999, PIECE + 5_000_000])) as line:
        assert organiser.send(path, SIZE, pieces, port=line.port) >= 4
        assert line.cut == 3
    arrived = folder / "var" / "uploads" / path.rpartition("/")[2]
    assert arrived.read_bytes() == b"".join(pieces.after(0))

    with socket.create_connection(("127.0.0.1", port), timeout=60) as stranger:
        head = (
            f"PATCH {path} HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/offset+octet-stream\r\n"
        )
        head += "Tus-Resumable: 1.0.0\r\nUpload-Offset: 0\r\nContent-Length: 99999999\r\n\r\n"
        stranger.sendall(head.encode() + b"x" * FIRST_PIECE)
        assert stranger.recv(100).startswith(b"HTTP/1.1 401 ")
        assert arrived.stat().st_size == SIZE
