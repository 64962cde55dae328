"""Files that somebody might hand in to do harm. Each entry writes one; none is dangerous to keep."""

import gzip
import io
import os
import struct
import zipfile
import zlib
from collections.abc import Callable
from pathlib import Path

import numpy as np
from PIL import Image
from PIL.PngImagePlugin import PngInfo

Writer = Callable[[Path], object]


def chunk(kind: bytes, data: bytes) -> bytes:
    return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))


def png(width: int, height: int, *before: bytes, data: bytes = b"", end: bytes = b"") -> bytes:
    header = chunk(b"IHDR", struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0))
    pixels = chunk(b"IDAT", data or zlib.compress(bytes(100)))
    return b"\x89PNG\r\n\x1a\n" + header + b"".join(before) + pixels + chunk(b"IEND", b"") + end


def small(form: str = "PNG", mode: str = "RGB", **options) -> bytes:
    """A good image of 20 x 10 pixels."""
    buffer = io.BytesIO()
    pixels = np.random.default_rng(3).integers(0, 256, (10, 20, 3), dtype=np.uint8)
    Image.fromarray(pixels).convert(mode).save(buffer, form, **options)
    return buffer.getvalue()


def zeros(size: int) -> bytes:
    """A zlib stream of `size` zeros, made piece by piece."""
    squeeze = zlib.compressobj(9)
    return b"".join(squeeze.compress(bytes(2**20)) for _ in range(size // 2**20)) + squeeze.flush()


def vp8x(width: int, height: int) -> bytes:
    body = b"WEBPVP8X" + struct.pack("<I", 10) + bytes(4)
    body += (width - 1).to_bytes(3, "little") + (height - 1).to_bytes(3, "little")
    return b"RIFF" + struct.pack("<I", len(body)) + body


def bmp(width: int, height: int) -> bytes:
    header = struct.pack("<IiiHHIIiiII", 40, width, height, 1, 24, *[0] * 6)
    return b"BM" + struct.pack("<IHHI", 54, 0, 0, 54) + header


def tiff(*tags: tuple[int, int, int, int], following: int = 0) -> bytes:
    """A little-endian TIFF of one directory; `following` is where the next one is said to be."""
    entries = b"".join(struct.pack("<HHII", *tag) for tag in sorted(tags))
    return b"II*\0" + struct.pack("<IH", 8, len(tags)) + entries + struct.pack("<I", following) + bytes(64)


def tiff_of(width: int, height: int, **more: int) -> bytes:
    tags = [(256, 4, 1, width), (257, 4, 1, height), (258, 3, 1, 8), (259, 3, 1, 1), (262, 3, 1, 1)]
    tags += [(273, 4, 1, 100), (277, 3, 1, 1), (278, 4, 1, height), (279, 4, 1, 64)]
    return tiff(*tags, **more)


def jpeg_of(width: int, height: int) -> bytes:
    """A good JPEG whose header is made to promise another size."""
    data = small("JPEG")
    start = data.index(b"\xff\xc0") + 5
    return data[:start] + struct.pack(">HH", height, width) + data[start + 4 :]


def zipped() -> bytes:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as file:
        file.writestr("../../escaped.txt", bytes(2**20))
    return buffer.getvalue()


def animated() -> bytes:
    buffer = io.BytesIO()
    first, second = Image.new("RGB", (20, 10), "red"), Image.new("RGB", (20, 10), "blue")
    first.save(buffer, "PNG", save_all=True, append_images=[second])
    return buffer.getvalue()


def pages() -> bytes:
    buffer = io.BytesIO()
    first, second = Image.new("RGB", (20, 10), "red"), Image.new("RGB", (20, 10), "blue")
    first.save(buffer, "TIFF", save_all=True, append_images=[second])
    return buffer.getvalue()


def transparent() -> bytes:
    buffer = io.BytesIO()
    Image.new("RGBA", (20, 10), (1, 2, 3, 4)).save(buffer, "PNG")
    return buffer.getvalue()


def animated_webp() -> bytes:
    buffer = io.BytesIO()
    first, second = Image.new("RGB", (20, 10), "red"), Image.new("RGB", (20, 10), "blue")
    first.save(buffer, "WEBP", save_all=True, append_images=[second], lossless=True)
    return buffer.getvalue()


def with_text() -> bytes:
    info = PngInfo()
    info.add_text("Author", "polyglot <script>")
    return small(pnginfo=info)


def sparse(path: Path) -> None:
    with path.open("wb") as file:
        file.write(png(20, 10))
        file.truncate(2**34)


def _bytes(make: Callable[[], bytes]) -> Writer:
    return lambda path: path.write_bytes(make())


# As teams/team01/001.png: every one of them is refused.
IMAGES: dict[str, Writer] = {
    "png, 60,000 x 60,000": _bytes(lambda: png(60_000, 60_000, data=zlib.compress(bytes(100_000)))),
    "png, largest size": _bytes(lambda: png(2**31 - 1, 2**31 - 1)),
    "png of no width": _bytes(lambda: png(0, 10)),
    "png without pixels": _bytes(lambda: png(20, 10, data=zlib.compress(b""))),
    "png with a text bomb": _bytes(lambda: png(20, 10, chunk(b"zTXt", b"a\0\0" + zeros(2**27)))),
    "png with an international text bomb": _bytes(
        lambda: png(20, 10, chunk(b"iTXt", b"a\0\1\0\0\0" + zeros(2**26)))
    ),
    "png with a profile bomb, cut off": _bytes(lambda: png(20, 10, chunk(b"iCCP", b"a\0\0" + zeros(2**27)))),
    "png with a chunk of 2 GiB": _bytes(lambda: small()[:33] + struct.pack(">I", 2**31 - 1) + b"tEXtabc"),
    "png with a wrong checksum": _bytes(lambda: small()[:-20] + b"\1\2\3\4" + small()[-16:]),
    "png cut off": _bytes(lambda: small()[:-40]),
    "png, animated": _bytes(animated),
    "png with transparency": _bytes(transparent),
    "png signature, then noise": _bytes(lambda: b"\x89PNG\r\n\x1a\n" + np.random.default_rng(1).bytes(5000)),
    "webp canvas of 268 million pixels": _bytes(lambda: vp8x(16_384, 16_384)),
    "webp, 24 bits of width": _bytes(lambda: vp8x(2**24, 2**8)),
    "webp, animated": _bytes(animated_webp),
    "bmp, 50,000 x 50,000": _bytes(lambda: bmp(50_000, 50_000)),
    "bmp of negative height": _bytes(lambda: bmp(20, -(2**31))),
    "tiff, 100,000 x 100,000": _bytes(lambda: tiff_of(100_000, 100_000)),
    "tiff whose directory follows itself": _bytes(lambda: tiff_of(20, 10, following=8)),
    "tiff with two pages": _bytes(pages),
    "tiff with 65,535 entries": _bytes(lambda: b"II*\0" + struct.pack("<IH", 8, 65_535) + bytes(200)),
    "tiff, strips beyond the file": _bytes(lambda: tiff_of(2000, 2000)),
    "jpeg that promises 65,500 x 65,500": _bytes(lambda: jpeg_of(65_500, 65_500)),
    "jpeg, cmyk": _bytes(lambda: small("JPEG", "CMYK")),
    "jpeg cut off": _bytes(lambda: small("JPEG")[:-60]),
    "gif": _bytes(lambda: small("GIF", "P")),
    "icon": _bytes(lambda: small("ICO")),
    "jpeg 2000": _bytes(lambda: b"\0\0\0\x0cjP  \r\n\x87\n" + bytes(100)),
    "avif": _bytes(lambda: b"\0\0\0\x20ftypavif" + bytes(100)),
    "photoshop": _bytes(lambda: b"8BPS\0\1" + bytes(100)),
    "svg that loads a file": _bytes(lambda: b'<svg><image href="file:///etc/passwd"/></svg>'),
    "postscript": _bytes(lambda: b"%!PS-Adobe-3.0 EPSF-3.0\n%%BoundingBox: 0 0 9 9\n(x) run"),
    "pdf": _bytes(lambda: b"%PDF-1.7\n1 0 obj<</JS(app.alert(1))>>"),
    "html": _bytes(lambda: b"<!doctype html><script>alert(1)</script>"),
    "zip that leaves its folder": _bytes(zipped),
    "gzip bomb": _bytes(lambda: gzip.compress(bytes(2**24))),
    "program": _bytes(lambda: b"\x7fELF\2\1\1" + bytes(100)),
    "nothing": _bytes(lambda: b""),
    "16 GiB of zeros": sparse,
}

# Good pixels with something else in the file: the pixels are taken, and nothing else.
POLYGLOTS: dict[str, Writer] = {
    "png, then a zip": _bytes(lambda: small() + zipped()),
    "png, then a page": _bytes(lambda: small() + b"<script>alert('polyglot')</script>"),
    "png with a script as text": _bytes(with_text),
    "jpeg named png, with a comment": _bytes(lambda: small("JPEG", comment=b"<?php polyglot ?>")),
    "png whose data inflate to 256 MiB": _bytes(lambda: png(20, 10, data=zeros(2**28))),
}


def link_out(path: Path) -> None:
    path.symlink_to("/etc/passwd")


def link_to_itself(path: Path) -> None:
    path.symlink_to(path.name)


def link_to_endless_zeros(path: Path) -> None:
    path.symlink_to("/dev/zero")


def pipe(path: Path) -> None:
    os.mkfifo(path)


# Not files at all, in the place of teams/team01/001.png.
NO_FILES: dict[str, Writer] = {
    "a link out of the folder": link_out,
    "a link to itself": link_to_itself,
    "a link to /dev/zero": link_to_endless_zeros,
    "a pipe": pipe,
    "a folder": lambda path: path.mkdir(),
}


def _laughs() -> str:
    lines = ['a: &a ["lol","lol","lol","lol","lol","lol","lol","lol","lol"]']
    for name, before in zip("bcdefghij", "abcdefghi", strict=True):
        lines.append(f"{name}: &{name} [{','.join(['*' + before] * 9)}]")
    return "\n".join([*lines, "teams: *j", "title: *j"])


# As study.yaml.
STUDY_FILES: dict[str, Writer] = {
    "a billion laughs": _bytes(lambda: _laughs().encode()),
    "deep lists": _bytes(lambda: b"[" * 50_000),
    "deep mappings": _bytes(lambda: b"".join(b" " * n + b"a:\n" for n in range(2000))),
    "a python object": _bytes(lambda: b"!!python/object/apply:os.system ['touch escaped']"),
    "64 MiB of text": _bytes(lambda: b"title: " + b"a" * 2**26),
    "not UTF-8": _bytes(lambda: b"title: \xff\xfe"),
    "a null byte": _bytes(lambda: b"title: a\0b"),
    "a number of a million digits": _bytes(lambda: b"seed: " + b"9" * 10**6),
    "a link to /dev/zero": link_to_endless_zeros,
    "a link to itself": link_to_itself,
    "a pipe": pipe,
    "a folder": lambda path: path.mkdir(),
}

# As judges.csv, measures.csv and scores.csv.
TABLES: dict[str, Writer] = {
    "a cell of 16 MiB": _bytes(lambda: b"name,email,conflicts\n" + b"a" * 2**24 + b",a@b,\n"),
    "a quote that never ends": _bytes(lambda: b'name,email,conflicts\n"' + b"a,b\n" * 10_000),
    "a null byte": _bytes(lambda: b"name,email,conflicts\na\0b,a@b,\n"),
    "a million short lines": _bytes(lambda: b"name,email\n" + b"a\n" * 10**6),
    "a million columns": _bytes(lambda: b"a," * 10**6),
    "two encodings": _bytes(lambda: b"name,email\n\xff\xfe,a@b\n\xc3\xa4,b@b\n"),
    "a link to /dev/zero": link_to_endless_zeros,
    "a link to itself": link_to_itself,
    "a pipe": pipe,
    "a folder": lambda path: path.mkdir(),
}
