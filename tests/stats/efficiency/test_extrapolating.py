"""Polynomials through counts of small images: exact, checked, or refused."""

from hypothesis import given
from hypothesis import strategies as st

from analysis.efficiency.counting.extrapolating import extrapolated

COEFFICIENTS = st.lists(st.integers(0, 10**9), min_size=1, max_size=5)


def _value(coefficients, at):
    return sum(factor * at**power for power, factor in enumerate(coefficients))


@given(COEFFICIENTS)
def test_any_polynomial_with_one_more_size_than_it_needs_is_exact(coefficients):
    values = {at: _value(coefficients, at) for at in range(1, len(coefficients) + 2)}
    assert extrapolated(values, 16) == _value(coefficients, 16)


@given(COEFFICIENTS, st.integers(-3, 3).filter(bool))
def test_the_check_at_a_further_size_refuses_what_is_none(coefficients, wrong):
    sizes = range(1, 7)
    values = {at: _value(coefficients, at) for at in sizes}
    values[6] += wrong
    assert extrapolated(values, 16) is None


def test_one_size_alone_tells_nothing_and_rounding_is_refused():
    assert extrapolated({4: 7}, 16) is None
    # Half of an odd number of windows.
    assert extrapolated({1: 0, 2: 0, 3: 1, 4: 1}, 16) is None
