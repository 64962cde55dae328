"""Colour spaces: refused where an image's files differ, else converted once for judging and scoring alike."""

import shutil
import sys
from dataclasses import asdict

import numpy as np
import pytest
from PIL import Image

from analysis.imaging.decode import hash_pixels
from analysis.imaging.icc import SRGB_CURVE, matrix_profile
from analysis.imaging.spaces import PRIMARIES
from analysis.paired.psnr import psnr
from studyapp.errors import ProblemsFoundError, errors_of
from studyapp.imaging.pack_check import PackCheck, checked_pixels
from studyapp.services.folder import preparing
from studyapp.services.folder.checking import check_study
from studyapp.services.folder.finding_pictures import pictured
from studyapp.services.folder.pack_checks import check_packs
from studyapp.services.ground.studies import shows_previews
from studyapp.services.ground.workspace import open_workspace
from studyapp.services.paired.scoring import ScoringChoice, score_study
from studyapp.services.paired.unpaired import score_unpaired
from studyapp.services.results.ledger_notes import study_facts
from studyapp.study.folder import plan_folder
from studyapp.study.study_file import load_study_file
from tests.conftest import NOW, TEAMS
from tests.here import Here
from tests.imaging.decoded import load_rgb
from tests.paired_study import PAIRS, write_paired_study

P3 = matrix_profile(PRIMARIES[12][1], SRGB_CURVE)
ONE = ScoringChoice(workers=1, metrics=("psnr",))
SAID = "colours in 'made by studyapp' (ICC profile)"


def tag(*paths):
    for path in paths:
        with Image.open(path) as image:
            image.load()
        image.save(path, icc_profile=P3)


def team_files(root, team):
    return [*(root / "teams" / team).iterdir(), *(root / "paired/teams" / team).iterdir()]


@pytest.fixture(scope="module")
def mixed(tmp_path_factory):
    """Team 2 hands in Display P3, the others sRGB."""
    root = write_paired_study(tmp_path_factory.mktemp("mixed") / "study")
    tag(*team_files(root, "team02"))
    return root


@pytest.fixture(scope="module")
def converted(mixed, tmp_path_factory):
    root = shutil.copytree(mixed, tmp_path_factory.mktemp("converted") / "study")
    with (root / "study.yaml").open("a") as file:
        file.write("other_colors: convert\n")
    preparing.prepare_study(root, workers=1, progress=None, now=NOW)
    return root


def told(root):
    return {problem.path: problem.what for problem in errors_of(check_study(root, pool=Here()))}


def test_a_team_whose_colours_differ_is_named_by_check_and_nothing_is_tiled_or_scored(mixed):
    found = told(mixed)
    assert sorted(found) == ["paired/teams/team02", "teams/team02"]
    assert found["paired/teams/team02"] == (
        f"{SAID}, where other files of the image are in sRGB ({', '.join(PAIRS)})"
    )
    paired = next(problem for problem in check_study(mixed, pool=Here()) if problem.kind == "space")
    plan = plan_folder(mixed, load_study_file(mixed / "study.yaml"))
    beside = pictured(plan, asdict(paired), PAIRS[0])
    assert (beside.team, beside.other, len(beside.files)) == ("team02", "team01", 3)
    with pytest.raises(ProblemsFoundError, match=r"teams/team02: .*other_colors: convert"):
        preparing.prepare_study(mixed, workers=1, progress=None, now=NOW)
    assert not list((mixed / "var").rglob("*.pack"))
    for measured in (score_study(mixed, ONE)[0], score_unpaired(mixed, ScoringChoice(workers=1))[0]):
        said = {row["team"] for row in measured.about["problems"] if "the colours are in" in row["problem"]}
        assert said == {"team02"}


def test_where_all_files_of_an_image_are_alike_they_are_converted(mixed, tmp_path):
    root = shutil.copytree(mixed, tmp_path / "study")
    tag(*(root / "input").iterdir(), *(root / "paired/gt").iterdir(), *(root / "paired/input").iterdir())
    for team in TEAMS:
        tag(*team_files(root, team))
    assert told(root) == {}
    first = score_study(root, ONE)[0].images.iloc[0]
    paths = [root / f"paired/{folder}/{PAIRS[0]}.png" for folder in ("teams/team01", "gt")]
    plain, truth = (load_rgb(path, 10**6, convert=True).pixels for path in paths)
    assert first["psnr"] == psnr(plain, truth)


