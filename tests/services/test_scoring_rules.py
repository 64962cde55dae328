"""The key `rules` of study.yaml: what it may say, and what it becomes."""

from pathlib import Path

import pytest

from analysis.rule import plain_rule, read_rule
from studyapp.errors import ProblemsFoundError, StudyError
from studyapp.services.ground.scoring_rules import check_scoring, formula_of, further_metrics, needs_pairs
from studyapp.study.amendments import amended_keys
from studyapp.study.study_file import StudyFile, load_study_file, rules_of
from tests.conftest import STUDY_YAML

OWN = """\
rules:
  s2: {per: image, score: "20*psnr/50 + 30*(1-(niqe-2)/10)"}
  final: {score: "s2 + 100*minmax(u)", awards: [1, 1]}
extra_metrics: [ssim]
"""
RAIM = read_rule("raim-score").final.score


def read(tmp_path: Path, text: str) -> StudyFile:
    (tmp_path / "study.yaml").write_text(STUDY_YAML + text, encoding="utf-8")
    return load_study_file(tmp_path / "study.yaml")


def problems(tmp_path: Path, text: str) -> list[tuple[int | None, str]]:
    with pytest.raises(ProblemsFoundError) as caught:
        read(tmp_path, text)
    return [(problem.line, problem.what) for problem in caught.value.problems]


@pytest.mark.parametrize("text", ["", "rules: raim-2024\n", "extra_metrics: [ssim]\n"])
def test_without_a_formula_of_its_own_a_study_goes_by_raims(tmp_path, text):
    assert formula_of(read(tmp_path, text)).score == RAIM


def test_a_formula_of_ones_own_becomes_s2(tmp_path):
    assert formula_of(read(tmp_path, OWN)).score.text == "20*psnr/50 + 30*(1-(niqe-2)/10)"
    assert formula_of(read(tmp_path, "rules: {s2: reduced}\n")).score.text.endswith("(1-niqe/10)")


def test_the_ledger_holds_the_whole_rule(tmp_path):
    plain = rules_of(read(tmp_path, "protocol: {places: 2, points: [5, 1]}\n" + OWN))["rule"]
    assert plain["points"] == [5, 1]
    assert plain["awards"] == [1, 1]
    assert plain["rules"]["s2"] == {"per": "image", "score": "20*psnr/50 + 30*(1-(niqe-2)/10)"}
    assert set(plain_rule(plain).entries) == {"s2", "escore", "final"}


@pytest.mark.parametrize(
    ("text", "line", "said"),
    [
        (OWN.replace('score: "20', 'scor: "20'), 10, "rule s2: unknown key 'scor'; did you mean 'score'"),
        (OWN.replace("20*psnr", "20*psnr*"), 10, "rule s2, score, character"),
        (OWN.replace("[1, 1]", "[1, -1]"), 9, "none of them negative"),
        (OWN.replace("minmax", "minmix"), 11, "no function 'minmix'; did you mean 'minmax'"),
        ("rules: raim-2023\n", 9, "no rule is called 'raim-2023'"),
        ("rules: [1]\n", 9, "is no formula"),
        ("ranking: {preset: raim-2024}\n", 9, "unknown key 'ranking'"),
        ("protocol: {places: 2, points: [1, 2]}\n", 9, "must decrease"),
    ],
)
def test_what_is_wrong_is_named_at_its_line(tmp_path, text, line, said):
    found = problems(tmp_path, text)
    assert any(said in message for _, message in found), found
    assert found[0][0] == line


def test_an_image_is_scored_by_its_own_metrics(tmp_path):
    with pytest.raises(StudyError, match="can only use its own metrics"):
        formula_of(read(tmp_path, 'rules: {s2: "psnr/top(psnr)"}\n'))


@pytest.mark.parametrize(
    ("wrong", "right"), [("psnr", "pnsr"), ("u)", "uu)")], ids=["a metric", "a score of the study"]
)
def test_a_misspelt_name_is_told_with_what_was_meant(tmp_path, wrong, right):
    (problem,) = check_scoring(read(tmp_path, OWN.replace(wrong, right)))
    assert f"{right.rstrip(')')!r}" in problem.what
    assert "did you mean" in problem.remedy or "built-in metrics" in problem.remedy


def test_which_rules_need_pairs(tmp_path):
    assert not needs_pairs(read(tmp_path, ""))
    assert needs_pairs(read(tmp_path, "rules: raim-2024\n"))
    assert not needs_pairs(read(tmp_path, 'rules: "minmax(u) + 2*escore"\n'))
    perceptual = read(tmp_path, "rules: ntire-2026-sr-perceptual\n")
    assert needs_pairs(perceptual)
    assert further_metrics(perceptual) == ["clipiqa", "maniqa", "musiq"]


def test_the_formula_can_be_amended(tmp_path):
    assert amended_keys(read(tmp_path, ""), read(tmp_path, OWN)) == ["rules", "extra_metrics"]


@pytest.mark.parametrize(
    ("asked", "rule", "what"),
    [
        ("", "mos", "'mos' comes from ratings, and judges here give votes"),
        ("protocol: {kind: pairwise}\n", "user-study", "'u' comes from votes, and judges here give pairs"),
        ("protocol: {kind: acr}\n", "50*minmax(bt)", "'bt' comes from pairs, and judges here give ratings"),
    ],
)
def test_a_score_of_another_table_is_refused_before_anybody_is_asked(tmp_path, asked, rule, what):
    (problem,) = check_scoring(read(tmp_path, f"{asked}rules: {rule!r}\n"))
    assert (problem.what, problem.severity) == (f"rules: {what}", "error")


@pytest.mark.parametrize(
    ("asked", "final"),
    [
        ("", "100*minmax(u)"),
        ("{kind: pairwise}", "bt"),
        ("{kind: slider}", "mos"),
        ("{kind: ranking}", "100*minmax(u)"),
    ],
)
def test_without_rules_a_study_ranks_by_the_score_of_its_table(tmp_path, asked, final):
    file = read(tmp_path, f"protocol: {asked}\n" if asked else "")
    assert file.rule.final.score.text == final
    assert check_scoring(file) == []
    own = read(tmp_path, (f"protocol: {asked}\n" if asked else "") + "rules: {s2: reduced}\n")
    assert own.rule.final.score.text == final


def test_the_places_of_a_ranking_beyond_its_points_earn_nothing(tmp_path):
    assert read(tmp_path, "protocol: {kind: ranking}\n").rule.points == (3, 2, 1, 0)
