"""The organisers' script, which has each model's class, arguments, weights and range in select_model."""

import dataclasses
import textwrap

import numpy as np
import pytest
from PIL import Image

torch = pytest.importorskip("torch", reason="measuring needs torch")

from analysis.audit.measured import audit_measured  # noqa: E402
from analysis.efficiency.measuring.conventions import find_models  # noqa: E402
from analysis.efficiency.measuring.inside.weights import fitting_state  # noqa: E402
from analysis.efficiency.measuring.isolation import why_not_isolated  # noqa: E402
from analysis.efficiency.measuring.limits import Limits  # noqa: E402
from analysis.efficiency.measuring.plan import Plan  # noqa: E402
from analysis.efficiency.measuring.run import measure_models  # noqa: E402
from analysis.efficiency.measuring.script import read_choices  # noqa: E402

from .zoo import HEAD, write_inputs, write_model  # noqa: E402

PLAN = Plan(rounds=1, passes=1, limits=Limits(seconds=300, memory_mb=3000))
# The branch, and what reading it has to find: the module in models/, and the weights.
BRANCHES = {
    "usual": (
        """
        from models.team07_Nano import Nano_inference
        name, data_range = f"{model_id:02}_Nano", 1.0
        model_path = os.path.join('model_zoo', 'team07_Nano.pth')
        model = Nano_inference(3, 3)
        """,
        ["team07_Nano"],
        ["model_zoo/team07_Nano.pth"],
    ),
    "importlib": (
        """
        import importlib
        module = importlib.import_module(f'models.team{model_id:02}_SPANF')
        model = getattr(module, f'SPANF')(3, 3).eval().to(device)
        model_path = os.path.join('model_zoo', f'team{model_id:02}_spanf.pth')
        """,
        ["team07_SPANF"],
        ["model_zoo/team07_spanf.pth"],
    ),
    "package": (
        """
        from models.team07_rfdn.arch import RFDN as Pruned
        model_path = "model_zoo/" + "rfdn.pth"
        model = Pruned()
        """,
        ["team07_rfdn"],
        ["model_zoo/rfdn.pth"],
    ),
    "outer import": (
        "model, model_path = Outer(), Path('model_zoo') / 'o.pt'",
        ["team07_Outer"],
        ["model_zoo/o.pt"],
    ),
    "elsewhere": (
        """
        from models import team07_A
        model_path = os.path.join("model_zoo", "..", "..", "secret.pth")
        other = "/etc/passwd"
        """,
        ["team07_A"],
        [],
    ),
}
SCRIPT = """\
import os
from pathlib import Path
import not_there_at_all
from models.team07_Outer import Outer

def select_model({parameters}):
    {before}
    {test}
        {body}
    else:
        raise NotImplementedError
    return model, "name", 1.0, None
"""
TESTS = [
    "if model_id == 7:",
    "if model_id in (3, 7):",
    "if 7 == model_id:",
    "if int(model_id) == 7 or False:",
]


def script(root, body, test=TESTS[0]):
    text = SCRIPT.format(
        parameters="args, device",
        before="model_id = args.model_id",
        test=test,
        body=textwrap.indent(textwrap.dedent(body).strip(), " " * 8).strip(),
    )
    (root / "test_demo.py").write_text(text)


@pytest.mark.parametrize("test", TESTS)
@pytest.mark.parametrize("name", BRANCHES)
def test_a_branch_is_read_without_running_it(tmp_path, name, test):
    body, modules, paths = BRANCHES[name]
    script(tmp_path, body, test)
    (choice,) = [one for one in read_choices(tmp_path) if one.model_id == 7]
    assert list(choice.modules) == modules
    assert list(choice.paths) == paths


@pytest.mark.parametrize(
    "text", ["def select_model(:", "select_model = 3", "(" * 9000 + "select_model", "\0select_model"]
)
def test_a_script_that_cannot_be_read_chooses_nothing(tmp_path, text):
    (tmp_path / "test_demo.py").write_text(text)
    assert read_choices(tmp_path) == []


