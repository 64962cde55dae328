"""golden/: every problem is named before anything is tiled."""

import shutil

import numpy as np
import pytest
from PIL import Image

from studyapp.core.hidden_trials import KNOWN_WORSE
from studyapp.errors import errors_of
from studyapp.services.folder.checking import check_study
from studyapp.services.folder.tiling import pack_path
from studyapp.services.ground.workspace import load_workspace
from studyapp.study.folder import plan_folder
from tests.hidden import CHECKS, add_checks


def told(folder) -> list[str]:
    return [str(problem) for problem in check_study(folder, jobs=1)]


def save(folder, name: str, size=(60, 40)) -> None:
    Image.fromarray(np.full((size[1], size[0], 3), 9, dtype=np.uint8)).save(folder / "golden" / name)


def unlist(folder) -> None:
    path = folder / "study.yaml"
    path.write_text(path.read_text(encoding="utf-8").replace(CHECKS, ""), encoding="utf-8")


def list_unknown(folder) -> None:
    path = folder / "study.yaml"
    path.write_text(path.read_text(encoding="utf-8").replace('"003"', '"0003"'), encoding="utf-8")


def test_a_golden_folder_in_order(folder):
    add_checks(folder)
    assert told(folder) == []
    plan = plan_folder(folder, load_workspace(folder).file)
    assert plan.candidates["002", KNOWN_WORSE] == folder / "golden" / "002.png"
    assert pack_path(folder, ("002", KNOWN_WORSE)) == folder / "var" / "packs" / "golden" / "002.pack"


ERRORS = {
    "missing": (
        lambda folder: (folder / "golden" / "002.png").unlink(),
        "golden: has none of the 1 images",
    ),
    "no folder": (lambda folder: shutil.rmtree(folder / "golden"), "golden: folder missing"),
    "extra": (lambda folder: save(folder, "001.png"), "golden/001.png: extra: checks.golden does not list"),
    "size": (
        lambda folder: save(folder, "002.png", (61, 40)),
        "golden/002.png: 61x40 pixels, but the others",
    ),
    "damaged": (
        lambda folder: (folder / "golden" / "002.png").write_bytes(b"no image"),
        "golden/002.png: ",
    ),
    "unknown image": (list_unknown, "study.yaml:9: there is no image '0003' (checks.repeats)"),
}


@pytest.mark.parametrize("what", ERRORS)
def test_an_error_is_named(folder, what):
    spoil, words = ERRORS[what]
    add_checks(folder)
    spoil(folder)
    assert len(errors_of(check_study(folder, jobs=1))) == 1
    assert told(folder)[0].startswith(words), told(folder)


WARNINGS = {
    "a team's candidate": (
        lambda folder: shutil.copy(folder / "teams" / "team02" / "002.png", folder / "golden"),
        "the same pixels as teams/team02 in 1 of 4 images (002)",
    ),
    "not planned": (unlist, "plans no golden trials"),
}


@pytest.mark.parametrize("what", WARNINGS)
def test_a_warning_is_given(folder, what):
    spoil, words = WARNINGS[what]
    add_checks(folder)
    spoil(folder)
    assert errors_of(check_study(folder, jobs=1)) == []
    assert len(told(folder)) == 1
    assert words in told(folder)[0]


def test_the_input_itself_may_be_the_worse_candidate(folder):
    add_checks(folder)
    shutil.copy(folder / "input" / "002.png", folder / "golden")
    assert told(folder) == []