def test_tiles_and_metrics_have_the_same_converted_pixels(converted):
    root = converted
    pixels = load_rgb(root / "teams/team02/001.png", 10**6, convert=True).pixels
    with Image.open(root / "teams/team02/001.png") as stored:
        assert not np.array_equal(pixels, np.asarray(stored))
    workspace = open_workspace(root)
    with workspace.database.reading() as session:
        assert check_packs(session, workspace, workers=1).verdict == "ok"
        assert study_facts(session).lines == (
            "INTERIM: the study is not closed; answers are still being saved",
            "files in other colour spaces were converted to sRGB, also where those of an image differ",
        )
    workspace.database.close()
    pack = PackCheck(root / "var/packs/teams/team02/001.pack", "a pack", hash_pixels(pixels))
    assert np.array_equal(checked_pixels(pack), pixels)
    result = load_rgb(root / f"paired/teams/team02/{PAIRS[0]}.png", 10**6, convert=True).pixels
    truth = load_rgb(root / f"paired/gt/{PAIRS[0]}.png", 10**6).pixels
    rows = score_study(root, ONE)[0].images.set_index(["team", "image"])
    assert rows.loc[("team02", PAIRS[0]), "psnr"] == psnr(result, truth)


def test_packs_that_were_converted_are_refused_once_the_study_says_so(converted, tmp_path):
    root = shutil.copytree(converted, tmp_path / "study")
    text = (root / "study.yaml").read_text()
    for choice, said in (("alike", "other files of the image are in sRGB"), ("refuse", f"{SAID}, not sRGB")):
        (root / "study.yaml").write_text(text.replace("other_colors: convert", f"other_colors: {choice}"))
        with pytest.raises(ProblemsFoundError) as refused:
            preparing.prepare_study(root, workers=1, progress=None, now=NOW)
        assert {problem.path for problem in refused.value.problems} == {"teams/team02"}
        assert said in str(refused.value)


def test_a_format_that_nothing_here_reads_is_said_once_for_a_folder(mixed, tmp_path, monkeypatch):
    monkeypatch.setitem(sys.modules, "pillow_heif.as_plugin", None)
    root = shutil.copytree(mixed, tmp_path / "study")
    for path in team_files(root, "team02"):
        path.with_suffix(".heic").write_bytes(b"\0\0\0\x18ftypheic\0\0\0\0mif1heic" + bytes(64))
        path.unlink()
    paired, shown = errors_of(check_study(root, pool=Here()))
    assert (paired.path, shown.path) == ("paired/teams/team02", "teams/team02")
    assert shown.what.startswith("HEIC, which nothing installed here can read (in 4 images: 000, ")
    assert shown.remedy == "convert to PNG, or install studyapp[heic]"


def test_jpegs_of_some_teams_are_a_warning_that_names_them(mixed, tmp_path):
    root = shutil.copytree(mixed, tmp_path / "study")
    for path in team_files(root, "team03"):
        with Image.open(path) as image:
            if path.stem == "001":
                image.save(path.with_suffix(".webp"), quality=95)
            elif path.stem == "002":
                image.save(path.with_suffix(".webp"), lossless=True)
            else:
                image.save(path.with_suffix(".jpg"), quality=95)
        path.unlink()
    warnings = [problem for problem in check_study(root, pool=Here()) if problem.severity == "warning"]
    (found,) = [problem for problem in warnings if "JPEG" in problem.what]
    assert (found.path, found.what) == (
        "teams",
        "JPEG or lossy WebP from team03, lossless files from the other 3 teams",
    )


def test_of_raw_inputs_judges_see_the_previews_and_nothing_reads_the_raw_data(mixed, tmp_path):
    root = shutil.copytree(mixed, tmp_path / "study")
    with (root / "study.yaml").open("a") as file:
        file.write("other_colors: convert\n")
    (root / "input/001.json").write_text("{}")
    assert "1 image with a .json beside, as mosaics of raw data have" in {
        problem.what for problem in check_study(root, pool=Here())
    }
    (root / "input/001.json").unlink()
    for folder in (root / "input", root / "paired/input"):
        folder.rename(folder.with_name("input_preview"))
        folder.mkdir()
        for path in folder.with_name("input_preview").iterdir():
            (folder / f"{path.stem}.dng").write_bytes(b"II*\0 raw data")
            (folder / f"{path.stem}.json").write_text("{}")
    assert told(root) == {}
    preparing.prepare_study(root, workers=1, progress=None, now=NOW)
    workspace = open_workspace(root)
    with workspace.database.reading() as session:
        assert shows_previews(session)
    workspace.database.close()
    (root / "input_preview/001.png").unlink()
    assert told(root) == {"input_preview/001.png": "missing"}
