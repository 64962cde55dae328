"""Forty zips that no organiser should have to look into: each problem is named, and nothing is hurt."""

import io
import os
import stat
import struct
import zipfile
import zlib
from collections.abc import Callable
from pathlib import Path

import pytest
from PIL import Image

from analysis.imaging import Policy
from studyapp.errors import ProblemsFoundError
from studyapp.services.challenge.packages import Package, Wanted, take_out
from tests.paired_study import PAIRS, SIDE
from tests.services.handed_in import README, good, png, write_large, zipped

WANTED = {image: Wanted(f"{image}.png", (SIDE, SIDE)) for image in PAIRS}
MOST = 1_000_000


def taken(data: bytes, folder: Path) -> Package:
    path, images = folder / "package.zip", folder / "images"
    path.write_bytes(data)
    images.mkdir()
    try:
        return take_out(path, "results.zip", WANTED, images, policy=Policy(MOST), workers=1)
    finally:
        path.unlink()


def changed(**files: bytes | None) -> bytes:
    """Return a good submission with files replaced, added or (None) left out."""
    held = good() | {name.replace("__", "."): data for name, data in files.items()}
    return zipped({name: data for name, data in held.items() if data is not None})


def named(old: str, new: str) -> bytes:
    return zipped({new if name == old else name: data for name, data in good().items()})


def twice() -> bytes:
    target = io.BytesIO(changed())
    with pytest.warns(UserWarning, match="Duplicate"), zipfile.ZipFile(target, "a") as archive:
        archive.writestr("101.png", png(9))
    return target.getvalue()


def special(name: str, data: bytes, **fields: int) -> bytes:
    """Return a good submission and an entry with unusual fields, in place of one of its name."""
    target = io.BytesIO(zipped({key: value for key, value in good().items() if key != name}))
    with zipfile.ZipFile(target, "a") as archive:
        info = zipfile.ZipInfo(name)
        for field, value in fields.items():
            setattr(info, field, value)
        archive.writestr(info, data)
    return target.getvalue()


def patched(change: Callable[[bytearray], None]) -> bytes:
    data = bytearray(zipped(good(), method=zipfile.ZIP_STORED))
    change(data)
    return bytes(data)


def in_header(name: str, offset: int, value: bytes) -> Callable[[bytearray], None]:
    """Write into the entry of the directory that has this name."""

    def change(data: bytearray) -> None:
        at = data.rindex(name.encode()) - 46 + offset
        data[at : at + len(value)] = value

    return change


def broken_pixels(data: bytearray) -> None:
    at = data.index(b"IDAT") + 40
    data[at : at + 8] = bytes(8)


def overlapping(data: bytearray) -> None:
    first = data.rindex(b"101.png") - 46 + 42
    second = data.rindex(b"102.png") - 46 + 42
    data[second : second + 4] = data[first : first + 4]


def bomb() -> bytes:
    return changed(**{"101__png": bytes(65 * 2**20)})


def lying_bomb() -> bytes:
    """An entry that declares little and holds much."""
    data = bytearray(bomb())
    for signature, offset in ((b"PK\x03\x04", 22), (b"PK\x01\x02", 24)):
        at = data.index(signature)
        data[at + offset : at + offset + 4] = struct.pack("<I", 1000)
    return bytes(data)


def half_a_png() -> bytes:
    return good()["101.png"][:-3000]


def huge_header() -> bytes:
    data = bytearray(good()["101.png"])
    data[16:24] = struct.pack(">II", 100_000, 100_000)
    data[29:33] = struct.pack(">I", zlib.crc32(data[12:29]))
    return bytes(data)


