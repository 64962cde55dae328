"""`studyapp measure`: the models of a study, real processes on its inputs."""

import json

import pytest
from click.testing import CliRunner

pytest.importorskip("torch", reason="measuring needs torch")

from analysis.efficiency.measures import read_measures
from analysis.efficiency.measuring.isolation import why_not_isolated
from studyapp.cli import main
from studyapp.services.ground.only_run import only_run
from studyapp.settings import Folders
from tests.conftest import write_study

pytestmark = [
    pytest.mark.skipif(bool(why_not_isolated()), reason=f"no isolation here: {why_not_isolated()}"),
]

MODEL = """\
import torch
from torch import nn


class Brighter(nn.Module):
    def __init__(self):
        super().__init__()
        self.level = nn.Parameter(torch.tensor(LEVEL / 255))

    def forward(self, x):
        return x + self.level
"""


@pytest.fixture(scope="module")
def root(tmp_path_factory):
    root = write_study(tmp_path_factory.mktemp("study") / "study")
    models = root / "models"
    models.mkdir()
    (models / "team01_Brighter.py").write_text(MODEL.replace("LEVEL", "1"))  # as handed in
    (models / "02_Brighter.py").write_text(MODEL.replace("LEVEL", "3"))  # two levels would be as handed in
    (models / "Third eye.py").write_text("import no_such_package\n")
    return root


def measure(root, *arguments):
    return CliRunner().invoke(
        main, ["measure", str(root), "--passes", "1", "--rounds", "1", "--device", "cpu", *arguments]
    )


@pytest.fixture(scope="module")
def done(root):
    return measure(root)


def test_every_team_has_a_row_and_failures_are_told(root, done):
    table = read_measures(root / "var" / "measures" / "measures.csv").set_index("team")
    assert table["status"].to_dict() == {
        "team01": "measured",
        "team02": "measured",
        "team03": "failed",
        "team04": "failed",
    }
    assert "No module named 'no_such_package'" in table.loc["team03", "problem"]
    assert table.loc["team04", "problem"] == "there is no model of this team in models/"
    assert table.loc[["team01", "team02"], "images"].tolist() == [4, 4]
    assert done.exit_code == 1
    assert "team04: failed: there is no model of this team" in done.stderr


def test_the_outputs_are_compared_with_the_images_of_the_study(root, done):
    table = read_measures(root / "var" / "measures" / "measures.csv").set_index("team")
    assert table["reproduced"].tolist() == ["equal", "different", "", ""]
    found = json.loads((root / "var" / "measures" / "measures.json").read_text())
    second = next(model for model in found["models"] if model["team"] == "team02")
    assert second["reproduced"]["largest"] == 1


def test_one_team_measured_again_keeps_the_rows_of_the_others(root, done):
    before = (root / "var" / "measures" / "measures.csv").read_text().splitlines()
    again = measure(root, "--team", "team04", "--format", "json")
    after = (root / "var" / "measures" / "measures.csv").read_text().splitlines()
    assert again.exit_code == 1
    assert after == before
    rows = json.loads(again.stdout)["measures"]
    assert [row["escore"] is None for row in rows] == [True] * 4 or rows[0]["escore"] is not None


def test_the_table_may_be_put_into_the_study_as_it_is(root, done):
    (root / "measures.csv").write_bytes((root / "var/measures/measures.csv").read_bytes())
    checked = CliRunner().invoke(main, ["check", str(root)])
    assert "measures.csv" not in checked.output
    (root / "measures.csv").unlink()


@pytest.mark.parametrize(
    ("arguments", "message"),
    [(["--team", "team1"], "no team 'team1' in study.yaml; did you mean 'team01'?")],
)
def test_unknown_teams_are_refused(root, arguments, message):
    refused = measure(root, *arguments)
    assert refused.exit_code == 2
    assert message in refused.stderr


def test_a_study_without_models_says_where_they_go(folder):
    refused = measure(folder)
    assert f"there is no folder {folder}/models; put the teams' models there" in refused.stderr


def test_a_model_of_no_team_is_refused_by_name(root, tmp_path):
    other = write_study(tmp_path / "study")
    (other / "models").mkdir()
    (other / "models" / "team09_X.py").write_text(MODEL)
    refused = measure(other)
    assert "model 'team09_X' fits no team of this study; choose from" in refused.stderr
    assert not (other / "var" / "measures").exists()


def test_two_runs_at_once_are_refused(root, done):
    with only_run(Folders(root).measures, "measuring study"):
        result = measure(root, "--team", "team01")
    assert result.exit_code == 2
    assert "another process is measuring study; wait until it ends" in result.output
