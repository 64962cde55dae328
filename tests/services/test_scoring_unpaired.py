"""`studyapp score --unpaired`: metrics of what judges see, what is written, and when it is refused."""

import json
import shutil
from concurrent.futures import ThreadPoolExecutor

import numpy as np
import pytest
from click.testing import CliRunner

from analysis.paired.engine import score_candidates
from analysis.paired.measuring import Pair
from analysis.paired.niqe import niqe
from studyapp.cli import main
from studyapp.errors import StudyError
from studyapp.services.care.backups import SMALL_FILES
from studyapp.services.paired.scoring import ScoringChoice
from studyapp.services.paired.unpaired import read_unpaired, refuse_stale, score_unpaired
from studyapp.study.study_file import load_study_file
from tests.conftest import TEAMS, write_study
from tests.imaging.decoded import load_rgb
from tests.paired_study import save

ONE = ScoringChoice(workers=1)
IMAGES = ("001", "002")


@pytest.fixture(scope="module")
def measured_once(tmp_path_factory):
    root = write_study(tmp_path_factory.mktemp("unpaired") / "study")
    rng = np.random.default_rng(2)
    for image in IMAGES:
        for number, team in enumerate(TEAMS):
            noise = rng.integers(-30 * (number + 1), 30 * (number + 1), (200, 200, 3))
            save(128 + noise, root / "teams" / team / f"{image}.png")
    score_unpaired(root, ONE)
    return root


@pytest.fixture
def root(measured_once, tmp_path):
    return shutil.copytree(measured_once, tmp_path / "study")


class Pyiqa:
    """Stands in for pyiqa, whose weights cannot be fetched here: one metric, the mean step between rows."""

    metric_mode, lower_better = "NR", False

    def list_models(self):
        return ["sharpness"]

    def create_metric(self, _name, **_options):
        return self

    def __call__(self, image):
        return image.diff(dim=2).abs().mean()


def test_every_value_is_that_of_the_file_judges_see(root):
    found = read_unpaired(root / "var/unpaired")
    rows = found.table.set_index(["team", "image"])
    for image in IMAGES:
        for team in TEAMS:
            pixels = load_rgb(root / f"teams/{team}/{image}.png", 10**6).pixels
            assert rows.loc[(team, image), "niqe"] == niqe(pixels)
    assert [row["name"] for row in found.about["metrics"]] == ["niqe", "brisque_opencv"]
    assert all(len(digest) == 64 for digest in found.table["sha256"][found.table["image"].isin(IMAGES)])


def test_the_practice_image_is_not_among_them(root):
    assert "practice" not in set(read_unpaired(root / "var/unpaired").table["image"])


def test_an_image_too_small_for_a_metric_is_a_problem_of_its_own(root):
    found = read_unpaired(root / "var/unpaired")
    others = found.table[~found.table["image"].isin(IMAGES)]
    assert others["niqe"].isna().all()
    assert {row["image"] for row in found.about["problems"]} == set(others["image"])


def test_any_metric_of_pyiqa_without_a_reference_is_measured_by_its_name(root, monkeypatch):
    pytest.importorskip("torch")
    monkeypatch.setattr("analysis.paired.pyiqa_backend.import_pyiqa", Pyiqa)
    monkeypatch.setattr("analysis.paired.pyiqa_backend.metadata.version", lambda _name: "0")
    path = root / "teams" / TEAMS[0] / "001.png"
    found = score_candidates(
        [Pair("001", None, {TEAMS[0]: path})],
        ["niqe", "sharpness"],
        open_pool=ThreadPoolExecutor,  # in this process, where the stand-in is
        workers=1,
    )
    pixels = load_rgb(path, 10**6).pixels.astype(float) / 255
    assert list(found.table) == ["team", "image", "niqe", "sharpness", "sha256"]
    assert found.table["sharpness"][0] == pytest.approx(np.abs(np.diff(pixels, axis=0)).mean(), rel=1e-5)
    assert found.definitions["sharpness"]["better"] == "higher"


def test_a_metric_that_needs_a_ground_truth_is_refused(root):
    with pytest.raises(StudyError, match="psnr needs a ground truth"):
        score_unpaired(root, ScoringChoice(metrics=("psnr",), workers=1))


def test_changed_candidates_are_noticed(root):
    file = load_study_file(root / "study.yaml")
    measured = read_unpaired(root / "var/unpaired")
    refuse_stale(root, measured, file)
    with pytest.raises(StudyError, match="measured by other rules for their colours"):
        refuse_stale(root, measured, file.model_copy(update={"other_colors": "convert"}))
    save(np.full((200, 200, 3), 9), root / "teams" / TEAMS[0] / "001.png")
    with pytest.raises(
        StudyError, match=f"teams/{TEAMS[0]}/001.png changed; run `studyapp score DIR --unpaired`"
    ):
        refuse_stale(root, measured, file)


def test_an_edited_table_is_refused(root):
    path = root / "var/unpaired/images.csv"
    path.write_text(path.read_text().replace(TEAMS[0], TEAMS[1], 1))
    with pytest.raises(StudyError, match="is not what `studyapp score` wrote"):
        read_unpaired(path.parent)


def test_the_command_writes_and_prints_it(root):
    shutil.rmtree(root / "var/unpaired")
    done = CliRunner().invoke(main, ["score", str(root), "--unpaired", "--workers", "1", "--json"])
    assert done.exit_code == 0, done.output
    rows = json.loads(done.stdout)["images"]
    assert {"team", "image", "niqe", "brisque_opencv", "sha256"} == set(rows[0])
    assert read_unpaired(root / "var/unpaired") is not None
    done = CliRunner().invoke(main, ["score", str(root), "--unpaired", "--team", TEAMS[0]])
    assert (done.exit_code, "leave out --team" in done.stderr) == (2, True)


def test_a_backup_keeps_it():
    assert {"var/unpaired/images.csv", "var/unpaired/files.json"} <= set(SMALL_FILES)
