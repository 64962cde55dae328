"""Audits that measure the times of one judge's tiles, as all get the same, by a clock of their own."""

import pytest

from studyapp.blind_audit import browser, run
from tests.blind_audit import planting


@pytest.fixture(autouse=True)
def one_judge_is_timed(monkeypatch):
    """Timing takes a third of an audit."""
    monkeypatch.setattr(run, "TIMED_JUDGES", 1)


@pytest.fixture(autouse=True)
def one_judge_pries(monkeypatch):
    """Asking for all that is not for judges takes a quarter; in `test_console_beside` more do it."""
    monkeypatch.setattr(run, "kind_of", lambda *_: (False, False))


@pytest.fixture(autouse=True)
def simulated_clock(monkeypatch):
    """Let requests take what is planted, not what a busy machine makes of it."""
    clock = planting.Clock()
    monkeypatch.setattr(planting, "CLOCK", clock)
    monkeypatch.setattr(browser, "perf_counter", clock)


@pytest.fixture
def trials_alone(monkeypatch):
    """Look at pages and trials as they are shown, for what is found there: the rest is most of an audit."""
    look_at_trials_alone(monkeypatch)


def look_at_trials_alone(monkeypatch: pytest.MonkeyPatch) -> None:
    """Do so from now on."""
    for rest in ("act", "err", "pry"):
        monkeypatch.setattr(run, rest, lambda *_, **__: None)
    for timed in ("measure", "measure_refusals"):
        monkeypatch.setattr(run, timed, lambda *_, **__: [])
