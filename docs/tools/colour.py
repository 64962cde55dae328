"""Write the table of docs/colour.md: ``python docs/tools/colour.py``. It makes files and decodes them.

`made_files` are also what tests/imaging/test_colour.py decodes.
"""

import io
import struct
import sys
import zlib
from collections.abc import Iterator
from pathlib import Path
from unittest import mock

import numpy as np
from PIL import Image, ImageCms

from analysis.imaging import Policy
from analysis.imaging.decode import ImageRefusedError, decode
from analysis.imaging.icc import BT709, SRGB_CURVE, Curve, matrix_profile
from analysis.imaging.spaces import PRIMARIES, adobe_rgb

PAGE = Path(__file__).parents[1] / "colour.md"
BEGIN, END = "<!-- made by docs/tools/colour.py -->\n", "<!-- end -->\n"
COLOUR = (200, 80, 40)
WIDTH, HEIGHT = 64, 48
POLICIES = {"`refuse`": Policy(convert=False), "converted, `gain_maps: base`": Policy(base=True)}


def named(profile: bytes, name: str) -> bytes:
    """Return a profile with another name of the same length."""
    old = "made by studyapp".encode("utf-16-be")
    return profile.replace(old, name.ljust(16)[:16].encode("utf-16-be"))


P3 = named(matrix_profile(PRIMARIES[12][1], SRGB_CURVE), "Display P3")
ADOBE = named(adobe_rgb().profile, "Adobe RGB")
SRGB = ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes()
_CORNERS = struct.pack(">8I", 31270, 32900, 68000, 32000, 26500, 69000, 15000, 6000)


def made_files() -> Iterator[tuple[str, str, str, str, bytes]]:
    """Yield format, depth, what it says of its colours, orientation, and the file."""
    for depth, data in (
        ("1", saved(flat("1"))),
        ("8, palette", saved(flat("P"))),
        ("8, grey", saved(flat("L"))),
        ("8", saved()),
        ("16, grey", saved(Image.fromarray(np.full((HEIGHT, WIDTH), 20_600, np.uint16)))),
        ("16", deep_png()),
        ("8, opaque alpha", saved(alpha(255))),
        ("8, transparent", saved(alpha(128))),
    ):
        yield "PNG", depth, "nothing", "1", data
    for words, chunks in PNG_COLOURS.items():
        yield "PNG", "8", words, "1", with_chunks(saved(), *chunks)
    yield "PNG", "8, grey", "ICC profile: grey, gamma 1.8", "1", saved(flat("L"), icc_profile=grey_profile())
    yield "PNG", "8", "ICC profile: grey, gamma 1.8", "1", saved(icc_profile=grey_profile())
    yield "PNG", "16", "ICC profile: Display P3", "1", deep_png((b"iCCP", iccp(P3)))
    for turned in (3, 6):
        yield "PNG", "8", "nothing", str(turned), saved(exif=exif(turned))
    yield "PNG", "8", "ICC profile: Display P3", "6", saved(icc_profile=P3, exif=exif(6))
    yield "JPEG", "8", "nothing", "1", saved(form="JPEG")
    yield "JPEG", "8", "ICC profile: sRGB", "1", saved(form="JPEG", icc_profile=SRGB)
    yield "JPEG", "8", "ICC profile: Display P3", "1", saved(form="JPEG", icc_profile=P3)
    yield "JPEG", "8", "EXIF: Adobe RGB", "1", saved(form="JPEG", exif=exif(1, adobe=True))
    yield "JPEG", "8", "nothing", "6", saved(form="JPEG", exif=exif(6))
    yield "JPEG", "8", "gain map (UltraHDR)", "1", ultra_hdr()
    yield "JPEG", "8", "a preview behind it (MPF)", "1", with_preview()
    yield "JPEG", "8, CMYK", "nothing", "1", saved(flat("CMYK"), form="JPEG")
    yield "TIFF", "8", "nothing", "1", saved(form="TIFF")
    yield "TIFF", "8", "ICC profile: Display P3", "1", saved(form="TIFF", icc_profile=P3)
    yield "TIFF", "16, grey", "nothing", "1", saved(flat("I;16"), form="TIFF")
    yield "TIFF", "8", "nothing", "8", saved(form="TIFF", tiffinfo={274: 8})
    yield "TIFF", "float", "nothing", "1", saved(flat("F"), form="TIFF")
    yield "DNG", "16", "a camera's", "1", saved(flat("I;16"), form="TIFF", tiffinfo={50706: b"\1\4\0\0"})
    yield "WebP", "8", "nothing", "1", saved(form="WEBP", lossless=True)
    yield "WebP", "8", "ICC profile: Display P3", "1", saved(form="WEBP", lossless=True, icc_profile=P3)
    yield "WebP", "8", "nothing", "6", saved(form="WEBP", lossless=True, exif=exif(6))
    yield "BMP", "8", "nothing", "1", saved(form="BMP")
    yield "BMP", "8", "a profile inside", "1", bmp_with_profile()
    yield "AVIF", "8", "nothing", "1", saved(form="AVIF")
    yield "AVIF", "8", "ICC profile: Display P3", "1", saved(form="AVIF", icc_profile=P3)
    yield "AVIF", "8", "nclx: BT.2020, PQ", "1", saved(form="AVIF").replace(NCLX, b"nclx\0\x09\0\x10", 1)
    yield "AVIF", "8", "nothing", "6", saved(form="AVIF", exif=exif(6))
    yield "HEIC", "8", "without pillow-heif", "1", b"\0\0\0\x18ftypheic\0\0\0\0mif1heic" + bytes(64)
    yield "JPEG XL", "8", "without pillow-jxl-plugin", "1", b"\xff\x0a" + bytes(64)
    yield "OpenEXR", "float", "nothing", "1", b"\x76\x2f\x31\x01" + bytes(64)
    yield "PFM", "float", "nothing", "1", b"PF\n1 1\n-1.0\n" + bytes(12)
    yield "Radiance HDR", "float", "nothing", "1", b"#?RADIANCE\n" + bytes(64)


