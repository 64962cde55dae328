"""What a power cut leaves of SQLite: every acknowledged ballot, in both records."""

import shutil

import pytest

from tests.torture.power import PowerOutcome, cut, record
from tests.torture.settings import system_sqlite


def outcome(folder, tmp_path, *, environment, synchronous="") -> PowerOutcome:
    """Vote, cut the power at many moments of it, count."""
    before = tmp_path / "before"
    shutil.copytree(folder / "var", before)
    log = record(folder, tmp_path, ballots=60, environment=environment, synchronous=synchronous)
    return cut(before, log, tmp_path / "after", cuts=40, seed=3)


@pytest.mark.parametrize("kind", ["bundled sqlite", pytest.param("system sqlite", marks=pytest.mark.slow)])
def test_a_power_cut_loses_nothing_acknowledged(kind, folder, tmp_path, monkeypatch):
    monkeypatch.delenv("STUDYAPP_DATABASE_URL", raising=False)
    environment = system_sqlite(tmp_path) if kind == "system sqlite" else {}
    found = outcome(folder, tmp_path, environment=environment)
    assert found.cuts >= 60
    assert found.acknowledged > 500
    assert (found.lost, found.damaged, found.journal_lost) == (0, 0, 0)


def test_the_power_cut_would_notice(folder, tmp_path, monkeypatch):
    """With synchronous=NORMAL, the setting that many recommend for WAL, acknowledged ballots are lost."""
    monkeypatch.delenv("STUDYAPP_DATABASE_URL", raising=False)
    assert outcome(folder, tmp_path, environment={}, synchronous="NORMAL").lost > 100
