"""Uploads by tus: bytes that were acknowledged are on disk, and nothing that is sent can hurt."""

import base64
import io
import os

import pytest

from studyapp.services.uploads import receiving
from tests.sqlite_alone import database_url  # noqa: F401 (the same on every database)

BYTES = "application/offset+octet-stream"


class Sender:
    """A tus client of its own, without retries."""

    def __init__(self, browser) -> None:
        browser.get("/console/images")  # a page with the form's token
        self.browser = browser

    def call(self, method, path="/console/uploads", *, data=None, **headers):
        named = {name.replace("_", "-"): str(value) for name, value in headers.items()}
        return self.browser.client.open(
            path,
            method=method,
            data=data,
            headers={"Tus-Resumable": "1.0.0", "X-CSRFToken": self.browser.token, **named},
        )

    def create(self, size, name="team01.zip"):
        name = name.encode("utf-8", "surrogateescape") if isinstance(name, str) else name
        return self.call(
            "POST",
            Upload_Length=size,
            Upload_Metadata=f"filename {base64.b64encode(name).decode()}",
        )

    def add(self, path, offset, data):
        return self.call("PATCH", path, data=data, Upload_Offset=offset, Content_Type=BYTES)

    def offset(self, path):
        return int(self.call("HEAD", path).headers["Upload-Offset"])


@pytest.fixture
def sender(olga) -> Sender:
    return Sender(olga)


class CutStream(io.RawIOBase):
    """A body that ends with its connection."""

    def __init__(self, data: bytes) -> None:
        self.left = data

    def readinto(self, into):
        if not self.left:
            raise ConnectionResetError
        taken, self.left = self.left[: len(into)], self.left[len(into) :]
        into[: len(taken)] = taken
        return len(taken)

    def readable(self):
        return True


def test_a_file_arrives_in_pieces_that_were_cut_anywhere(sender, site):
    data = os.urandom(5_000)
    path = sender.create(len(data)).headers["Location"]
    assert sender.add(path, 0, data[:1000]).headers["Upload-Offset"] == "1000"
    for cut in (1, 999, 2000):
        there = sender.offset(path)
        environ = {"wsgi.input": CutStream(data[there : there + cut]), "wsgi.input_terminated": False}
        sender.browser.client.open(
            path,
            method="PATCH",
            headers={
                "Tus-Resumable": "1.0.0",
                "X-CSRFToken": sender.browser.token,
                "Upload-Offset": str(there),
                "Content-Type": BYTES,
                "Content-Length": str(len(data) - there),
            },
            environ_overrides=environ,
        )
        assert sender.offset(path) == there + cut
    assert sender.add(path, 4000, data[4000:]).status_code == 204
    [row] = _arrived(site)
    assert (site.uploads / row.id).read_bytes() == data
    assert row.name == "team01.zip"
    assert sender.call("DELETE", path).status_code == 204
    assert sender.call("HEAD", path).status_code == 404
    assert list(site.uploads.iterdir()) == []


def test_bytes_that_a_crash_left_behind_are_overwritten(sender, site):
    path = sender.create(6).headers["Location"]
    sender.add(path, 0, b"abc")
    [file] = site.uploads.iterdir()
    file.write_bytes(b"abcXXXXXX")
    assert sender.offset(path) == 3
    sender.add(path, 3, b"def")
    assert file.read_bytes() == b"abcdef"


def test_of_two_who_send_the_same_file_one_waits(sender, site):
    path = sender.create(6).headers["Location"]
    upload = path.rpartition("/")[2]
    with receiving._open(site, upload):
        response = sender.add(path, 0, b"abc")
        assert (response.status_code, sender.call("DELETE", path).status_code) == (423, 423)
        assert "another connection" in response.text
    assert sender.add(path, 1, b"abc").status_code == 409


def test_what_the_protocol_asks(sender):
    offers = sender.call("OPTIONS")
    assert offers.headers["Tus-Version"] == offers.headers["Tus-Resumable"] == "1.0.0"
    assert offers.headers["Tus-Extension"] == "creation,expiration,termination"
    old = sender.call("POST", Tus_Resumable="0.2.2", Upload_Length=5)
    assert (old.status_code, old.headers["Tus-Version"]) == (412, "1.0.0")
    made = sender.create(5)
    assert made.status_code == 201
    assert made.headers["Upload-Expires"].endswith("GMT")
    looked = sender.call("HEAD", made.headers["Location"])
    assert (looked.headers["Upload-Length"], looked.headers["Cache-Control"]) == ("5", "no-store")
    assert sender.call("PATCH", made.headers["Location"], data=b"x", Upload_Offset=0).status_code == 415
    assert sender.create(0).status_code == 201


NAMES = [
    ("../../etc/passwd", 400),
    ("/etc/passwd", 400),
    ("a\\b.zip", 400),
    ("a\0b.zip", 400),
    ("", 400),
    (".", 400),
    ("x" * 5_000, 400),
    ("x/" * 600 + "y.png", 400),
    ("right\u202egnp.zip", 400),
    (b"\xff\xfe.zip", 400),
    ("第一队 ✓.zip", 201),
    ("Ünïcode/e\u0301.png", 201),
    ("<script>alert(1)</script>.zip", 201),
]


@pytest.mark.parametrize(("name", "status"), NAMES, ids=[str(number) for number in range(len(NAMES))])
def test_names_are_text_and_never_a_path(sender, site, name, status):
    before = _outside(site)
    assert sender.create(3, name).status_code == status
    assert _outside(site) == before
    made = list(site.uploads.iterdir()) if site.uploads.exists() else []
    assert [len(path.name) for path in made] == [32] * (status == 201)


