"""Votes as forms give them, and tables that would rank wrongly without a word."""

import io

import numpy as np
import pandas as pd
import pytest

from analysis.errors import AnalysisError, InputWarning
from analysis.models.summary import model_summary
from analysis.points import team_points
from analysis.rule import POINTS, read_rule
from analysis.screening.summary import screening_summary
from analysis.votes import NO_SLOTS, Votes, read_votes

TEAMS = ["Ada", "Bea", "Cyd", "Dot", "Eve"]


def study(seed: int = 3) -> pd.DataFrame:
    """Full rows, with slots, of 4 judges on 6 images."""
    rng = np.random.default_rng(seed)
    rows = []
    for judge in ("Jude", "June", "Kim", "Lou"):
        for image in range(1, 7):
            order = np.argsort(rng.gumbel(size=5) + np.arange(5) * 0.6)[::-1]
            slots = rng.permutation(5) + 1
            rows += [
                (judge, f"{image:03}", TEAMS[team], slots[team], place + 1 if place < 3 else None)
                for place, team in enumerate(order)
            ]
    return pd.DataFrame(rows, columns=["judge", "image", "team", "slot", "rank"]).astype({"rank": "Int64"})


def as_form(votes: pd.DataFrame, names: list[str]) -> pd.DataFrame:
    wide = votes.dropna(subset=["rank"]).pivot(index=["judge", "image"], columns="rank", values="team")
    return wide.set_axis(names, axis=1).reset_index()


def read(table: pd.DataFrame) -> Votes:
    return read_votes(io.BytesIO(table.to_csv(index=False).encode()))


FORMS = {
    "first, second, third": lambda votes: as_form(votes, ["first", "second", "third"]),
    "1st, 2nd, 3rd": lambda votes: as_form(votes, ["1st", "2nd", "3rd"]),
    "Top 1, 2, 3": lambda votes: as_form(votes, ["Top 1", "Top 2", "Top 3"]),
    "picks without slots": lambda votes: votes.dropna(subset=["rank"]).drop(columns="slot"),
    "picks with slots": lambda votes: votes.dropna(subset=["rank"]),
    "with comments": lambda votes: as_form(votes, ["first", "second", "third"]).assign(comment="hm"),
}


@pytest.mark.parametrize("form", FORMS.values(), ids=FORMS)
def test_every_form_gives_the_points_of_the_full_table_and_says_what_it_took_for_granted(form):
    votes = study()
    with pytest.warns(InputWarning, match="all 5 teams are assumed to have been shown"):
        given = read(form(votes))
    pd.testing.assert_frame_equal(team_points(given, points=POINTS), team_points(read(votes), points=POINTS))
    assert not given.ballots.has_slots


def test_without_slots_everything_else_is_computed_and_the_rest_says_why_not():
    votes = study().drop(columns="slot")
    given = read(votes)
    assert model_summary(given)["slot_effect"]["undefined"] == NO_SLOTS
    screened = screening_summary(
        given, rule=read_rule("user-study"), permutations=99, rng=np.random.default_rng(1)
    )
    without = {name for name, rule in screened["rules"].items() if rule["undefined"] == NO_SLOTS}
    assert without == {"position", "pattern"}
    assert screened["position_bias"]["first_pick"]["undefined"] == NO_SLOTS


def test_full_rankings_of_what_was_shown_are_not_taken_for_picks():
    rows = [("Jude", "001", "Ada", 1, 1), ("Jude", "001", "Bea", 2, 2)]
    rows += [("Jude", "002", "Bea", 1, 1), ("Jude", "002", "Cyd", 2, 2)]
    votes = read(pd.DataFrame(rows, columns=["judge", "image", "team", "slot", "rank"]))
    assert len(votes.table) == 4


def test_a_missing_place_between_others_is_refused():
    with pytest.raises(AnalysisError, match="first, third but no second"):
        read(pd.DataFrame({"judge": ["J"], "image": ["1"], "first": ["A"], "third": ["B"]}))


def test_an_empty_place_is_a_shorter_ballot():
    form = as_form(study(), ["first", "second", "third"])
    form.loc[0, "third"] = None
    with pytest.warns(InputWarning, match="place fewer than 3|assumed to have been shown"):
        assert read(form).ballots.picks.shape == (24, 3)


@pytest.mark.parametrize(("one", "other"), [("001", "1"), ("img_01", "IMG_1"), ("scene", "scene.png")])
def test_an_image_written_in_two_ways_is_refused(one, other):
    votes = study()
    votes["image"] = np.where(votes["judge"] == "June", other, one)
    votes = votes.drop_duplicates(["judge", "team"]).assign(rank=1, slot=1).drop_duplicates("judge")
    with pytest.raises(AnalysisError, match="the same image, written in two ways"):
        read(votes)


def test_a_surname_beside_a_full_name_is_warned_of():
    votes = study().replace({"team": {"Ada": "Ada Lovelace"}})
    votes.loc[votes["judge"] == "June", "team"] = votes["team"].replace({"Ada Lovelace": "Lovelace"})
    with pytest.warns(InputWarning, match="teams 'Ada Lovelace' and 'Lovelace' look alike"):
        read(votes)
