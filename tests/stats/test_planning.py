"""Planning: the published table, what a pilot tells, and what cannot be planned."""

import json

import numpy as np
import pytest
from click.testing import CliRunner

from analysis.cli import main
from analysis.errors import AnalysisError
from analysis.planning.asking import Comparisons, Picks, Scores, asking
from analysis.planning.designs import designs_needed, evenly_spaced, simulate_designs
from analysis.planning.pilot import pilot_components
from analysis.planning.pilot_answers import pair_pilot, rating_pilot
from analysis.planning.plot import plot_plan
from analysis.planning.simulated_answers import simulated_pairs, simulated_ratings
from analysis.planning.simulation import simulate_ranks, simulated_votes
from analysis.planning.summary import plan_summary
from analysis.rule import POINTS
from analysis.votes import validate_votes

# P(best team has most points), 10 teams, 50 images, image x team sd 0.6, judge x team sd 0.3.
TABLE = {
    0.525: {5: 0.52, 10: 0.60, 15: 0.64, 20: 0.65, 30: 0.67},
    0.55: {5: 0.75, 10: 0.78, 15: 0.85, 20: 0.87, 30: 0.89},
    0.574: {5: 0.83, 10: 0.94, 15: 0.96, 20: 0.96, 30: 0.97},
}


def small(**options):
    options = {"judges": [3], "images": [4], "image_sd": 0.3, "judge_sd": 0.3, "studies": 20} | options
    return simulate_designs([1, 0, -1], asking=Picks(POINTS), rng=np.random.default_rng(1), **options)


@pytest.mark.parametrize("advantage", list(TABLE))
def test_reproduces_the_planning_table(advantage):
    grid = simulate_designs(
        evenly_spaced(10, advantage),
        judges=list(TABLE[advantage]),
        images=[50],
        image_sd=0.6,
        judge_sd=0.3,
        studies=500,
        rng=np.random.default_rng(3),
        asking=Picks(POINTS),
    )
    for row in grid:
        # Two simulations of a few hundred studies each: three standard errors of their difference.
        assert row["p_best"] == pytest.approx(TABLE[advantage][row["judges"]], abs=0.09)
    found = [row["p_best"] for row in grid]
    assert abs(np.mean(found) - np.mean(list(TABLE[advantage].values()))) < 0.04


def test_beyond_some_judges_images_help_more_than_judges():
    grid = simulate_designs(
        evenly_spaced(10, 0.55),
        judges=[30, 60],
        images=[50, 100],
        image_sd=0.6,
        judge_sd=0.3,
        studies=250,
        rng=np.random.default_rng(4),
        asking=Picks(POINTS),
    )
    p = {(row["judges"], row["images"]): row["p_podium"] for row in grid}
    assert p[30, 100] > p[60, 50]


def test_shares_are_ordered_and_equal_teams_share_the_win():
    for row in small(studies=200):
        assert row["p_podium"] <= row["p_best"]
    equal = simulate_designs(
        [0, 0],
        judges=[3],
        images=[3],
        image_sd=0,
        judge_sd=0,
        studies=2000,
        rng=np.random.default_rng(2),
        asking=Picks(POINTS),
    )
    assert equal[0]["p_best"] == pytest.approx(0.5, abs=0.04)
    assert equal[0]["p_clear"] < 0.06


def test_one_judge_has_no_two_way_interval():
    assert small(judges=[1])[0]["p_clear"] is None


def test_a_clear_difference_is_found_by_every_design():
    grid = simulate_designs(
        [30, 0, -30],
        judges=[2, 4],
        images=[2, 5],
        image_sd=0.1,
        judge_sd=0.1,
        studies=10,
        rng=np.random.default_rng(1),
        asking=Picks(POINTS),
    )
    assert {(row["p_best"], row["p_podium"], row["p_clear"]) for row in grid} == {(1.0, 1.0, 1.0)}


EVERY_WAY = [Picks(POINTS), Picks((3, 2, 1)), Comparisons(), Comparisons(each=4), Scores(), Scores(None)]


