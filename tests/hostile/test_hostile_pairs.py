"""The hostile files again, as results to be scored: each costs little and is a problem of its own."""

import json
import os
import subprocess
import sys
import zlib
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from tests.hostile.corpus import IMAGES, NO_FILES, POLYGLOTS, png

SECONDS, MEBIBYTES = 2.0, 300.0
ROOT = Path(__file__).parents[2]


def below_the_limit(path: Path) -> None:
    """79 million pixels in 80 kB: what only a look at the ground truth's size tells from an image."""
    side = 8900
    squeeze = zlib.compressobj(9)
    row = bytes(1 + 3 * side)
    data = b"".join(squeeze.compress(row) for _ in range(side)) + squeeze.flush()
    path.write_bytes(png(side, side, data=data))


def rows_missing(path: Path) -> None:
    path.write_bytes(png(20, 10, data=zlib.compress(bytes(5 * 61))))


MORE = {
    "png, 79 million pixels": below_the_limit,
    "png, half of its rows": rows_missing,
}
REFUSED = {**IMAGES, **NO_FILES, **MORE}
TAKEN = POLYGLOTS


def pair_folder(root: Path) -> Path:
    """One pair of the size of the corpus's images, and a team with a good result."""
    pixels = np.random.default_rng(3).integers(0, 256, (10, 20, 3), dtype=np.uint8)
    for place in ("gt", "teams/good", "teams/hostile"):
        (root / place).mkdir(parents=True)
        Image.fromarray(pixels).save(root / place / "001.png")
    (root / "teams/hostile/001.png").unlink()
    return root


@pytest.fixture(scope="module")
def outcomes(tmp_path_factory):
    """Score every hostile file in one process; what each took, and whether anything was left on the disk."""
    base = tmp_path_factory.mktemp("pairs")
    folders = {}
    for number, (name, write) in enumerate({**REFUSED, **TAKEN}.items()):
        folders[name] = pair_folder(base / f"{number:03d}")
        write(folders[name] / "teams/hostile/001.png")
    before = listing(base)
    done = run("-m", "tests.hostile.measure_pairs", *folders.values())
    assert done.returncode == 0, done.stderr[-3000:]
    said = [json.loads(line) for line in done.stdout.splitlines()]
    assert before == listing(base)
    return dict(zip(folders, said, strict=True))


def run(*arguments) -> subprocess.CompletedProcess:
    return subprocess.run(
        [sys.executable, *map(str, arguments)],
        capture_output=True,
        text=True,
        timeout=300,
        env={**os.environ, "PYTHONPATH": os.pathsep.join(path for path in sys.path if path)},
        cwd=ROOT,
        check=False,
    )


def listing(base: Path) -> list[tuple[str, int]]:
    return sorted((str(path), path.lstat().st_size) for path in base.rglob("*"))


@pytest.mark.parametrize("name", REFUSED)
def test_a_hostile_result_costs_little_and_is_one_problem(outcomes, name):
    said = outcomes[name]
    assert said["seconds"] < SECONDS
    assert said["mebibytes"] < MEBIBYTES
    hostile = said["teams"]["hostile"]
    assert hostile["values"] == {}
    (problem,) = hostile["problems"]
    assert "root:x:0" not in problem
    assert "\n" not in problem
    assert said["teams"]["good"] == {"values": {"psnr": 80.0}, "problems": []}


@pytest.mark.parametrize("name", TAKEN)
def test_a_polyglot_is_its_pixels(outcomes, name):
    said = outcomes[name]
    assert said["seconds"] < SECONDS
    assert said["mebibytes"] < MEBIBYTES
    assert said["teams"]["hostile"]["problems"] == []
    assert 0 < said["teams"]["hostile"]["values"]["psnr"] <= 80
