"""judges.csv: every problem named with its line."""

import pytest

from studyapp.core.judges_file import JudgeLine, read_judges

TEAMS = ["team01", "team02", "team03", "team04"]


def read(tmp_path, text: str, encoding: str = "utf-8"):
    path = tmp_path / "judges.csv"
    path.write_bytes(text.encode(encoding))
    return read_judges(path, TEAMS, 3)


def test_a_good_file(tmp_path):
    text = "name,email,conflicts\nJude,jude@example.org,\nJune Ó,june@example.org, team02 \n"
    judges, problems = read(tmp_path, text, "utf-8-sig")
    assert problems == []
    assert judges == [
        JudgeLine("Jude", "jude@example.org"),
        JudgeLine("June Ó", "june@example.org", ("team02",)),
    ]


def test_conflicts_may_be_left_out(tmp_path):
    assert read(tmp_path, "name,email\nJude,jude@example.org\n")[1] == []


@pytest.mark.parametrize(
    ("text", "line", "words"),
    [
        ("email\nx@y\n", 1, "column 'name' is missing"),
        ("name,email,conflcts\n", 1, "unknown column 'conflcts'"),
        ("name,email\nJude,jude\n", 2, "'jude' is not an e-mail address"),
        ("name,email\n,jude@example.org\n", 2, "name is empty"),
        ("name,email\nA,a@b.c\nB,A@B.C\n", 3, "is already on line 2"),
        ("name,email,conflicts\nA,a@b.c,team9\n", 2, "no team 'team9'"),
        ("name,email,conflicts\nA,a@b.c,team01;team02\n", 2, "leave 2 candidates; a trial needs 3"),
        ("name,email\nA,a@b.c,x,y\n", 2, "4 values for 2 columns"),
    ],
)
def test_problems(tmp_path, text, line, words):
    _, problems = read(tmp_path, text)
    assert [problem.line for problem in problems] == [line]
    assert words in problems[0].what


def test_every_problem_at_once(tmp_path):
    _, problems = read(tmp_path, "name,email\n,x\n,y\n")
    assert len(problems) == 4


def test_wrong_encoding(tmp_path):
    _, problems = read(tmp_path, "name,email\nJosé,jose@example.org\n", "latin-1")
    assert [problem.severity for problem in problems] == ["warning"]
    assert "is not UTF-8, so it was read as Windows-1252" in problems[0].what
