"""`studyapp analyse score` and `weights`, run as a user runs them; and how pairs are found in a folder."""

import json
import subprocess
import sys

import pytest
from click.testing import CliRunner
from PIL import Image

from analysis.cli import main
from analysis.errors import AnalysisError
from analysis.paired.definitions import ALEXNET
from analysis.paired.folder import find_pairs


@pytest.fixture
def paired(tmp_path, pictures):
    result, gt = pictures["odd"]
    for name, pixels in (("gt", gt), ("teams/Tern", result), ("teams/Plover", result[::-1].copy())):
        (tmp_path / name).mkdir(parents=True)
        Image.fromarray(pixels).save(tmp_path / name / "101.png")
    return tmp_path


def run(*arguments):
    return CliRunner(env={"TORCH_HOME": "/nonexistent"}).invoke(main, list(map(str, arguments)))


def test_score_writes_means_best_first_and_the_formula_beside_them(paired):
    command = [sys.executable, "-c", "from analysis.cli import main; main()"]
    arguments = ["score", str(paired), "--formula", "reduced", "--format", "markdown"]
    done = subprocess.run([*command, *arguments], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    lines = done.stdout.splitlines()
    assert lines[0] == "| team | n | of | psnr | ssim | niqe | score |"
    assert lines[2].startswith("| Tern | 1 | 1 | 28.7268 | 0.7781 | 14.3824 |")
    assert "score is 20*psnr/50 + 15*(ssim-0.5)/0.5 + 30*(1-niqe/10)" in done.stderr


def test_score_of_one_team_as_json_is_the_same_bytes_twice(paired, tmp_path):
    arguments = ("score", paired, "--team", "Tern", "--formula", "reduced", "--format", "json")
    first, second = run(*arguments, "--cache", tmp_path / "cache"), run(*arguments)
    assert first.stdout == second.stdout
    assert [row["team"] for row in json.loads(first.stdout)["means"]] == ["Tern"]


def test_score_without_weights_says_how_to_get_them_and_gives_no_score(paired):
    done = run("score", paired)
    assert done.exit_code == 0
    assert "studyapp analyse weights fetch" in done.stderr
    assert done.stdout.splitlines()[1].endswith(",")


def test_weights_check_names_what_is_missing(tmp_path):
    done = run("weights", "check", "--in", tmp_path)
    assert done.exit_code == 1
    assert ALEXNET in done.stderr


def test_weights_fetch_from_nowhere_is_refused_in_one_line(tmp_path):
    done = run("weights", "fetch", "--to", tmp_path, "--source", "http://127.0.0.1:9/")
    assert done.exit_code == 2
    assert "put the file at" in done.stderr


def test_a_missing_result_keeps_its_place(paired):
    (paired / "teams" / "Tern" / "101.png").unlink()
    (pair,) = find_pairs(paired)
    assert pair.results["Tern"] == paired / "teams" / "Tern" / "101.png"


@pytest.mark.parametrize(
    ("path", "teams", "message"),
    [
        ("teams/Tern/999.png", (), r"999\.png has no ground truth"),
        ("teams/Tern/101.jpg", (), "the same image"),
        ("gt/101.tif", (), "the same image"),
        (None, ("Turn",), "no team Turn in .*; choose from Plover, Tern"),
    ],
)
def test_folders_that_do_not_fit_are_refused_by_name(paired, path, teams, message):
    if path:
        (paired / path).write_bytes(b"x")
    with pytest.raises(AnalysisError, match=message):
        find_pairs(paired, teams)


def test_an_empty_folder_is_refused(tmp_path):
    with pytest.raises(AnalysisError, match=r"no folder .*gt"):
        find_pairs(tmp_path)