HEADERS = [
    ({"Upload_Length": "-1"}, 400),
    ({"Upload_Length": "1e9"}, 400),
    ({"Upload_Length": "9" * 30}, 400),
    ({"Upload_Length": "٣"}, 400),
    ({}, 400),
    ({"Upload_Length": str(receiving.LARGEST_FILE + 1), "Upload_Metadata": "filename QUFB"}, 413),
    ({"Upload_Length": "3", "Upload_Metadata": "filename ###"}, 400),
    ({"Upload_Length": "3", "Upload_Metadata": ",,,"}, 400),
    ({"Upload_Length": "3", "Upload_Metadata": "filename " + "QUFB" * 4_000}, 400),
]


@pytest.mark.parametrize(("headers", "status"), HEADERS, ids=[str(number) for number in range(len(HEADERS))])
def test_sizes_and_metadata_that_make_no_sense(sender, site, headers, status):
    encoded = {name: value.encode().decode("latin-1") for name, value in headers.items()}
    response = sender.call("POST", **encoded)
    assert response.status_code == status
    assert not site.uploads.exists() or not list(site.uploads.iterdir())


def test_offsets_and_lengths_that_lie(sender, site):
    path = sender.create(10).headers["Location"]
    assert sender.add(path, 10**14, b"x").status_code == 409
    assert sender.add(path, "-1", b"x").status_code == 400
    assert sender.add(path, 0, b"x" * 11).status_code == 413
    assert sender.offset(path) == 0
    [file] = site.uploads.iterdir()
    assert file.stat().st_size == 0


def test_limits_are_said_clearly(sender, site, monkeypatch):
    monkeypatch.setattr(receiving, "MOST_FILES", 2)
    assert [sender.create(1).status_code for _ in range(3)] == [201, 201, 413]
    assert "a zip for each team" in sender.create(1).text
    monkeypatch.setattr(receiving, "MOST_FILES", 10)
    monkeypatch.setattr(receiving, "LARGEST_STUDY", 5)
    assert "remove some first" in sender.create(4).text
    monkeypatch.setattr(receiving, "FREE_KEPT", 1 << 60)
    assert "kept free for ballots" in sender.create(1).text


def test_a_disk_that_fills_up_keeps_what_was_acknowledged(sender, site, monkeypatch):
    path = sender.create(10).headers["Location"]
    sender.add(path, 0, b"abc")
    monkeypatch.setattr(receiving, "FREE_KEPT", 1 << 60)
    assert sender.add(path, 3, b"def").status_code == 413
    monkeypatch.setattr(receiving, "FREE_KEPT", 0)

    def full(*_arguments):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(receiving.os, "pwrite", full)
    assert sender.add(path, 3, b"def").status_code == 503
    monkeypatch.undo()
    assert sender.offset(path) == 3


def test_only_whoever_may_sends(sender, site, jude, eve, app):
    path = sender.create(3).headers["Location"]
    headers = {"Tus-Resumable": "1.0.0", "Upload-Offset": "0", "Content-Type": BYTES}
    for person, status in ((jude, 404), (eve, 401)):
        token = _any_token(person)
        for method, target in (
            ("POST", "/console/uploads"),
            ("HEAD", path),
            ("PATCH", path),
            ("DELETE", path),
        ):
            sent = person.client.open(target, method=method, headers={**headers, "X-CSRFToken": token})
            assert sent.status_code == status, (method, target)
    without = sender.browser.client.patch(path, data=b"abc", headers=headers)
    assert without.status_code == 400
    for upload in ("0" * 32, "..", "%2e%2e%2fstudy.db", "x", "0" * 5000):
        assert sender.call("HEAD", f"/console/uploads/{upload}").status_code == 404
    sender.browser.post("/logout")
    assert sender.browser.client.head(path, headers=headers).status_code == 401
    assert [file.stat().st_size for file in site.uploads.iterdir()] == [0]


def test_another_studys_upload_is_not_there(sender, site):
    path = sender.create(3).headers["Location"]
    with site.database.writing() as session:
        row = session.get(receiving.Upload, path.rpartition("/")[2])
        row.study = "other"
        session.add(row)
    for method in ("HEAD", "DELETE"):
        assert sender.call(method, path).status_code == 404
    assert sender.add(path, 0, b"abc").status_code == 404


def test_a_link_in_place_of_the_bytes_is_not_followed(sender, site, tmp_path):
    (tmp_path / "target").write_bytes(b"precious")
    path = sender.create(3).headers["Location"]
    [file] = site.uploads.iterdir()
    file.unlink()
    file.symlink_to(tmp_path / "target")
    assert sender.add(path, 0, b"abc").status_code == 404
    assert (tmp_path / "target").read_bytes() == b"precious"


def test_what_was_never_finished_goes_after_a_week(sender, site):
    sender.create(3)
    kept = sender.create(3).headers["Location"]
    sender.add(kept, 0, b"abc")
    with site.database.reading() as session:
        begun = session.get(receiving.Upload, kept.rpartition("/")[2]).created_at
    later = receiving.datetime.fromisoformat(begun) + receiving.KEPT_UNFINISHED * 2
    assert receiving.remove_expired(site, now=later) == 1
    assert [row.id for row in _arrived(site)] == [kept.rpartition("/")[2]]
    assert [path.name for path in site.uploads.iterdir()] == [kept.rpartition("/")[2]]


def _outside(site):
    """Everything of the study but its databases and uploads."""
    return {
        path for path in site.root.rglob("*") if not {"uploads"} & {*path.parts} and ".db" not in path.name
    }


def _arrived(site):
    with site.database.reading() as session:
        return receiving.arrived(session, "")


def _any_token(person) -> str:
    page = person.client.get("/").text
    return page.split('name="csrf_token" value="')[1][:91] if "csrf_token" in page else "x"
