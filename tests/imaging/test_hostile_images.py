"""Files made to do harm, or harmed on the way: a clear refusal, at once and in little memory."""

import struct
import subprocess
import sys
import time
import zlib
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from analysis.imaging import Policy
from analysis.imaging.decode import ImageRefusedError
from analysis.imaging.tags import Note
from studyapp.imaging.ingest import ImageFile, inspect
from tests.imaging.decoded import load_rgb

MAX = 100_000


def chunk(kind, data):
    return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))


def png_header(width, height):
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0))


def vp8x(width, height):
    """A WebP header that promises a canvas; Pillow would allocate it while opening."""
    size = (width - 1).to_bytes(3, "little") + (height - 1).to_bytes(3, "little")
    body = b"WEBPVP8X" + struct.pack("<I", 10) + b"\0\0\0\0" + size
    return b"RIFF" + struct.pack("<I", len(body)) + body


def bmp_header(width, height):
    return (
        b"BM"
        + struct.pack("<IHHI", 54, 0, 0, 54)
        + struct.pack("<IiiHHIIiiII", 40, width, height, 1, 24, *[0] * 6)
    )


def refusal(path, data, limit=MAX):
    path.write_bytes(data)
    started = time.monotonic()
    with pytest.raises(ImageRefusedError) as caught:
        load_rgb(path, limit)
    assert time.monotonic() - started < 2
    assert "\n" not in str(caught.value)
    assert caught.value.remedy
    return str(caught.value)


@pytest.mark.parametrize(
    "data",
    [
        png_header(60_000, 60_000) + chunk(b"IDAT", zlib.compress(bytes(100_000))) + chunk(b"IEND", b""),
        png_header(2**31 - 1, 2**31 - 1) + chunk(b"IDAT", b"") + chunk(b"IEND", b""),
        vp8x(2**24, 2**8),
        vp8x(16_384, 16_384),
        bmp_header(50_000, 50_000),
    ],
    ids=["png bomb", "png, largest size", "webp, 24 bits", "webp canvas", "bmp"],
)
def test_a_size_beyond_the_limit_is_refused_by_the_header(tmp_path, data):
    assert "more than the 100,000 allowed" in refusal(tmp_path / "a.png", data)


@pytest.mark.parametrize("size", [(0, 5), (5, 0)])
def test_a_png_of_no_size_is_refused(tmp_path, size):
    data = png_header(*size) + chunk(b"IDAT", zlib.compress(b"")) + chunk(b"IEND", b"")
    assert refusal(tmp_path / "a.png", data)


def test_the_limit_itself_is_allowed(tmp_path):
    path = tmp_path / "a.png"
    Image.new("RGB", (20, 10)).save(path)
    assert load_rgb(path, 200).pixels.shape == (10, 20, 3)
    with pytest.raises(ImageRefusedError, match="20x10 pixels are more than the 199 allowed"):
        load_rgb(path, 199)


@pytest.mark.parametrize(
    "data",
    [
        b"PK\x03\x04 a zip named png",
        b"<svg xmlns='http://www.w3.org/2000/svg'/>",
        b"GIF89a",
        b"%!PS-Adobe-3.0 EPSF",
        b"\0" * 100,
        b"P6 1 1 255 abc",
    ],
)
def test_other_formats_are_refused_whatever_their_name(tmp_path, data):
    assert "not an image of an accepted format" in refusal(tmp_path / "a.png", data)


def test_an_empty_file_is_refused(tmp_path):
    assert refusal(tmp_path / "a.png", b"") == "the file is empty; add the image again"


@pytest.mark.parametrize("extension", ["png", "jpg", "tif", "webp", "bmp"])
def test_a_file_cut_off_anywhere_is_refused(tmp_path, extension):
    path = tmp_path / f"a.{extension}"
    Image.fromarray(np.random.default_rng(1).integers(0, 256, (50, 70, 3), dtype=np.uint8)).save(path)
    whole = path.read_bytes()
    for share in (0.001, 0.01, 0.1, 0.5, 0.9, 0.99):
        assert refusal(tmp_path / f"b.{extension}", whole[: int(share * len(whole))])


