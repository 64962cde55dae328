"""95 % intervals of worths, JOD and MOS hold the truth of other judges and images; answers as independent
do not."""

import pytest

from benchmarks.coverage_answers import of_pairs, of_ratings

SHORT = {"judges": 12, "images": 15, "share": 1.0, "draws": 200, "seed": 1}


def test_a_few_studies_are_held_by_the_two_way_intervals():
    """Sixty studies of six teams: the long form below is sharper."""
    pairs, ratings = (of(studies=60, **SHORT) for of in (of_pairs, of_ratings))
    assert 0.88 <= pairs["worths: reported"] <= 0.99
    assert 0.88 <= pairs["JOD: reported"] <= 0.99
    assert 0.9 <= ratings["MOS: reported"] <= 0.995
    assert pairs["worths: answers taken as independent"] < 0.75
    assert ratings["MOS: scores taken as independent (t)"] < 0.75


@pytest.mark.slow
@pytest.mark.parametrize("share", [1.0, 0.3])
def test_intervals_hold_the_truth_as_often_as_they_say(share):
    options = {"judges": 15, "images": 30, "share": share, "draws": 500, "seed": 2}
    found = of_pairs(studies=800, **options) | of_ratings(studies=800, **options)
    for name in ("worths: reported", "JOD: reported", "MOS: reported"):
        assert 0.93 <= found[name] <= 0.98, found
