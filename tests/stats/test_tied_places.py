"""Rankings in which teams share a place, 1, 2, 2, 4: everything that is made of votes takes them."""

from itertools import permutations

import numpy as np
import pandas as pd
import pytest

from analysis.agreement.blocks import blocks
from analysis.agreement.summary import agreement_summary
from analysis.models.choices import choices_of_ballots
from analysis.models.summary import model_summary
from analysis.parts import Parts
from analysis.points import fair_points, image_points, row_points
from analysis.report.method_part import method_section
from analysis.report.study import make_study
from analysis.report.write import write_report
from analysis.resampling.joint import joint_draws, observe
from analysis.resampling.rules import head_to_head, scores_by_rule
from analysis.rule import read_rule
from analysis.screening.summary import screening_summary
from analysis.votes import Votes, validate_votes

POINTS = (4.0, 3.0, 2.0, 1.0)
RULE = read_rule("user-study", points=POINTS)


def votes(ballots: dict[tuple[str, str], str]) -> Votes:
    """Ballots as text, best first: "A B=C D"; teams have slots in the order of their names."""
    rows = []
    for (judge, image), text in ballots.items():
        rank = 1
        found = {}
        for group in text.split():
            teams = group.split("=")
            found |= dict.fromkeys(teams, rank)
            rank += len(teams)
        rows += [
            (judge, image, team, slot, place)
            for slot, (team, place) in enumerate(sorted(found.items()), start=1)
        ]
    return validate_votes(pd.DataFrame(rows, columns=["judge", "image", "team", "slot", "rank"]))


ONE = votes({("Jude", "1"): "A B=C D", ("June", "1"): "D=A C B"})


def broken(text: str) -> list[str]:
    """Every order of a ballot without ties that breaks its ties."""
    orders = [""]
    for group in text.split():
        ways = [" ".join(order) for order in permutations(group.split("="))]
        orders = [f"{order} {way}".strip() for order in orders for way in ways]
    return orders


def test_teams_that_share_a_place_share_its_points():
    ballots = ONE.ballots
    assert ballots.places == 4
    assert row_points(ballots, points=POINTS).tolist() == [4, 2.5, 2.5, 1, 3.5, 1, 2, 3.5]
    assert ballots.tied.tolist() == [1, 2, 2, 1, 2, 1, 1, 2]
    assert [ballots.teams[list(row)].tolist() for row in ballots.picks] == [list("ABCD"), list("ADCB")]
    assert ONE.remarks == ("2 of 2 ballots have equal places",)


@pytest.mark.parametrize("lender", ["B=C A D", "A=B=C=D", "D C=A B", "A B C D"])
def test_a_ballot_that_lacks_a_team_is_completed_by_every_way_to_break_the_lenders_ties(lender):
    def earned(text: str) -> np.ndarray:
        table = votes({("Jude", "1"): "B=D C", ("June", "1"): text})
        return fair_points(table.ballots, points=POINTS)[:3]

    mean = np.mean([earned(order) for order in broken(lender)], axis=0)
    np.testing.assert_allclose(earned(lender), mean)


def test_mid_ranks_and_first_places():
    (block,) = blocks(ONE.ballots)
    assert block.ranks.tolist() == [[1, 2.5, 2.5, 4], [1.5, 4, 3, 1.5]]
    assert scores_by_rule(ONE.ballots, points=POINTS)["first_places"].tolist() == [0.75, 0, 0, 0.25]


def test_teams_that_share_a_place_stand_above_neither():
    above = head_to_head(ONE.ballots)
    assert above.tolist() == [[0, 2, 2, 1], [0, 0, 0, 1], [0, 1, 0, 1], [0, 1, 1, 0]]


def test_each_of_them_is_chosen_from_all_that_stood_there_before():
    choices = choices_of_ballots(ONE.ballots)
    made = {
        ("".join(np.array(list("ABCD"))[choices.sets[s] > 0]), "ABCD"[w])
        for s, w in zip(choices.pair_set, choices.pair_winner, strict=True)
    }
    assert made == {("ABCD", "A"), ("BCD", "B"), ("BCD", "C"), ("ABCD", "D"), ("BC", "C")}
    assert choices.counts().sum() == 6  # A; B and C; then D and A; C


def a_study(judges: int = 6, images: int = 7) -> Votes:
    rng = np.random.default_rng(4)
    ballots = {}
    for judge in range(judges):
        for image in range(images):
            liking = np.round(2 * (np.array([1.5, 0.9, 0.3, -0.3]) + 0.8 * rng.normal(size=4)))
            groups = ["=".join(np.array(list("ABCD"))[liking == value]) for value in np.unique(liking)[::-1]]
            ballots[f"J{judge}", f"I{image}"] = " ".join(groups)
    return votes(ballots)


def test_points_of_a_study_are_the_mean_over_all_ways_to_break_its_ties():
    given = a_study()
    assert given.ballots.has_ties
    total = image_points(given.ballots, points=POINTS).sum(axis=1)
    np.testing.assert_allclose(total, sum(POINTS))


def test_a_study_of_rankings_goes_through_the_whole_analysis(tmp_path):
    given = a_study()
    found = agreement_summary(given, rng=np.random.default_rng(0), permutations=99)
    assert 0 < found["kendall_w"]["value"] < 1
    model = model_summary(given)
    assert model["slot_effect"]["undefined"] or model["slot_effect"]["p"] > 0
    screened = screening_summary(given, rule=RULE, rng=np.random.default_rng(0), permutations=99)
    assert len(screened["judges"]) == 6
    drawn = joint_draws(observe(given, Parts(), RULE), draws=200, seed=1)
    worth, s3 = model["log_worth"], dict(zip(drawn.study.teams, drawn.study.lead, strict=True))
    assert sorted(worth, key=worth.get) == sorted(s3, key=s3.get)
    written = write_report(drawn, tmp_path)
    assert written.failures == ()


def test_whole_rankings_without_a_team_that_is_out_are_not_taken_for_picks_alone():
    rows = [("Jude", "1", team, slot, rank) for team, slot, rank in (("A", 1, 1), ("B", 3, 2), ("C", 4, 2))]
    rows += [("June", "1", team, slot, rank) for team, slot, rank in (("A", 4, 1), ("C", 2, 2))]  # B is hers
    given = validate_votes(pd.DataFrame(rows, columns=["judge", "image", "team", "slot", "rank"]))
    assert len(given.table) == 5
    assert "picks alone" not in " ".join(given.remarks)


@pytest.mark.parametrize(
    ("given", "says", "never"),
    [
        (a_study(), ("Breslow 1974", "not fitted", "refits with judges and images resampled"), ("penalty",)),
        (a_study(judges=1), ("refits with images resampled",), ("judges and images resampled",)),
        (votes({("Jude", "1"): "A B=C D"}), ("a penalty of 0.5", "It was not refitted"), (" refits",)),
    ],
)
def test_the_method_claims_of_the_model_only_what_was_estimated(given, says, never):
    study = make_study(joint_draws(observe(given, Parts(), RULE), draws=100, seed=1))
    (text,) = (
        block.text for block in method_section(study).blocks if "Plackett" in getattr(block, "text", "")
    )
    assert all(words in text for words in says), text
    assert not any(words in text for words in never), text
