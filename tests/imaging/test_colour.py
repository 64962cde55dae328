"""What files say of their colours: converted to sRGB, or refused by name; judging and scoring alike."""

import importlib.util
import io
import struct
import sys
from pathlib import Path
from unittest import mock

import numpy as np
import pytest
from PIL import Image, ImageCms

from analysis.errors import AnalysisError
from analysis.imaging import Policy, spaces
from analysis.imaging.containers import read_boxes, read_jpeg_xl
from analysis.imaging.decode import ImageRefusedError, decode, hash_pixels
from analysis.imaging.icc import BT709, Curve, matrix_profile
from analysis.paired.images import Decoder
from studyapp.imaging.ingest import ImageFile, TileTask, make_pack
from studyapp.imaging.pack_check import PackCheck, checked_pixels

ROOT = Path(__file__).parents[2]
CONVERT = Policy(mix=True, base=True)
STRICT = Policy(convert=False)


@pytest.fixture(scope="module")
def tool():
    spec = importlib.util.spec_from_file_location("colour", ROOT / "docs/tools/colour.py")
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


@pytest.fixture(scope="module")
def patches():
    """Every combination of 18 levels of red, green and blue, and all greys."""
    levels = np.linspace(0, 255, 18).round()
    steps = np.stack(np.meshgrid(*[levels] * 3, indexing="ij"), -1).reshape(-1, 3)
    greys = np.repeat(np.arange(256)[:, None], 3, axis=1)
    return np.concatenate([steps, greys, np.zeros((56, 3))]).reshape(64, 96, 3).astype(np.uint8)


def saved(pixels, form="PNG", **options):
    out = io.BytesIO()
    Image.fromarray(pixels).save(out, form, **options)
    return out.getvalue()


def taken(data, policy=CONVERT):
    return decode(io.BytesIO(data), policy, extension="")


def refused(data, policy=CONVERT):
    with pytest.raises(ImageRefusedError) as error:
        taken(data, policy)
    return str(error.value)


def test_the_table_of_files_is_up_to_date(tool):
    text = tool.PAGE.read_text(encoding="utf-8")
    assert text == tool.page(text), "run `python docs/tools/colour.py`"
    assert tool.table().count("\n") >= 42


def result(read, data):
    try:
        return read(data)
    except AnalysisError as error:
        return str(error).removeprefix("x: ")


def test_scoring_takes_the_same_pixels_and_refuses_in_the_same_words(tool):
    with mock.patch.dict(sys.modules, tool.WITHOUT):
        for *kind, data in tool.made_files():
            for policy in (STRICT, CONVERT):
                seen = result(lambda data, policy=policy: taken(data, policy).pixels, data)
                scored = result(lambda data, policy=policy: Decoder(policy)(data, "x"), data)
                assert type(seen) is type(scored), kind
                assert np.array_equal(seen, scored), kind


TO_XYZ = {  # of linear light, D65 being white: published with each standard, to seven digits
    "709": "0.4124564 0.3575761 0.1804375 0.2126729 0.7151522 0.0721750 0.0193339 0.1191920 0.9503041",
    "p3": "0.4865709 0.2656677 0.1982173 0.2289746 0.6917385 0.0792869 0.0 0.0451134 1.0439444",
    "2020": "0.6369580 0.1446169 0.1688810 0.2627002 0.6779981 0.0593017 0.0 0.0280727 1.0609851",
    "adobe": "0.5767309 0.1855540 0.1881852 0.2973769 0.6273491 0.0752741 0.0270343 0.0706872 0.9911085",
}


def theory(pixels, primaries, to_light):
    """The conversion by the formulas of IEC 61966-2-1, in floating point."""
    xyz = {name: np.array(text.split(), float).reshape(3, 3) for name, text in TO_XYZ.items()}
    light = to_light(pixels / 255) @ (np.linalg.inv(xyz["709"]) @ xyz[primaries]).T
    light = light.clip(0, 1)
    return 255 * np.where(light <= 0.0031308, 12.92 * light, 1.055 * light ** (1 / 2.4) - 0.055)


def srgb_curve(x):
    return np.where(x <= 0.04045, x / 12.92, ((x + 0.055) / 1.055) ** 2.4)


def camera_curve(x):
    return np.where(x < 0.081, x / 4.5, ((x + 0.099) / 1.099) ** (1 / 0.45))


@pytest.mark.parametrize(
    ("form", "tag", "primaries", "curve"),
    [
        ("PNG", "P3", "p3", srgb_curve),
        ("TIFF", "P3", "p3", srgb_curve),
        ("WEBP", "ADOBE", "adobe", lambda x: x ** (563 / 256)),
        ("cICP", [12, 13, 0, 1], "p3", srgb_curve),
        ("cICP", [9, 1, 0, 1], "2020", camera_curve),
        ("cICP", [1, 8, 0, 1], "709", lambda x: x),
        ("gAMA", 1 / 1.8, "709", lambda x: x**1.8),
    ],
)
def test_tagged_patches_become_what_the_standard_says(tool, patches, form, tag, primaries, curve):
    """Within a level of the formulas, and exactly what LittleCMS makes of it."""
    if form == "cICP":
        data = tool.with_chunks(saved(patches), (b"cICP", bytes(tag)))
    elif form == "gAMA":
        data = tool.with_chunks(saved(patches), (b"gAMA", struct.pack(">I", round(tag * 100_000))))
    else:
        data = saved(
            patches, form, icc_profile=getattr(tool, tag), **({"lossless": True} if form == "WEBP" else {})
        )
    found = taken(data)
    assert found.needs == ("convert",)
    off = np.abs(found.pixels - theory(patches.astype(float), primaries, curve))
    assert off.max() < 1.1
    assert (off > 0.75).mean() < 0.01
    if isinstance(tag, str):
        whole = ImageCms.profileToProfile(
            Image.fromarray(patches),
            ImageCms.ImageCmsProfile(io.BytesIO(getattr(tool, tag))),
            ImageCms.createProfile("sRGB"),
            renderingIntent=ImageCms.Intent.RELATIVE_COLORIMETRIC,
            flags=ImageCms.Flags.BLACKPOINTCOMPENSATION,
        )
        assert np.array_equal(found.pixels, np.asarray(whole))


