"""Our five metrics beside pyiqa's, live, with the same weights; skipped, saying so, where pyiqa is missing.

pyiqa computes DISTS in single precision as 1 minus a number close to 1, so its own resolution is about
1.5e-7; the tolerance is 1e-4 of the value, or that.
"""

import urllib.request

import numpy as np
import pytest
from PIL import Image

torch = pytest.importorskip("torch", reason="the calibration needs torch and pyiqa")

from analysis.errors import AnalysisError  # noqa: E402
from analysis.paired.backends import Tools, describe, measure_of  # noqa: E402
from analysis.paired.engine import score_pairs  # noqa: E402
from analysis.paired.folder import find_pairs  # noqa: E402
from analysis.paired.pyiqa_backend import PyiqaMetric, import_pyiqa  # noqa: E402
from analysis.rule import read_rule  # noqa: E402
from benchmarks.made_up_weights import write_pyiqa_files  # noqa: E402

REDUCED = read_rule("reduced").final

pytestmark = pytest.mark.filterwarnings("default")

try:
    import_pyiqa()
except AnalysisError as error:
    pytest.skip(f"no calibration: {error}", allow_module_level=True)


@pytest.fixture(scope="module")
def home(checkpoints):
    """Weights where pyiqa looks for them: made-up backbones, our heads, the pristine model of NIQE."""
    folder, _hashes = checkpoints
    write_pyiqa_files(folder.parent / "pyiqa")
    return folder.parents[1]


@pytest.fixture(scope="module")
def peers(home):
    """pyiqa's metrics, made while its weights are where it looks for them."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("TORCH_HOME", str(home))
        patch.setattr("pyiqa.utils.download_util.DEFAULT_CACHE_DIR", str(home / "hub" / "pyiqa"))
        return {name: PyiqaMetric(name) for name in ("psnr", "ssim", "lpips", "dists", "niqe")}


@pytest.mark.parametrize("picture", ["leaves", "odd", "many-blocks", "clipped"])
@pytest.mark.parametrize("metric", ["psnr", "ssim", "lpips", "dists", "niqe"])
def test_both_backends_agree(peers, checkpoints, pictures, metric, picture):
    folder, hashes = checkpoints
    result, gt = pictures[picture]
    ours = measure_of(metric, Tools(weights=folder, trusted=hashes))([result], gt)
    assert ours == pytest.approx(peers[metric]([result], gt), rel=1e-4, abs=3e-7)


def test_what_a_metric_of_pyiqa_cannot_take_is_one_clear_error():
    image = np.zeros((2, 2, 3), np.uint8)
    with pytest.raises(AnalysisError, match="pyiqa's ms_ssim failed"):
        measure_of("ms_ssim", Tools())([image], image)


def test_any_metric_of_pyiqa_is_an_extra_column_by_its_name(pictures):
    tools = Tools()
    result, gt = pictures["odd"]
    assert describe("gmsd", tools)["source"].startswith("pyiqa 0.")
    assert measure_of("gmsd", tools)([gt, result], gt)[0] == pytest.approx(0, abs=1e-6)


@pytest.mark.parametrize("metric", ["brisque", "nrqm", "pi", "musiq"])
def test_missing_weights_of_an_extra_column_are_named_and_the_rest_is_computed(
    tmp_path, pictures, monkeypatch, metric
):
    # An address of this machine at which nobody listens stands for the missing connection.
    monkeypatch.setattr("pyiqa.utils.download_util.DEFAULT_CACHE_DIR", str(tmp_path / "hub"))
    monkeypatch.setattr("torch.hub.urlopen", refuse)
    for place, pixels in zip(("gt", "teams/Tern"), pictures["odd"], strict=True):
        (tmp_path / "pairs" / place).mkdir(parents=True)
        Image.fromarray(pixels).save(tmp_path / "pairs" / place / "1.png")
    scores = score_pairs(find_pairs(tmp_path / "pairs"), formula=REDUCED, extra=[metric], workers=1)
    (message,) = scores.missing
    assert message.startswith(f"{metric} is not computed: pyiqa's {metric} needs https://")
    assert f"at {tmp_path / 'hub'}" in message
    assert "put the file there by hand" in message
    assert "\n" not in message
    assert scores.table[["psnr", "ssim", "niqe", "score"]].notna().all(axis=None)


def refuse(request, *_arguments, **_options):
    return urllib.request.urlopen("http://127.0.0.1:9/", timeout=5)
