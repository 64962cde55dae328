"""Rules as files give them to the command line."""

import pytest

from analysis.errors import AnalysisError
from analysis.rule_files import chosen_rule


@pytest.mark.parametrize(("given", "points"), [("[5, 1, 0.5]", (5, 1, 0.5)), ("[2]", (2,)), ("3", (3,))])
def test_the_points_of_a_study_file_are_taken(tmp_path, given, points):
    path = tmp_path / "study.yaml"
    path.write_text(f"rules: user-study\nprotocol: {{points: {given}}}\n")
    assert chosen_rule(str(path)).points == points


@pytest.mark.parametrize("given", ["many", "{a: 1}", "[[1]]", "null", "true", "[3, 5]", "-1"])
def test_points_that_cannot_be_are_refused_in_words(tmp_path, given):
    path = tmp_path / "study.yaml"
    path.write_text(f"protocol: {{points: {given}}}\n")
    with pytest.raises(AnalysisError, match="points"):
        chosen_rule(str(path))
