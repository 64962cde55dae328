"""Tile packs are checked again on demand: a flipped byte, a replaced pack and a missing one are named."""

import shutil

import numpy as np
import pytest
from click.testing import CliRunner

from studyapp.cli import main
from studyapp.imaging.pack import write_pack
from studyapp.imaging.pack_check import PackCheck, misfit
from studyapp.imaging.pack_index import Source, index_path
from studyapp.imaging.pack_reader import PackReader
from studyapp.services.folder import preparing
from studyapp.services.folder.pack_checks import check_packs
from tests.conftest import NOW
from tests.sqlite_alone import database_url  # noqa: F401 (the same on every database)

PACK = "packs/teams/team02/002.pack"


def check(workspace):
    with workspace.database.reading() as session:
        return check_packs(session, workspace, workers=1)


def flip(path, place: int) -> None:
    data = bytearray(path.read_bytes())
    data[place] ^= 1
    path.write_bytes(data)


def test_what_was_tiled_fits(workspace):
    seen = []
    with workspace.database.reading() as session:
        finding = check_packs(session, workspace, workers=1, progress=lambda *what: seen.append(what))
    assert (finding.verdict, finding.message) == ("ok", "20 tile packs are unchanged")
    assert seen[-1] == ("packs", 20, 20)


@pytest.mark.parametrize("place", [0, 100, -1])
def test_one_flipped_bit_is_found_and_mended_by_tiling(workspace, place):
    flip(workspace.folders.var / PACK, place)
    finding = check(workspace)
    assert finding.verdict == "wrong"
    assert finding.message.startswith(f"{PACK} was changed")
    index_path(workspace.folders.var / PACK).unlink()
    preparing.prepare_study(workspace.folders.root, workers=1, progress=None, now=NOW)
    assert check(workspace).verdict == "ok"


def test_a_pack_replaced_together_with_its_index_is_found(workspace):
    var = workspace.folders.var
    other = var / PACK.replace("team02", "team03")
    for path in (other, index_path(other)):
        shutil.copy(path, str(path).replace("team03", "team02"))
    assert check(workspace).message.startswith(f"{PACK} shows different pixels from those in the commitment")


def test_the_first_is_named_and_the_others_counted(workspace):
    flip(workspace.folders.var / PACK, 50)
    (workspace.folders.var / "packs/input/001.pack").unlink()
    message = check(workspace).message
    assert message.startswith("001.pack cannot be opened")
    assert "(and 1 more)" in message


def test_packs_of_several_levels_come_back_pixel_for_pixel(tmp_path):
    pixels = np.random.default_rng(3).integers(0, 256, (530, 700, 3), np.uint8)
    index = write_pack(pixels, tmp_path / "a.pack", source=Source("0" * 64, 1, 1))
    with PackReader(tmp_path / "a.pack") as reader:
        assert len(reader.levels) == 2
    assert misfit(PackCheck(tmp_path / "a.pack", "a", index.sha256_pixels)) is None
    assert misfit(PackCheck(tmp_path / "a.pack", "a", "0" * 64)) is not None


def test_the_verb_names_it_and_exits_with_one(folder, monkeypatch):
    monkeypatch.delenv("STUDYAPP_DATABASE_URL", raising=False)
    assert CliRunner().invoke(main, ["verify", str(folder), "--packs"]).exit_code == 0
    flip(folder / "var" / PACK, 50)
    assert CliRunner().invoke(main, ["verify", str(folder)]).exit_code == 0, "not without being asked to"
    done = CliRunner().invoke(main, ["verify", str(folder), "--packs"])
    assert done.exit_code == 1
    assert f"mismatch: {PACK}" in done.stderr
