"""study.yaml is changed in its own text: what is not changed stays as people wrote it."""

from pathlib import Path

import pytest
import yaml
from hypothesis import example, given
from hypothesis import strategies as st

from analysis.files import file_sha256
from studyapp.errors import ProblemsFoundError, StudyError
from studyapp.study.editing import StaleFileError, edited, editing
from tests.conftest import STUDY_YAML

WRITTEN = """\
# Of the spring.
title: "Spring"            # shown to judges
protocol:
  kind: top_k
  points: [3, 2, 1]        # as in 2024
# reasons:
#   most: 0
rules:                      # docs/rules.md
  # s2: raim-score
  final: {score: user-study, awards: [1, 2, 3]}  # for now

teams:                      # folders of teams/
  - {id: team01, name: First}   # Tom's
  - id: team02
    name: Second
"""


def test_comments_order_and_spelling_stay():
    new = edited(
        WRITTEN,
        {
            ("title",): "Autumn: the return",
            ("protocol", "points"): [5, 3, 1, 0],
            ("rules", "final", "score"): "0.5*s2 + 50*minmax(u)",
            ("rules", "s2"): {"score": "psnr", "per": "image"},
            ("contact",): "Olga",
        },
    )
    assert (
        new
        == WRITTEN.replace('"Spring" ', "'Autumn: the return' ")
        .replace("[3, 2, 1]        #", "[5, 3, 1, 0]        #")
        .replace("score: user-study", "score: 0.5*s2 + 50*minmax(u)")
        .replace("# for now\n", "# for now\n  s2: {score: psnr, per: image}\n")
        + "contact: Olga\n"
    )


def test_keys_and_items_are_removed_with_their_lines():
    new = edited(WRITTEN, {("protocol",): None, ("teams",): [{"id": "team01", "name": "First"}]})
    assert "top_k" not in new
    assert "team02" not in new
    assert "Tom's" in new
    assert "# reasons:" in new


def test_long_lists_become_blocks_and_a_name_becomes_formulas():
    criteria = [{"name": f"Criterion {number}", "text": "What judges look at. " * 3} for number in range(3)]
    new = edited(WRITTEN, {("criteria",): criteria})
    assert new.count("\n  - {name: Criterion") == 3
    assert edited("rules: raim-2025  # for now\nseed: 1\n", {("rules",): {"final": "u"}}) == (
        "rules: {final: u}  # for now\nseed: 1\n"
    )


def test_what_cannot_be_told_apart_is_refused():
    shared = "a: &x {b: 1}\nc: *x\n"
    with pytest.raises(StudyError, match=r"c\.b"):
        edited(shared, {("c", "b"): 2})


def test_line_ends_stay():
    new = edited(WRITTEN.replace("\n", "\r\n"), {("seed",): 4})
    assert new.replace("\r\n", "") == WRITTEN.replace("\n", "") + "seed: 4"


_values = st.recursive(
    st.none()
    | st.booleans()
    | st.integers(-9, 9)
    | st.sampled_from(["", "yes", "a: b", "# c", "1.0", "x", "新"]),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(st.sampled_from(["a", "b", "c d", "no"]), inner, max_size=3)
    ),
    max_leaves=8,
)
_files = st.dictionaries(st.sampled_from(["a", "b", "c", "d"]), _values, min_size=1, max_size=4)


@given(_files, st.sampled_from(["a", "b", "c", "e"]), _values, st.booleans())
@example({"a": None}, "a", {"a": [{"a": "x" * 60}, {"b": "x" * 60}]}, True)
def test_the_text_says_what_was_meant_or_nothing(before, key, value, flow):
    text = yaml.safe_dump(before, default_flow_style=flow, sort_keys=False, allow_unicode=True)
    wanted = {**before, key: value}
    if value is None:
        wanted.pop(key)
    if not wanted:
        return
    assert yaml.safe_load(edited(text, {(key,): value})) == wanted


@pytest.fixture
def study(tmp_path) -> Path:
    (tmp_path / "study.yaml").write_text(STUDY_YAML)
    return tmp_path


def test_the_second_of_two_is_refused_and_a_failure_puts_the_file_back(study):
    path = study / "study.yaml"
    shown = file_sha256(path)
    with editing(study, {("title",): "One"}, shown=shown) as file:
        assert file.title == "One"
    with pytest.raises(StaleFileError), editing(study, {("title",): "Two"}, shown=shown):
        pass
    assert "title: One" in path.read_text()
    before = path.read_bytes()
    with pytest.raises(ZeroDivisionError), editing(study, {("title",): "Three"}):
        raise ZeroDivisionError
    assert path.read_bytes() == before


def test_a_change_that_makes_no_study_is_not_written(study):
    before = (study / "study.yaml").read_bytes()
    with pytest.raises(ProblemsFoundError, match="problem"), editing(study, {("rules",): "0.2*ecsore +"}):
        pass
    assert (study / "study.yaml").read_bytes() == before
