"""Tiling a study: every image once, nothing when something is wrong, and interruptions that cost nothing."""

import fcntl
import os
import shutil
import signal
import subprocess
import sys
import time

import numpy as np
import pytest
from PIL import Image

from analysis.imaging import Policy
from analysis.imaging.decode import hash_pixels
from studyapp.batch.pool import TaskError
from studyapp.errors import ProblemsFoundError, StudyStateError
from studyapp.imaging import webp
from studyapp.imaging.pack_reader import PackReader
from studyapp.services.folder.tiling import tile_study
from studyapp.study.folder import plan_folder
from studyapp.study.study_file import load_study_file

STUDY = """title: T
practice: warmup
protocol: {places: 2, points: [2, 1]}
teams:
- {id: alpha, name: A}
- {id: beta, name: B}
"""
KEYS = [(image, team) for image in ("001", "002", "warmup") for team in (None, "alpha", "beta")]
COUNT = len(KEYS)


def noise(seed, size=(60, 40)):
    return np.random.default_rng(seed).integers(0, 256, (size[1], size[0], 3), dtype=np.uint8)


def source(root, key):
    image, team = key
    return root / ("input" if team is None else f"teams/{team}") / f"{image}.png"


@pytest.fixture(scope="module")
def fresh(tmp_path_factory):
    root = tmp_path_factory.mktemp("study")
    (root / "study.yaml").write_text(STUDY)
    for seed, key in enumerate(KEYS):
        source(root, key).parent.mkdir(parents=True, exist_ok=True)
        Image.fromarray(noise(seed)).save(source(root, key))
    return root


@pytest.fixture(scope="module")
def tiled(fresh, tmp_path_factory):
    root = shutil.copytree(fresh, tmp_path_factory.mktemp("tiled") / "study")
    tile(root)
    return root


@pytest.fixture
def root(fresh, tmp_path):
    return shutil.copytree(fresh, tmp_path / "study")


@pytest.fixture
def done(tiled, tmp_path):
    return shutil.copytree(tiled, tmp_path / "study")


def tile(root, **options):
    return tile_study(root, plan_folder(root, load_study_file(root / "study.yaml")), jobs=1, **options)


def written(root):
    return {path: path.stat().st_mtime_ns for path in (root / "var/packs").rglob("*") if path.is_file()}


def leftovers(root):
    return list((root / "var").rglob(".*.new"))


def test_every_input_and_candidate_gets_its_pack(root):
    report = tile(root)
    assert set(report.packs) == set(KEYS)
    assert (report.made, report.kept) == (COUNT, 0)
    for seed, key in enumerate(KEYS):
        info = report.packs[key]
        assert (info.width, info.height, info.scale) == (60, 40, 1)
        assert root / info.source == source(root, key)
        assert info.sha256_pixels == hash_pixels(noise(seed))
        with PackReader(root / "var" / info.path) as reader:
            assert np.array_equal(webp.decode(reader.tile(0, 0, 0)), noise(seed))


def test_progress_is_told_in_two_stages(root):
    told = []
    tile(root, progress=lambda *now: told.append(now))
    assert told[:: COUNT + 1] == [("check", 0, COUNT), ("tile", 0, COUNT)]
    assert told[-1] == ("tile", COUNT, COUNT)


def test_a_second_run_does_nothing(done):
    before = written(done)
    told = []
    report = tile(done, progress=lambda *now: told.append(now))
    assert (report.made, report.kept) == (0, COUNT)
    assert written(done) == before
    assert told == []


def test_a_second_run_reports_what_the_first_did(root):
    assert tile(root).packs == tile(root).packs


def test_a_changed_source_is_tiled_again_and_only_that(done):
    before = written(done)
    Image.fromarray(noise(99)).save(source(done, ("002", "beta")))
    report = tile(done)
    assert (report.made, report.kept) == (1, COUNT - 1)
    assert report.packs["002", "beta"].sha256_pixels == hash_pixels(noise(99))
    changed = {path.name for path, moment in written(done).items() if before.get(path) != moment}
    assert changed - {".lock"} == {"002.pack", "002.pack.json"}


def test_a_source_with_a_new_time_but_the_old_content_is_kept(done):
    os.utime(source(done, ("001", "alpha")), ns=(1, 1))
    packs = {path: moment for path, moment in written(done).items() if path.suffix == ".pack"}
    assert tile(done).made == 0
    after = written(done)
    assert {path: after[path] for path in packs} == packs
    tile(done)
    assert written(done) == after


@pytest.mark.parametrize("damage", ["no pack", "no index", "cut pack", "bad index"])
def test_a_damaged_pack_is_made_again(done, damage):
    pack = done / "var/packs/teams/beta/001.pack"
    index = pack.with_name("001.pack.json")
    if damage == "no pack":
        pack.unlink()
    elif damage == "no index":
        index.unlink()
    elif damage == "cut pack":
        pack.write_bytes(pack.read_bytes()[:-5])
    else:
        index.write_text("{}")
    report = tile(done)
    assert (report.made, report.kept) == (1, COUNT - 1)
    PackReader(pack).close()


