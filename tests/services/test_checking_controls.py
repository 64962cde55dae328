"""reference/ and anchor/: every problem is named before anything is tiled."""

import shutil

import numpy as np
import pytest
from PIL import Image

from studyapp.errors import ProblemsFoundError, errors_of
from studyapp.services.folder.checking import check_study
from studyapp.services.folder.tiling import pack_path
from studyapp.services.ground.workspace import load_workspace
from studyapp.study.folder import plan_folder
from studyapp.study.study_file import load_study_file
from tests.asked import add_controls
from tests.conftest import IMAGES

ALL = ["000", *IMAGES]


def told(folder, protocol: str) -> list[str]:
    path = folder / "study.yaml"
    text = path.read_text(encoding="utf-8").partition("protocol:")[0]
    path.write_text(f"{text}protocol: {{{protocol}}}\n", encoding="utf-8")
    return [str(problem) for problem in check_study(folder, jobs=1)]


@pytest.mark.parametrize(
    ("protocol", "controls"),
    [
        ("kind: dcr", {"reference": ALL, "anchor": ["000"]}),
        (
            "kind: slider, reference: true, anchor: true",
            {"reference": ALL, "anchor": ALL},
        ),
        ("kind: pairwise", {"reference": ["000"], "anchor": ["000"]}),
    ],
)
def test_what_a_protocol_needs_of_each_image_or_of_the_practice_image_alone(folder, protocol, controls):
    add_controls(folder)
    assert told(folder, protocol) == []
    found = plan_folder(folder, load_workspace(folder).file).candidates
    for control, images in controls.items():
        assert sorted(image for image, team in found if team == control) == images
        assert found["000", control] == folder / control / "000.png"
        assert (
            pack_path(folder, ("000", control)).relative_to(folder).as_posix()
            == f"var/packs/{control}/000.pack"
        )


def shrink(folder) -> None:
    Image.fromarray(np.zeros((20, 30, 3), np.uint8)).save(folder / "reference" / "002.png")


PROBLEMS = {
    "none at all": (
        "kind: acr_hr",
        lambda folder: shutil.rmtree(folder / "reference"),
        "reference: folder missing",
    ),
    "one missing": (
        "kind: dcr",
        lambda folder: (folder / "reference" / "002.png").unlink(),
        "reference/002.png: missing",
    ),
    "misnamed": (
        "kind: dcr",
        lambda folder: (folder / "reference" / "002.png").rename(folder / "reference" / "0002.png"),
        "reference/0002.png: misnamed",
    ),
    "of another size": ("kind: dcr", shrink, "reference/002.png: 30x20 pixels"),
}


@pytest.mark.parametrize("name", PROBLEMS)
def test_what_is_wrong_with_a_control_that_is_needed_is_an_error(folder, name):
    protocol, change, words = PROBLEMS[name]
    add_controls(folder)
    change(folder)
    problems = told(folder, protocol)
    assert [problem for problem in problems if problem.startswith(words)], problems
    assert errors_of(check_study(folder, jobs=1))


def test_what_nobody_is_shown_is_a_warning(folder):
    add_controls(folder)
    assert told(folder, "kind: top_k") == [
        "anchor: the protocol top_k shows no anchor; ignored; move the folder elsewhere",
        "reference: the protocol top_k shows no reference; ignored; move the folder elsewhere",
    ]
    (folder / "anchor" / "000.png").unlink()
    assert told(folder, "kind: pairwise") == [
        "anchor: used only in practice trials, and has no picture of the practice image; add 000.png"
    ]
    assert not errors_of(check_study(folder, jobs=1))


@pytest.mark.parametrize("word", ["reference", "Anchor"])
def test_no_team_is_called_like_a_control(folder, word):
    path = folder / "study.yaml"
    path.write_text(path.read_text(encoding="utf-8").replace("Second light", word), encoding="utf-8")
    with pytest.raises(ProblemsFoundError, match=f"{word.lower()!r} is the name of pictures in"):
        load_study_file(path)
