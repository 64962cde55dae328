"""Latin squares drawn with a key: Latin for any size, all equally likely, and the same for ever."""

from collections import Counter

from hypothesis import given, settings
from hypothesis import strategies as st

from studyapp.core.latin import latin_square

KEY = bytes(range(32))


@settings(max_examples=30)
@given(key=st.binary(min_size=32, max_size=32), size=st.integers(1, 16))
def test_every_row_and_column_has_every_symbol(key, size):
    square = latin_square(key, size, "any")
    for line in (*square, *zip(*square, strict=True)):
        assert sorted(line) == list(range(size))


def test_every_square_is_equally_likely():
    """Chi-square of the 576 squares of order 4, 4 expected of each: 575 df, 99.9 % quantile 686."""
    seen = Counter(latin_square(number.to_bytes(32, "big"), 4, "fair") for number in range(2304))
    assert sum((count - 4) ** 2 / 4 for count in seen.values()) + 4 * (576 - len(seen)) < 686


def test_vectors_stay_what_they_were():
    assert ["".join(map(str, row)) for row in latin_square(KEY, 6, "slots", 1, 2)] == VECTOR


VECTOR = ["042153", "354201", "521340", "413025", "230514", "105432"]
