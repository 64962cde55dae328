"""The sample study's folder: complete, real, deterministic."""

import hashlib
import socket
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from analysis.efficiency.measures import read_measures
from analysis.rule import PRESETS, read_rule
from studyapp.errors import StudyError
from studyapp.sample import photographs
from studyapp.sample.build import build_sample_study, sample_originals
from studyapp.sample.degrade import degrade
from studyapp.sample.entries import ENTRIES, judge_rows
from studyapp.sample.restore import METHODS
from studyapp.sample.scenes import mosaic, scenes
from studyapp.services.folder.checking import check_study
from studyapp.services.ground.scoring_rules import formula_of
from studyapp.study.study_file import load_study_file


@pytest.fixture(scope="module")
def small(tmp_path_factory: pytest.TempPathFactory) -> Path:
    root = tmp_path_factory.mktemp("sample") / "study"
    build_sample_study(root, size="small", workers=1)
    return root


def _digest(root: Path) -> str:
    files = sorted(path for path in root.rglob("*") if path.is_file())
    return hashlib.sha256(
        b"".join(f"{p.relative_to(root)}\0".encode() + p.read_bytes() for p in files)
    ).hexdigest()


def _pixels(path: Path) -> np.ndarray:
    with Image.open(path) as image:
        assert image.mode == "RGB"
        return np.asarray(image)


def test_every_team_has_every_image_in_the_inputs_size(small: Path):
    names = [f"{scene.image}.png" for scene in scenes("small") if scene.role != "paired"]
    assert sorted(path.name for path in (small / "input").iterdir()) == names
    for entry in ENTRIES:
        folder = small / "teams" / entry.id
        assert sorted(path.name for path in folder.iterdir()) == names
        for name in names:
            assert _pixels(folder / name).shape == _pixels(small / "input" / name).shape


def test_pairs_have_input_truth_and_every_team(small: Path):
    for part in ("input", "gt", *(f"teams/{entry.id}" for entry in ENTRIES)):
        assert [path.name for path in (small / "paired" / part).iterdir()] == ["101.png"]


def test_no_two_candidates_of_an_image_are_identical(small: Path):
    for name in ("000.png", "001.png", "002.png", "003.png"):
        folders = [small / "teams" / entry.id for entry in ENTRIES]
        assert len({_pixels(folder / name).tobytes() for folder in folders}) == len(folders)


def test_study_file_is_valid_and_says_that_votes_are_simulated(small: Path):
    study = load_study_file(small / "study.yaml")
    assert study.simulated
    assert "simulated" in study.title
    assert study.practice == "000"
    assert [team.id for team in study.teams] == [entry.id for entry in ENTRIES]
    assert study.rule.final.score.text == PRESETS["raim-2025"].rules["final"]["score"]


def test_check_warns_only_of_the_entry_that_is_the_input(small: Path):
    assert [problem.path for problem in check_study(small)] == ["teams/hazel"]


def test_the_sample_declares_the_reduced_formula(small: Path):
    formula = formula_of(load_study_file(small / "study.yaml"))
    assert formula.score == read_rule("reduced").final.score


def test_every_method_has_its_recorded_cost_and_the_device_is_said(small: Path):
    table = read_measures(small / "measures.csv").set_index("team")
    assert list(table.index) == [entry.id for entry in ENTRIES]
    assert table[["params_m", "flops_g", "time_ms"]].notna().all(axis=None)
    assert set(table["comparable"]) == {"no"}
    assert set(table["device"]) == {"CPU (recorded; not comparable with a GPU)"}
    # A 3 x 3 median of 19 exchanges of two operations on three channels of a megapixel.
    assert table.loc["rowan", "flops_g"] == pytest.approx(3 * 38 * 1024**2 / 1e9, abs=1e-4)
    assert table.loc["hazel", "flops_g"] == 0


def test_judges_are_fictitious_and_fill_every_slot_equally():
    rows = judge_rows()
    assert len(rows) % len(ENTRIES) == 0
    assert all(email.endswith("@example.org") for _, email, _ in rows)
    assert all(name.startswith("Simulated") for name, _, _ in rows)


def test_a_folder_in_use_is_left_alone(tmp_path: Path):
    (tmp_path / "mine.txt").write_text("keep")
    with pytest.raises(StudyError, match="not empty"):
        build_sample_study(tmp_path, size="small")
    assert [path.name for path in tmp_path.iterdir()] == ["mine.txt"]


@pytest.mark.slow
@pytest.mark.processes
def test_an_interrupted_build_leaves_nothing_and_any_number_of_processes_makes_the_same(
    small: Path, tmp_path: Path
):
    def interrupt(stage: str, done: int, total: int) -> None:
        raise KeyboardInterrupt

    root = tmp_path / "study"
    with pytest.raises(KeyboardInterrupt):
        build_sample_study(root, size="small", workers=2, progress=interrupt)
    assert not root.exists()
    build_sample_study(root, size="small", workers=2)
    assert _digest(root) == _digest(small)
    assert [path.name for path in tmp_path.iterdir()] == ["study"]


def test_photographs_need_no_network(monkeypatch: pytest.MonkeyPatch):
    def refuse(*_: object) -> None:
        raise AssertionError("a network connection was opened")

    monkeypatch.setattr(socket.socket, "connect", refuse)
    assert set(photographs.PHOTOGRAPHS) >= {scene.photograph for scene in scenes("full")} - {"mosaic"}
    for name in photographs.PHOTOGRAPHS:
        assert photographs.load_photograph(name).ndim == 3


def test_missing_library_is_named_with_the_remedy(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(photographs, "_NEEDED", {"no_such_module_at_all": "PyImaginary"})
    with pytest.raises(StudyError, match=r"PyImaginary; install studyapp\[demo\]"):
        build_sample_study(tmp_path / "study", size="small")


def test_originals_are_the_pictures_before_the_damage(small: Path):
    originals = sample_originals("small")
    assert sorted(originals) == ["000", "001", "002", "003"]
    for image, original in originals.items():
        seen = _pixels(small / "input" / f"{image}.png")
        assert original.shape == seen.shape
        assert 1 < np.abs(original.astype(int) - seen).mean() < 20


def test_full_size_holds_a_twelve_megapixel_mosaic_and_four_pairs():
    roles = [scene.role for scene in scenes("full")]
    assert (roles.count("practice"), roles.count("unpaired"), roles.count("paired")) == (1, 10, 4)
    assert max(scene.box[2] * scene.box[3] for scene in scenes("full")) >= 12_000_000


def test_mosaic_holds_photographs_at_native_resolution():
    pixels = mosaic(1008, 432, rng=np.random.default_rng(3))
    assert pixels.shape == (432, 1008, 3)
    np.testing.assert_array_equal(pixels, mosaic(1008, 432, rng=np.random.default_rng(3)))
    pieces = pixels[200, 100:124].tobytes(), pixels[200, 123:99:-1].tobytes()
    known = [photographs.load_photograph(name).tobytes() for name in photographs.PHOTOGRAPHS]
    assert any(piece in photograph for piece in pieces for photograph in known)


@pytest.mark.parametrize("name", METHODS)
def test_methods_keep_shape_and_type_and_their_argument(name: str):
    pixels = degrade(scenes("small")[1].original(), rng=np.random.default_rng(1))
    before = pixels.copy()
    restored = METHODS[name](pixels)
    assert restored.shape == pixels.shape
    assert restored.dtype == np.uint8
    np.testing.assert_array_equal(pixels, before)
    assert np.array_equal(restored, pixels) == (name == "the input itself")
