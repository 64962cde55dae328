"""Text for LaTeX: only signs that every engine prints as themselves, whatever the name."""

import re
import unicodedata

import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from analysis.latex import LETTERS, escape_latex, needs_letters
from analysis.output import Output, render

OTHER = re.compile(r"\\otherletters\{([^{}]*)\}\{\[((?:U\+[0-9A-F]{4,6} ?)+)\]\}")


@given(st.text(max_size=30))
def test_nothing_but_ascii_stands_outside_other_letters(text):
    """pdflatex stops at letters it does not know; inside \\otherletters it never reads them."""
    made = escape_latex(text)
    for letters, numbers in OTHER.findall(made):
        assert [f"U+{ord(letter):04X}" for letter in letters] == numbers.split()
    rest = OTHER.sub("", made)
    assert rest.isascii()
    assert rest.isprintable()
    plain = re.sub(r"\\ensuremath\{[^{}]*(\{[^{}]*\}[^{}]*)?\}", "", rest)
    bare = re.sub(r"\\[a-zA-Z]+|\\.|[{}]", "", plain)
    assert not set(bare) & set('<>|"`&%$#_^~') - {"`", "~"}
    assert not re.search(r"(?<!\\)--", rest) or any(dash in text for dash in "–—")
    assert rest.count("{") - rest.count("\\{") == rest.count("}") - rest.count("\\}")


@pytest.mark.parametrize(
    ("text", "latex"),
    [
        ("<|>", r"\textless{}\textbar{}\textgreater{}"),
        ("Équipe Žižkov", r"\'{E}quipe \v{Z}i\v{z}kov"),
        ("naïve ĩ", r"na\"{\i}ve \~{\i}"),
        (
            "Ωμέγα",
            r"\ensuremath{\Omega}\ensuremath{\mu}\ensuremath{\acute{\varepsilon}}\ensuremath{\gamma}\ensuremath{\alpha}",
        ),
        ("清华 A&B", r"\otherletters{清华}{[U+6E05 U+534E]} A\&B"),
        ("a -- b", "a -{}- b"),
        ("[x] *", "{}[x] *"),
        ("two\n\nlines", "two lines"),
        ("–", "--"),
    ],
)
def test_what_is_written(text, latex):
    assert escape_latex(text) == latex


def test_a_table_says_how_its_letters_are_printed_only_where_it_has_such():
    plain = render(Output(pd.DataFrame({"team": ["Ada"], "s3": [1.0]})), "latex")
    other = render(Output(pd.DataFrame({"team": ["清华"], "s3": [1.0]})), "latex")
    assert "otherletters" not in plain
    assert other.startswith(LETTERS)
    assert "\\providecommand{\\otherletters}[2]" in LETTERS
    assert all(line.startswith("%") for line in LETTERS.splitlines()[:-1])
    assert needs_letters(other)
    assert unicodedata.is_normalized("NFC", other)