def test_what_an_interrupted_run_left_is_removed(done):
    pack = done / "var/packs/teams/beta/001.pack"
    pack.unlink()
    pack.with_name(".4711.new").write_bytes(b"half a pack")
    assert tile(done).made == 1
    assert leftovers(done) == []


@pytest.mark.parametrize("wrong", ["truncated", "size", "missing", "transparent"])
def test_nothing_is_written_when_something_is_wrong(root, wrong):
    path = source(root, ("warmup", "beta"))
    if wrong == "truncated":
        path.write_bytes(path.read_bytes()[:200])
    elif wrong == "size":
        Image.fromarray(noise(1, (61, 40))).save(path)
    elif wrong == "missing":
        path.unlink()
    else:
        Image.new("RGBA", (60, 40)).save(path)
    with pytest.raises(ProblemsFoundError, match=r"teams/beta/warmup\.png"):
        tile(root)
    assert not (root / "var/packs").exists()


def test_every_error_is_named_and_warnings_do_not_stop(root):
    deep = np.random.default_rng(0).integers(0, 65536, (40, 60), dtype=np.uint16)
    Image.fromarray(deep).save(source(root, ("001", "alpha")))
    assert tile(root).made == COUNT
    source(root, ("001", "beta")).write_bytes(b"")
    source(root, ("002", "beta")).write_bytes(b"GIF89a")
    with pytest.raises(ProblemsFoundError) as caught:
        tile(root)
    assert [problem.path for problem in caught.value.problems] == ["teams/beta/001.png", "teams/beta/002.png"]


def test_the_limit_of_pixels_is_the_caller_s(root):
    with pytest.raises(ProblemsFoundError, match="60x40 pixels are more than the 2,399 allowed"):
        tile(root, policy=Policy(2399))


def test_an_input_of_a_fraction_is_enlarged_to_its_candidates(root):
    small = noise(5, (20, 10))
    for team in ("alpha", "beta"):
        Image.fromarray(noise(6, (60, 30))).save(source(root, ("001", team)))
    Image.fromarray(small).save(source(root, ("001", None)))
    info = tile(root).packs["001", None]
    assert (info.width, info.height, info.scale) == (60, 30, 3)
    with PackReader(root / "var" / info.path) as reader:
        shown = webp.decode(reader.tile(0, 0, 0))
    assert all(np.array_equal(shown[y::3, x::3], small) for y in range(3) for x in range(3))
    assert tile(root).made == 0


def test_an_unchanged_input_is_enlarged_anew_when_its_candidates_change(root):
    tile(root)
    for team in ("alpha", "beta"):
        Image.fromarray(noise(6, (120, 80))).save(source(root, ("001", team)))
    report = tile(root)
    assert report.made == 3
    assert report.packs["001", None].scale == 2


def test_two_runs_at_once_are_refused(root):
    (root / "var/packs").mkdir(parents=True)
    with (root / "var/packs/.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        with pytest.raises(StudyStateError, match="another process is tiling study"):
            tile(root)
    assert tile(root).made == COUNT


RUN = """
import sys
from pathlib import Path
from studyapp.study.folder import plan_folder
from studyapp.study.study_file import load_study_file
from studyapp.batch.pool import TaskError
from studyapp.services.folder.tiling import tile_study
root = Path(sys.argv[1])
tile_study(root, plan_folder(root, load_study_file(root / "study.yaml")), jobs=1)
"""


def test_a_killed_run_is_continued(root):
    """SIGKILL at the first pack: what is there is whole, the next run makes the rest and cleans up."""
    for seed, key in enumerate(KEYS):
        Image.fromarray(noise(seed, (900, 700))).save(source(root, key), compress_level=0)
    process = subprocess.Popen([sys.executable, "-c", RUN, str(root)])
    until = time.monotonic() + 30
    while time.monotonic() < until and not list((root / "var").rglob("*.pack.json")):
        time.sleep(0.005)
    process.send_signal(signal.SIGKILL)
    process.wait()
    time.sleep(0.5)
    before = {path: moment for path, moment in written(root).items() if path.suffix == ".json"}
    assert 1 <= len(before) < COUNT
    report = tile(root)
    assert report.kept == len(before)
    assert report.made == COUNT - len(before)
    after = written(root)
    assert {path: after[path] for path in before} == before
    assert leftovers(root) == []
    for info in report.packs.values():
        PackReader(root / "var" / info.path).close()


@pytest.mark.processes
def test_a_file_that_goes_bad_while_tiling_is_named_and_leaves_no_pack(root):
    """One is overwritten after all were looked at: the rest is kept, the next run makes what is missing."""
    path = source(root, ("warmup", "beta"))
    good = path.read_bytes()

    def spoil(stage, done, _total):
        if (stage, done) == ("tile", 0):
            path.write_bytes(b"\x89PNG\r\n\x1a\n")

    with pytest.raises(TaskError, match=r"^teams/beta/warmup\.png: cannot be read as PNG"):
        tile(root, progress=spoil)
    assert leftovers(root) == []
    assert not (root / "var/packs/teams/beta/warmup.pack").exists()
    path.write_bytes(good)
    assert tile(root).kept == COUNT - 1
