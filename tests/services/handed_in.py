"""Submissions of a track with three small pairs, as zips: good ones, for tests to spoil."""

import io
import struct
import zipfile
import zlib
from collections.abc import Mapping
from contextlib import suppress
from datetime import UTC, datetime
from pathlib import Path

import numpy as np
from PIL import Image
from sqlmodel import Session

from studyapp.db.site_tables import Submission, Upload
from studyapp.db.tables import utc_text
from studyapp.services.challenge import submissions
from studyapp.services.ground.site import Site
from tests.conftest import NOW
from tests.paired_study import PAIRS, SIDE, write_paired_study

README = "runtime per image [s] : 0.342\nCPU[1] / GPU[0] : 0\nExtra Data [1] / No Extra Data [0] : 0\n"
TRACK, PHASE = "lowlight", "feedback"


def write_track(site: Site, track: str = TRACK) -> Path:
    """Give a track its study, with pairs."""
    return write_paired_study(site.root / "studies" / track)


def png(seed: int = 0, size: tuple[int, int] = (SIDE, SIDE), mode: str = "RGB", **saved: object) -> bytes:
    """Return an image of noise; `saved` is how Pillow saves it."""
    channels = {"RGB": (3,), "RGBA": (4,), "L": ()}[mode]
    pixels = np.random.default_rng(seed).integers(0, 255, (size[1], size[0], *channels)).astype(np.uint8)
    target = io.BytesIO()
    Image.fromarray(pixels, mode).save(target, **{"format": "png", **saved})
    return target.getvalue()


def sixteen_bit(size: tuple[int, int] = (SIDE, SIDE)) -> bytes:
    """Return a PNG of 16 bits a sample, which Pillow does not write."""
    samples = np.random.default_rng(0).integers(0, 1 << 16, (size[1], 3 * size[0])).astype(">u2")

    def chunk(kind: bytes, data: bytes) -> bytes:
        return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))

    header = struct.pack(">IIBBBBB", *size, 16, 2, 0, 0, 0)
    rows = zlib.compress(b"".join(b"\0" + row.tobytes() for row in samples))
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", header) + chunk(b"IDAT", rows) + chunk(b"IEND", b"")


def good(seed: int = 0) -> dict[str, bytes]:
    """Return what a good submission holds."""
    images = {f"{image}.png": png(seed * 10 + place) for place, image in enumerate(PAIRS)}
    return {**images, "readme.txt": README.encode()}


def zipped(files: Mapping[str, bytes], *, method: int = zipfile.ZIP_DEFLATED) -> bytes:
    """Pack files."""
    target = io.BytesIO()
    with zipfile.ZipFile(target, "w", method) as archive:
        for name, data in files.items():
            info = zipfile.ZipInfo(name)  # without the time: the same files make the same zip
            info.compress_type = method
            archive.writestr(info, data)
    return target.getvalue()


def write_large(path: Path, files: Mapping[str, bytes], hole: int) -> Path:
    """Write a zip of so many bytes: nothing but a hole between the files and the directory, in large form."""
    data = zipped(files)
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        directory, entries = archive.start_dir, len(archive.infolist())
    end = data.rindex(b"PK\x05\x06")
    with path.open("wb") as file:
        file.write(data[:directory])
        file.seek(hole)
        file.write(data[directory:end])
        size = end - directory
        large = struct.pack("<IQHHIIQQQQ", 0x06064B50, 44, 45, 45, 0, 0, entries, entries, size, hole)
        file.write(large + struct.pack("<IIQI", 0x07064B50, 0, hole + size, 1))
        file.write(struct.pack("<IHHHHIIH", 0x06054B50, 0, 0, entries, entries, size, 0xFFFFFFFF, 0))
    return path


def upload(session: Session, site: Site, team: int, data: bytes, *, when: datetime = NOW) -> str:
    """Let bytes have arrived for a team; return the upload's id."""
    site.uploads.mkdir(parents=True, exist_ok=True)
    row = Upload(
        id=f"{abs(hash((team, data, when.isoformat(), len(list(site.uploads.iterdir()))))):032x}"[:32],
        study=TRACK,
        name="results.zip",
        size=len(data),
        received=len(data),
        team_id=team,
        created_at=utc_text(when),
        arrived_at=utc_text(when),
    )
    (site.uploads / row.id).write_bytes(data)
    session.add(row)
    session.flush()
    return row.id


def hand_in(
    session: Session,
    site: Site,
    team: int,
    data: bytes,
    *,
    by: int = 1,
    when: datetime = NOW,
    phase: str = PHASE,
    kind: str = "results",
) -> Submission:
    """Enter a submission."""
    sent = upload(session, site, team, data, when=when)
    made = submissions.enter(
        session, site, team=team, track=TRACK, phase=phase, kind=kind, upload=sent, sent_by=by,
        now=datetime.now(UTC),
    )  # fmt: skip
    with suppress(FileNotFoundError):
        (site.uploads / sent).unlink()
    return made
