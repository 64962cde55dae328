"""What a ranking does not say by itself: awards for all, no teams told apart, why fewer points are ahead."""

import json

import pandas as pd
from click.testing import CliRunner

from analysis.cli import main
from analysis.conclusions import conclusions
from analysis.parts import Parts
from analysis.ranking import join_scores, rank_teams
from analysis.ratings import validate_ratings
from analysis.resampling.joint import joint_draws, observe
from analysis.rule import Rule, read_rule
from analysis.votes import Votes, validate_votes

JUDGES, IMAGES = [f"judge{number}" for number in range(8)], [f"{number:03}" for number in range(10)]


def votes(order, *, unseen=lambda judge, image: ()) -> Votes:
    """Votes where each ballot places its teams in the order that `order` gives."""
    rows = []
    for j, judge in enumerate(JUDGES):
        for i, image in enumerate(IMAGES):
            shown = [team for team in order(j, i) if team not in unseen(j, i)]
            rows += [(judge, image, team, place + 1, place + 1) for place, team in enumerate(shown)]
    table = pd.DataFrame(rows, columns=["judge", "image", "team", "slot", "rank"])
    table["rank"] = table["rank"].where(table["rank"] <= 2).astype("Int64")
    return validate_votes(table)


def told(answers, rule: Rule, scores: pd.DataFrame | None = None, **options) -> tuple[str, ...]:
    study = observe(answers, Parts(scores), rule)
    table = join_scores(study.user.rows(), study.sources.of(study.teams, rule), rule)
    return conclusions(rank_teams(table, rule), joint_draws(study, draws=200, seed=1), **options)


def clear(_judge, _image):
    return "Ada", "Bea", "Cyd", "Dan"


def by_turns(judge, image):
    teams = ["Ada", "Bea", "Cyd", "Dan"]
    turn = (judge + image) % 4
    return teams[turn:] + teams[:turn]


def rule(final: str = "user-study", awards=(1, 1)) -> Rule:
    return read_rule({"final": {"score": final, "awards": list(awards)}}, points=(2, 1))


def test_a_clear_ranking_with_fewer_awards_than_teams_needs_no_word():
    assert told(votes(clear), rule()) == ()


def test_awards_for_every_team_are_said_to_be():
    (line,) = told(votes(clear), rule(awards=(1, 2, 3)))
    assert line == "every team gets an award: there are 6 awards, and 4 teams with a rank"


def test_teams_that_nobody_tells_apart_are_said_to_be():
    (line,) = told(votes(by_turns), rule())
    assert line.startswith(
        "no two teams can be told apart: the simultaneous 95% interval of every difference in S3"
    )
    alone = validate_votes(votes(by_turns).table.query("judge == 'judge0'"))
    assert told(alone, rule()) == ()  # of one judge there are no intervals to say it of


def test_a_lower_s3_ahead_is_explained_by_the_parts_that_outweigh_it():
    scores = pd.DataFrame({"team": ["Ada", "Bea", "Cyd", "Dan"], "s2": [50.0, 90.0, 40.0, 30.0]})
    (line,) = told(votes(clear), rule("2*s2 + u"), scores, names={"Bea": "Team B"})
    assert line == (
        "Team B is ahead of Ada with a lower S3 (10 against 20): in the final s2 gives it 80.00 more".replace(
            "s2 gives", "S2 gives"
        )
    )


def test_a_lower_score_ahead_by_an_order_of_its_own_names_the_rule():
    scores = pd.DataFrame({"team": ["Ada", "Bea", "Cyd", "Dan"], "s2": [50.0, 90.0, 40.0, 30.0]})
    own = read_rule({"final": {"score": "u", "order": ["s2"], "awards": [1]}}, points=(2, 1))
    lines = told(votes(clear), own, scores)
    assert "Bea is ahead of Ada with a lower S3 (10 against 20): the rule decides, u; ranked by s2" in lines


def test_fewer_points_and_a_higher_s3_come_from_ballots_that_lacked_the_team():
    """Bea is best where she is shown; half of the judges never see her and give their points to Ada."""

    def order(judge, _image):
        return ("Bea", "Ada", "Cyd", "Dan") if judge < 3 else ("Ada", "Cyd", "Bea", "Dan")

    answers = votes(order, unseen=lambda judge, _image: ("Bea",) if judge >= 3 else ())
    lines = told(answers, rule())
    assert any(
        line.startswith(
            "Bea is ahead of Ada with fewer points (60 against 130): S3 averages them over the ballots"
        )
        and "(30 against 80)" in line
        for line in lines
    )


def test_bootstrap_says_so_too_and_lists_no_flips_of_teams_that_cannot_be_told_apart(tmp_path):
    for order, apart in ((clear, True), (by_turns, False)):
        votes(order).table.to_csv(tmp_path / "votes.csv", index=False)
        asked = ["bootstrap", str(tmp_path / "votes.csv"), "--draws", "200", "--points", "2,1", "--rule", "u"]
        done = CliRunner().invoke(main, [*asked, "--json"])
        told = json.loads(done.stdout)["conclusions"]
        assert told[0] == "every team gets an award: there are 6 awards, and 4 teams with a rank"
        assert any(line.startswith("no two teams") for line in told) is not apart
        assert all(line in done.stderr for line in told)
        assert "user-study prizes under" not in done.stderr


def test_ratings_speak_of_the_mean_opinion_score():
    rows = [
        (judge, image, team, score)
        for judge in JUDGES
        for image in IMAGES
        for team, score in (("Ada", 5), ("Bea", 3))
    ]
    ratings = validate_ratings(pd.DataFrame(rows, columns=["judge", "image", "team", "score"]), scale=(1, 5))
    scores = pd.DataFrame({"team": ["Ada", "Bea"], "s2": [50.0, 90.0]})
    lines = told(ratings, read_rule({"final": {"score": "mos + s2", "awards": [1]}}), scores)
    assert "Bea is ahead of Ada with a lower MOS (3 against 5): in the final S2 gives it 40.00 more" in lines


def test_many_pairs_of_neighbours_are_counted():
    teams = [f"T{number}" for number in range(8)]
    scores = pd.DataFrame({"team": teams, "s2": [float(number) for number in range(8)]})
    rows = [
        (judge, image, team, 8 - place)
        for judge in JUDGES
        for image in IMAGES
        for place, team in enumerate(teams)
    ]
    ratings = validate_ratings(pd.DataFrame(rows, columns=["judge", "image", "team", "score"]), scale=(1, 8))
    lines = told(ratings, read_rule({"final": {"score": "mos + 9*s2", "awards": [1]}}), scores)
    assert sum("is ahead of" in line for line in lines) == 5
    assert lines[-1] == "the same is true of 2 more pairs of neighbours in the ranking"