@pytest.mark.parametrize("way", EVERY_WAY, ids=str)
def test_every_way_to_ask_finds_what_is_clear_and_nothing_where_teams_are_equal(way):
    how = {"judges": [4], "images": [5], "image_sd": 0.1, "judge_sd": 0.1, "asking": way}
    (clear,) = simulate_designs([9, 0, -9], studies=40, rng=np.random.default_rng(1), **how)
    assert clear["p_best"] > 0.95
    assert clear["p_podium"] > 0.85
    (equal,) = simulate_designs([0, 0, 0], studies=600, rng=np.random.default_rng(2), **how)
    assert equal["p_best"] == pytest.approx(1 / 3, abs=0.07)
    assert equal["p_clear"] < 0.06


def test_a_judge_gives_as_many_answers_as_the_protocol_asks_for():
    def answers(kind, **more):
        return asking(kind, points=POINTS, teams=6, **more).answers(10, 6)

    assert (answers("top_k"), answers("ranking")) == (10, 10)
    assert (answers("pairwise"), answers("pairwise", pairs_per_judge=40)) == (150, 40)
    assert answers("pairwise", pairs_per_judge=999) == 150
    assert (answers("acr"), answers("slider")) == (60, 60)


def test_more_pairs_for_each_judge_find_more():
    how = {"judges": [6], "images": [10], "image_sd": 0.3, "judge_sd": 0.3, "studies": 150}
    few, many = (
        simulate_designs(
            evenly_spaced(5, 0.6), asking=Comparisons(each), rng=np.random.default_rng(3), **how
        )[0]["p_best"]
        for each in (8, None)
    )
    assert many > few + 0.1


def test_a_pilot_of_pairs_or_ratings_gives_back_its_tastes():
    found = {"pairs": [], "ratings": []}
    for seed in range(3):
        rng = np.random.default_rng(seed)
        pilot = pair_pilot(simulated_pairs(rng, judges=12, images=25, nu=0, judge_sd=0.4))
        found["pairs"].append([pilot.image_sd, pilot.judge_sd])
        assert np.corrcoef(pilot.quality, np.linspace(0.8, -0.8, 6))[0, 1] > 0.9
        pilot, unit, centre = rating_pilot(simulated_ratings(rng, judges=12, images=25, noise=0.7))
        found["ratings"].append([pilot.image_sd * unit, pilot.judge_sd * unit])
        assert unit * np.pi / np.sqrt(6) == pytest.approx(0.75, abs=0.1)  # rounding adds a little
        assert centre == pytest.approx(3.2, abs=0.3)
    np.testing.assert_allclose(np.mean(found["pairs"], axis=0), [0.6, 0.4], atol=0.15)
    np.testing.assert_allclose(np.mean(found["ratings"], axis=0), [0.3, 0.2], atol=0.08)


def test_needed_is_the_fewest_judges_or_none():
    grid = [{"images": 5, "judges": j, "p_best": p} for j, p in ((10, 0.95), (5, 0.91), (2, 0.6))]
    grid += [{"images": 2, "judges": 10, "p_best": 0.5}]
    grid = [row | {"p_podium": row["p_best"] - 0.02} for row in grid]
    assert designs_needed(grid) == [
        {"images": 2, "judges": None, "podium": None, "target": 0.9},
        {"images": 5, "judges": 5, "podium": 10, "target": 0.9},
    ]


def test_a_pilot_gives_back_the_tastes_it_was_made_with():
    found = []
    for seed in range(3):
        rng = np.random.default_rng(seed)
        rank = simulate_ranks(
            evenly_spaced(8, 0.58), judges=12, images=25, image_sd=0.6, judge_sd=0.4, rng=rng
        )[0]
        pilot = pilot_components(
            validate_votes(simulated_votes(rank, rng=rng)).ballots, rng=rng, points=POINTS
        )
        found.append([pilot.image_sd, pilot.judge_sd])
        assert np.corrcoef(pilot.quality, evenly_spaced(8, 0.58))[0, 1] > 0.9
        assert 0.8 < pilot.shrinkage <= 1
    np.testing.assert_allclose(np.mean(found, axis=0), [0.6, 0.4], atol=0.12)


def test_a_pilot_without_tastes_or_differences_finds_none():
    rng = np.random.default_rng(5)
    rank = simulate_ranks(np.zeros(6), judges=10, images=20, rng=rng)[0]
    pilot = pilot_components(validate_votes(simulated_votes(rank, rng=rng)).ballots, rng=rng, points=POINTS)
    assert max(pilot.image_sd, pilot.judge_sd) < 0.35
    assert np.abs(pilot.quality).max() < 0.3