def test_one_flipped_bit_in_a_png_is_found(tmp_path):
    path = tmp_path / "a.png"
    Image.fromarray(np.random.default_rng(1).integers(0, 256, (50, 70, 3), dtype=np.uint8)).save(path)
    data = bytearray(path.read_bytes())
    data[len(data) // 2] ^= 1
    assert "checksum" in refusal(path, bytes(data))


def test_pixel_data_shorter_than_the_header_promises_is_refused(tmp_path):
    rows = bytes([0, *[200] * 300]) * 100
    for length in (0, 301 * 50, 301 * 99, 301 * 100 - 1):
        data = png_header(100, 100) + chunk(b"IDAT", zlib.compress(rows[:length])) + chunk(b"IEND", b"")
        assert "cut off or damaged" in refusal(tmp_path / "a.png", data)
    whole = png_header(100, 100) + chunk(b"IDAT", zlib.compress(rows)) + chunk(b"IEND", b"")
    (tmp_path / "a.png").write_bytes(whole)
    assert (load_rgb(tmp_path / "a.png", MAX).pixels == 200).all()


@pytest.mark.parametrize("mode", ["1", "L", "LA", "P", "RGB", "RGBA", "I;16"])
@pytest.mark.parametrize("size", [(1, 1), (9, 3), (70, 50)])
def test_a_black_image_is_not_taken_for_a_short_one(tmp_path, mode, size):
    image = Image.new(mode, size)
    if mode in ("LA", "RGBA"):
        image.putalpha(255)
    image.save(tmp_path / "a.png")
    assert not load_rgb(tmp_path / "a.png", MAX).pixels.any()


def test_an_interlaced_png_is_complete_or_refused(tmp_path):
    header = chunk(b"IHDR", struct.pack(">IIBBBBB", 5, 5, 8, 0, 0, 0, 1))
    passes = [[1], [1], [2], [1, 1], [3], [2, 2, 2], [5, 5]]  # widths of the rows of each pass of 5x5 pixels
    data = b"".join(b"\0" + bytes([9] * width) for widths in passes for width in widths)
    for body, complete in ((data, True), (data[:-6], False)):
        path = tmp_path / "a.png"
        path.write_bytes(
            b"\x89PNG\r\n\x1a\n" + header + chunk(b"IDAT", zlib.compress(body)) + chunk(b"IEND", b"")
        )
        if complete:
            assert (load_rgb(path, MAX).pixels == 9).all()
        else:
            assert "cut off or damaged" in refusal(path, path.read_bytes())


@pytest.mark.parametrize("seed", range(20))
def test_random_damage_never_raises_anything_else(tmp_path, seed):
    rng = np.random.default_rng(seed)
    extension = ("png", "jpg", "tif", "webp", "bmp")[seed % 5]
    path = tmp_path / f"a.{extension}"
    Image.fromarray(rng.integers(0, 256, (30, 30, 3), dtype=np.uint8)).save(path)
    data = bytearray(path.read_bytes())
    for _ in range(5):
        data[int(rng.integers(0, min(len(data), 200)))] = int(rng.integers(0, 256))
    path.write_bytes(data)
    found = inspect(ImageFile(path, path.name, Policy(MAX)))
    assert (found.refusal is None) != (found.size is None)


def test_a_huge_sparse_file_is_refused_without_reading_it(tmp_path):
    path = tmp_path / "a.png"
    with path.open("wb") as file:
        file.write(png_header(10, 10))
        file.truncate(2**34)
    found = inspect(ImageFile(path, path.name, Policy(MAX)))
    assert found.refusal == Note("a file of 17,179,869,184 bytes", "save only the image, as PNG")


def test_a_file_that_cannot_be_opened_is_a_finding(tmp_path):
    found = inspect(ImageFile(tmp_path / "none.png", "none.png", Policy(MAX)))
    assert found.refusal == Note("cannot be opened (No such file or directory)", "make it readable")


MEASURE = """
import sys
from pathlib import Path
from studyapp.imaging.ingest import ImageFile, inspect
def peak():
    return int(Path("/proc/self/status").read_text().split("VmHWM:")[1].split()[0])
before = peak()
found = inspect(ImageFile(Path(sys.argv[1]), "a"))
assert found.refusal, found
print(peak() - before)
"""


@pytest.mark.parametrize("kind", ["png", "webp"])
def test_a_bomb_takes_no_memory(tmp_path, kind):
    path = tmp_path / "bomb"
    if kind == "png":
        rows = zlib.compress(bytes(300_000_000))
        path.write_bytes(png_header(10_000, 10_000) + chunk(b"IDAT", rows) + chunk(b"IEND", b""))
    else:
        path.write_bytes(vp8x(16_000, 11_000))
    answer = subprocess.run(
        [sys.executable, "-c", MEASURE, str(Path(path))], capture_output=True, text=True, check=True
    )
    assert int(answer.stdout) < 20_000, "KiB above the interpreter and its libraries"
