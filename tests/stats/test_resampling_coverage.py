"""The long form of the coverage test: `pytest -m slow tests/stats/test_resampling_coverage.py`."""

import pytest

from benchmarks.coverage import coverage


@pytest.mark.slow
@pytest.mark.parametrize(
    "design",
    [
        {"judges": 15, "images": 50},
        {"judges": 8, "images": 20},
        {"judges": 12, "images": 30, "answered": 0.5},
    ],
)
def test_95_percent_intervals_cover_93_to_98_percent_of_a_thousand_studies(design):
    shares = coverage(studies=1000, **design)
    assert 0.93 <= shares["reported (calibrated two-way)"] <= 0.98
    assert shares["judges only"] < 0.90
    assert shares["images only"] < 0.93
