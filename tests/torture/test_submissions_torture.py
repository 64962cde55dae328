"""Submissions while their workers are killed at random; the long form has 30 teams with 15 each."""

import pytest

from tests.torture.submissions import submissions_ordeal


@pytest.mark.parametrize(
    ("teams", "each", "kills"), [(3, 2, 4), pytest.param(30, 15, 150, marks=pytest.mark.slow)]
)
def test_no_score_is_lost_doubled_or_mixed_up_and_each_is_that_of_the_command(
    teams, each, kills, tmp_path, monkeypatch
):
    monkeypatch.delenv("STUDYAPP_DATABASE_URL", raising=False)
    outcome = submissions_ordeal(tmp_path, teams=teams, each=each, kills=kills, seed=3)
    assert not outcome.wrong, outcome.told()
    assert outcome.submissions == teams * each
    assert outcome.kills.total()
