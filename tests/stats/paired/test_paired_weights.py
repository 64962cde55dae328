"""Finding, checking and fetching weights: by a real HTTP server on this machine, never from elsewhere."""

import hashlib
import http.server
import pickle
import threading
from functools import partial

import pytest

from analysis.errors import AnalysisError
from analysis.paired.definitions import ALEXNET, VGG16
from analysis.paired.weights import (
    MissingWeightsError,
    WeightFile,
    check_weights,
    fetch_weights,
    find_weights,
    load_state,
)

CONTENT = b"weights" * 1000
GOOD = WeightFile(f"small-{hashlib.sha256(CONTENT).hexdigest()[:8]}.pth", 1)
BAD = WeightFile("small-00000000.pth", 1)


@pytest.fixture
def mirror(tmp_path):
    """A web server with one good file, and one that is not what its name says."""
    folder = tmp_path / "served"
    folder.mkdir()
    for file in (GOOD, BAD):
        (folder / file.name).write_bytes(CONTENT)

    class Quiet(http.server.SimpleHTTPRequestHandler):
        def log_message(self, *args):
            pass

    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), partial(Quiet, directory=str(folder))) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield f"http://127.0.0.1:{server.server_port}/"
        server.shutdown()


def test_a_folder_given_comes_before_torchs_cache(tmp_path, monkeypatch):
    monkeypatch.setenv("TORCH_HOME", str(tmp_path / "home"))
    cache = tmp_path / "home" / "hub" / "checkpoints"
    cache.mkdir(parents=True)
    (cache / VGG16).write_bytes(b"x")
    assert find_weights(VGG16, tmp_path) == cache / VGG16
    (tmp_path / VGG16).write_bytes(b"x")
    assert find_weights(VGG16, tmp_path) == tmp_path / VGG16


def test_missing_weights_are_one_message_with_file_place_and_command(tmp_path, monkeypatch):
    monkeypatch.setenv("TORCH_HOME", str(tmp_path / "home"))
    with pytest.raises(MissingWeightsError) as caught:
        find_weights(ALEXNET, tmp_path / "here")
    message = str(caught.value)
    assert "\n" not in message
    for part in (
        ALEXNET,
        "244 MB",
        "lpips",
        str(tmp_path / "here"),
        "hub/checkpoints",
        "studyapp analyse weights fetch",
    ):
        assert part in message


def test_a_damaged_file_is_refused_unless_its_hash_is_trusted(tmp_path):
    path = tmp_path / VGG16
    path.write_bytes(b"damaged")
    digest = hashlib.sha256(b"damaged").hexdigest()
    with pytest.raises(AnalysisError, match=f"begins with {digest[:8]}, not 397923af"):
        check_weights(path)
    assert check_weights(path, {digest}) == digest


def test_fetch_gets_what_is_missing_and_leaves_what_is_there(tmp_path, mirror):
    lines = []
    folder = tmp_path / "weights"
    assert fetch_weights(folder, files=[GOOD], source=mirror) == [folder / GOOD.name]
    assert (folder / GOOD.name).read_bytes() == CONTENT
    fetch_weights(folder, files=[GOOD], source="http://127.0.0.1:9/", progress=lines.append)
    assert lines == [f"{folder / GOOD.name} already exists"]


def test_fetch_keeps_nothing_that_fails_its_hash(tmp_path, mirror):
    with pytest.raises(AnalysisError, match="not 00000000"):
        fetch_weights(tmp_path / "weights", files=[BAD], source=mirror)
    assert list((tmp_path / "weights").iterdir()) == []


@pytest.mark.parametrize("source", ["http://127.0.0.1:9/", "file:///etc/"])
def test_an_unreachable_source_is_one_clear_message(tmp_path, source):
    with pytest.raises(AnalysisError, match=r"cannot download|not an http or https address"):
        fetch_weights(tmp_path / "weights", files=[GOOD], source=source)
    assert list((tmp_path / "weights").iterdir()) == []


def test_a_missing_file_on_the_mirror_is_one_clear_message(tmp_path, mirror):
    with pytest.raises(AnalysisError, match=r"404.*put the file at"):
        fetch_weights(tmp_path / "weights", files=[WeightFile("none-12345678.pth", 1)], source=mirror)


class _Evil:
    def __reduce__(self):
        return exec, ("raise SystemExit('executed')",)


def test_a_malicious_pickle_is_not_executed(tmp_path):
    pytest.importorskip("torch", reason="weights are loaded by torch")
    content = pickle.dumps({"features.0.weight": _Evil()})
    (tmp_path / VGG16).write_bytes(content)
    with pytest.raises(AnalysisError, match="cannot be read as a checkpoint"):
        load_state(VGG16, tmp_path, {hashlib.sha256(content).hexdigest()})


def test_only_the_convolutions_are_kept(checkpoints):
    folder, hashes = checkpoints
    assert all(key.startswith("features.") for key in load_state(ALEXNET, folder, hashes))
