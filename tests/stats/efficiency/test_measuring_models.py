"""Models of every convention, measured in real processes and compared with what was handed in."""

import json
import re
import shutil
import sys
import zipfile
from dataclasses import replace

import numpy as np
import pytest
from click.testing import CliRunner
from PIL import Image

torch = pytest.importorskip("torch", reason="measuring needs torch")

from analysis.efficiency.measuring.conventions import find_models  # noqa: E402
from analysis.efficiency.measuring.isolation import why_not_isolated  # noqa: E402
from analysis.efficiency.measuring.limits import Limits  # noqa: E402
from analysis.efficiency.measuring.packages import environment, unmet  # noqa: E402
from analysis.efficiency.measuring.plan import Plan  # noqa: E402
from analysis.efficiency.measuring.reproducing import verdict  # noqa: E402
from analysis.efficiency.measuring.run import measure_models  # noqa: E402
from analysis.efficiency.measuring.table import notes  # noqa: E402
from analysis.errors import AnalysisError  # noqa: E402
from studyapp.cli import main  # noqa: E402

from .zoo import GOOD, IMAGES, in_main, write_inputs, write_model  # noqa: E402

pytestmark = [
    pytest.mark.skipif(bool(why_not_isolated()), reason=f"no isolation here: {why_not_isolated()}"),
]

PLAN = Plan(rounds=1, passes=2, limits=Limits(seconds=120, memory_mb=2000))
FACTORY = """\
def build_model(model_path, device):
    net = Net()
    net.load_state_dict(torch.load(model_path))
    return net
"""
TIGHT = """\
class Tight(Net):
    def forward(self, x):
        if x.shape[-1] > 1024:
            raise torch.OutOfMemoryError("CUDA out of memory")
        return super().forward(x)


def load_model(path):
    net = Tight()
    net.load_state_dict(torch.load(path)["params"])
    return net
"""


def weights():
    torch.manual_seed(3)
    layer = torch.nn.Conv2d(3, 3, 3, padding=1)
    return {f"body.{name}": value for name, value in layer.state_dict().items()}


def by_hand(path, state):
    """The image that the small network makes of one input."""
    x = torch.from_numpy(np.array(Image.open(path))).permute(2, 0, 1)[None].float() / 255
    with torch.no_grad():
        y = (
            x + 0.01 * torch.nn.functional.conv2d(x, state["body.weight"], state["body.bias"], padding=1)
        ).clamp(0, 1)
    return (y[0] * 255).round().byte().permute(1, 2, 0).numpy()


@pytest.fixture(scope="module")
def root(tmp_path_factory):
    root = tmp_path_factory.mktemp("conventions")
    inputs = write_inputs(root / "input")
    write_model(root, "team01_Factory", FACTORY)
    write_model(root, "team02_Net", "")
    write_model(root, "team03_Main", GOOD)
    (root / "models" / "team03_Main.requirements.txt").write_text("numpy<1\n")
    write_model(root, "team04_Tight", TIGHT)
    write_model(root, "team05_Folder/parts", "")
    write_model(root, "team05_Folder/__init__", "from .io import main\n", head="")
    write_model(root, "team05_Folder/io", GOOD, head="from models.team05_Folder.parts import *\n")
    zoo, state = root / "model_zoo", weights()
    zoo.mkdir()
    torch.save(state, zoo / "team01_Factory.pth")
    torch.save(
        {"state_dict": {f"module.{name}": value for name, value in state.items()}}, zoo / "team02_Net.ckpt"
    )
    torch.save({"params": state}, zoo / "team04.pt")
    for team in ("team01", "team02", "team03"):
        (root / "teams" / team).mkdir(parents=True)
        for name in IMAGES:
            Image.fromarray(by_hand(inputs / f"{name}.png", state)).save(
                root / "teams" / team / f"{name}.png"
            )
    pixels = np.array(Image.open(root / "teams/team02/001.png"))
    pixels[0, 0] ^= 1
    Image.fromarray(pixels).save(root / "teams/team02/001.png")
    return root


@pytest.fixture(scope="module")
def measured(root):
    handed_in = {path.name: path for path in (root / "teams").iterdir()}
    models = find_models(root, teams=["team01", "team02", "team03", "team04", "team05"])
    del models[3]  # it is measured below
    found = measure_models(models, sorted((root / "input").iterdir()), PLAN, handed_in=handed_in)
    assert [one.problem for one in found] == [""] * 4, [one.runs[-1].printed for one in found]
    return {one.team: one for one in found}