def test_files_of_a_number_that_the_script_does_not_choose_are_parts(tmp_path):
    for stem in ("team07_Nano", "team07_blocks", "team08_Alone"):
        write_model(tmp_path, stem, "")
    script(tmp_path, BRANCHES["usual"][0])
    nano, alone = find_models(tmp_path)
    assert [nano.stem, alone.stem] == ["team07_Nano", "team08_Alone"]
    assert tmp_path / "models/team07_blocks.py" in nano.seen
    assert tmp_path / "models/team07_blocks.py" not in alone.seen


@pytest.mark.parametrize(
    "saved",
    [
        {"a.w": 1},
        {"params": {"a.w": 1}, "params_ema": {"b.w": 2}},
        {"params": {"a.w": 0}, "params_ema": {"a.w": 1}},
        {"state_dict": {"model.a.w": 1, "loss.w": 3}, "epoch": 3, "optimizer": {"state": {0: {"step": 1}}}},
        {"net": {"module._orig_mod.a.w": 1}},
        {"model": {"state_dict": {"_orig_mod.a.w": 1}}},
        {"a._orig_mod.w": 1},
    ],
)
def test_weights_are_found_in_what_training_saves(saved):
    assert fitting_state(saved, ["a.w"]) == {"a.w": 1}


MAKERS = """\
import os, torch

def select_model(args, device):
    model_id = args.model_id
    if model_id == 1:
        from models.team01_Net import Byte
        name, data_range = f"{model_id:02}_Byte", 255.0
        model_path = os.path.join("model_zoo", "best_9205.pt")
        model = Byte(width=4)
        model.load_state_dict(torch.load(model_path)["params"], strict=True)
        model.switch_to_deploy()
    elif model_id == 2:
        from models.team02_Gone import Gone
        name, data_range = "gone", 1.0
        model = Gone()
        model.load_state_dict(torch.load("model_zoo/not_there.pth"))
    elif model_id == 3:
        from models.team03_Old.io import main as Old
        return Old, os.path.join("model_zoo", "team03"), "03_Old"
    model.eval()
    return model.to(device), name, data_range, None
"""
BYTE = """\
class Byte(nn.Module):
    def __init__(self, width):
        super().__init__()
        self.wide, self.deployed = nn.Conv2d(3, width, 3, padding=1), False

    def switch_to_deploy(self):
        self.deployed = True

    def forward(self, x):
        assert self.deployed
        return x + 0 * self.wide(x).mean()
"""
OLD = """\
from models.team03_Old.net import Net, restore
def main(model_dir, input_path, output_path, device=None):
    import torch
    torch.cuda.current_device()
    first, second = Net().to(device), Net().to(device)
    first.load_state_dict(torch.load(model_dir + "/a.pth"))
    restore(input_path, output_path, lambda x: (first(x) + second(second(x))) / 2)
"""


@pytest.fixture(scope="module")
def chosen(tmp_path_factory):
    root = tmp_path_factory.mktemp("script")
    write_inputs(root / "input")
    (root / "test_demo.py").write_text(MAKERS)
    write_model(root, "team01_Net", BYTE)
    write_model(root, "team02_Gone", "class Gone(Net): pass")
    # The organisers renamed team03_Old; what lies in it imports by the former name.
    write_model(root, "team03_Renamed/net", "", head=HEAD)
    write_model(root, "team03_Renamed/io", OLD, head="")
    zoo = root / "model_zoo"
    (zoo / "team03").mkdir(parents=True)
    wide, body = torch.nn.Conv2d(3, 4, 3), torch.nn.Conv2d(3, 3, 3)
    torch.save(
        {"params": {f"wide.{name}": value for name, value in wide.state_dict().items()}}, zoo / "best_9205.pt"
    )
    torch.save({f"body.{name}": value for name, value in body.state_dict().items()}, zoo / "team03" / "a.pth")
    inputs = root / "input"
    handed_in = {"team01_Net": inputs}
    found = measure_models(find_models(root), sorted(inputs.iterdir()), PLAN, handed_in=handed_in)
    return {one.team: one for one in found}


def plain_runs(one):
    return [{"team": one.team, "runs": [dataclasses.asdict(run) for run in one.runs]}]


needs_isolation = pytest.mark.skipif(bool(why_not_isolated()), reason="no isolation here")


