"""Audits that measure the times of one judge's tiles: the server does the same for all."""

import pytest

from studyapp.blind_audit import run


@pytest.fixture(autouse=True)
def one_judge_is_timed(monkeypatch):
    """Timing takes a third of an audit."""
    monkeypatch.setattr(run, "TIMED_JUDGES", 1)
