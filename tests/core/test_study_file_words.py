"""What is wrong in study.yaml is said in words: line, key, value, remedy; never as a library says it."""

import pytest

from studyapp.core.study_file import load_study_file
from studyapp.errors import ProblemsFoundError

GOOD = "title: A\nteams:\n  - {id: a, name: A}\n  - {id: b, name: B}\n  - {id: c, name: C}\n"


@pytest.mark.parametrize(
    ("text", "said"),
    [
        (
            GOOD.replace("id: a,", "id: a b,"),
            "study.yaml:3: teams.0.id: must be 1 to 64 of A-Z a-z 0-9 . _ -",
        ),
        (GOOD.replace("title: A", "title: 2026"), "study.yaml:1: title: must be text (in quotes"),
        (GOOD.replace("title: A", 'title: ""'), "title: there is nothing to see in it"),
        (GOOD + "seed: -1\n", "seed: must be 0 or more (it is -1)"),
        (GOOD + "seed: many\n", "seed: must be a whole number (it is 'many')"),
        (GOOD + "simulated: perhaps\n", "simulated: must be true or false"),
        (GOOD + "ranking: {preset: raim}\n", "ranking.preset: must be 'user-study', 'raim-2024'"),
        (GOOD + "protocol: 3\n", "protocol: must have keys of its own"),
        (GOOD + "practice: [a]\n", "practice: must be text"),
        ("title: A\nteams: []\n", "teams: must have at least 2 entries"),
        ("title: A\nteams: none\n", "teams: must be a list"),
        ("- a\n", "the file: must have keys of its own"),
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
