"""Packs: what is read back is the source, for every size; half a pack never counts."""

import hashlib
import json
import os
import resource
from concurrent.futures import ThreadPoolExecutor

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image

from analysis.imaging.decode import hash_pixels
from studyapp.imaging import webp
from studyapp.imaging.pack import halve, write_pack
from studyapp.imaging.pack_index import PackError, Source, index_path, read_index
from studyapp.imaging.pack_reader import PackReader

SOURCE = Source("ab" * 32, 123, 456)


def picture(width, height, seed=0):
    """Smooth colours with noise, a flat part and a hard edge."""
    rng = np.random.default_rng(seed)
    y, x = np.mgrid[0:height, 0:width]
    pixels = np.stack([x * 255 // max(width, 1), y * 255 // max(height, 1), (x + y) % 256], axis=2)
    pixels = pixels + rng.integers(-9, 10, pixels.shape)
    pixels[: height // 3, : width // 3] = (0, 255, 7)
    return np.clip(pixels, 0, 255).astype(np.uint8)


def mean_of_boxes(pixels):
    """The level rule, written out: the mean of the pixels of each 2x2 box that exist, rounded half up."""
    height, width = pixels.shape[:2]
    padded = np.pad(pixels, ((0, height % 2), (0, width % 2), (0, 0)), mode="edge").astype(int)
    total = padded[0::2, 0::2] + padded[1::2, 0::2] + padded[0::2, 1::2] + padded[1::2, 1::2]
    return ((total + 2) // 4).astype(np.uint8)


def level_pixels(reader, level):
    """A level put together again from its tiles."""
    width, height = reader.levels[level]
    out = np.zeros((height, width, 3), np.uint8)
    columns, rows = (1, 1) if level == 0 else (-(-width // 256), -(-height // 256))
    for row in range(rows):
        for col in range(columns):
            tile = webp.decode(reader.tile(level, col, row))
            out[row * 256 : row * 256 + tile.shape[0], col * 256 : col * 256 + tile.shape[1]] = tile
    return out


@settings(max_examples=30, deadline=None)
@given(width=st.integers(1, 700), height=st.integers(1, 700), seed=st.integers(0, 99))
def test_every_level_comes_back(tmp_path_factory, width, height, seed):
    path = tmp_path_factory.mktemp("packs") / "001.pack"
    pixels = picture(width, height, seed)
    index = write_pack(pixels, path, source=SOURCE)
    with PackReader(path) as reader:
        assert (reader.width, reader.height) == (width, height)
        expected = pixels
        for level in reversed(range(len(reader.levels))):
            assert np.array_equal(level_pixels(reader, level), expected)
            expected = mean_of_boxes(expected)
    content = path.read_bytes()
    assert index.sha256_pack == hashlib.sha256(content).hexdigest()
    assert index.sha256_pixels == hash_pixels(pixels)
    assert index.size == len(content)


@settings(max_examples=200, deadline=None)
@given(width=st.integers(1, 40), height=st.integers(1, 40), seed=st.integers(0, 2**20))
def test_the_coarser_level_is_the_mean_of_boxes(width, height, seed):
    pixels = np.random.default_rng(seed).integers(0, 256, (height, width, 3), dtype=np.uint8)
    assert np.array_equal(np.asarray(halve(Image.fromarray(pixels))), mean_of_boxes(pixels))


def test_means_are_rounded_half_up():
    pixels = np.array([[[0, 1, 254], [1, 1, 255]], [[1, 1, 255], [0, 2, 255]]], np.uint8)
    assert np.asarray(halve(Image.fromarray(pixels))).tolist() == [[[1, 1, 255]]]


def test_tiles_hold_pixels_and_nothing_else(tmp_path):
    write_pack(picture(600, 300), tmp_path / "a.pack", source=SOURCE, notes=("an ICC profile is ignored",))
    with PackReader(tmp_path / "a.pack") as reader:
        for place in ((0, 0, 0), (1, 0, 0), (1, 2, 1)):
            data = reader.tile(*place)
            assert data[:4] == b"RIFF"
            assert data[8:16] == b"WEBPVP8L"
            assert webp.is_bare(data)
            assert not webp.is_bare(data + b"EXIF\0\0\0\0")


@pytest.mark.parametrize("place", [(-1, 0, 0), (2, 0, 0), (0, 1, 0), (1, 3, 0), (1, 0, 2), (1, -1, 0)])
def test_there_is_no_tile_outside(tmp_path, place):
    write_pack(picture(600, 300), tmp_path / "a.pack", source=SOURCE)
    with PackReader(tmp_path / "a.pack") as reader:
        assert reader.tile(*place) is None


def test_the_same_pixels_make_the_same_files(tmp_path):
    for name in ("a", "b"):
        write_pack(picture(600, 300), tmp_path / f"{name}.pack", source=SOURCE)
    assert (tmp_path / "a.pack").read_bytes() == (tmp_path / "b.pack").read_bytes()
    assert index_path(tmp_path / "a.pack").read_bytes() == index_path(tmp_path / "b.pack").read_bytes()


def test_the_index_is_read_as_it_was_written(tmp_path):
    index = write_pack(picture(60, 30), tmp_path / "a.pack", source=SOURCE, scale=3, notes=("16 bit",))
    assert read_index(tmp_path / "a.pack") == index
    assert (index.scale, index.notes, index.source) == (3, ("16 bit",), SOURCE)


def test_many_threads_read_one_pack(tmp_path):
    pixels = picture(700, 700)
    write_pack(pixels, tmp_path / "a.pack", source=SOURCE)
    with PackReader(tmp_path / "a.pack") as reader, ThreadPoolExecutor(8) as threads:
        places = [(1, number % 3, number // 3 % 3) for number in range(900)]
        tiles = list(threads.map(lambda place: reader.tile(*place), places))
        for place, data in list(zip(places, tiles, strict=True))[:9]:
            _, col, row = place
            expected = pixels[row * 256 : row * 256 + 256, col * 256 : col * 256 + 256]
            assert np.array_equal(webp.decode(data), expected)
        assert tiles == tiles[:9] * 100


def test_a_dropped_reader_gives_its_file_back(tmp_path):
    write_pack(picture(60, 30), tmp_path / "a.pack", source=SOURCE)
    before = len(os.listdir("/proc/self/fd"))
    for _ in range(20):
        PackReader(tmp_path / "a.pack").tile(0, 0, 0)
    assert len(os.listdir("/proc/self/fd")) == before


def test_a_closed_reader_says_so(tmp_path):
    write_pack(picture(60, 30), tmp_path / "a.pack", source=SOURCE)
    reader = PackReader(tmp_path / "a.pack")
    reader.close()
    reader.close()
    with pytest.raises(PackError, match=r"a\.pack is closed"):
        reader.tile(0, 0, 0)


@pytest.mark.parametrize(
    "damage", ["no index", "no pack", "cut pack", "cut index", "version", "offsets", "list"]
)
def test_a_pack_that_is_not_whole_is_refused(tmp_path, damage):
    path = tmp_path / "a.pack"
    write_pack(picture(60, 30), path, source=SOURCE)
    index = index_path(path)
    content = json.loads(index.read_text())
    if damage == "no index":
        index.unlink()
    elif damage == "no pack":
        path.unlink()
    elif damage == "cut pack":
        path.write_bytes(path.read_bytes()[:-1])
    elif damage == "cut index":
        index.write_text(index.read_text()[:50])
    elif damage == "version":
        index.write_text(json.dumps(content | {"version": 99}))
    elif damage == "offsets":
        index.write_text(json.dumps(content | {"offsets": [0, 5, 9]}))
    else:
        index.write_text("[]")
    with pytest.raises(PackError, match="run `studyapp tile` again"):
        PackReader(path)


def test_a_tile_that_decodes_to_something_else_leaves_nothing_behind(tmp_path, monkeypatch):
    real = Image.Image.save

    def forgetful(image, *args, **options):
        real(image.point(lambda value: value & 0xFE), *args, **options)

    monkeypatch.setattr(Image.Image, "save", forgetful)
    with pytest.raises(PackError, match="the tile at 0,0 does not decode to its source"):
        write_pack(picture(600, 300), tmp_path / "a.pack", source=SOURCE)
    assert list(tmp_path.iterdir()) == []


@pytest.fixture
def small_disk():
    """No file may grow beyond 1,000 bytes."""
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (1000, hard))
    yield
    resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))


def test_a_failure_leaves_the_old_pack_as_it_was(tmp_path, request):
    path = tmp_path / "a.pack"
    old = write_pack(picture(60, 30), path, source=SOURCE)
    request.getfixturevalue("small_disk")
    with pytest.raises(OSError, match="File too large"):
        write_pack(picture(90, 90, seed=1), path, source=SOURCE)
    assert read_index(path) == old
    assert sorted(file.name for file in tmp_path.iterdir()) == ["a.pack", "a.pack.json"]
    PackReader(path).close()
