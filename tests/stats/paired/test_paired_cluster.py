"""The engine on a Dask cluster: a real scheduler and two workers on loopback, one killed in the middle."""

import json
import os
import signal
import time
from contextlib import nullcontext

import pytest
from PIL import Image

from analysis.paired.engine import score_pairs
from analysis.paired.measuring import Pair
from analysis.rule import read_rule
from tests.dask_cluster import dask_cluster

REDUCED = read_rule("reduced").final

pytestmark = [
    pytest.mark.filterwarnings("default"),
    pytest.mark.skipif(os.name != "posix", reason="kills a worker"),
]


@pytest.fixture
def cluster():
    """A scheduler's address and its two worker processes."""
    with dask_cluster() as running:
        yield running


@pytest.mark.slow  # test_tiling_cluster.py kills one, too, and the same code gives out work
def test_a_killed_worker_changes_nothing(cluster, tmp_path, pictures):
    address, workers = cluster
    result, gt = pictures["leaves"]
    pairs = []
    for i in range(12):
        for name, pixels in (("gt", gt), ("Tern", result)):
            (tmp_path / name).mkdir(exist_ok=True)
            Image.fromarray(pixels + i).save(tmp_path / name / f"{i}.png")
        pairs.append(Pair(str(i), tmp_path / "gt" / f"{i}.png", {"Tern": tmp_path / "Tern" / f"{i}.png"}))
    expected = score_pairs(pairs, formula=REDUCED, workers=1)

    def kill_one(_stage, done, _total):
        if done == 3:
            os.kill(workers[0].pid, signal.SIGKILL)

    import distributed  # half a second that each of pytest's workers would spend

    with distributed.Client(address, timeout=300) as client:
        pool = client.get_executor(pure=False)
        scores = score_pairs(
            pairs, formula=REDUCED, open_pool=lambda _workers: nullcontext(pool), progress=kill_one
        )
        deadline = time.monotonic() + 300
        while len(client.scheduler_info()["workers"]) > 1 and time.monotonic() < deadline:
            time.sleep(0.2)
        assert len(client.scheduler_info()["workers"]) == 1
    assert json.dumps(scores.as_dict()) == json.dumps(expected.as_dict())
