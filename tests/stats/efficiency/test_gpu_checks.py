"""The checks for a GPU, as far as they need none: arithmetic, goals, and what is said where there is none."""

import json
import math
import subprocess

import pytest

torch = pytest.importorskip("torch", reason="measuring needs torch")

from analysis.efficiency.measuring.inside import clocks  # noqa: E402
from benchmarks import bench_gpu, bench_measuring, bench_metrics_gpu  # noqa: E402
from benchmarks.gpu_figures import Figure, at_least, busy, rates, spread, table, within  # noqa: E402


def test_figures_and_goals():
    assert spread([10.0, 10.1, 10.2]) == pytest.approx(0.02)
    assert math.isnan(spread([10.0]))
    assert rates([2.0, 4.0, 3.0], 12) == 4
    assert busy([90.0, 95.0, 10.0]) == 0.9
    assert math.isnan(busy([]))
    off = {0.01: True, -0.01: True, 0.011: False, math.nan: False}
    assert {value: within("a", value, 0.01).met for value in off} == off
    lines = table([at_least("times pyiqa", 3.4, 3.0), within("clock", 0.02, 0.01)]).splitlines()
    assert lines[0].split() == ["times", "pyiqa", "3.40", "at", "least", "3.00", "met"]
    assert lines[1].endswith("MISSED")


def test_the_peer_has_to_be_there():
    assert bench_gpu.against_peer("lpips", 9.3, 3.0).met
    assert not bench_gpu.against_peer("lpips", 8.7, 3.0).met
    assert bench_gpu.against_peer("lpips", 9.0, None).goal == "pip install 'studyapp[pyiqa]'"


def test_all_parts_fit_into_eight_minutes():
    assert sum(bench_gpu.LIMITS_S.values()) <= bench_gpu.WHOLE_S < 480
    assert bench_gpu.LIMITS_S.keys() == bench_gpu.PARTS.keys()


@pytest.mark.parametrize(("status", "shown"), [(0, "pass"), (1, "fail"), (5, "none found")])
def test_no_test_at_all_is_a_goal_missed(status, shown):
    figure = bench_gpu.tests_figure(status)
    assert (figure.shown, figure.met) == (shown, status == 0)


@pytest.mark.parametrize(
    ("printed", "shown"),
    [("noise\n" + json.dumps([{"name": "a", "shown": "1", "goal": "", "met": True}]), "1"), ("", "status 3")],
)
def test_a_part_that_breaks_misses_its_goal(monkeypatch, printed, shown):
    done = subprocess.CompletedProcess([], 3, stdout=printed)
    monkeypatch.setattr(subprocess, "run", lambda *_, **__: done)
    assert bench_gpu.run_part("timing", 5)[0].shown == shown
    assert bench_gpu.run_part("timing", 0) == [Figure("timing", "not run", "in 8 minutes", met=False)]


def test_a_part_that_hangs_misses_its_goal(monkeypatch):
    def hang(*_, timeout, **__):
        raise subprocess.TimeoutExpired("part", timeout)

    monkeypatch.setattr(subprocess, "run", hang)
    assert bench_gpu.run_part("timing", 5) == [Figure("timing", "too slow", "in 5 s", met=False)]


@pytest.mark.skipif(torch.cuda.is_available(), reason="there is a GPU here")
def test_without_a_gpu_it_says_so_and_measures_nothing(capsys):
    with pytest.raises(SystemExit) as ended:
        bench_gpu.main([])
    assert ended.value.code == bench_gpu.NO_GPU
    told = capsys.readouterr()
    assert told.out == ""
    assert told.err.startswith("no GPU checks: torch ")


def test_the_parts_run_on_a_processor_too(monkeypatch):
    ways = {"ours": lambda *_: [0.5, 0.5], "pyiqa": lambda *_: [0.25, 0.25]}
    monkeypatch.setattr(bench_metrics_gpu, "_ways", lambda *_: ways)
    found = bench_metrics_gpu.compared("lpips", width=64, height=48, teams=2, rounds=1, device="cpu")
    assert {name: one.value for name, one in found.items()} == {"ours": 0.5, "pyiqa": 0.25}
    assert all(one.rate > 0 for one in found.values())
    assert (bench_measuring.clocks(2, side=16) > 0).all()


def test_the_limit_on_memory_is_a_share_of_the_gpus(monkeypatch):
    given = []
    whole = type("Properties", (), {"total_memory": 4 * 2**30})
    monkeypatch.setattr(torch.cuda, "get_device_properties", lambda _device: whole)
    monkeypatch.setattr(torch.cuda, "set_per_process_memory_fraction", lambda *call: given.append(call))
    for most in (1024, 9000):
        clocks.limit_memory("cuda", most)
    assert given == [(0.25, "cuda"), (1.0, "cuda")]


def test_the_script_is_the_module():
    script = (bench_gpu.__file__ or "").replace("bench_gpu.py", "gpu.sh")
    with open(script, encoding="utf-8") as file:
        assert "-m benchmarks.bench_gpu" in file.read()
    assert subprocess.run(["sh", "-n", script], check=False).returncode == 0
