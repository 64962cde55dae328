"""A corpus of hostile study folders: each refused within 2 seconds, in little memory, nothing written."""

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from studyapp.imaging.pack_reader import PackReader
from studyapp.services.folder.checking import check_study
from studyapp.services.folder.tiling import tile_study
from studyapp.study.folder import plan_folder
from studyapp.study.study_file import load_study_file
from tests.conftest import write_study
from tests.hostile.corpus import IMAGES, NO_FILES, POLYGLOTS, STUDY_FILES, TABLES

SECONDS, MEBIBYTES = 2.0, 300.0
PLACES = {
    "image": ("teams/team01/001.png", IMAGES),
    "no file": ("teams/team01/001.png", NO_FILES),
    "polyglot": ("teams/team01/001.png", POLYGLOTS),
    "study": ("study.yaml", STUDY_FILES),
    "judges": ("judges.csv", TABLES),
    "measures": ("measures.csv", TABLES),
    "scores": ("scores.csv", TABLES),
}
CASES = [(kind, name) for kind, (_, writers) in PLACES.items() for name in writers]


@pytest.fixture(scope="module")
def outcomes(tmp_path_factory):
    """Check every hostile folder in one process; return what each took and what was left on the disk."""
    base = tmp_path_factory.mktemp("hostile")
    whole = write_study(base / "whole", size=(20, 10))
    folders = {}
    for number, (kind, name) in enumerate(CASES):
        folders[kind, name] = root = base / f"{number:03d}" / "study"
        shutil.copytree(whole, root)
        place, writers = PLACES[kind]
        (root / place).unlink(missing_ok=True)
        writers[name](root / place)
    before = listing(base)
    said = run([str(folder) for folder in folders.values()])
    return folders, dict(zip(folders, said, strict=True)), before == listing(base)


def run(folders: list[str]) -> list[dict]:
    """Run the measuring process; a folder on which it dies or hangs gets what is known of that."""
    done = subprocess.run(
        [sys.executable, "-m", "tests.hostile.measure", *folders],
        capture_output=True,
        text=True,
        timeout=300,
        env={**os.environ, "PYTHONPATH": os.pathsep.join(path for path in sys.path if path)},
        cwd=Path(__file__).parents[2],
        check=False,
    )
    assert done.returncode == 0, done.stderr[-3000:]
    return [json.loads(line) for line in done.stdout.splitlines()]


def listing(base: Path) -> list[tuple[str, int]]:
    """All files but what check keeps to reuse."""
    found = [path for path in base.rglob("*") if path.parent.parts[-2:] != ("var", "seen")]
    return sorted(
        (str(path), path.lstat().st_size) for path in found if path.is_symlink() or not path.is_dir()
    )


def test_the_corpus_is_large_enough():
    assert len(IMAGES) >= 25
    assert len(CASES) >= 60


@pytest.mark.parametrize(("kind", "name"), CASES, ids=[f"{kind}: {name}" for kind, name in CASES])
def test_a_hostile_folder_costs_little_and_is_refused(outcomes, kind, name):
    folders, said, _ = outcomes
    outcome = said[kind, name]
    assert outcome["seconds"] < SECONDS
    assert outcome["mebibytes"] < MEBIBYTES
    place = PLACES[kind][0]
    found = [what for path, what, severity in outcome["problems"] if path == place and severity == "error"]
    assert bool(found) == (kind != "polyglot"), outcome["problems"][:5]
    everything = json.dumps(outcome["problems"])
    assert str(folders[kind, name]) not in everything
    assert "root:x:0" not in everything


def test_nothing_was_written(outcomes):
    assert outcomes[2]


@pytest.mark.parametrize("name", POLYGLOTS)
def test_of_a_polyglot_only_the_pixels_reach_the_judges(tmp_path, name):
    root = write_study(tmp_path / "study", size=(20, 10))
    POLYGLOTS[name](root / "teams/team01/001.png")
    assert not [problem for problem in check_study(root, jobs=1) if problem.severity == "error"]
    tile_study(root, plan_folder(root, load_study_file(root / "study.yaml")), jobs=1)
    with PackReader(root / "var/packs/teams/team01/001.pack") as pack:
        tile = pack.tile(0, 0, 0)
    assert tile is not None
    assert len(tile) < 2000
    for trace in (b"polyglot", b"script", b"PK\3\4", b"escaped"):
        assert trace not in tile
        assert trace not in (root / "var/packs/teams/team01/001.pack").read_bytes()


@pytest.mark.parametrize("name", NO_FILES)
def test_links_and_pipes_are_not_followed_when_tiling(tmp_path, name):
    root = write_study(tmp_path / "study", size=(20, 10))
    place = root / "teams/team01/001.png"
    place.unlink()
    NO_FILES[name](place)
    plan = plan_folder(root, load_study_file(root / "study.yaml"))
    assert ("001", "team01") not in plan.candidates
    assert [problem for problem in plan.problems if problem.severity == "error"]