def test_a_profile_that_is_srgbs_changes_nothing_and_one_that_is_not_by_two_levels_counts(tool, patches):
    for profile in (tool.SRGB, matrix_profile(BT709, spaces.SRGB_CURVE)):
        found = taken(saved(patches, icc_profile=profile), STRICT)
        assert found.notes == ()
        assert np.array_equal(found.pixels, patches)
    assert "not sRGB" in refused(saved(patches, icc_profile=matrix_profile(BT709, Curve(2.2))), STRICT)


def test_tiles_hold_the_converted_pixels_and_the_file_keeps_its_hash(tool, patches, tmp_path):
    path = tmp_path / "001.png"
    path.write_bytes(saved(patches, icc_profile=tool.P3))
    pixels = taken(path.read_bytes()).pixels
    assert not np.array_equal(pixels, patches)
    task = TileTask(ImageFile(path, path.name, CONVERT), tmp_path / "001.pack", patches.shape[1::-1])
    index = make_pack(task)
    assert index.sha256_pixels == hash_pixels(pixels)
    assert index.needs == ("convert",)
    assert "libjpeg-turbo" in index.decoder
    assert "LittleCMS" in index.decoder
    shown = checked_pixels(PackCheck(task.pack, "a pack", index.sha256_pixels))
    assert np.array_equal(shown, pixels)
    assert np.array_equal(Decoder(CONVERT)(path.read_bytes(), path.name), shown)


def test_what_comes_first_in_the_png_specification_counts(tool):
    p3, gamma = (b"iCCP", tool.iccp(tool.P3)), (b"gAMA", struct.pack(">I", 100_000))
    srgb = (b"cICP", bytes([1, 13, 0, 1]))
    plain = tool.saved()
    assert taken(tool.with_chunks(plain, p3, gamma, srgb), STRICT).needs == ()
    assert "'Display P3'" in refused(tool.with_chunks(plain, gamma, p3), STRICT)
    assert taken(tool.with_chunks(plain, (b"sRGB", b"\0"), gamma), STRICT).needs == ()


def test_a_profile_that_inflates_without_end_is_read_in_bounds(tool):
    endless = bytes(36) + b"acsp" + bytes(64 << 20)
    assert "cannot be converted" in refused(tool.with_chunks(tool.saved(), (b"iCCP", tool.iccp(endless))))


@pytest.mark.parametrize("length", [0, 36, 2 << 20])
def test_what_is_no_profile_is_ignored_as_browsers_do_and_told(tool, length):
    plain = tool.saved()
    found = taken(tool.with_chunks(plain, (b"iCCP", tool.iccp(bytes(length)))), STRICT)
    assert np.array_equal(found.pixels, taken(plain, STRICT).pixels)
    assert [note.what for note in found.notes] == ["no colour profile where one belongs; it is ignored"]


def test_sizes_are_known_before_a_decoder_allocates_them(tool):
    assert read_boxes(tool.saved(form="AVIF")).size == (tool.WIDTH, tool.HEIGHT)
    bomb = tool.saved(form="AVIF").replace(
        b"ispe\0\0\0\0" + struct.pack(">II", tool.WIDTH, tool.HEIGHT),
        b"ispe\0\0\0\0" + struct.pack(">II", 60_000, 60_000),
    )
    assert "60000x60000 pixels are more than the 80,000,000" in refused(bomb)
    # Width 512, height 256 (ratio 2:1, both multiples of eight), and 1000 x 600 in nine and thirteen bits.
    small = 1 | (256 // 8 - 1) << 1 | 7 << 6
    large = 0 | 0 << 1 | (500 - 1) << 3 | 0 << 12 | 1 << 15 | (1000 - 1) << 17
    for bits, size in ((small, (512, 256)), (large, (1000, 500))):
        assert read_jpeg_xl(b"\xff\x0a" + bits.to_bytes(8, "little")).size == size


@pytest.mark.parametrize(
    ("package", "form", "options"),
    [("pillow_heif", "HEIF", {"quality": -1}), ("pillow_jxl", "JXL", {"lossless": True})],
)
def test_packages_for_other_formats_are_used_when_they_are_there(tool, patches, package, form, options):
    module = pytest.importorskip(package)
    if form == "HEIF":
        module.register_heif_opener()
    large = np.repeat(np.repeat(patches, 2, 0), 2, 1)
    found = taken(saved(large, form, **options), STRICT)
    assert found.format == {"HEIF": "HEIC", "JXL": "JPEG XL"}[form]
    assert np.abs(found.pixels.astype(int) - large).mean() < 3
    tagged = saved(large, form, icc_profile=tool.P3, **options)
    if form == "HEIF":
        assert "not sRGB" in refused(tagged, STRICT)
        assert taken(tagged).needs == ("convert",)
