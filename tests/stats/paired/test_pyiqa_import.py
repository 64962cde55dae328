"""torchvision is tried in another process: what it does there, this one survives."""

import pytest

from analysis.errors import AnalysisError
from analysis.paired.pyiqa_backend import lacks_operators

MISSING = "raise RuntimeError('operator torchvision::nms does not exist')"


@pytest.mark.parametrize(("source", "lacks"), [("", False), (MISSING, True)])
def test_operators_are_declared_only_where_torchvision_lacks_them(tmp_path, monkeypatch, source, lacks):
    (tmp_path / "torchvision.py").write_text(source)
    monkeypatch.setenv("PYTHONPATH", str(tmp_path))
    assert lacks_operators() is lacks


@pytest.mark.parametrize(
    ("source", "message"),
    [
        ("import os; os.abort()", "the process ended with -6"),
        ("raise ImportError('undefined symbol: x')", "undefined symbol: x"),
    ],
)
def test_a_torchvision_that_breaks_is_an_error_in_words(tmp_path, monkeypatch, source, message):
    (tmp_path / "torchvision.py").write_text(source)
    monkeypatch.setenv("PYTHONPATH", str(tmp_path))
    with pytest.raises(AnalysisError, match=rf"torchvision cannot be imported \(.*{message}"):
        lacks_operators()
