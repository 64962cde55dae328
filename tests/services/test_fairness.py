"""`check` on folders with unfair images: a line for each team and kind, with its images."""

import json
from dataclasses import asdict

import pytest
from click.testing import CliRunner
from PIL import Image

from analysis.preflight.finding import TRUTH
from benchmarks.made_up_restorations import jpeg, made_up, shifted
from studyapp.errors import errors_of
from studyapp.services.folder.checking import check_study
from studyapp.services.folder.finding_pictures import pictured
from studyapp.study.folder import plan_folder
from studyapp.study.study_file import load_study_file

STUDY = "title: T\nprotocol: {places: 2, points: [2, 1]}\n"
IMAGES = ("001", "002", "003")
TEAMS = ("team01", "team02", "team03", "team04")


def write(root, folder, pixels):
    (root / folder).mkdir(parents=True)
    for image, values in pixels.items():
        Image.fromarray(values).save(root / folder / f"{image}.png", compress_level=1)


@pytest.fixture(scope="module")
def made():
    return made_up(1003, images=3, teams=4)


@pytest.fixture
def root(made, tmp_path):
    teams = "".join(f"- {{id: {team}, name: {team}}}\n" for team in TEAMS)
    (tmp_path / "study.yaml").write_text(
        f"title: T\nprotocol: {{places: 2, points: [2, 1]}}\nteams:\n{teams}"
    )
    write(tmp_path, "input", made.inputs)
    for team in TEAMS[:2]:
        write(tmp_path, f"teams/{team}", made.teams[team])
    return tmp_path


def test_an_honest_folder_has_no_warning(root, made):
    for team in TEAMS[2:]:
        write(root, f"teams/{team}", made.teams[team])
    assert check_study(root, jobs=1) == []


def test_each_team_and_kind_is_one_warning_that_names_its_images(root, made):
    write(root, "teams/team03", {key: shifted(own, 1.5, 0) for key, own in made.teams["team03"].items()})
    write(root, "teams/team04", {key: jpeg(own, 98) for key, own in made.teams["team02"].items()})
    problems = check_study(root, jobs=1)
    assert errors_of(problems) == []
    assert [(one.path, one.kind, one.images, one.other) for one in problems] == [
        ("teams/team03", "shift", IMAGES, None),
        ("teams/team04", "copy", IMAGES, "team02"),
    ]
    assert str(problems[0]) == (
        "teams/team03: shifted by (1.5, 0) pixels against the input in all 3 images; "
        "judges would see it jump when they blink; ask the team to align its results with the inputs"
    )


def test_the_command_writes_kind_and_images_as_json(root, made):
    from studyapp.cli import main

    write(root, "teams/team03", made.teams["team03"])
    write(root, "teams/team04", {image: own[:, ::-1] for image, own in made.teams["team04"].items()})
    result = CliRunner().invoke(main, ["check", str(root), "--format", "json"])
    (row,) = json.loads(result.stdout)
    assert (row["kind"], row["images"], row["severity"]) == ("turned", ["001", "002", "003"], "warning")
    assert "mirrored left to right" in row["what"]


def test_paired_images_are_compared_apart(root, made):
    for team in TEAMS[2:]:
        write(root, f"teams/{team}", made.teams[team])
    write(root, "paired/input", made.inputs)
    write(root, "paired/gt", made.truths)
    write(root, "paired/teams/team01", made.teams["team01"])
    write(root, "paired/teams/team02", {image: jpeg(own, 98) for image, own in made.truths.items()})
    (problem,) = check_study(root, jobs=1)
    assert (problem.path, problem.kind, problem.other) == ("paired/teams/team02", "copy", TRUTH)
    shown = pictured(plan_folder(root, load_study_file(root / "study.yaml")), asdict(problem), "001")
    assert shown is not None
    assert {name: path.relative_to(root).as_posix() for name, path in shown.files.items()} == {
        "other": "paired/gt/001.png",
        "team": "paired/teams/team02/001.png",
    }
    assert "nearly the same as the ground truth" in problem.what


def test_an_image_that_cannot_be_read_does_not_hide_the_others(root, made):
    write(root, "teams/team03", {image: shifted(own, 4, 0) for image, own in made.teams["team03"].items()})
    write(root, "teams/team04", made.teams["team04"])
    (root / "teams/team03/002.png").write_bytes(b"no image")
    (root / "input/003.png").unlink()
    problems = check_study(root, jobs=1)
    assert [one.images for one in problems if one.kind == "shift"] == [("001",)]
    assert [one.path for one in errors_of(problems)] == ["input/003.png", "teams/team03/002.png"]
