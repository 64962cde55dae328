"""Rules as study.yaml gives them: formulas by name, points, awards, ranks."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from analysis.errors import AnalysisError
from analysis.rule import award_classes, award_names, plain_rule, ranks, read_rule

PARTS = {
    "s2": np.array([80.0, 70.0, 60.0]),
    "u": np.array([9.0, 2.0, 1.0]),
    "escore": np.array([30.0, 2.0, 1.0]),
}


def test_formulas_by_name_use_each_other_whatever_their_order():
    rule = read_rule(
        {
            "final": {"score": "half + s3n", "awards": [1, 1]},
            "half": "0.5*s2",
            "s2": {"per": "image", "score": "2*psnr"},
        },
        points=(5, 1, 0.5),
    )
    images = {"psnr": np.array([[10.0, 20.0], [20.0, 20.0]])}
    outcome = rule.outcome({"u": np.array([4.0, 2.0])}, images=images)
    assert outcome.final.tolist() == [16, 20]
    assert (rule.points, rule.awards, rule.name) == ((5, 1, 0.5), (1, 1), "")
    assert rule.columns() == {"u", "psnr"}
    assert rule.text == "half + s3n; half = 0.5*s2; s2 = 2*psnr; for each image, then the mean"
    assert plain_rule(rule.plain()) == rule


def test_a_column_stands_before_a_formula_of_its_name():
    assert read_rule({"s2": "2*psnr", "final": "s2"}).outcome({"s2": np.array([5.0])}).final.tolist() == [5]


def test_without_a_final_it_is_the_user_study():
    rule = read_rule({"s2": "reduced"})
    assert rule.user_study_alone
    assert rule.entries["s2"].per == "image"
    assert rule.outcome({"u": np.array([1.0, 4.0, 2.0])}).final.round(2).tolist() == [0, 100, 33.33]


def test_a_preset_may_get_other_awards_or_a_base():
    rule = read_rule({"final": {"score": "esr-2025", "base": "Bea", "awards": [1]}})
    assert (rule.final.base, rule.final.better, rule.awards) == ("Bea", "lower", (1,))


@pytest.mark.parametrize("part", ["s2", "u", "escore"])
def test_a_missing_value_never_outranks_a_number_and_says_why(part):
    columns = {name: values.copy() for name, values in PARTS.items()}
    columns[part][0] = np.nan
    outcome = read_rule("raim-2025").outcome(columns, teams=["Ada", "Bea", "Cyd"])
    assert outcome.rank.tolist() == [0, 1, 2]
    assert outcome.reasons == (f"{part} is missing", None, None)


def test_lexicographic_orders_break_ties_and_share_what_they_leave():
    rule = read_rule({"final": {"score": "a", "order": ["a", "b"], "better": "lower"}})
    outcome = rule.outcome({"a": np.array([1.0, 1, 2, 1, 0]), "b": np.array([5.0, 3, 0, 3, 9])})
    assert outcome.rank.tolist() == [4, 2, 5, 2, 1]


def test_draws_get_the_ranks_that_each_row_alone_gets():
    rng = np.random.default_rng(1)
    columns = {"u": rng.integers(0, 5, (50, 4)).astype(float), "s2": np.array([3.0, np.nan, 1.0, 2.0])}
    rule = read_rule({"final": {"score": "0.4*s2 + 6*minmax(u)", "require": "s2 >= 1.5", "order": "score"}})
    together = rule.outcome(columns)
    for row in range(50):
        alone = rule.outcome({"u": columns["u"][row], "s2": columns["s2"]})
        np.testing.assert_array_equal(together.rank[row], alone.rank)
        np.testing.assert_array_equal(together.final[row], alone.final)


def test_ends_are_taken_for_the_lowest_and_the_highest():
    u = {"u": np.array([[1.0, 4.0, 9.0], [2.0, 1.0, 4.0]])}
    final = read_rule("user-study").outcome(u, ends={"u": (0, 1)}).final
    np.testing.assert_allclose(final, [[0, 100, 100], [np.nan] * 3])
    share = read_rule("100*u/top(u)").outcome(u, ends={"u": (0, 1)}).final
    np.testing.assert_allclose(share, [[25, 100, 100], [100, 100, 100]])
    assert [formula.text for formula in read_rule("raim-2025-as-written").compared()] == ["escore + u"]


@pytest.mark.parametrize(
    ("name", "alone", "terms"),
    [
        ("user-study", True, [(100, "minmax(u)")]),
        ("raim-2024", False, [(0.4, "s2"), (60, "minmax(u)")]),
        ("raim-2025", False, [(0.2, "s2"), (0.8, "escore"), (80, "u / top(u)")]),
        ("s3n", True, [(1, "s3n")]),
        ("5 - u", False, [(-1, "u")]),
    ],
)
def test_weights_of_a_sum(name, alone, terms):
    rule = read_rule(name)
    assert rule.user_study_alone is alone
    assert rule.terms is not None
    assert [(round(term.weight, 9), term.text) for term in rule.terms] == terms


@pytest.mark.parametrize(
    ("rules", "message"),
    [
        ("raim-2030", "no rule is called 'raim-2030'; did you mean 'raim-20"),
        ({"final": {"scor": "u"}}, "rule final: unknown key 'scor'; did you mean 'score'"),
        ({"final": {"per": "image"}}, "rule final has no score"),
        ({"final": {"score": "u", "per": "judge"}}, "per is 'judge'; write team or image"),
        ({"final": {"score": "u", "require": "u"}}, "rule final, require, character 1: write a comparison"),
        ({"final": {"score": "u", "require": 5}}, "give a list of formulas"),
        ({"final": {"score": "u", "base": {"a": "x"}}}, "name a team, or give numbers by column"),
        ({"final": {"score": "u", "awards": [1, -2]}}, "none of them negative"),
        ({"final": {"score": "u", "awards": "123"}}, "give whole numbers"),
        ({"a": "b", "b": "2*a"}, "rule 'a' refers to itself: a -> b -> a"),
        ({"a": "final"}, "uses final, which is computed last"),
        ({"u": "2"}, "this name is reserved"),
        ({"S2": "2"}, "lower-case letters"),
        ({"s2": "2*psnr +"}, "rule s2, score, character 9: the formula ends too early"),
    ],
)
def test_wrong_rules_are_refused(rules, message):
    with pytest.raises(AnalysisError, match=message):
        read_rule(rules)


@pytest.mark.parametrize("points", [(), (0, 0), (3, -1), (1, 2), (float("nan"),)])
def test_wrong_points_are_refused(points):
    with pytest.raises(AnalysisError, match="points"):
        read_rule("user-study", points=points)


def test_an_unknown_column_is_named_with_its_place():
    with pytest.raises(
        AnalysisError, match="rule final, score, character 5: nothing is called 'ecsore'; did you"
    ):
        read_rule("0.2*ecsore").outcome({"s2": np.array([1.0])})
    with pytest.raises(AnalysisError, match="base: no team 'Beah'; did you mean 'Bea'"):
        read_rule("esr-2025").with_base("Beah").outcome(
            dict.fromkeys(("time_ms", "flops_g", "params_m"), np.ones(1)), teams=["Bea"]
        )


@pytest.mark.parametrize("raw", [{}, {"name": "a", "rules": 1, "points": [1], "awards": [1]}, {"rules": {}}])
def test_what_is_no_rule_of_an_export_is_refused(raw):
    with pytest.raises(AnalysisError, match="not the rule of an export"):
        plain_rule(raw)


def test_a_tie_inside_a_class_is_no_trouble_and_across_a_border_is_not_broken():
    awards = (1, 2, 3)
    assert award_names(np.array([1, 2, 2, 4, 0]), awards) == ["first", "second", "second", "third", None]
    assert award_names(np.array([1, 1, 3]), awards) == ["tied: first/second", "tied: first/second", "second"]
    assert award_names(np.array([1, 2, 3, 4, 5, 6, 6]), awards)[-1] == "tied: third/none"
    assert award_names(np.array([1, 2]), ()) == [None, None]
    assert award_classes(np.array([[1, 1, 3, 0]]), awards).tolist() == [[0, 0, 1, 3]]


@given(st.lists(st.integers(0, 5), min_size=1, max_size=8), st.randoms(use_true_random=False))
def test_ranks_follow_the_definition_in_any_order(values, random):
    found = ranks(np.array(values, dtype=float))
    assert found.tolist() == [1 + sum(other > value for other in values) for value in values]
    order = list(range(len(values)))
    random.shuffle(order)
    assert ranks(np.array(values, dtype=float)[order]).tolist() == found[order].tolist()


def test_ranks_of_what_is_equal_but_for_rounding_and_of_the_very_large():
    assert ranks(np.array([0.1 + 0.2, 0.3, 1e300, 2e300])).tolist() == [3, 3, 2, 1]
