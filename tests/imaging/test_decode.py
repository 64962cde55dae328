"""Each pixel format, with real files: what comes out, what is said about it, and what is refused."""

import io
import struct
import time
import zlib

import numpy as np
import pytest
from PIL import Image

from analysis.errors import AnalysisError
from analysis.imaging import Policy
from analysis.imaging.decode import ImageRefusedError, hash_pixels, size_in_header
from analysis.paired.images import Decoder
from tests.imaging.decoded import load_rgb

MAX = 100_000


@pytest.fixture
def pixels():
    return np.random.default_rng(7).integers(0, 256, (40, 61, 3), dtype=np.uint8)


@pytest.fixture
def deep():
    return np.random.default_rng(8).integers(0, 65536, (40, 61, 3), dtype=np.uint16)


def chunk(kind, data):
    return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))


def png(width, height, depth, colour, rows, *extra):
    """A PNG by hand: Pillow cannot write 16-bit colour or every chunk."""
    header = struct.pack(">IIBBBBB", width, height, depth, colour, 0, 0, 0)
    body = zlib.compress(b"".join(b"\0" + bytes(row) for row in rows))
    chunks = [chunk(b"IHDR", header), *extra, chunk(b"IDAT", body), chunk(b"IEND", b"")]
    return b"\x89PNG\r\n\x1a\n" + b"".join(chunks)


def with_chunk(path, kind, data):
    """Put a chunk behind the header of a PNG."""
    content = path.read_bytes()
    path.write_bytes(content[:33] + chunk(kind, data) + content[33:])


def taken_alike(path):
    """Take a file as judges see it, and hold scoring to the same answer."""
    decoded = load_rgb(path, 10**6)
    assert np.array_equal(Decoder()(path.read_bytes(), path.name), decoded.pixels)
    assert sorted(size_in_header(path.read_bytes()) or ()) == sorted(decoded.pixels.shape[:2])
    return decoded


def texts(decoded):
    return [note.what for note in decoded.notes]


def test_lossless_formats_come_out_bit_for_bit_and_without_a_note(tmp_path, pixels):
    options = {
        "png": {},
        "bmp": {},
        "tif": {},
        "tiff": {"compression": "tiff_lzw"},
        "webp": {"lossless": True},
    }
    for extension, option in options.items():
        path = tmp_path / f"a.{extension}"
        Image.fromarray(pixels).save(path, **option)
        decoded = load_rgb(path, MAX)
        assert decoded.pixels.dtype == np.uint8
        assert decoded.pixels.flags.c_contiguous
        assert np.array_equal(decoded.pixels, pixels), extension
        assert decoded.notes == ()


def test_jpeg_is_what_pillow_decodes(tmp_path, pixels):
    path = tmp_path / "a.jpg"
    Image.fromarray(pixels).save(path)
    assert np.array_equal(load_rgb(path, MAX).pixels, np.asarray(Image.open(path)))


def test_16_bit_grey_keeps_the_high_byte(tmp_path, deep):
    grey = deep[:, :, 0]
    expected = np.repeat((grey >> 8).astype(np.uint8)[:, :, None], 3, axis=2)
    for extension in ("png", "tif"):
        path = tmp_path / f"a.{extension}"
        Image.fromarray(grey).save(path)
        decoded = load_rgb(path, MAX)
        assert np.array_equal(decoded.pixels, expected)
        assert texts(decoded) == ["16 bit; the high byte of each sample is kept (>> 8)"]


def test_16_bit_colour_keeps_the_high_byte(tmp_path, deep):
    path = tmp_path / "a.png"
    path.write_bytes(png(61, 40, 16, 2, deep.astype(">u2").reshape(40, -1).view(np.uint8)))
    decoded = load_rgb(path, MAX)
    assert np.array_equal(decoded.pixels, (deep >> 8).astype(np.uint8))
    assert texts(decoded) == ["16 bit; the high byte of each sample is kept (>> 8)"]


@pytest.mark.parametrize("byteorder", ["<", ">"])
def test_16_bit_colour_tiff_keeps_the_high_byte(tmp_path, deep, byteorder):
    tifffile = pytest.importorskip("tifffile")
    path = tmp_path / "a.tif"
    tifffile.imwrite(path, deep, photometric="rgb", byteorder=byteorder)
    assert np.array_equal(load_rgb(path, MAX).pixels, (deep >> 8).astype(np.uint8))


def test_16_bit_with_alpha_keeps_the_high_byte_or_is_refused(tmp_path, deep):
    opaque = np.concatenate([deep, np.full((40, 61, 1), 0xFFFF, np.uint16)], axis=2)
    path = tmp_path / "a.png"
    path.write_bytes(png(61, 40, 16, 6, opaque.astype(">u2").reshape(40, -1).view(np.uint8)))
    assert np.array_equal(load_rgb(path, MAX).pixels, (deep >> 8).astype(np.uint8))
    transparent_colour = chunk(b"tRNS", struct.pack(">HHH", *deep[0, 0]))
    path.write_bytes(
        png(61, 40, 16, 2, deep.astype(">u2").reshape(40, -1).view(np.uint8), transparent_colour)
    )
    with pytest.raises(ImageRefusedError, match="transparent colour"):
        load_rgb(path, MAX)


