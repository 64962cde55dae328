"""Tiling on a Dask cluster: a real scheduler and two workers on loopback, one killed in the middle."""

import os
import shutil
import signal

import pytest

from studyapp.services.folder.preparing import prepare_study
from tests.conftest import KEY, NOW, write_study
from tests.dask_cluster import dask_cluster


@pytest.mark.filterwarnings("default")
@pytest.mark.skipif(os.name != "posix", reason="kills a worker")
def test_a_cluster_that_loses_a_worker_makes_the_same_packs(tiled_folder, tmp_path, monkeypatch):
    pytest.importorskip("distributed", reason="needs the extra [cluster]")
    monkeypatch.delenv("STUDYAPP_DATABASE_URL", raising=False)
    root = write_study(tmp_path / "study")
    (root / "var").mkdir()
    shutil.copy(tiled_folder / "var/study.key", root / "var/study.key")
    assert (root / "var/study.key").read_text().strip() == KEY.hex()
    with dask_cluster() as (address, workers):

        def kill_one(stage: str, done: int, _total: int) -> None:
            if (stage, done) == ("tile", 5):
                os.kill(workers[0].pid, signal.SIGKILL)

        prepare_study(root, workers=None, progress=kill_one, now=NOW, scheduler=address)
        assert workers[0].wait() == -signal.SIGKILL
    made = {path.relative_to(root): path.read_bytes() for path in (root / "var/packs").rglob("*.pack")}
    expected = {
        path.relative_to(tiled_folder): path.read_bytes()
        for path in (tiled_folder / "var/packs").rglob("*.pack")
    }
    assert made == expected
