"""studyapp analyse as a script uses it."""

import csv
import io
import json
import subprocess
import sys
from pathlib import Path

import pytest
from click.testing import CliRunner

from analysis.cli import main

PUBLISHED = Path(__file__).parent / "published"
VOTES = (
    "judge,image,team,slot,rank\n"
    "June,001,Ada,1,2\nJune,001,Bea,2,1\nJune,001,Cyd,3,3\nJune,001,Dot,4,\n"
    "Jude,001,Ada,4,1\nJude,001,Bea,3,2\nJude,001,Cyd,2,3\nJude,001,Dot,1,\n"
)


def call(*arguments: str | Path, text: str | None = None):
    return CliRunner().invoke(main, [str(argument) for argument in arguments], input=text)


def test_points_of_votes_on_stdin():
    result = call("points", "-", text=VOTES)
    assert result.exit_code == 0
    assert (
        result.stdout
        == "team,points,s3,s3n\nAda,5.0,2.5,1.0\nBea,5.0,2.5,1.0\nCyd,2.0,1.0,0.4\nDot,0.0,0.0,0.0\n"
    )
    assert result.stderr == ""


def test_other_points():
    rows = json.loads(call("points", "-", "--points", "1,0.5,0.25", "--format", "json", text=VOTES).stdout)
    assert rows[0] == {"team": "Ada", "points": 1.5, "s3": 0.75, "s3n": 1.0}


@pytest.mark.parametrize(
    ("form", "line"),
    [
        ("markdown", "| MiAlgo | 79.13 | 57.00 |"),
        ("latex", "IIP\\_IR & 80.03 & 14.00 &"),
        ("csv", "MiAlgo,79.13,57.0,"),
    ],
)
def test_rank_in_each_format(form, line):
    result = call("rank", PUBLISHED / "raim-2024.csv", "--rule", "raim-2024", "--format", form)
    assert result.exit_code == 0
    assert line in result.stdout


def test_json_knows_no_nan():
    result = call("rank", "-", "--format", "json", text="team,s3\nAda,3\nBea,1\nCyd,\n")
    rows = json.loads(result.stdout)
    assert rows[2] == {"team": "Cyd", "s3": None, "final": None, "rank": None, "award": None}
    assert "no rank for Cyd: u is missing" in result.stderr


def test_rank_by_a_formula():
    result = call("rank", "-", "--rule", "s2", text="team,s2\nAda,3\nBea,8\n")
    assert [row["team"] for row in csv.DictReader(io.StringIO(result.stdout))] == ["Bea", "Ada"]


def test_audit_exits_1_where_something_is_wrong():
    result = call("audit", PUBLISHED / "raim-2025-track2.csv", "--images", "50", "--format", "json")
    assert result.exit_code == 1
    findings = {finding["check"]: finding for finding in json.loads(result.stdout)}
    assert findings["sum of escore"]["verdict"] == "wrong"
    assert "2 of 6 checks found" in result.stderr


def test_audit_exits_0_on_a_right_table():
    result = call(
        "audit", "-", "--images", "1", text="team,s3,final,rank\nAda,3,100,1\nBea,2,50,2\nCyd,1,0,3\n"
    )
    assert result.exit_code == 0, result.stdout


def test_audit_of_scores_against_their_votes(tmp_path):
    votes = tmp_path / "votes.csv"
    votes.write_text(VOTES, encoding="utf-8")
    right = "team,s3\nAda,2.5\nBea,2.5\nCyd,1\nDot,0\n"
    assert call("audit", "-", "--votes", votes, text=right).exit_code == 0
    result = call("audit", "-", "--votes", votes, text=right.replace("Cyd,1", "Cyd,2"))
    assert result.exit_code == 1
    assert "Cyd (printed 2, votes 1.00)" in result.stdout


def test_simulated_votes_stay_marked_through_the_tables():
    lines = VOTES.splitlines()
    marked = "\n".join([lines[0] + ",simulated", *(line + ",true" for line in lines[1:])])
    points = call("points", "-", text=marked).stdout
    assert points.splitlines()[0] == "team,points,s3,s3n,simulated"
    scores = "\n".join(",".join(line.split(",")[i] for i in (0, 2, 4)) for line in points.splitlines())
    ranked = call("rank", "-", text=scores).stdout
    assert ranked.splitlines()[0] == "team,s3,simulated,final,rank,award"
    assert ranked.splitlines()[1].startswith("Ada,2.5,True,100.0,1,")


