"""A judge who is not shown a team counts neither for nor against it, nor for the others."""

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from analysis.points import fair_points, image_points, row_points, summed, team_points
from analysis.rule import POINTS
from analysis.unshown import unshown_note
from analysis.votes import validate_votes
from benchmarks.conflicts import ballots_without, biases, designs

TEAMS = ("Ada", "Bea", "Cyd", "Dot", "Eva")


def votes_of(ballots: dict[tuple[str, str], tuple[str, str]]) -> pd.DataFrame:
    """Votes from (picks, teams not shown) of each (judge, image), teams by their first letter."""
    rows = [
        (judge, image, team, slot, picks.index(team[0]) + 1 if team[0] in picks else np.nan)
        for (judge, image), (picks, hidden) in ballots.items()
        for slot, team in enumerate(TEAMS, start=1)
        if team[0] not in hidden
    ]
    return pd.DataFrame(rows, columns=["judge", "image", "team", "slot", "rank"])


def s3_of(votes: pd.DataFrame) -> dict[str, float]:
    table = team_points(validate_votes(votes), points=POINTS)
    return dict(zip(table["team"], table["s3"], strict=True))


def test_the_others_move_down_by_the_places_that_other_judges_gave_the_team():
    # Jude put Ada first, Jack did not place her: on June's ballot she would be first half the time.
    votes = votes_of({("Jude", "1"): ("ABC", ""), ("Jack", "1"): ("BCD", ""), ("June", "1"): ("BCD", "A")})
    fair = fair_points(validate_votes(votes).ballots, points=POINTS)
    assert fair[-4:].tolist() == [2.5, 1.5, 0.5, 0.0]
    assert s3_of(votes) == pytest.approx({"Ada": 1.5, "Bea": 2.5, "Cyd": 1.5, "Dot": 0.5, "Eva": 0.0})


def test_two_teams_not_shown_stand_where_one_other_judge_placed_both():
    votes = votes_of({("Jude", "1"): ("ABC", ""), ("June", "1"): ("CDE", "AB")})
    assert fair_points(validate_votes(votes).ballots, points=POINTS)[-3:].tolist() == [1.0, 0.0, 0.0]


def test_a_ballot_whose_missing_teams_nobody_else_saw_together_stays_as_it_is_and_is_named():
    votes = votes_of({("Jude", "1"): ("BCD", "A"), ("June", "1"): ("ACD", "B"), ("Jack", "1"): ("CDE", "AB")})
    arrays = validate_votes(votes).ballots
    # Ballots stand by judge: Jack, Jude, June.
    assert fair_points(arrays, points=POINTS)[:3].tolist() == [3.0, 2.0, 1.0]
    assert "1 of them count unchanged" in (unshown_note(arrays) or "")


def test_a_team_that_nobody_saw_on_an_image_takes_no_place_there():
    votes = votes_of({("Jude", "1"): ("BCD", "A"), ("Jude", "2"): ("ABC", "")})
    arrays = validate_votes(votes).ballots
    assert fair_points(arrays, points=POINTS).tolist() == row_points(arrays, points=POINTS).tolist()
    assert unshown_note(arrays) is None


@settings(max_examples=30, deadline=None)
@given(st.integers(0, 2**32), st.lists(st.integers(-1, 4), min_size=2, max_size=6))
def test_where_a_ballot_lacks_one_team_at_most_the_points_of_an_image_are_conserved(seed, lacking):
    hidden = np.array([[team == lacks for team in range(5)] for lacks in lacking])
    hidden[:, hidden.all(axis=0)] = False  # nobody saw it: no candidate
    # A team that a single judge lacks has another to lend its places; so has every one here.
    rng = np.random.default_rng(seed)
    ballots = ballots_without(rng.gumbel(size=(len(lacking), 3, 5)), hidden)
    # Conserved where the chances have settled, which they do to within rounding only slowly in some designs.
    assert summed(image_points(ballots, points=POINTS)).sum() == pytest.approx(6 * 3, abs=1e-6)


def test_conflicts_of_interest_move_no_team():
    found = biases(designs(12)["4 judges without the best"], studies=40, images=20, seed=3)
    for kind, biased in (("corrected", False), ("plain", True)):
        mean, error = found[kind].mean(axis=0), found[kind].std(axis=0, ddof=1) / np.sqrt(40)
        others = mean[1:4] / error[1:4]
        assert (others > 10).all() if biased else (np.abs(mean / error) < 4).all(), kind


@pytest.mark.slow
@pytest.mark.parametrize("name", designs(12))
def test_no_pattern_of_conflicts_moves_the_lead(name):
    lead = biases(designs(12)[name], studies=300, images=50, seed=5)["corrected"]
    lead = lead[:, 0] - lead[:, 1]
    assert abs(lead.mean()) < 3.5 * lead.std(ddof=1) / np.sqrt(300)
