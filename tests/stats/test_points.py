"""Points, S3 and S3n."""

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from analysis.errors import AnalysisError
from analysis.points import (
    image_points,
    judge_points,
    row_points,
    summed,
    team_points,
    why_no_s3n,
)
from analysis.rule import POINTS, minmax
from analysis.votes import validate_votes

TEAMS = ("Ada", "Bea", "Cyd", "Dot", "Eva")


def ballots(
    rankings: dict[tuple[str, str], list[str]], hidden: dict[tuple[str, str], set[str]] | None = None
):
    """Votes from the picks of each (judge, image), best first."""
    rows = []
    for (judge, image), picks in rankings.items():
        shown = [team for team in TEAMS if team not in (hidden or {}).get((judge, image), set())]
        for slot, team in enumerate(shown, start=1):
            rank = picks.index(team) + 1 if team in picks else np.nan
            rows.append((judge, image, team, slot, rank))
    return pd.DataFrame(rows, columns=["judge", "image", "team", "slot", "rank"])


@st.composite
def complete_studies(draw):
    judges, images = draw(st.integers(1, 4)), draw(st.integers(1, 4))
    order = st.permutations(TEAMS).map(lambda teams: list(teams[:3]))
    return ballots({(f"j{j}", f"{i:03}"): draw(order) for j in range(judges) for i in range(images)})


def s3_of(votes: pd.DataFrame, points=None) -> dict[str, float]:
    table = team_points(validate_votes(votes), points=POINTS if points is None else points)
    return dict(zip(table["team"], table["s3"], strict=True))


def test_a_worked_example():
    votes = ballots(
        {
            ("Jude", "1"): ["Ada", "Bea", "Cyd"],
            ("June", "1"): ["Bea", "Ada", "Cyd"],
            ("Jude", "2"): ["Ada", "Cyd", "Dot"],
            ("June", "2"): ["Ada", "Bea", "Dot"],
        }
    )
    table = team_points(validate_votes(votes), points=POINTS)
    assert table["team"].tolist() == ["Ada", "Bea", "Cyd", "Dot", "Eva"]
    assert table["points"].tolist() == [11, 7, 4, 2, 0]
    assert table["s3"].tolist() == [5.5, 3.5, 2, 1, 0]
    assert table["s3n"].tolist() == [value / 5.5 for value in (5.5, 3.5, 2, 1, 0)]


@settings(max_examples=40)
@given(complete_studies())
def test_on_complete_data_s3_is_the_total_over_the_judges(votes):
    table = team_points(validate_votes(votes), points=POINTS)
    assert np.allclose(table["s3"], table["points"] / votes["judge"].nunique(), rtol=0, atol=1e-12)


@settings(max_examples=40)
@given(complete_studies())
def test_points_are_conserved(votes):
    table = team_points(validate_votes(votes), points=POINTS)
    images = votes["image"].nunique()
    assert table["s3"].sum() == pytest.approx(6 * images)
    assert table["points"].sum() == 6 * images * votes["judge"].nunique()


@settings(max_examples=40)
@given(complete_studies(), st.permutations(TEAMS), st.randoms(use_true_random=False))
def test_names_and_row_order_do_not_matter(votes, new_names, random):
    renamed = votes.assign(team=votes["team"].map(dict(zip(TEAMS, new_names, strict=True))))
    rows = list(range(len(votes)))
    random.shuffle(rows)
    assert s3_of(renamed.iloc[rows]) == {
        new: s3_of(votes)[old] for old, new in zip(TEAMS, new_names, strict=True)
    }


def test_a_judge_who_missed_an_image_neither_raises_nor_lowers_it():
    complete = ballots({("Jude", "1"): ["Ada", "Bea", "Cyd"], ("Jude", "2"): ["Ada", "Bea", "Cyd"]})
    agreeing = ballots({("June", "1"): ["Ada", "Bea", "Cyd"]})
    assert s3_of(pd.concat([complete, agreeing])) == s3_of(complete)


def test_a_judge_who_was_not_shown_a_team_counts_neither_for_nor_against_it():
    hidden = {("June", "1"): {"Ada"}}
    votes = ballots({("Jude", "1"): ["Ada", "Bea", "Cyd"], ("June", "1"): ["Bea", "Cyd", "Dot"]}, hidden)
    # Jude has Ada first, so that Bea, Cyd and Dot move down a place on June's ballot.
    assert s3_of(votes) == {"Ada": 3.0, "Bea": 2.0, "Cyd": 1.0, "Dot": 0.0, "Eva": 0.0}


def test_a_team_that_nobody_saw_on_an_image_earns_nothing_there():
    hidden = {("Jude", "2"): {"Ada"}}
    votes = ballots({("Jude", "1"): ["Ada", "Bea", "Cyd"], ("Jude", "2"): ["Bea", "Cyd", "Dot"]}, hidden)
    assert s3_of(votes)["Ada"] == 3.0
    assert np.isnan(image_points(validate_votes(votes).ballots, points=POINTS)[1, 0])


def test_other_points_for_other_places():
    votes = ballots({("Jude", "1"): ["Ada", "Bea"]})
    assert s3_of(votes, points=(2, 1))["Ada"] == 2
    assert s3_of(votes, points=(5, 3, 1))["Bea"] == 3


def test_a_place_without_points_is_refused():
    with pytest.raises(
        AnalysisError, match="points 3, 2: 2 values for ballots with 3 places; give one value per place"
    ):
        team_points(validate_votes(ballots({("Jude", "1"): ["Ada", "Bea", "Cyd"]})), points=(3, 2))


def test_means_by_image_and_by_judge():
    arrays = validate_votes(
        ballots(
            {
                ("Jude", "1"): ["Ada", "Bea", "Cyd"],
                ("June", "1"): ["Bea", "Ada", "Cyd"],
                ("June", "2"): ["Eva"],
            }
        )
    ).ballots
    assert image_points(arrays, points=POINTS)[0].tolist() == [2.5, 2.5, 1, 0, 0]
    assert judge_points(arrays, points=POINTS)[1].tolist() == [1, 1.5, 0.5, 0, 1.5]
    assert row_points(arrays, points=POINTS).sum() == 15


def test_the_order_of_images_does_not_change_the_last_bit():
    rng = np.random.default_rng(0)
    per_image = rng.integers(0, 4, (50, 3)) / 7
    assert (summed(per_image) == summed(per_image[::-1])).all()


def test_s3n_of_equal_scores_is_undefined_and_says_why():
    assert np.isnan(minmax(np.array([2.0, 2.0]))).all()
    assert "all teams have the same S3 (2)" in str(why_no_s3n(np.array([2.0, 2.0])))
    assert "only one team" in str(why_no_s3n(np.array([2.0, np.nan])))
    assert "no team" in str(why_no_s3n(np.array([np.nan])))
    assert why_no_s3n(np.array([1.0, 2.0])) is None
