"""The table `scoring` of study.yaml: what it may say, and what it becomes."""

from pathlib import Path

import pytest

from analysis.paired.score import RAIM
from studyapp.errors import ProblemsFoundError, StudyError
from studyapp.services.ground.scoring_rules import check_scoring, formula_of, needs_s2, rules_with_scoring
from studyapp.study.amendments import amended_keys
from studyapp.study.study_file import StudyFile, load_study_file
from tests.conftest import STUDY_YAML

OWN = """\
scoring:
  name: Sharpness first
  terms:
    - {metric: psnr, weight: 20, scale: 50, direction: higher}
    - {metric: niqe, weight: 30, offset: 2, scale: 10, direction: lower}
  extra: [ssim]
"""


def read(tmp_path: Path, text: str) -> StudyFile:
    (tmp_path / "study.yaml").write_text(STUDY_YAML + text, encoding="utf-8")
    return load_study_file(tmp_path / "study.yaml")


def problems(tmp_path: Path, text: str) -> list[tuple[int | None, str]]:
    with pytest.raises(ProblemsFoundError) as caught:
        read(tmp_path, text)
    return [(problem.line, f"{problem.what}; {problem.remedy}") for problem in caught.value.problems]


@pytest.mark.parametrize("text", ["", "scoring: {formula: raim}\n", "scoring: {extra: [ssim]}\n"])
def test_without_a_table_of_its_own_a_study_goes_by_raims(tmp_path, text):
    assert formula_of(read(tmp_path, text)) == RAIM


def test_a_table_of_ones_own_becomes_the_formula(tmp_path):
    formula = formula_of(read(tmp_path, OWN))
    assert formula.name == "Sharpness first"
    assert formula.text() == "20*psnr/50 + 30*(1-(niqe-2)/10)"


def test_the_ledger_holds_every_term_whatever_the_formula_is_called(tmp_path):
    named = rules_with_scoring(read(tmp_path, ""))["scoring"]
    assert named == RAIM.as_dict()
    own = rules_with_scoring(read(tmp_path, OWN))["scoring"]
    assert [term["weight"] for term in own["terms"]] == [20, 30]


@pytest.mark.parametrize(
    ("text", "line", "said"),
    [
        (OWN.replace("weight: 20", "weigth: 20"), 12, "did you mean 'weight'?"),
        (OWN.replace("weight: 20", "weight: 0"), 12, "must be more than 0.0 (it is 0)"),
        (OWN.replace("scale: 50", "scale: .inf"), 12, "scoring.terms.0.scale"),
        (OWN.replace("lower", "down"), 13, "'higher' or 'lower' (it is 'down')"),
        (OWN.replace("niqe", "psnr"), 9, "terms names psnr twice"),
        (OWN.replace("  name: Sharpness first\n", ""), 9, "give `name` and `terms` together"),
        (OWN + "  formula: raim\n", 9, "and not both"),
        ("scoring: {formula: reduced}\n", 9, "'raim'"),
    ],
)
def test_a_wrong_table_is_named_at_its_line(tmp_path, text, line, said):
    (first, *_) = problems(tmp_path, text)
    assert any(said in message for _, message in problems(tmp_path, text))
    assert first[0] == line


def test_another_table_may_not_take_raims_name(tmp_path):
    with pytest.raises(StudyError, match="the terms are others"):
        formula_of(read(tmp_path, OWN.replace("Sharpness first", RAIM.name)))


def test_a_misspelt_metric_is_named_with_what_was_meant(tmp_path):
    (problem,) = check_scoring(read(tmp_path, OWN.replace("psnr", "pnsr")))
    assert "'pnsr'" in problem.what
    assert problem.remedy == "did you mean 'psnr'?"


def test_which_rules_need_s2(tmp_path):
    assert not needs_s2(read(tmp_path, ""))
    assert needs_s2(read(tmp_path, "ranking: {preset: raim-2024}\n"))
    assert not needs_s2(read(tmp_path, "ranking: {preset: weights, weights: {s3: 1, escore: 2}}\n"))


def test_the_formula_can_be_amended(tmp_path):
    assert amended_keys(read(tmp_path, ""), read(tmp_path, OWN)) == ["scoring"]
