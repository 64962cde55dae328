"""Reports of pairs and ratings: every part, whatever was answered, and names as they were asked for."""

from html import unescape

import numpy as np
import pandas as pd
import pytest

from analysis.errors import AnalysisError
from analysis.pairs import validate_pairs
from analysis.parts import Parts
from analysis.ratings import validate_ratings
from analysis.report.pair_parts import TWO_WORTHS
from analysis.report.write import write_report
from analysis.resampling.joint import joint_draws, observe
from analysis.rule import read_rule
from analysis.user_study.of_pairs import PairStudy
from analysis.user_study.of_ratings import RatingStudy

JUDGES, IMAGES = ("Jude", "June", "Jack"), ("1", "2")
ROUND = (("Ada", "Bea"), ("Bea", "Cid"), ("Ada", "Cid"))


def pairs(answer, judges=JUDGES, shown=ROUND):
    rows = [
        (judge, image, a, b, answer(judge, n))
        for judge in judges
        for image in IMAGES
        for n, (a, b) in enumerate(shown)
    ]
    return validate_pairs(pd.DataFrame(rows, columns=["judge", "image", "team_a", "team_b", "answer"]))


def ratings(score, *, teams=("Ada", "Bea", "Cid"), scale=(1, 5)):
    rows = [
        (judge, image, team, score(judge, n))
        for judge in JUDGES
        for image in IMAGES
        for n, team in enumerate(teams)
    ]
    return validate_ratings(pd.DataFrame(rows, columns=["judge", "image", "team", "score"]), scale=scale)


WITH_CONTROLS = ("anchor", "Ada", "Bea", "reference")
ANSWERS = {
    "unanimous pairs": (pairs(lambda judge, n: "a"), "The effect of the side was not estimated"),
    "nothing but ties": (pairs(lambda judge, n: "tie"), "Of 18 comparisons, 18 prefer neither"),
    "a judge alone": (pairs(lambda judge, n: "aab"[n], judges=("Jude",)), "only one judge"),
    "ratings all the same": (ratings(lambda judge, n: 3), "Agreement cannot be measured"),
    "sliders with reference and anchor": (
        ratings(lambda judge, n: 30 * n + len(judge) * (judge > "Jud"), teams=WITH_CONTROLS, scale=(0, 100)),
        "DMOS (dmos) takes each",
    ),
}


@pytest.mark.parametrize("name", ANSWERS)
def test_a_report_is_whole_whatever_was_answered(name, tmp_path):
    answers, words = ANSWERS[name]
    rule = read_rule("bt" if "score" not in answers.table else "mos")
    drawn = joint_draws(observe(answers, Parts(), rule), draws=100, seed=1)
    written = write_report(
        drawn, tmp_path, anonymous=True, team_names={"Ada": "First light", "Bea": "Bea", "Cid": "Cid"}
    )
    assert written.failures == ()
    text = written.html.read_text(encoding="utf-8")
    assert words in text
    assert "First light" in text
    for judge in JUDGES:
        assert judge not in text
    table = written.latex.read_text(encoding="utf-8")
    assert ("Bradley-Terry" if "score" not in answers.table else "MOS") in table
    ranked = table.partition("\\hline\n")[2].partition("\\end{tabular}")[0]
    assert "reference" not in ranked
    assert "anchor" not in ranked


def test_candidates_that_were_never_compared_are_named_and_not_ranked():
    apart = pairs(lambda judge, n: "a", shown=(("Ada", "Bea"), ("Cid", "Dan")))
    with pytest.raises(
        AnalysisError, match=r"2 groups that were never compared with each other: Ada, Bea; Cid, Dan"
    ):
        observe(apart, Parts(), read_rule("bt"))


def test_two_teams_have_one_difference():
    both = pairs(lambda judge, n: "b" if judge == "Jack" else "a", shown=ROUND[:1])
    study = observe(both, Parts(), read_rule("bt"))
    np.testing.assert_allclose(study.lead, [np.log(2) / 2, -np.log(2) / 2])


def page(answers, folder):
    rule = read_rule("bt" if "score" not in answers.table else "mos")
    drawn = joint_draws(observe(answers, Parts(), rule), draws=100, seed=1)
    return unescape(write_report(drawn, folder).html.read_text(encoding="utf-8"))


def mixed(judge, n):
    return ("a", "b", "tie")[(len(judge) + ord(judge[2]) + n) % 3]


@pytest.mark.usefixtures("blank_plots")
@pytest.mark.parametrize(
    ("shown", "met"),
    [
        (ROUND, None),
        ((*ROUND, ("Bea", "Ada")), "between 6 and 12 times"),
        (ROUND[:2], "between 0 and 6 times"),
    ],
)
def test_win_shares_of_pairs_that_met_unequally_often_come_with_a_note(shown, met, tmp_path):
    given = pairs(mixed, shown=shown)
    text, notes = page(given, tmp_path), PairStudy(given).remarks
    if met is None:
        assert "whom a team met" not in text
        assert notes == ()
    else:
        (note,) = notes
        assert f"two teams met {met}" in note
        assert note in text


@pytest.mark.usefixtures("blank_plots")
def test_the_two_worths_of_a_report_have_two_names(tmp_path):
    text = page(pairs(mixed), tmp_path)
    assert TWO_WORTHS in text
    assert "Log worth" not in text
    ties = page(pairs(lambda judge, n: "tie"), tmp_path)
    assert "Davidson's worth" not in ties
    assert "as in the ranking, with a tie as half a win for each team" in ties


@pytest.mark.usefixtures("blank_plots")
def test_a_team_that_all_rate_the_same_has_a_note_on_its_interval(tmp_path):
    given = ratings(lambda judge, n: 5 if n == 0 else 1 + (n + ord(judge[2])) % 4)
    (note,) = RatingStudy(given).remarks
    assert note.startswith("every rating of Ada is 5, so its interval of MOS has no width")
    assert note in page(given, tmp_path)
    assert RatingStudy(ratings(lambda judge, n: 1 + (n + ord(judge[2])) % 4)).remarks == ()