@pytest.mark.parametrize(
    ("team", "entry"),
    [
        ("team01", "factory"),
        ("team02", "class"),
        ("team03", "main"),
        ("team05", "main"),
    ],
)
def test_every_convention_is_run_and_counted(measured, team, entry):
    (run,) = measured[team].runs
    assert (run.entry, run.params, run.precision) == (entry, 84, "float32")
    assert run.counts is not None
    assert run.counts["macs"] == 81 * 1024**2
    assert np.array(run.times).shape == (2, 2)
    assert np.array(run.times).min() > 0
    assert run.facts["comparable"] is False


def test_the_outputs_are_compared_with_what_was_handed_in(measured):
    assert {team: verdict(one.matches) for team, one in measured.items()} == {
        "team01": "equal",  # the same network and weights, computed by hand
        "team02": "close",  # one pixel was changed by a level
        "team03": "different",  # other weights
        "team05": "not compared",
    }
    told = notes(list(measured.values()))
    assert any(note.startswith("team03: 2 of 2 outputs differ from the submitted images") for note in told)


def test_other_packages_than_asked_for_are_told(measured):
    asked = f"({np.__version__} for numpy<1), which --install would download"
    remark = f"ran with other package versions than it asks for {asked}"
    assert f"team03: {remark}" in notes(list(measured.values()))


def test_a_model_that_does_not_fit_is_run_in_tiles_with_the_same_result(root, tmp_path):
    shutil.copytree(root / "models", tmp_path / "models")
    shutil.copytree(root / "model_zoo", tmp_path / "model_zoo")
    (tmp_path / "input").mkdir()
    (tmp_path / "theirs").mkdir()
    pixels = np.random.default_rng(5).integers(0, 255, (40, 1500, 3), dtype=np.uint8)
    Image.fromarray(pixels).save(tmp_path / "input" / "wide.png")
    Image.fromarray(by_hand(tmp_path / "input/wide.png", weights())).save(tmp_path / "theirs" / "wide.png")
    (model,) = [model for model in find_models(tmp_path) if model.stem == "team04_Tight"]
    (one,) = measure_models(
        [model],
        [tmp_path / "input/wide.png"],
        replace(PLAN, rounds=2, passes=1),
        handed_in={model.team: tmp_path / "theirs"},
    )
    assert one.problem == "", one.runs[-1].printed
    assert [run.tile for run in one.runs] == [1024, 1024]
    assert verdict(one.matches) == "equal"
    assert len(one.states) == 2


def test_the_command_writes_the_table_and_tells_of_failures(root, tmp_path):
    for name in ("models", "model_zoo", "input", "teams"):
        shutil.copytree(root / name, tmp_path / name)
    shutil.rmtree(tmp_path / "models" / "team05_Folder")
    (tmp_path / "teams" / "team04").mkdir()
    write_model(tmp_path, "team03_Main", in_main("raise RuntimeError('no luck')"))
    arguments = [
        "measure",
        tmp_path,
        "--inputs",
        tmp_path / "input",
        "--output",
        tmp_path / "out.csv",
        "--compare",
        tmp_path / "teams",
    ]
    arguments += ["--team", "team03", "--team", "team01", "--passes", "1", "--rounds", "1", "--device", "cpu"]
    done = CliRunner().invoke(main, [str(item) for item in arguments])
    assert done.exit_code == 1
    assert "team03: failed: RuntimeError: no luck" in done.stderr
    lines = (tmp_path / "out.csv").read_text().splitlines()
    assert [line.split(",")[0] for line in lines] == ["team", "team01", "team03"]
    assert lines[2].endswith(",failed,RuntimeError: no luck,")
    assert (tmp_path / "out.svg").exists()
    audit = CliRunner().invoke(
        main, ["analyse", "efficiency", "--times", str(tmp_path / "out.json"), "--json"]
    )
    found = {one["check"]: one for one in json.loads(audit.stdout)["findings"]}
    assert found["operators not counted"]["teams"] == ["team01"]  # team03 failed
    assert found["MACs or FLOPs"]["verdict"] == "ok"
    assert {"inputs seen before", "sizes", "bits of the weights"} <= set(found)


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["--device", "tpu"], "there is no device 'tpu'; use cpu, cuda"),
        (["--team", "team09"], "no model of team09; choose from team01_Factory"),
        (["--rule", "esr-2026"], "nothing is called 'val_psnr'"),
        (["--rule", "esr-2025", "--base", "team09"], "--base: team 'team09' is not in the models measured"),
    ],
)
def test_wrong_options_are_refused_before_anything_runs(root, tmp_path, arguments, message):
    given = ["--inputs", root / "input", "--output", tmp_path / "out.csv"]
    command = [str(word) for word in ["measure", root, *given, *arguments]]
    done = CliRunner().invoke(main, command)
    assert (done.exit_code, message in done.stderr) == (2, True), done.stderr


