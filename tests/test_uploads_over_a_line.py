"""Uploads through the real server, by organisers and by teams: cut lines, strangers who send much."""

import os
import socket
from collections.abc import Iterator
from contextlib import closing

import pytest
from sqlmodel import select

from benchmarks.uploading import Line, Pieces, Sender
from studyapp.db.site_tables import Submission
from studyapp.sample.serving import serving
from studyapp.server.incoming import FIRST_PIECE, PIECE
from studyapp.services.challenge import submissions, tokens
from tests.conftest import NOW
from tests.services.challenge_site import account_of, challenge_site, team

SIZE = 3 * PIECE + 12_345
CHALLENGE = """\
challenge:
  tracks:
    night: {phases: {feedback: {title: F, opens: 2026-01-01T00:00:00Z, closes: 2100-01-01T00:00:00Z}}}
"""


@pytest.fixture
def site(folder, tmp_path, monkeypatch):
    monkeypatch.delenv("STUDYAPP_DATABASE_URL", raising=False)
    root = tmp_path / "site"
    (root / "studies").mkdir(parents=True)
    folder.rename(root / "studies" / "night")
    with challenge_site(root, CHALLENGE) as site:
        team(site, "Owls", "Ada", tracks=["night"])
        yield site


@pytest.fixture
def running(site) -> Iterator[tuple[str, dict[str, Sender]]]:
    """A server's address, and who sends."""
    with site.database.writing() as session:
        token = tokens.make(session, account_of(site, "Ada"), "laptop", NOW)
    with serving(site.root, workers=1) as running:
        yield (
            running.url,
            {
                "an organiser": Sender.organiser(running.url, running.organiser, study="/s/night"),
                "a team": Sender.team(running.url, token, "night", "feedback"),
            },
        )


def test_a_line_that_is_cut_costs_what_was_on_its_way_at_the_most(running, site):
    url, senders = running
    port, block = int(url.rpartition(":")[2]), os.urandom(65_537)
    pieces, stored = Pieces(block, SIZE), {}
    for who, sender in senders.items():
        path = sender.create("team01.zip", SIZE)
        with closing(Line(port, [FIRST_PIECE // 2, FIRST_PIECE + 999, PIECE + 5_000_000])) as line:
            assert sender.send(path, SIZE, pieces, port=line.port) >= 4, who
            assert line.cut == 3, who
        # Of a whole file, whatever became of it, nothing is to be sent again.
        assert sender.offset(path) == SIZE, who
        stored[who] = site.uploads / path.rpartition("/")[2]
    with site.database.reading() as session:
        (made,) = session.exec(select(Submission)).all()
    assert not stored["a team"].exists(), "it is a submission now"
    stored["a team"] = submissions.folder_of(site, made.id or 0) / submissions.PACKAGE
    for arrived in stored.values():
        assert arrived.read_bytes() == b"".join(pieces.after(0))

    for path in ("/s/night/console/uploads", "/challenge/tracks/night/feedback/uploads"):
        with socket.create_connection(("127.0.0.1", port), timeout=60) as stranger:
            head = f"PATCH {path}/{'0' * 32} HTTP/1.1\r\nHost: localhost\r\nTus-Resumable: 1.0.0\r\n"
            head += "Content-Type: application/offset+octet-stream\r\nUpload-Offset: 0\r\n"
            stranger.sendall(head.encode() + b"Content-Length: 99999999\r\n\r\n" + b"x" * FIRST_PIECE)
            assert stranger.recv(100).startswith(b"HTTP/1.1 401 "), path
