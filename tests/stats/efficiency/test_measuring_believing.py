"""Reports of models that no hardware and no file could bear out."""

import numpy as np
import pytest
from PIL import Image

pytest.importorskip("torch", reason="the bound is measured with torch")

from analysis.efficiency.measuring.believing import doubts_of, peak_flops
from analysis.efficiency.measuring.conventions import find_models
from analysis.efficiency.measuring.results import Run

from .zoo import write_model


@pytest.fixture
def root(tmp_path):
    write_model(tmp_path, "team01_Net", "")
    (tmp_path / "model_zoo").mkdir()
    Image.fromarray(np.zeros((1024, 1024, 3), np.uint8)).save(tmp_path / "001.png")
    return tmp_path


def doubts(root, *, ms=1000.0, flops=34e9, params=1_000_000, restoring_s=2.0):
    (model,) = find_models(root)
    run = Run("", times=((ms,),), params=params, counts={"flops": flops}, restoring_s=restoring_s)
    return doubts_of(run, run, model, [root / "001.png"], "cpu")


def test_an_honest_run_is_believed(root):
    assert (doubts(root).refusal, doubts(root).remarks) == ("", ())


def test_times_that_the_machine_cannot_reach_are_refused(root):
    assert (
        "reported 0.001 ms for 34 GFLOPs, but this machine reaches at most" in doubts(root, ms=0.001).refusal
    )
    assert 1e9 < peak_flops("cpu") < 1e16


def test_parameters_that_the_weights_outweigh_are_refused_or_told(root):
    (root / "model_zoo" / "team01_Net.pth").write_bytes(bytes(9_000_000))
    assert "reported 1 parameters but has 9.0 MB of weights" in doubts(root, params=1).refusal
    assert "9.0 MB of weights for 100,000 parameters" in doubts(root, params=100_000).remarks[0]
    assert doubts(root, params=500_000).remarks == ()


def test_less_work_than_parameters_and_a_long_first_pass_are_told(root):
    assert "fewer FLOPs than parameters" in doubts(root, flops=10).remarks[0]
    assert "took 300 s to load and to restore" in doubts(root, restoring_s=300).remarks[0]
