"""Formulas: what can be read, what is refused and where, and that nothing else ever happens."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from analysis.errors import AnalysisError, FormulaError
from analysis.rule import read_rule
from analysis.rule.evaluation import Scope, evaluate, passes, why_undefined
from analysis.rule.language import FUNCTIONS, parse, parse_gate

COLUMNS = {"a": np.array([1.0, 4.0, 2.0]), "b": np.array([2.0, 0.0, np.nan])}


def value(text: str, **columns) -> list:
    return evaluate(parse(text), Scope({**COLUMNS, **columns}, base=1)).round(6).tolist()


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("a", [1, 4, 2]),
        ("2", [2, 2, 2]),
        ("-a + 2*a**2/4 - 1", [-1.5, 3, -1]),
        ("-2**2", [-4, -4, -4]),
        ("2**3**0", [2, 2, 2]),
        ("min(a, 2)", [1, 2, 2]),
        ("max(a, 2, 3)", [3, 4, 3]),
        ("mean_of(a, 2*a)", [1.5, 6, 3]),
        ("exp(a - a)", [1, 1, 1]),
        ("log(exp(a))", [1, 4, 2]),
        ("sqrt(a*a) + abs(-a)", [2, 8, 4]),
        ("clip(a, 1.5, 3)", [1.5, 3, 2]),
        ("where(a >= 2, 10, a)", [1, 10, 10]),
        ("top(a) - low(a)", [3, 3, 3]),
        ("mean(a)", [7 / 3] * 3),
        ("minmax(a)", [0, 1, 1 / 3]),
        ("rank(a, higher)", [3, 1, 2]),
        ("rank(a, lower)", [1, 3, 2]),
        ("points(a, lower, 10)", [10, 0, 5]),
        ("a/base(a)", [0.25, 1, 0.5]),
        ("'a' * 1", [1, 4, 2]),
    ],
)
def test_values(text, expected):
    assert value(text) == pytest.approx(expected)


@pytest.mark.parametrize(
    ("text", "expected", "why"),
    [
        ("a + b", [3, 4, None], "b is missing"),
        ("a / b", [0.5, None, None], "division by zero in a / b"),
        ("log(b)", [0.693147, None, None], r"log\(b\) is undefined for such a small number"),
        ("exp(1000*a)", [None] * 3, r"exp\(1000 \* a\) is too large"),
        ("b**0", [1, 1, None], "b is missing"),
        ("top(b) + a", [3, 6, 4], None),
        ("min(a, b)", [1, 0, None], "b is missing"),
        ("where(b > 1, 1, 2)", [1, 2, None], "b is missing"),
        ("where(a > 3, a/0, a)", [1, None, 2], "division by zero in a / 0"),
        ("points(b, lower, 6)", [0, 6, None], "b is missing"),
        ("minmax(a - a)", [None] * 3, r"all teams have the same a - a \(0\)"),
        ("minmax(b / b)", [None] * 3, "only one team has a value"),
    ],
)
def test_what_has_no_value_has_a_reason_and_is_never_infinite(text, expected, why):
    found = value(text)
    assert [None if number != number else number for number in found] == pytest.approx(expected)
    undefined = [team for team, number in enumerate(expected) if number is None]
    found = [why_undefined(parse(text), Scope(COLUMNS), team) for team in range(3)]
    reasons = [undefined and undefined.reason for undefined in found]
    assert [team for team, reason in enumerate(reasons) if reason] == undefined
    if why is not None:
        with pytest.raises(AssertionError, match=why):
            raise AssertionError(" | ".join(reason for reason in reasons if reason))


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("", "is empty"),
        ("a +", "character 4: the formula ends too early"),
        ("a b", "character 3: there is no operator before 'b'; write"),
        ("a.b", "character 1: this is not part of the language"),
        ("a[0]", "character 1: this is not part"),
        ("2*__import__('os')", "character 3: no function '__import__'"),
        ("exp(a)(b)", "character 1: this is not a function"),
        ("lambda: 1", "this is not part"),
        ("[1, 2]", "this is not part"),
        ("a ^ 2", r"write \*\* for a power"),
        ("a if b else 1", "this is not part"),
        ("a and b", "this is not part"),
        ("True", "True cannot be used as a number"),
        ("1j", "1j cannot be used as a number"),
        ("1e999", "inf cannot be used as a number"),
        ("a < 2", r"character 1: a comparison is only allowed in where\(\)"),
        ("where(a, 1, 2)", "character 7: write a comparison here"),
        ("where(1 < a < 2, 1, 2)", "character 7: compare two values"),
        ("expp(a)", "character 1: no function 'expp'; did you mean 'exp'"),
        ("1 + ranc(a, higher)", "character 5: no function 'ranc'; did you mean 'rank'"),
        ("rank(a)", r"rank\(\) takes 2 values, as in rank\(x, higher\), but got 1"),
        ("rank(a, best)", "character 9: write higher or lower"),
        ("points(a, lower, 0)", "character 18: write a number above 0"),
        ("points(a, lower, b)", "character 18: write a number above 0"),
        ("min(a)", r"min\(\) takes two or more values"),
        ("exp(x=a)", "only values"),
        ("exp(*a)", "only values"),
        ("higher + 1", r"higher is only allowed in rank\(\)"),
        ("1 + " * 600 + "1", "characters; use at most 2000"),
        ("abs(" * 45 + "a" + ")" * 45, "nested more than 40 levels deep"),
        ("-" * 1500 + "1", "nested"),
        ("(" * 900 + "1" + ")" * 900, "cannot be read"),
        ("9" * 1999, "cannot be used as a number|cannot be read"),
        ("ä + 1", "character 1: 'ä' is not allowed"),
        ("a\x00", "is not allowed"),
    ],
)
def test_what_is_refused_is_named_with_its_place(text, message):
    with pytest.raises(AnalysisError, match=message):
        parse(text)


@pytest.mark.parametrize("raw", [None, True, ["a"], {"a": 1}, b"a"])
def test_only_text_and_numbers_are_formulas(raw):
    with pytest.raises(AnalysisError, match="is no formula"):
        parse(raw)
    with pytest.raises(AnalysisError, match="is no condition"):
        parse_gate(raw)


def test_an_unknown_name_is_met_with_the_nearest_and_its_place():
    with pytest.raises(
        AnalysisError, match="final, character 8: nothing is called 'psrn'; did you mean 'psnr'"
    ):
        parse("ssim + psrn").refuse_unknown({"psnr", "ssim"}, what="final")


def test_a_gate_rounds_to_the_decimals_that_it_declares():
    gate = parse_gate("psnr >= 26.90 (2 decimals)")
    scope = Scope({"psnr": np.array([26.8949, 26.895, 26.9, np.nan])})
    assert passes(gate, scope)[:3].tolist() == [0, 1, 1]
    assert passes(gate, scope, rounding=False)[:3].tolist() == [0, 0, 1]
    assert np.isnan(passes(gate, scope)[3])
    assert passes(parse_gate("psnr >= 26.90"), scope)[:3].tolist() == [0, 0, 1]


def test_a_gate_counts_images():
    images = {"cosine": np.array([[0.2, 0.4], [0.1, 0.5], [0.5, 0.2]])}
    scope = Scope({"a": np.zeros(2)}, images)
    assert passes(parse_gate("count(cosine < 0.30) <= 1"), scope).tolist() == [0, 1]


@pytest.mark.parametrize(
    ("text", "caret", "remedy"),
    [
        ("2*(a + b", "  ^", "this ( is not closed; add )"),
        ("a + b)", "     ^", "this ) closes nothing; remove it"),
        ("a*(b - 1))", "         ^", "this ) closes nothing"),
        ("2*a +", "     ^", "the formula ends too early; complete it"),
        ("2 a", "  ^", "there is no operator before 'a'; write * or another one"),
        ("2*(a b)", "   ^", "there is no operator between two values here"),
        ("2*a + * b", "      ^", "cannot be read from here on: '* b'"),
        ("0,5*a", "^", "use a decimal point, not a comma"),
        ("a + b^2", "     ^", "write ** for a power"),
        ("a if b else 1", "^", "write where(a > b, x, y) for a choice"),
        ("a + minmx(b)", "    ^", "did you mean 'minmax'?"),
        ("1 + rank(a)", "    ^", "rank() takes 2 values, as in rank(x, higher), but got 1"),
        ("rank(a, better)", "        ^", "write higher or lower here"),
        ("a +\n  scoer", "    ^", "did you mean 'score'?"),
        ("a + s3", "    ^", "in formulas, the points of the user study are called u"),
    ],
)
def test_a_caret_stands_under_what_is_wrong_and_the_remedy_beside_it(text, caret, remedy):
    with pytest.raises(FormulaError) as raised:
        parse(text).refuse_unknown({"a", "b", "score"}, what="formula")
    shown, below = raised.value.excerpt
    assert shown.strip() == " ".join(text.split())
    assert below.removeprefix("    ") == caret
    assert f"formula, character {len(caret)}: " in str(raised.value)
    assert remedy in str(raised.value)


def test_the_excerpt_of_a_long_formula_is_around_the_place():
    with pytest.raises(FormulaError) as raised:
        parse("a + " * 100 + "2 a" + " + a" * 100)
    shown, below = raised.value.excerpt
    assert len(shown) < 120
    assert shown[len(below) - 1 :].startswith("a + a")


def test_a_formula_that_cannot_be_computed_is_shown_with_the_place_and_the_remedy():
    rule = read_rule({"part": "a / (a - a)", "final": "1 + part"})
    outcome = rule.outcome({"a": COLUMNS["a"]})
    assert outcome.reasons == ("division by zero in a / (a - a), in the rule's part",) * 3
    assert str(outcome.fault) == (
        "rule part, score, character 6: division by zero in a / (a - a); say what to use instead, as in "
        "where(a - a == 0, 0, a / (a - a))"
    )
    assert outcome.fault is not None
    assert outcome.fault.excerpt == ("    a / (a - a)", "         ^")
    assert read_rule("a / b").outcome(COLUMNS).fault is None  # one team has a final


WORDS = ["a", "b", "(", ")", ",", "1", "0.5", "+", "-", "*", "/", "**", "<", ">=", " ", "higher", *FUNCTIONS]


@given(st.one_of(st.text(), st.lists(st.sampled_from(WORDS), max_size=40).map("".join)))
def test_reading_and_evaluating_ends_in_a_finite_value_or_an_analysis_error(text):
    try:
        formula = parse(text)
        found = evaluate(formula, Scope(COLUMNS, COLUMNS, base=0))
    except AnalysisError:
        return
    assert found.shape[-1] == 3
    assert not np.isinf(found).any()


numbers = st.floats(-1e6, 1e6, allow_nan=False) | st.just(float("nan")) | st.integers(0, 3).map(float)
tables = st.integers(1, 5).flatmap(
    lambda teams: st.lists(st.lists(numbers, min_size=teams, max_size=teams), min_size=2, max_size=4)
)
FORMULAS = [
    "100*minmax(a)",
    "0.2*a + 0.8*(5 + 100*a/top(a))",
    "rank(a, higher) - rank(a, lower)",
    "points(a, lower, 10) + points(a, higher, 3)",
    "where(a > mean(a), low(a), exp(a/1e6))",
]


@pytest.mark.parametrize("text", FORMULAS)
@given(tables)
def test_along_the_last_axis_is_row_by_row(text, rows):
    formula, stacked = parse(text), np.array(rows)
    whole = evaluate(formula, Scope({"a": stacked}))
    single = [evaluate(formula, Scope({"a": row})) for row in stacked]
    np.testing.assert_array_equal(whole, np.array(single))


@given(
    st.lists(st.integers(-1000, 1000).map(float), min_size=2, max_size=8),
    st.integers(-1000, 1000),
    st.integers(1, 64),
)
def test_shift_and_scale_change_neither_minmax_nor_ranks(values, shift, scale):
    plain, moved = np.array(values), np.array(values) * scale + shift
    for text in ("minmax(a)", "rank(a, higher)", "rank(a, lower)", "points(a, lower, 10)"):
        np.testing.assert_allclose(
            evaluate(parse(text), Scope({"a": moved})), evaluate(parse(text), Scope({"a": plain})), atol=1e-12
        )