@pytest.fixture
def without_unshare(monkeypatch, tmp_path):
    monkeypatch.setenv("PATH", str(tmp_path))
    why_not_isolated.cache_clear()
    yield
    why_not_isolated.cache_clear()


def test_without_isolation_models_run_only_when_trusted(root, without_unshare):
    models = [model for model in find_models(root) if model.stem == "team03_Main"]
    inputs = sorted((root / "input").iterdir())
    with pytest.raises(
        AnalysisError, match=r"cannot be isolated .*util-linux's unshare.*--trust runs their code"
    ):
        measure_models(models, inputs, PLAN)
    (one,) = measure_models(models, inputs, replace(PLAN, trust=True, passes=1))
    assert (one.problem, one.isolated) == ("", False), one.runs[-1].printed
    assert "team03_Main: ran without isolation, as --trust allows" in notes([one])


def test_packages_that_are_not_here_are_named_and_not_fetched(root, tmp_path):
    path = write_model(tmp_path, "team01_Needs", GOOD)
    (tmp_path / "models" / "team01_Needs.requirements.txt").write_text(
        "numpy  # is here\nnot-here-at-all>=2\n"
    )
    (one,) = measure_models(find_models(tmp_path), sorted((root / "input").iterdir()), PLAN)
    assert "needs not-here-at-all>=2 (team01_Needs.requirements.txt)" in one.problem
    assert "--install" in one.problem
    assert path.exists()


def test_other_versions_than_asked_for_are_told(tmp_path):
    (tmp_path / "requirements.txt").write_text("numpy<1\npillow\nnot-here-at-all; python_version < '3'\n")
    assert unmet(tmp_path / "requirements.txt") == {"numpy<1": np.__version__}


def test_a_package_is_installed_into_an_environment_of_the_models_own(root, tmp_path, monkeypatch):
    with zipfile.ZipFile(tmp_path / "tiny_gift-1.0-py3-none-any.whl", "w") as wheel:
        wheel.writestr("tiny_gift.py", "FACTOR = 1\n")
        wheel.writestr(
            "tiny_gift-1.0.dist-info/METADATA", "Metadata-Version: 2.1\nName: tiny-gift\nVersion: 1.0\n"
        )
        wheel.writestr(
            "tiny_gift-1.0.dist-info/WHEEL", "Wheel-Version: 1.0\nRoot-Is-Purelib: true\nTag: py3-none-any\n"
        )
        wheel.writestr("tiny_gift-1.0.dist-info/RECORD", "")
    monkeypatch.setenv("PIP_NO_INDEX", "1")
    monkeypatch.setenv("PIP_FIND_LINKS", str(tmp_path))
    write_model(tmp_path, "team01_Needs", "import tiny_gift\n" + GOOD)
    (tmp_path / "models" / "team01_Needs.requirements.txt").write_text("tiny-gift==1.0\n")
    plan = replace(PLAN, passes=1, install=True, cache=tmp_path / "cache")
    (one,) = measure_models(find_models(tmp_path), sorted((root / "input").iterdir()), plan)
    assert one.problem == "", one.runs[-1].printed
    assert "tiny_gift" not in sys.modules


@pytest.mark.parametrize("line", ["-r other.txt", "https://example.org/x.whl", "x @ file:///x.whl", "../own"])
def test_requirements_lead_nowhere_else(tmp_path, line):
    (tmp_path / "requirements.txt").write_text(f"numpy\n{line}\n")
    with pytest.raises(AnalysisError, match=re.escape(f"requirements.txt, line 2: {line!r}")):
        unmet(tmp_path / "requirements.txt")


def test_a_package_that_cannot_be_had_is_said_and_leaves_nothing(tmp_path, monkeypatch):
    monkeypatch.setenv("PIP_NO_INDEX", "1")
    (tmp_path / "requirements.txt").write_text("not-here-at-all\n")
    with pytest.raises(AnalysisError, match=r"requirements\.txt cannot be installed: .*not-here-at-all"):
        environment(tmp_path / "requirements.txt", tmp_path / "cache")
    assert list((tmp_path / "cache" / "environments").iterdir()) == []