WITHOUT = {"pillow_heif": None, "pillow_heif.as_plugin": None, "pillow_jxl": None}
NCLX = b"nclx\0\x01\0\x0d"


def table() -> str:
    """Return the table, in Markdown."""
    lines = [
        f"| file | depth | says of its colours | EXIF | {' | '.join(POLICIES)} |",
        "|---|---|---|---|---|---|",
    ]
    with mock.patch.dict(sys.modules, WITHOUT):
        for form, depth, words, turned, data in made_files():
            lossless = form not in ("JPEG", "AVIF")
            cells = [told(data, policy, lossless) for policy in POLICIES.values()]
            if cells[0] == cells[1]:
                cells[1] = "the same"
            lines.append(f"| {form} | {depth} | {words} | {turned} | {cells[0]} | {cells[1]} |")
    return "\n".join(lines) + "\n"


def told(data: bytes, policy: Policy, lossless: bool) -> str:
    """Say what becomes of a file."""
    try:
        decoded = decode(io.BytesIO(data), policy, extension="")
    except ImageRefusedError as error:
        return f"refused: {error.what}"
    said = "; ".join(note.what for note in decoded.notes)
    if lossless and "convert" in decoded.needs:
        said += f": {COLOUR} becomes {tuple(map(int, decoded.pixels[0, 0]))}"
    return said or "as stored"


def flat(mode: str = "RGB") -> Image.Image:
    """Return a picture of one colour, in any mode."""
    image = Image.new("RGB", (WIDTH, HEIGHT), COLOUR)
    if mode == "I;16":
        return Image.fromarray(np.full((HEIGHT, WIDTH), 20_600, np.uint16))
    return image.convert("L").convert(mode) if mode == "F" else image.convert(mode)


def saved(image: Image.Image | None = None, form: str = "PNG", **options: object) -> bytes:
    out = io.BytesIO()
    (image or flat()).save(out, form, **options)  # pyright: ignore[reportArgumentType]
    return out.getvalue()


def alpha(value: int) -> Image.Image:
    image = flat()
    image.putalpha(value)
    return image


def exif(turned: int, *, adobe: bool = False) -> Image.Exif:
    found = Image.Exif()
    if turned != 1:
        found[274] = turned
    if adobe:
        found.get_ifd(0x8769)[0xA005] = {1: "R03"}
    return found


def chunk(kind: bytes, data: bytes) -> bytes:
    return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))


def iccp(profile: bytes) -> bytes:
    return b"a profile\0\0" + zlib.compress(profile)


def with_chunks(png: bytes, *chunks: tuple[bytes, bytes]) -> bytes:
    """Put chunks behind the header of a PNG."""
    return png[:33] + b"".join(chunk(kind, data) for kind, data in chunks) + png[33:]


