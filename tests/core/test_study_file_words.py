"""What is wrong in study.yaml is said in words: line, key, value, remedy; never as a library says it."""

import pytest

from analysis.image_names import is_junk
from studyapp.errors import ProblemsFoundError
from studyapp.study.study_file import load_study_file

GOOD = "title: A\nteams:\n  - {id: a, name: A}\n  - {id: b, name: B}\n  - {id: c, name: C}\n"


@pytest.mark.parametrize(
    ("text", "said"),
    [
        (
            GOOD.replace("id: a,", "id: a b,"),
            "study.yaml:3: teams.0.id: must be 1 to 64 of A-Z a-z 0-9 . _ -",
        ),
        (GOOD.replace("title: A", "title: 2026"), "study.yaml:1: title: must be text (in quotes"),
        (GOOD.replace("title: A", 'title: ""'), "title: nothing in it can be seen"),
        (GOOD + "seed: -1\n", "seed: must be 0 or more (it is -1)"),
        (GOOD + "seed: many\n", "seed: must be a whole number (it is 'many')"),
        (GOOD + "simulated: perhaps\n", "simulated: must be true or false"),
        (GOOD + "rules: raim-205\n", "rules: no rule is called 'raim-205'; did you mean 'raim-20"),
        (GOOD + "ranking: {preset: raim-2024}\n", "unknown key 'ranking'"),
        (GOOD + "protocol: 3\n", "protocol: must have keys of its own"),
        (GOOD + "practice: [a]\n", "practice: must be text"),
        ("title: A\nteams: none\n", "teams: must be a list"),
        ("- a\n", "the file: must have keys of its own"),
        (
            GOOD + "reasons: {required: 2, most: 1}\n",
            "reasons: required is 2, but an answer may have at most 1",
        ),
        (GOOD + "reasons:\n  regions: [Face, face]\n", "regions lists 'face' twice; remove one"),
        (GOOD + "reasons:\n  regions: []\n", "reasons.regions: must have at least 1 entry"),
        (GOOD + "reasons:\n  attributes: ['a: b']\n", "attributes.0: it has a colon, which ends the words"),
        (
            GOOD + 'reasons:\n  attributes: ["a\\tb"]\n',
            "there is a control character, U+0009, at character 2",
        ),
        (GOOD + "reasons: {regoins: [Face]}\n", "unknown key 'reasons.regoins'"),
        (GOOD + "tags: [Noise]\n", "unknown key 'tags'"),
        (
            GOOD + "stated:\n  place: own\n  acuity_tets: no\n",
            "study.yaml:8: stated.acuity_tets: stated: unknown key 'acuity_tets'; did you mean 'acuity_",
        ),
        (GOOD + "stated: {place: home}\n", "stated.place is 'home'; write controlled or own or public"),
    ],
)
def test_a_wrong_value_is_told_in_words(tmp_path, text, said):
    (tmp_path / "study.yaml").write_text(text)
    with pytest.raises(ProblemsFoundError) as found:
        load_study_file(tmp_path / "study.yaml")
    told = str(found.value)
    assert said in told
    for raw in ("Input should", "Value error", "pattern", "^[", "valid dictionary", "StudyFile"):
        assert raw not in told


@pytest.mark.parametrize(
    ("text", "line", "said"),
    [
        ("title: a: b\n", 1, "a colon where none is allowed"),
        ("title: A\nteams:\n\t- x\n", 3, "a tab; indent with spaces"),
        ("title: 'abc\nteams: []\n", 3, "a quotation mark that is never closed"),
        ("title: A\nabc\nteams: []\n", 3, "a key without its colon"),
        ("teams: [a, b\ntitle: x\n", 2, "a bracket that is never closed"),
        (" title: A\nteams: []\n", 2, "indented differently"),
        ("title: @home\n", 1, "a character that is not allowed here (put the text in quotes)"),
        ("title: *home\n", 1, "a * that refers to nothing"),
    ],
)
def test_broken_yaml_is_told_in_words_with_its_line(tmp_path, text, line, said):
    (tmp_path / "study.yaml").write_text(text)
    with pytest.raises(ProblemsFoundError) as found:
        load_study_file(tmp_path / "study.yaml")
    (problem,) = found.value.problems
    assert problem.line == line
    assert said in problem.what
    assert problem.remedy == "fix the YAML syntax on this line"


@pytest.mark.parametrize(
    ("name", "junk"),
    [
        ("001.png:Zone.Identifier", True),
        ("readme.txt:Zone.Identifier", True),
        ("001.png", False),
        ("a: b", False),
        ("v1.2: best", False),
        ("Thumbs.db", True),
    ],
)
def test_a_colon_alone_makes_no_leftover(name, junk):
    assert is_junk(name) is junk
