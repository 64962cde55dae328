"""Where PyTorch is missing, doctests of modules that need it are skipped; every other import must work."""

from collections.abc import Generator
from importlib.util import find_spec

import pytest
from _pytest.doctest import DoctestModule

MISSING = find_spec("torch") is None


@pytest.hookimpl(wrapper=True)
def pytest_make_collect_report(
    collector: pytest.Collector,
) -> Generator[None, pytest.CollectReport, pytest.CollectReport]:
    report = yield
    if MISSING and isinstance(collector, DoctestModule) and "No module named 'torch'" in str(report.longrepr):
        report.outcome = "skipped"
        report.longrepr = (str(collector.path), 1, "Skipped: needs torch")
    return report