@needs_isolation
def test_a_model_is_made_as_the_script_makes_it(chosen):
    one = chosen["team01_Net"]
    assert one.problem == "", one.runs[-1].printed
    assert (one.runs[0].entry, one.runs[0].params) == ("select_model", 4 * 27 + 4)
    assert one.runs[0].selected == {"name": "01_Byte", "data_range": 255, "tile": None}
    found = {finding.check: finding for finding in audit_measured(plain_runs(one))}
    # It is deployed already, and to deploy it again changes nothing.
    assert found["re-parameterisation"].verdict == "ok"
    # 0 to 255 in and out: the image comes back as it was.
    assert {match.verdict for match in one.matches} == {"equal"}


@needs_isolation
def test_weights_that_are_not_there_fail_their_model_alone(chosen):
    assert "not_there.pth" in chosen["team02_Gone"].problem


@needs_isolation
def test_all_networks_and_passes_of_a_main_count(chosen):
    one = chosen["team03_Renamed"]
    assert one.problem == "", one.runs[-1].printed
    (run,) = one.runs
    assert run.selected["name"] == "03_Old"
    assert run.params == 2 * 84
    assert run.counts is not None
    assert run.counts["macs"] == 3 * 81 * 1024**2
    assert any("an image takes 3 forward passes by 2 networks (Net x2)" in remark for remark in run.remarks)
    assert any("asked for CUDA" in remark for remark in run.remarks)


@needs_isolation
def test_what_goes_wrong_around_a_model_is_its_own_problem(tmp_path):
    inputs = write_inputs(tmp_path / "input")
    write_model(tmp_path, "team07_Nano", "")
    script(tmp_path, BRANCHES["usual"][0])
    models = find_models(tmp_path)
    (tmp_path / "test_demo.py").unlink()
    (one,) = measure_models(models, sorted(inputs.iterdir()), PLAN)
    assert one.problem.startswith("measuring failed (FileNotFoundError")


LATENT = """\
class Two(nn.Module):
    def __init__(self):
        super().__init__()
        self.down, self.up = nn.Conv2d(3, 4, 8, stride=8), nn.ConvTranspose2d(4, 3, 8, stride=8)

def main(model_dir, input_path, output_path, device):
    net = Two()
    def made(x):
        code = net.down(x)
        return (0 * net.up(code) + x).clamp(0, 1)
    restore(input_path, output_path, made)
"""


@needs_isolation
def test_what_does_not_see_whole_images_is_counted_on_the_test_images(tmp_path):
    inputs = write_inputs(tmp_path / "input")
    write_model(tmp_path, "team01_Latent", LATENT)
    (one,) = measure_models(find_models(tmp_path), sorted(inputs.iterdir()), PLAN)
    assert one.problem == "", one.runs[-1].printed
    counts = one.runs[0].counts
    assert counts is not None
    # 3 x 4 products for a pixel each way; 40 and 56 are multiples of 8.
    assert counts["macs"] == pytest.approx(2 * 12 * 1024**2, rel=1e-6)
    assert counts["how"] == "on the test images"
    assert one.runs[0].params == 2 * 768 + 7


@needs_isolation
def test_windows_are_padded_and_ranges_told(tmp_path):
    inputs = tmp_path / "input"
    inputs.mkdir()
    pixels = np.random.default_rng(1).integers(2, 253, (75, 100, 3), dtype=np.uint8)
    Image.fromarray(pixels).save(inputs / "001.png")
    write_model(
        tmp_path,
        "team01_W",
        "class W(Net):\n    def forward(self, x):\n        x.view(*x.shape[:3], -1, 32)\n        return x",
    )
    write_model(tmp_path, "team02_R", "class R(Net):\n    def forward(self, x): return 255 * x")
    found = measure_models(find_models(tmp_path), [inputs / "001.png"], PLAN, handed_in={"team01_W": inputs})
    assert [one.problem for one in found] == ["", ""]
    assert found[0].matches[0].verdict == "equal"
    assert "only takes multiples of 32 pixels" in found[0].runs[0].remarks[0]
    assert any("black or white" in remark for remark in found[1].remarks)
