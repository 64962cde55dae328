"""`study-analysis reasons` and the report's section: counts by hand, for answers of each kind."""

import json

import pandas as pd
import pytest
from click.testing import CliRunner

from analysis.cli import main
from analysis.errors import AnalysisError
from analysis.parts import Parts
from analysis.reasons.by_team import attributes, comments, totals
from analysis.reasons.reading import validate_reasons
from analysis.reasons.summary import outcomes, reason_counts
from analysis.report.blocks import Document, Plot, Section, Table, Text
from analysis.report.html import to_html
from analysis.report.pdf import to_pdf
from analysis.report.reasons_part import reasons_section, said_of_team, teams_reasons_section, words_of
from analysis.report.study import make_study
from analysis.resampling.joint import joint_draws, observe
from analysis.rule import read_rule
from analysis.votes import read_votes
from tests.drawn_study import drawn_study

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
    named = make_study(drawn, reasons=reasons, team_names=names)
    (section,) = reasons_section(named)
    text, attributes = section.blocks
    assert text.text.startswith("4 reasons of 2 judges.")
    assert list(attributes.frame.iloc[0]) == [
        "Texture", 3, 2, "2: 1 won, 1 lost", "1: 0 won, 1 lost"
    ]  # fmt: skip
    (section,) = teams_reasons_section(named)
    *_, by_attribute, examples = section.blocks
    assert list(by_attribute.frame.iloc[0]) == ["Anna", "(+1 \u22120)", "\u2013"]
    assert examples.frame.to_numpy().tolist() == [["Anna", "praise", "Texture", "Fine.", "001", "j1"]]


SAID = pd.DataFrame(
    [
        # judge, image, team, attribute, direction, text
        ("j1", "1", "a", "Noise", "worse", "Grain."),
        ("j2", "1", "a", "Noise", "worse", ""),
        ("j2", "2", "a", "Noise", "better", "Clean."),
        ("j1", "2", "a", "Color", "worse", "Grain."),
        ("j3", "2", "a", "Noise", "worse", "Coarse."),
        ("j3", "1", "a", "Sharpness", "worse", "Soft."),
        ("j1", "1", "b", "Color", "better", ""),
    ],
    columns=["judge", "image", "team", "attribute", "direction", "text"],
).assign(kind="main", trial="t")


def test_what_is_said_of_a_team_is_counted_with_how_many_say_it_of_how_many_images():
    for order in (SAID, SAID.sample(frac=1, random_state=3)):
        reasons = validate_reasons(order)
        noise = {"attribute": "Noise", "better": 1, "worse": 3, "judges": 3, "images": 2, "comments": 3}
        found = attributes(reasons, "a").to_dict("records")
        assert found[0] == noise
        assert [row["attribute"] for row in found] == ["Noise", "Color", "Sharpness"]
        assert totals(reasons).to_numpy().tolist() == [["a", 1, 5, 3, 2, 5], ["b", 1, 0, 1, 1, 0]]


def test_examples_are_chosen_by_attribute_and_never_twice_the_same_words():
    for order in (SAID, SAID.sample(frac=1, random_state=3)):
        found = comments(validate_reasons(order), "a")
        assert found["text"].tolist() == ["Clean.", "Grain.", "Soft.", "Coarse."]
        assert found["judge"].tolist() == ["j2", "j1", "j3", "j3"]
        assert comments(validate_reasons(order), "b").empty


HOSTILE = (
    "'=HYPERLINK(1)",
    "<script>alert(1)</script>",
    "a\u202eb\x1b[2J",
    "\u05e9\u05dc\u05d5\u05dd PSNR 3 \u05e2\u05d5\u05dc\u05dd",
)


def test_comments_are_printed_as_written_without_effect_and_without_names_in_an_anonymous_report():
    teams = "abcd"
    shown = [
        (judge, "1", team, n, n if n < 4 else None)
        for judge in ("Olga", "June")
        for n, team in enumerate(teams, start=1)
    ]
    answers = pd.DataFrame(shown, columns=["judge", "image", "team", "slot", "rank"])
    answers = answers.assign(trial=answers["judge"])
    who = ("Olga", "June", "Zoe", "Olga")
    how = ("better", "worse", "worse", "worse")
    said = [
        (judge, "1", team, "Noise", direction, text)
        for judge, team, direction, text in zip(who, teams, how, HOSTILE, strict=True)
    ]
    reasons = validate_reasons(pd.DataFrame(said, columns=list(SAID)[:6]).assign(kind="main", trial="Olga"))
    study = make_study(drawn_study(answers), reasons=reasons, anonymous=True)
    blocks = tuple(
        block
        for section in teams_reasons_section(study)
        for block in section.blocks
        if not isinstance(block, Plot)
    )
    told = Document("t", "s", (), (Section("Teams", blocks),), names=tuple(words_of(study)))
    page = to_html(told)
    for word in ("Olga", "June", "Zoe", "<script>alert", "\u202e", "\x1b"):
        assert word not in page
    assert "=HYPERLINK(1)" in page
    assert "&lt;script&gt;alert(1)" in page
    assert "a\\u202eb\\x1b[2J" in page
    assert f"<bdi>{HOSTILE[3]}</bdi>" in page  # whole: its parts would change places
    assert to_pdf(told).startswith(b"%PDF-")


def test_what_is_said_of_a_team_is_counted_with_judges_and_images():
    sentence, plot, table = said_of_team(validate_reasons(SAID), "a", "your images")
    assert isinstance(sentence, Text)
    assert isinstance(plot, Plot)
    assert isinstance(table, Table)
    assert "6 reasons of 3 judges on 2 images are about your images: 1 say better than" in sentence.text
    assert "Most praised: Noise (" in sentence.text
    assert table.frame["Judges"].max() <= 3