HOSTILE: dict[str, tuple[Callable[[], bytes], list[str]]] = {
    "empty": (lambda: b"", ["results.zip: not a zip, or cut off"]),
    "a PNG": (png, ["results.zip: not a zip"]),
    "cut off": (lambda: changed()[:-30], ["results.zip: not a zip, or cut off"]),
    "cut in the middle": (lambda: changed()[:5000], ["results.zip: not a zip, or cut off"]),
    "no files": (lambda: zipped({}), ["readme.txt: missing", "has none of the 3 images"]),
    "an image missing": (lambda: changed(**{"102__png": None}), ["102.png: missing; add it"]),
    "readme missing": (lambda: changed(readme__txt=None), ["readme.txt: missing; add it"]),
    "readme wrong": (lambda: changed(readme__txt=b"runtime: fast"), ["readme.txt:1: 'fast' is no number"]),
    "two readmes": (
        lambda: zipped({**good(), "README.TXT": README.encode()}),
        ["README.TXT: a second readme.txt"],
    ),
    "an image too many": (
        lambda: changed(**{"104__png": png(5)}),
        ["104.png: not asked for: there is no input '104'; name images as the inputs: 101.png"],
    ),
    "misnamed": (
        lambda: named("101.png", "101_restored.png"),
        ["did you mean 101.png?", "101.png: missing"],
    ),
    "all misnamed": (
        lambda: zipped({f"x{name}" if name[0] == "1" else name: data for name, data in good().items()}),
        ["has none of the 3 images; name them as the inputs: 101.png, 102.png, 103.png"],
    ),
    "two formats": (
        lambda: changed(**{"101__jpg": png(3, format="jpeg")}),
        ["101.jpg: could be the same image as 101.png; keep one"],
    ),
    "the same name twice": (twice, ["101.png: is in it 2 times"]),
    "in a folder": (
        lambda: zipped({f"results/{name}": data for name, data in good().items()}),
        ["results/: a folder with 3 files; folders in a submission are not read"],
    ),
    "in folders": (lambda: named("103.png", "a/b/103.png"), ["a/b/: a folder with 1 file;"]),
    "a zip in the zip": (lambda: zipped({"all.zip": changed()}), ["all.zip: an archive in the zip"]),
    "wrong size": (
        lambda: changed(**{"101__png": png(1, (SIDE + 2, SIDE))}),
        [f"101.png: {SIDE + 2}x{SIDE} pixels, but it must have {SIDE}x{SIDE}"],
    ),
    "turned": (
        lambda: changed(**{"101__png": png(1, (SIDE * 2, SIDE // 2))}),
        ["101.png: 96x24 pixels, but it must have 48x48"],
    ),
    "not an image": (
        lambda: changed(**{"101__png": b"hello, world"}),
        ["101.png: not an image of an accepted format"],
    ),
    "an empty image": (lambda: changed(**{"101__png": b""}), ["101.png: the file is empty"]),
    "half an image": (
        lambda: changed(**{"101__png": half_a_png()}),
        ["101.png: cannot be read as PNG (Truncated File Read)"],
    ),
    "a JPEG called PNG": (
        lambda: changed(**{"101__png": png(1, format="jpeg")}),
        ["101.png: named .png but contains a JPEG; save it as PNG"],
    ),
    "a GIF": (
        lambda: changed(**{"101__png": None, "101__gif": png(1, format="gif")}),
        ["101.gif: not an image of an accepted format; save it as 101.png", "101.png: missing"],
    ),
    "see-through": (
        lambda: changed(**{"101__png": png(1, mode="RGBA")}),
        ["101.png: transparent pixels"],
    ),
    "a header of 10 gigapixels": (
        lambda: changed(**{"101__png": huge_header()}),
        ["101.png: 100000x100000 pixels are more than the 1,000,000 allowed"],
    ),
    "a bomb": (bomb, ["unpacks to 68,157,440 bytes, as only a zip bomb does"]),
    "a bomb that lies": (lying_bomb, ["101.png:"]),
    "a file beyond all limits": (
        lambda: zipped({**good(), "101.png": os.urandom(73 * 2**20)}, method=zipfile.ZIP_STORED),
        ["more than the 75,108,864 that an image may have"],
    ),
    "up and away": (lambda: named("101.png", "../101.png"), ["../101.png: leads out of the archive"]),
    "absolute": (lambda: named("101.png", "/tmp/101.png"), ["/tmp/101.png"]),
    "by Windows' way": (lambda: named("101.png", "..\\101.png"), ["101.png"]),
    "on a drive": (lambda: named("101.png", "C:101.png"), ["C:101.png"]),
    "a link": (
        lambda: special("101.png", b"/etc/passwd", external_attr=(stat.S_IFLNK | 0o777) << 16),
        ["101.png: is a link; pack the images again as a plain zip"],
    ),
    "encrypted": (
        lambda: patched(in_header("101.png", 8, b"\x01\x00")),
        ["101.png: is encrypted"],
    ),
    "a rare method": (
        lambda: zipped(good(), method=zipfile.ZIP_LZMA),
        ["101.png: uses a rare compression method"],
    ),
    "another method than it says": (
        lambda: patched(in_header("101.png", 10, b"\x08\x00")),
        ["101.png: damaged"],
    ),
    "a wrong checksum": (lambda: patched(broken_pixels), ["101.png: damaged in the zip (Bad CRC-32"]),
    "overlapping": (lambda: patched(overlapping), ["overlaps another entry, as in a zip bomb"]),
    "too many files": (
        lambda: zipped({f"{number}.png": b"" for number in range(20_001)}),
        ["has 20,001 files"],
    ),
    "a directory beyond the end": (
        lambda: changed()[:-6] + struct.pack("<I", 2**31) + b"\0\0",
        ["101.png: lies outside of the file"],
    ),
    "control characters": (lambda: named("101.png", "10\x1b[31m1.png"), ["10", "101.png: missing"]),
}


def test_forty_hostile_uploads_are_each_refused_with_what_is_wrong(tmp_path):
    assert len(HOSTILE) >= 40
    for place, (case, (make, said)) in enumerate(HOSTILE.items()):
        folder = tmp_path / f"{place}"
        folder.mkdir()
        with pytest.raises(ProblemsFoundError) as refused:
            taken(make(), folder)
        lines = [str(problem) for problem in refused.value.problems]
        text = "\n".join(lines)
        for part in said:
            assert part in text, (case, text)
        assert "\x1b" not in text, case
        assert all(problem.remedy for problem in refused.value.problems), case
        outside = {path.name for path in tmp_path.rglob("*") if path.is_file()}
        assert outside <= {f"{image}{end}" for image in PAIRS for end in (".png", ".jpg")}, case
    assert not list(tmp_path.parent.glob("*.png"))


def test_all_mistakes_of_a_zip_are_named_at_once(tmp_path):
    data = zipped(
        {
            "out/101.png": png(1, (10, 10)),
            "1O2.png": png(2),
            "103.png": b"x",
            "notes.pdf": b"%PDF",
            "readme.txt": b"runtime per image: soon\nCPU[1]/GPU[0]: 1",
        }
    )
    with pytest.raises(ProblemsFoundError) as refused:
        taken(data, tmp_path)
    errors = [str(problem) for problem in refused.value.problems if problem.severity == "error"]
    for part in (
        "out/: a folder with 1 file", "101.png: 10x10 pixels", "1O2.png: not asked for", "102.png: missing",
        "103.png: not an image", "readme.txt:1: 'soon'", "no line 'Extra Data",
    ):  # fmt: skip
        assert any(part in error for error in errors), (part, errors)
    assert len(errors) == 7


def zip64() -> bytes:
    target = io.BytesIO()
    with zipfile.ZipFile(target, "w") as archive:
        for name, data in good().items():
            with archive.open(name, "w", force_zip64=True) as file:
                file.write(data)
    return target.getvalue()


GOOD = {
    "stored": lambda: zipped(good(), method=zipfile.ZIP_STORED),
    "with what systems leave behind": lambda: zipped(
        {**good(), "__MACOSX/._101.png": b"x", ".DS_Store": b"x", "Thumbs.db": b"x"}
    ),
    "with its folders listed": lambda: zipped({"__MACOSX/": b"", **good()}),
    "in capitals": lambda: named("101.png", "101.PNG"),
    "behind something else": lambda: b"#!/bin/sh\n" + zipped(good()),
    "with a comment": lambda: changed()[:-2] + struct.pack("<H", 5) + b"hello",
    "as zip64": zip64,
}


def test_what_is_unusual_and_right_is_taken(tmp_path):
    for place, (case, make) in enumerate(GOOD.items()):
        folder = tmp_path / f"{place}"
        folder.mkdir()
        package = taken(make(), folder)
        assert list(package.images) == list(PAIRS), case
        assert package.images["101"].read_bytes() == good()["101.png"], case
        assert package.readme is not None
        assert package.readme.runtime == 0.342
        assert package.remarks == []


def test_what_the_decoder_changes_is_a_remark_and_stops_nothing(tmp_path):
    sixteen = io.BytesIO()
    Image.new("I;16", (SIDE, SIDE), 700).save(sixteen, "png")
    package = taken(changed(**{"101__png": sixteen.getvalue(), "method__pdf": b"%PDF"}), tmp_path)
    said = [str(problem) for problem in package.remarks]
    assert any(line.startswith("101.png: ") and "16" in line for line in said), said
    assert "method.pdf: not asked for; not read; leave it out" in said
    same = zipped({**good(), "102.png": good()["101.png"]})
    (tmp_path / "again").mkdir()
    assert "102.png: the same pixels as 101.png" in str(taken(same, tmp_path / "again").remarks[0])


def test_a_zip_of_more_than_four_gigabytes_is_read_whole(tmp_path):
    """Elsewhere such a submission ended as 0.0: its directory is in the form for large files."""
    path = write_large(tmp_path / "large.zip", good(), 5 * 2**30)
    images = tmp_path / "images"
    images.mkdir()
    package = take_out(path, "large.zip", WANTED, images, policy=Policy(MOST), workers=1)
    assert package.images["103"].read_bytes() == good()["103.png"]