def test_grey_palette_and_one_bit_become_rgb(tmp_path, pixels):
    image = Image.fromarray(pixels)
    for mode in ("L", "P", "1"):
        path = tmp_path / f"{mode}.png"
        image.convert(mode).save(path)
        decoded = load_rgb(path, MAX)
        assert np.array_equal(decoded.pixels, np.asarray(image.convert(mode).convert("RGB")))
        assert decoded.notes == ()


def test_opaque_alpha_is_dropped_and_said(tmp_path, pixels):
    image = Image.fromarray(pixels)
    image.putalpha(255)
    path = tmp_path / "a.png"
    image.save(path)
    decoded = load_rgb(path, MAX)
    assert np.array_equal(decoded.pixels, pixels)
    assert texts(decoded) == ["an alpha channel, opaque everywhere, is dropped"]


@pytest.mark.parametrize("mode", ["RGBA", "LA", "P"])
def test_transparency_is_refused(tmp_path, pixels, mode):
    image = Image.fromarray(pixels).convert(mode)
    if mode == "P":
        image.info["transparency"] = image.getpixel((3, 3))
    else:
        image.putpixel((3, 3), (*image.getpixel((3, 3))[:-1], 254))
    path = tmp_path / "a.png"
    image.save(path)
    with pytest.raises(ImageRefusedError, match="alpha channel"):
        load_rgb(path, MAX)


@pytest.mark.parametrize("turned", range(2, 9))
def test_an_orientation_is_refused_and_both_sizes_said(tmp_path, pixels, turned):
    exif = Image.Exif()
    exif[274] = turned
    image = Image.fromarray(pixels)
    image.save(tmp_path / "a.png", exif=exif)
    image.save(tmp_path / "a.webp", exif=exif, lossless=True)
    image.save(tmp_path / "a.tif", tiffinfo={274: turned})
    image.save(tmp_path / "a.jpg", exif=exif)
    image.save(tmp_path / "a.avif", exif=exif)
    after = "40x61" if turned >= 5 else "61x40"
    for name in ("a.png", "a.webp", "a.tif", "a.jpg", "a.avif"):
        with pytest.raises(ImageRefusedError) as refused:
            load_rgb(tmp_path / name, MAX)
        assert f"EXIF orientation {turned} (" in refused.value.what
        assert refused.value.what.endswith(f": 61x40 pixels as stored, {after} once turned")


@pytest.mark.parametrize(
    ("mode", "extension"), [("CMYK", "jpg"), ("CMYK", "tif"), ("LAB", "tif"), ("I", "tif")]
)
def test_other_kinds_of_pixels_are_refused(tmp_path, pixels, mode, extension):
    image = Image.fromarray(pixels).convert("L" if mode == "I" else "RGB").convert(mode)
    path = tmp_path / f"a.{extension}"
    image.save(path)
    with pytest.raises(ImageRefusedError, match=f"pixels of kind {mode}"):
        load_rgb(path, MAX)


def test_tiffs_that_pillow_would_misread_are_refused(tmp_path, deep):
    tifffile = pytest.importorskip("tifffile")
    tifffile.imwrite(tmp_path / "a.tif", deep[:, :, 0], photometric="miniswhite")
    tifffile.imwrite(tmp_path / "b.tif", np.moveaxis(deep, 2, 0), photometric="rgb", planarconfig="separate")
    for name in ("a.tif", "b.tif"):
        with pytest.raises(ImageRefusedError, match="unusual kind of TIFF"):
            load_rgb(tmp_path / name, MAX)


@pytest.mark.parametrize("extension", ["png", "webp", "tif"])
def test_several_frames_are_refused(tmp_path, pixels, extension):
    path = tmp_path / f"a.{extension}"
    first, second = Image.fromarray(pixels), Image.fromarray(255 - pixels)
    first.save(path, save_all=True, append_images=[second])
    with pytest.raises(ImageRefusedError, match="more than one frame"):
        load_rgb(path, MAX)


def test_the_content_counts_not_the_name(tmp_path, pixels):
    path = tmp_path / "a.png"
    Image.fromarray(pixels).save(path, format="BMP")
    decoded = load_rgb(path, MAX)
    assert np.array_equal(decoded.pixels, pixels)
    assert texts(decoded) == ["named .png but contains a BMP"]


def test_the_hash_tells_shapes_apart():
    flat = np.zeros((2, 8, 3), np.uint8)
    assert hash_pixels(flat) != hash_pixels(flat.reshape(4, 4, 3))
    assert hash_pixels(flat[:, ::2]) == hash_pixels(np.ascontiguousarray(flat[:, ::2]))


def test_an_error_survives_the_way_between_processes():
    import pickle

    error = pickle.loads(pickle.dumps(ImageRefusedError("too blue", "make it red")))
    assert str(error) == "too blue; make it red"


