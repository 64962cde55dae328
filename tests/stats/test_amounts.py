"""One is one: no text speaks of "1 judges"."""

import io
import re

import pytest
from click.testing import CliRunner

from analysis.amounts import how_many
from analysis.cli import main
from analysis.parts import Parts
from analysis.report.certainty_part import named
from analysis.report.write import write_report
from analysis.resampling.joint import joint_draws, observe
from analysis.rule import read_rule
from analysis.user_study.read import read_answers

ONE = {
    "votes": "judge,image,team,slot,rank\nJune,1,Ada,1,1\nJune,1,Bea,2,2\n",
    "pairs": "judge,image,team_a,team_b,answer\nJune,1,Ada,Bea,a\n",
    "ratings": "judge,image,team,score\nJune,1,Ada,5\n",
}
THINGS = "judges|images|teams|ballots|comparisons|ratings|answers|scores|stimuli|pairs"
MANY = re.compile(rf".*(?<![\w.,-])1 (?:complete )?(?:{THINGS})\b.*")


@pytest.mark.parametrize(
    ("number", "words"),
    [(0, "no test judges"), (1, "1 test judge"), (2, "2 test judges"), (21, "21 test judges")],
)
def test_numbers_of_things_in_words(number, words):
    assert how_many(number, "test judges") == words


@pytest.mark.parametrize(
    ("command", "table", "says"),
    [
        (("rank",), "votes", "1 ballot, 1 judge, 1 image"),
        (("rank",), "pairs", "1 comparison, 1 judge, 1 image"),
        (("rank",), "ratings", "1 rating, 1 judge, 1 image"),
        (("agreement",), "votes", "1 judge, 1 image, 1 ballot"),
        (("agreement",), "pairs", "1 judge, 1 image, 1 answer"),
        (("bootstrap", "--draws", "100"), "votes", "1 judge, 1 image"),
        (("model",), "votes", "of 1 ballot"),
        (("pairs", "--draws", "100"), "pairs", "1 comparison, 1 judge, 1 image"),
        (("ratings", "--draws", "100"), "ratings", "1 score of 1 stimulus by 1 judge, 1 image"),
    ],
)
def test_commands_count_one_of_each(command, table, says, tmp_path):
    path = tmp_path / f"{table}.csv"
    path.write_text(ONE[table], encoding="utf-8")
    told = CliRunner().invoke(main, [command[0], str(path), *command[1:]])
    assert says in told.stderr, told.output
    assert MANY.findall(told.output) == []


@pytest.mark.parametrize(("table", "rule"), [("votes", "user-study"), ("pairs", "bt"), ("ratings", "mos")])
def test_a_report_counts_one_of_each(table, rule, tmp_path):
    given = ONE[table] + ("June,1,Bea,4\n" if table == "ratings" else "")
    answers = read_answers(io.BytesIO(given.encode()))
    drawn = joint_draws(observe(answers, Parts(), read_rule(rule)), draws=100, seed=1)
    text = write_report(drawn, tmp_path).html.read_text(encoding="utf-8")
    assert "1 judge, 1 image, " in text
    assert MANY.findall(re.sub(r"<[^>]*>", " ", text)) == []


@pytest.mark.parametrize(
    ("kind", "name", "said"),
    [
        ("judge", "June", "judge June"),
        ("judge", "judge01", "judge01"),
        ("judge", "judge 1", "judge 1"),
        ("image", "001", "image 001"),
    ],
)
def test_no_judge_is_a_judge_twice(kind, name, said):
    assert named(kind, name) == said
