"""How many processors and how much memory there are, where a container or an affinity allows less."""

import os
import subprocess
import sys

import pytest

from analysis import processes
from analysis.processes import cores, memory


@pytest.fixture
def groups(tmp_path, monkeypatch):
    """Control groups of our own; returns what writes their files."""
    monkeypatch.setattr(processes, "_CGROUPS", tmp_path / "fs")
    monkeypatch.setattr(processes, "_OWN_CGROUP", tmp_path / "cgroup")
    monkeypatch.setattr(os, "sched_getaffinity", lambda _process: set(range(8)))

    def write(own, **files):
        (tmp_path / "cgroup").write_text(own)
        for name, text in files.items():
            path = tmp_path / "fs" / name.replace("__", "/").replace("_dot_", ".")
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(text + "\n")

    return write


@pytest.mark.parametrize(
    ("limit", "expected"),
    [("max 100000", 8), ("200000 100000", 2), ("150000 100000", 2), ("10000 100000", 1), ("nonsense", 8)],
)
def test_a_quota_of_the_second_version(groups, limit, expected):
    groups("0::/box\n", box__cpu_dot_max=limit)
    assert cores() == expected


def test_the_tightest_of_the_groups_around_counts(groups):
    groups("0::/a/b\n", a__cpu_dot_max="300000 100000", a__b__cpu_dot_max="max 100000")
    assert cores() == 3


def test_a_container_that_sees_the_hosts_path_but_its_own_root(groups):
    groups("0::/docker/0123\n", cpu_dot_max="400000 100000")
    assert cores() == 4


@pytest.mark.parametrize(("quota", "expected"), [("-1", 8), ("250000", 3)])
def test_a_quota_of_the_first_version(groups, quota, expected):
    files = {"cpu__box__cpu_dot_cfs_quota_us": quota, "cpu__box__cpu_dot_cfs_period_us": "100000"}
    groups("4:memory:/box\n1:cpu:/box\n", **files)
    assert cores() == expected


def test_memory_within_the_limit(groups):
    groups("0::/box\n", box__memory_dot_max="max")
    there = memory()
    groups("0::/box\n", box__memory_dot_max=str(1 << 20))
    assert (there is None or there > 1 << 20, memory()) == (True, 1 << 20)


def test_affinity_is_respected():
    one = min(os.sched_getaffinity(0))
    code = (
        f"import os; os.sched_setaffinity(0, {{{one}}})\nfrom analysis.processes import cores; print(cores())"
    )
    assert subprocess.run([sys.executable, "-c", code], capture_output=True, check=True).stdout == b"1\n"