def test_a_pilot_with_missing_ballots_and_a_team_without_votes():
    rng = np.random.default_rng(6)
    rank = simulate_ranks([1, 0.5, 0, 0, -60], judges=5, images=10, image_sd=0.4, judge_sd=0.2, rng=rng)[0]
    votes = simulated_votes(rank, rng=rng)
    votes = votes[~((votes["judge"] == "J02") & (votes["image"] < "004"))]
    pilot = pilot_components(validate_votes(votes).ballots, rng=rng, points=POINTS)
    assert np.isfinite([*pilot.quality, pilot.image_sd, pilot.judge_sd]).all()


def test_a_pilot_of_one_judge_says_nothing():
    rng = np.random.default_rng(7)
    votes = simulated_votes(simulate_ranks([1, 0, 0, 0], judges=1, images=6, rng=rng)[0], rng=rng)
    with pytest.raises(AnalysisError, match="1 judge, 6 images and 4 teams says nothing"):
        plan_summary(validate_votes(votes), studies=10, rng=rng, points=POINTS)


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"judges": [0]}, r"judges \[0\]"),
        ({"images": []}, r"images \[\]"),
        ({"image_sd": -1}, "must be 0 or more"),
        ({"judge_sd": float("nan")}, "must be 0 or more"),
    ],
)
def test_impossible_designs_are_refused(options, message):
    with pytest.raises(AnalysisError, match=message):
        small(**options)


@pytest.mark.parametrize("advantage", [0.5, 1, 0.2])
def test_an_advantage_that_is_none_is_refused(advantage):
    with pytest.raises(AnalysisError, match=r"between 0\.5 and 1"):
        evenly_spaced(10, advantage)


def test_the_same_seed_gives_the_same_plan_and_the_same_picture(tmp_path):
    def plan():
        return plan_summary(
            judges=[2, 4], images=[3], teams=4, studies=30, rng=np.random.default_rng(9), points=POINTS
        )

    assert plan() == plan()
    for name in ("a.svg", "b.svg", "a.png", "b.png"):
        plot_plan(plan(), tmp_path / name)
    assert (tmp_path / "a.svg").read_bytes() == (tmp_path / "b.svg").read_bytes()
    assert (tmp_path / "a.png").read_bytes() == (tmp_path / "b.png").read_bytes()
    with pytest.raises(AnalysisError, match="cannot plot to"):
        plot_plan(plan(), tmp_path / "a.docx")


def test_the_command_plans_without_a_pilot_and_with_one(tmp_path):
    rng = np.random.default_rng(8)
    votes = simulated_votes(simulate_ranks([1, 0.5, 0, -0.5], judges=4, images=6, rng=rng)[0], rng=rng)
    votes.to_csv(tmp_path / "pilot.csv", index=False)
    small = ["--judges", "3,6", "--images", "5", "--studies", "20", "--format", "json"]
    picture = tmp_path / "plan.png"
    given = CliRunner().invoke(main, ["plan", *small, "--advantage", "0.6", "--plot", str(picture)])
    assert given.exit_code == 0, given.output
    data = json.loads(given.stdout)
    assert [(row["judges"], row["images"]) for row in data["grid"]] == [(3, 5), (6, 5)]
    assert picture.read_bytes().startswith(b"\x89PNG")
    piloted = CliRunner().invoke(main, ["plan", str(tmp_path / "pilot.csv"), *small])
    assert piloted.exit_code == 0, piloted.output
    assert json.loads(piloted.stdout)["components"] == "pilot"
    pairs = CliRunner().invoke(
        main,
        ["plan", str(tmp_path / "pilot.csv"), *small, "--protocol", "pairwise", "--pairs-per-judge", "9"],
    )
    assert {row["answers"] for row in json.loads(pairs.stdout)["grid"]} == {9}
    odd = CliRunner().invoke(main, ["plan", *small, "--pairs-per-judge", "9"])
    assert odd.exit_code == 2
    assert "only be set for pairwise, not for top_k" in odd.output
    wrong = CliRunner().invoke(main, ["plan", "--judges", "few"])
    assert wrong.exit_code == 2
    assert "'few' is not a list of numbers" in wrong.output