def deep_png(*chunks: tuple[bytes, bytes]) -> bytes:
    """Return a PNG of 16 bit RGB, which Pillow cannot write."""
    row = b"\0" + struct.pack(">3H", *(value * 256 + 200 for value in COLOUR)) * WIDTH
    head = chunk(b"IHDR", struct.pack(">IIBBBBB", WIDTH, HEIGHT, 16, 2, 0, 0, 0))
    body = chunk(b"IDAT", zlib.compress(row * HEIGHT)) + chunk(b"IEND", b"")
    return with_chunks(b"\x89PNG\r\n\x1a\n" + head + body, *chunks)


def grey_profile() -> bytes:
    """Return a profile of grey with gamma 1.8: that of a colour display without its colours."""
    profile = matrix_profile(BT709, Curve(1.8))
    place = profile.index(b"rTRC")
    return (profile[:16] + b"GRAY" + profile[20:place] + b"kTRC" + profile[place + 4 :]).ljust(len(profile))


def ultra_hdr(picture: Image.Image | None = None) -> bytes:
    """Return a photograph with a second picture behind it that says it is a gain map."""
    large = picture or flat().resize((640, 480))
    behind = [large.resize((64, 48))]
    data = saved(large, "MPO", save_all=True, append_images=behind, quality=95, subsampling=0)
    start = data.rindex(b"\xff\xd8")
    app = b"http://ns.adobe.com/xap/1.0/\0hdrgm"
    return data[: start + 2] + b"\xff\xe1" + struct.pack(">H", len(app) + 2) + app + data[start + 2 :]


def with_preview() -> bytes:
    large = flat().resize((640, 480))
    return saved(large, "MPO", save_all=True, append_images=[large.resize((64, 48))])


def bmp_with_profile() -> bytes:
    """Return a BMP with a header of version 5 that says there is a profile."""
    data = saved(form="BMP")
    header = bytearray(struct.pack("<I", 124) + data[18:54] + bytes(84))
    header[56:60] = b"DEBM"
    return data[:10] + struct.pack("<I", 14 + 124) + bytes(header) + data[54:]


PNG_COLOURS: dict[str, tuple[tuple[bytes, bytes], ...]] = {
    "sRGB chunk, gAMA 0.45455": ((b"sRGB", b"\0"), (b"gAMA", struct.pack(">I", 45455))),
    "gAMA 0.45455": ((b"gAMA", struct.pack(">I", 45455)),),
    "gAMA 1 (linear)": ((b"gAMA", struct.pack(">I", 100_000)),),
    "gAMA 0.45455, cHRM of Display P3": ((b"gAMA", struct.pack(">I", 45455)), (b"cHRM", _CORNERS)),
    "gAMA 0": ((b"gAMA", bytes(4)),),
    "ICC profile: sRGB": ((b"iCCP", iccp(SRGB)),),
    "ICC profile: Display P3": ((b"iCCP", iccp(P3)),),
    "ICC profile: Adobe RGB": ((b"iCCP", iccp(ADOBE)),),
    "ICC profile: PQ": (
        (b"iCCP", iccp(P3.replace("Display P3".encode("utf-16-be"), "Rec2100 PQ".encode("utf-16-be")))),
    ),
    "ICC profile, damaged": ((b"iCCP", iccp(P3[:200])),),
    "ICC profile, all zeros": ((b"iCCP", iccp(bytes(2000))),),
    "cICP: sRGB": ((b"cICP", bytes([1, 13, 0, 1])),),
    "cICP: Display P3": ((b"cICP", bytes([12, 13, 0, 1])),),
    "cICP: BT.2020": ((b"cICP", bytes([9, 14, 0, 1])),),
    "cICP: BT.2020, PQ": ((b"cICP", bytes([9, 16, 0, 1])),),
    "cICP: BT.2020, HLG": ((b"cICP", bytes([9, 18, 0, 1])),),
    "cICP: limited range": ((b"cICP", bytes([1, 13, 0, 0])),),
}


def page(text: str) -> str:
    """Return the page with the table as it is now."""
    before, _, rest = text.partition(BEGIN)
    return before + BEGIN + table() + END + rest.partition(END)[2]


if __name__ == "__main__":
    PAGE.write_text(page(PAGE.read_text(encoding="utf-8")), encoding="utf-8")
