"""`study-analysis reasons` and the report's section: counts by hand, for answers of each kind."""

import json

import pandas as pd
import pytest
from click.testing import CliRunner

from analysis.cli import main
from analysis.errors import AnalysisError
from analysis.parts import Parts
from analysis.reasons.reading import validate_reasons
from analysis.reasons.summary import outcomes, reason_counts
from analysis.report.reasons_part import reasons_section
from analysis.report.study import make_study
from analysis.resampling.joint import joint_draws, observe
from analysis.rule import read_rule
from analysis.votes import read_votes

HEAD = "judge,image,kind,trial,slot,team,answer,region,attribute,direction,severity,x,y,width,height,text\n"
REASONS = HEAD + (
    "j1,001,main,t1,1,a,1,Hair,Texture,better,,,,,,Fine.\n"
    "j1,001,main,t1,4,d,,Hair,Texture,worse,3,,,,,\n"
    "j1,001,main,t1,2,b,2,,Noise,worse,,1,2,3,4,\n"
    "j2,001,main,t2,3,c,,Global,Texture,better,,,,,,\n"
    "j2,001,repeat,t3,1,a,1,Global,Texture,better,,,,,,\n"
)
VOTES = "judge,image,team,slot,rank,kind,trial\n" + "".join(
    f"{judge},{image},{team},{slot},{rank},{kind},{trial}\n"
    for judge, image, trial, kind, ranks in (
        ("j1", "001", "t1", "main", "12--"),
        ("j2", "001", "t2", "main", "21--"),
        ("j2", "001", "t3", "repeat", "1-2-"),
        ("j1", "002", "t4", "main", "12--"),
        ("j2", "002", "t5", "main", "1-2-"),
    )
    for slot, (team, rank) in enumerate(zip("abcd", ranks.replace("-", " "), strict=True), start=1)
).replace(", ,", ",,")


@pytest.fixture
def export(tmp_path):
    (tmp_path / "reasons.csv").write_text(REASONS)
    (tmp_path / "votes.csv").write_text(VOTES)
    return tmp_path


def run(*arguments):
    return CliRunner().invoke(main, ["reasons", *map(str, arguments)])


def test_attributes_are_counted_with_how_the_candidates_came_off(export):
    told = run(export, "--format", "json")
    texture, noise = json.loads(told.stdout)
    assert texture == {
        "attribute": "Texture", "reasons": 3, "judges": 2, "better": 2, "worse": 1, "better_won": 1,
        "better_lost": 1, "worse_won": 0, "worse_lost": 1,
    }  # fmt: skip
    assert (noise["attribute"], noise["reasons"], noise["worse_won"]) == ("Noise", 1, 1)
    assert "4 reasons of 2 judges, on main trials" in told.stderr
    regions = json.loads(run(export, "--by", "region", "--format", "json").stdout)
    assert {row["region"]: row["reasons"] for row in regions} == {"Hair": 2, "(drawn)": 1, "Global": 1}
    teams = json.loads(run(export, "--by", "team", "--format", "json").stdout)
    assert [(row["team"], row["attribute"], row["better"], row["worse"]) for row in teams] == [
        ("a", "Texture", 1, 0), ("b", "Noise", 0, 1), ("c", "Texture", 1, 0), ("d", "Texture", 0, 1)
    ]  # fmt: skip


def came_off(table: str, rows: list[dict]) -> dict[tuple[str, str], int]:
    return outcomes(pd.DataFrame(rows).assign(kind="main"), table).to_dict()


def test_of_a_pair_one_wins_or_neither():
    pair = {"judge": "j", "image": "1", "team_a": "a", "team_b": "b"}
    rows = [{**pair, "trial": said, "answer": said} for said in ("a", "b", "tie", "bad")]
    assert came_off("pairs", rows) == {
        ("a", "a"): 1, ("a", "b"): -1, ("b", "a"): -1, ("b", "b"): 1,
        ("tie", "a"): 0, ("tie", "b"): 0, ("bad", "a"): 0, ("bad", "b"): 0,
    }  # fmt: skip


def test_ratings_are_held_against_all_that_the_judge_gave_on_the_image():
    rows = [
        {"judge": "j", "image": image, "trial": f"{image}{team}", "team": team, "score": score}
        for image, team, score in (("1", "a", 5), ("1", "b", 3), ("1", "c", 4), ("2", "a", 1))
    ]
    assert came_off("ratings", rows) == {("1a", "a"): 1, ("1b", "b"): -1, ("1c", "c"): 0, ("2a", "a"): 0}


def test_reasons_without_an_answer_that_counts_are_counted_and_neither_won_nor_lost(export):
    reasons = validate_reasons(pd.read_csv(export / "reasons.csv", dtype=str))
    votes = pd.read_csv(export / "votes.csv", dtype={"image": str}).query("trial != 't2'")
    texture = reason_counts(reasons, outcomes(votes, "votes")).iloc[0]
    assert list(texture[["reasons", "better", "better_won", "better_lost"]]) == [3, 2, 1, 0]


@pytest.mark.parametrize(
    ("old", "new", "words"),
    [
        ("better", "different", "column direction: unknown 'different'; use better, worse"),
        ("main", "real", "column kind: unknown 'real'; use main"),
        ("attribute", "property", "attribute"),
        (",Noise,", ",,", "column attribute"),
    ],
)
def test_what_no_export_holds_is_refused(export, old, new, words):
    (export / "reasons.csv").write_text(REASONS.replace(old, new))
    answer = run(export)
    assert answer.exit_code == 2
    assert words in answer.output
    (export / "reasons.csv").unlink()
    assert "reasons.csv" in run(export).output


def test_answers_without_trials_cannot_be_joined():
    with pytest.raises(AnalysisError, match="no column 'trial'"):
        outcomes(pd.DataFrame({"judge": ["j"]}), "votes")


def test_the_report_says_why_where_there_are_reasons(export):
    study = observe(read_votes(export / "votes.csv"), Parts(), read_rule("user-study", points=(3, 2)))
    drawn = joint_draws(study, draws=100, seed=1)
    assert reasons_section(make_study(drawn)) == []
    reasons = validate_reasons(pd.read_csv(export / "reasons.csv", dtype=str))
    names = {"a": "Anna", "b": "Bert", "c": "Carl", "d": "Dora"}
    (section,) = reasons_section(make_study(drawn, reasons=reasons, team_names=names))
    text, attributes, teams = section.blocks
    assert text.text.startswith("4 reasons of 2 judges.")
    assert list(attributes.frame.iloc[0]) == [
        "Texture", 3, 2, "2: 1 won, 1 lost", "1: 0 won, 1 lost"
    ]  # fmt: skip
    assert list(teams.frame.iloc[0]) == ["Anna", "(+1 \u22120)", "(+1 \u22120)", "\u2013"]