def test_encoded_in_memory_is_enough(pixels):
    from analysis.imaging.decode import decode

    buffer = io.BytesIO()
    Image.fromarray(pixels).save(buffer, "PNG")
    buffer.seek(0)
    assert np.array_equal(decode(buffer, Policy(MAX), extension=".png").pixels, pixels)


@pytest.mark.parametrize(
    ("kind", "data"),
    [
        (b"iTXt", b"XML:com.adobe.xmp\0\1\0\0\0" + zlib.compress(b"<x/>" * (3 << 18))),
        (b"zTXt", b"parameters\0\0" + zlib.compress(b"step " * (3 << 18))),
        (b"tEXt", b"parameters\0" + b"step " * (3 << 18)),
        (b"acTL", struct.pack(">II", 1, 0)),
    ],
)
def test_metadata_of_any_size_is_no_reason_to_refuse_pixels(tmp_path, pixels, kind, data):
    path = tmp_path / "a.png"
    Image.fromarray(pixels).save(path)
    with_chunk(path, kind, data)
    decoded = taken_alike(path)
    assert np.array_equal(decoded.pixels, pixels)
    assert decoded.notes == ()


def test_two_frames_are_refused(tmp_path, pixels):
    path = tmp_path / "a.png"
    image = Image.fromarray(pixels)
    image.save(path, save_all=True, append_images=[Image.fromarray(pixels[::-1].copy())])
    with pytest.raises(ImageRefusedError, match="more than one frame"):
        taken_alike(path)


def test_a_million_chunks_are_refused_at_once(tmp_path, pixels):
    path = tmp_path / "a.png"
    Image.fromarray(pixels).save(path)
    content = path.read_bytes()
    path.write_bytes(content[:33] + chunk(b"tEXt", b"") * 1_000_000 + content[33:])
    began = time.process_time()
    with pytest.raises(ImageRefusedError, match="more chunks than any encoder writes"):
        taken_alike(path)
    assert size_in_header(path.read_bytes()) == (61, 40)
    assert time.process_time() - began < 4


def marked(data, mark, *, last):
    """Put XMP with this mark into the first or the last photograph of a JPEG."""
    app = b"http://ns.adobe.com/xap/1.0/\0" + mark
    start = data.rindex(b"\xff\xd8") if last else 0
    # Not behind the index of views: its offsets count from its own header.
    return data[: start + 2] + b"\xff\xe1" + struct.pack(">H", len(app) + 2) + app + data[start + 2 :]


@pytest.fixture
def photo(pixels):
    return Image.fromarray(np.repeat(np.repeat(pixels, 8, 0), 8, 1))


def test_a_preview_behind_a_photograph_is_passed_over_and_a_second_photograph_refused(tmp_path, photo):
    path = tmp_path / "a.jpg"
    photo.save(path, "MPO", save_all=True, append_images=[photo.resize((16, 12))], quality=95)
    assert texts(taken_alike(path)) == ["a preview stored after the photograph is ignored"]
    photo.save(path, "MPO", save_all=True, append_images=[photo], quality=95)
    with pytest.raises(ImageRefusedError, match="more than one frame"):
        taken_alike(path)


@pytest.mark.parametrize(
    "mark", [b' hdrgm:Version="1.0"', b' HDRGainMap:Version="1"'], ids=["google", "apple"]
)
@pytest.mark.parametrize("last", [True, False], ids=["its own metadata", "the photograph's"])
@pytest.mark.parametrize("size", [(16, 12), None], ids=["small", "as large"])
def test_a_gain_map_is_refused_wherever_it_is_marked_or_its_base_taken(tmp_path, photo, mark, last, size):
    path = tmp_path / "a.jpg"
    photo.save(path, "JPEG", quality=95)
    bare = taken_alike(path)
    map_behind = photo.resize(size) if size else photo
    photo.save(path, "MPO", save_all=True, append_images=[map_behind], quality=95)
    path.write_bytes(marked(path.read_bytes(), mark, last=last))
    with pytest.raises(ImageRefusedError, match=r"gain map \(UltraHDR\).*`gain_maps: base`"):
        load_rgb(path, 10**6)
    found = load_rgb(path, 10**6, base=True)
    assert found.needs == ("base",)
    assert texts(found) == ["an HDR gain map is left out: its SDR picture is taken, as study.yaml says"]
    assert np.array_equal(found.pixels, bare.pixels)


def test_a_file_that_says_to_be_larger_than_pillow_takes_is_refused_by_our_own_limit(tmp_path):
    path = tmp_path / "a.png"
    path.write_bytes(png(40_000, 40_000, 8, 2, [b""]))
    with pytest.raises(ImageRefusedError, match="more than the 1,000,000 allowed"):
        taken_alike(path)
    with pytest.raises(AnalysisError, match="40000x40000 pixels are more than the 80,000,000 allowed"):
        Decoder()(path.read_bytes(), path.name)