def test_efficiency():
    result = call("efficiency", "-", text="team,params_m,flops_g,time_ms\nAda,1,1,1\nBea,2,2,\n")
    assert result.stdout.splitlines()[1] == "Ada,1.0,1.0,1.0,10.0,10.0,10.0,30.0"
    assert "no EScore for Bea" in result.stderr


def test_unequal_measures_look_unequal_and_counts_are_whole():
    head = "team,params_m,flops_g,time_ms,images,passes"
    rows = "Ada,0.000443,0.00001,1,3,2\nBea,0.000444,0.00002,2,3,2\nCyd,,,,,\n"
    lines = call("efficiency", "-", "--format", "markdown", text=f"{head}\n{rows}").stdout.splitlines()
    assert lines[2].startswith("| Ada | 0.000443 | 0.00001 | 1.000 | 3 | 2 |")
    assert lines[3].startswith("| Bea | 0.000444 | 0.00002 | 2.000 | 3 | 2 |")
    assert lines[4].startswith("| Cyd |  |  |  |  |  |")


def test_output_goes_to_a_file(tmp_path):
    target = tmp_path / "points.csv"
    result = call("points", "-", "--output", target, text=VOTES)
    assert result.stdout == ""
    assert target.read_text(encoding="utf-8").startswith("team,points")


@pytest.mark.parametrize(
    ("arguments", "text", "message"),
    [
        (("points", "-"), "judge,image\n", "column 'team' is missing"),
        (("points", "-", "--points", "3,two"), VOTES, "points '3,two'"),
        (("rank", "-", "--awards", "1,x"), "team,s3\nAda,1\n", "awards '1,x': give counts"),
        (("rank", "-", "--rule", "gone.json"), "team,s3\nAda,1\n", "--rule gone.json: No such file"),
        (("rank", "-", "--awards", "one"), "team,s3\nAda,1\n", "give counts"),
        (
            ("rank", "-", "--rule", "raim-205"),
            "team,s3\nAda,1\n",
            "no rule is called 'raim-205'; did you mean",
        ),
        (("points", "-", "--output", "/nowhere/at/all"), VOTES, "no such file or folder"),
    ],
)
def test_refused_input_is_one_line_and_exit_status_2(arguments, text, message):
    result = call(*arguments, text=text)
    assert result.exit_code == 2
    assert message in result.stderr
    assert len(result.stderr.splitlines()) == 1
    assert result.stdout == ""


def test_a_formula_that_cannot_be_read_is_shown_below_the_line():
    result = call("rank", "-", "--rule", "s2 +", text="team,s3\nAda,1\n")
    line, *excerpt = result.stderr.splitlines()
    assert (result.exit_code, excerpt) == (2, ["    s2 +", "        ^"])
    assert "rule final, score, character 5: " in line


def test_warnings_go_to_stderr():
    votes = VOTES + "Jvne,001,Ada,1,1\n" + "Velander,001,Ada,1,1\nVerlander,001,Ada,1,1\n"
    result = call("points", "-", text=votes)
    assert result.exit_code == 0
    assert "warning: judges 'Velander' and 'Verlander' look alike" in result.stderr


def test_help_names_every_command():
    result = call("--help")
    assert all(name in result.stdout for name in main.entries)


def test_help_imports_no_numerics():
    code = "import sys; from analysis.cli import main; main(['--help'], standalone_mode=False); "
    code += "sys.exit('numpy' in sys.modules or 'pandas' in sys.modules)"
    assert (
        subprocess.run([sys.executable, "-c", code], stdout=subprocess.DEVNULL, check=False).returncode == 0
    )


def test_what_one_command_writes_another_reads():
    points = call("points", "-", text=VOTES)
    ranked = call("rank", "-", text=points.stdout)
    assert ranked.exit_code == 0
    again = call("rank", "-", text=ranked.stdout)
    assert again.exit_code == 0
    finals = [
        [row["final"] for row in csv.DictReader(io.StringIO(text))] for text in (ranked.stdout, again.stdout)
    ]
    assert finals[0] == finals[1]
    assert call("audit", "-", text=ranked.stdout).exit_code == 0


def test_scores_that_differ_are_not_printed_alike():
    text = "team,s2,s3\nAda,70.001,57\nBea,70.002,57\nCyd,70.5,1\n"
    printed = call("rank", "-", "--rule", "raim-2024", "--format", "markdown", text=text).stdout
    assert "| Bea | 70.002 |" in printed
    assert "| Ada | 70.001 |" in printed
