"""What `check` found out about a file is used again by `check` and `tile`, and only for that very file."""

import os

import numpy as np
import pytest
from PIL import Image

from analysis.imaging.decode import hash_pixels
from analysis.imaging.icc import BT709, Curve, matrix_profile
from studyapp.imaging import ingest
from studyapp.services.folder.checking import check_study
from studyapp.services.folder.tiling import tile_study
from studyapp.study.folder import plan_folder
from studyapp.study.study_file import load_study_file
from tests.here import Here

STUDY = """title: T
protocol: {places: 2, points: [2, 1]}
teams:
- {id: alpha, name: A}
- {id: beta, name: B}
"""
FILES = ("input/001.png", "teams/alpha/001.png", "teams/beta/001.png")


def noise(seed):
    return np.random.default_rng(seed).integers(0, 256, (80, 100, 3), dtype=np.uint8)


def save(path, seed):
    path.parent.mkdir(parents=True, exist_ok=True)
    Image.fromarray(noise(seed)).save(path, compress_level=0)


def replaced(path, seed):
    """Other pixels in a file of the same size and time."""
    before = path.stat()
    save(path, seed)
    os.utime(path, ns=(before.st_atime_ns, before.st_mtime_ns))
    after = path.stat()
    assert (after.st_size, after.st_mtime_ns) == (before.st_size, before.st_mtime_ns)


@pytest.fixture
def root(tmp_path):
    (tmp_path / "study.yaml").write_text(STUDY)
    for seed, name in enumerate(FILES):
        save(tmp_path / name, seed)
    return tmp_path


@pytest.fixture
def decoded(monkeypatch):
    """The files that were decoded since this was cleared."""
    names, decode = [], ingest.decode

    def noting(file, *given, **named):
        names.append(os.sep.join(file.name.split(os.sep)[-2:]))
        return decode(file, *given, **named)

    monkeypatch.setattr(ingest, "decode", noting)
    return names


def check(root):
    return sorted(problem.what for problem in check_study(root, pool=Here()))


def tile(root):
    plan = plan_folder(root, load_study_file(root / "study.yaml"))
    return tile_study(root, plan, pool=Here()).packs


def test_each_file_is_decoded_once_by_check_and_once_by_tile(root, decoded):
    told = check(root)
    assert len(decoded) == 3
    assert check(root) == told
    assert len(decoded) == 3
    tile(root)
    assert len(decoded) == 6
    assert check(root) == told
    assert len(decoded) == 6


def test_a_file_that_changed_is_noticed_though_its_size_and_time_are_the_same(root, decoded):
    check(root)
    replaced(root / "teams/beta/001.png", 1)
    assert "the same pixels as teams/alpha in 1 of 1 images (001)" in check(root)
    replaced(root / "teams/beta/001.png", 9)
    decoded.clear()
    assert "the same pixels as teams/alpha in 1 of 1 images (001)" not in check(root)
    assert decoded == ["beta/001.png"]
    assert tile(root)["001", "beta"].sha256_pixels == hash_pixels(noise(9))


def test_what_was_kept_of_a_file_that_is_gone_is_removed(root):
    check(root)
    before = set((root / "var/seen").iterdir())
    save(root / "teams/beta/001.png", 9)
    check(root)
    after = set((root / "var/seen").iterdir())
    assert (len(before), len(after), len(before & after)) == (3, 3, 2)


def test_what_was_found_under_another_policy_is_not_taken(root, decoded):
    profile = matrix_profile(BT709, Curve(2.2))
    for seed, name in enumerate(FILES):
        Image.fromarray(noise(seed)).save(root / name, icc_profile=profile)
    (root / "study.yaml").write_text(STUDY + "other_colors: convert\n")
    assert not [problem for problem in check_study(root, pool=Here()) if problem.severity == "error"]
    decoded.clear()
    (root / "study.yaml").write_text(STUDY + "other_colors: refuse\n")
    refused = [problem.path for problem in check_study(root, pool=Here()) if problem.severity == "error"]
    assert sorted(refused) == sorted(FILES)
    assert len(decoded) == 3


@pytest.mark.parametrize("damage", ["cut", "a byte", "empty"])
def test_a_damaged_record_is_not_used(root, decoded, damage):
    told = check(root)
    for path in (root / "var/seen").iterdir():
        content = path.read_bytes()
        middle = len(content) // 2
        flipped = content[:middle] + bytes([content[middle] ^ 1]) + content[middle + 1 :]
        path.write_bytes({"cut": content[:-30], "a byte": flipped, "empty": b""}[damage])
    decoded.clear()
    assert check(root) == told
    assert sorted(decoded) == sorted(name.removeprefix("teams/") for name in FILES)


def test_a_folder_that_cannot_be_written_is_checked_all_the_same(root, monkeypatch, decoded):
    told = check(root)
    monkeypatch.setattr("studyapp.services.folder.checking.seen_folder", lambda _root: None)
    decoded.clear()
    assert check(root) == told
    assert len(decoded) == 3
