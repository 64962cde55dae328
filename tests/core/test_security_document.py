"""docs/security.md: each requirement of ASVS 5.0.0 up to level 2 has its line, and each test named exists."""

import re
from pathlib import Path

ROOT = Path(__file__).parents[2]
TEXT = (ROOT / "docs/security.md").read_text(encoding="utf-8")
ROW = re.compile(r"^\| ([\d., ]+) \| (.+?) \| (by design|\w+|n/a) \| (.+) \|$", re.M)
# How many requirements of levels 1 and 2 each section has; a section not named has none.
SECTIONS = {
    "1.1": 2, "1.2": 9, "1.3": 11, "1.4": 3, "1.5": 2, "2.1": 3, "2.2": 3, "2.3": 4, "2.4": 1, "3.2": 2,
    "3.3": 4, "3.4": 6, "3.5": 5, "3.7": 2, "4.1": 3, "4.2": 1, "4.3": 2, "4.4": 4, "5.1": 1, "5.2": 3,
    "5.3": 2, "5.4": 3, "6.1": 3, "6.2": 12, "6.3": 4, "6.4": 4, "6.5": 5, "6.6": 3, "6.8": 4, "7.1": 3,
    "7.2": 4, "7.3": 2, "7.4": 5, "7.5": 2, "7.6": 2, "8.1": 2, "8.2": 3, "8.3": 1, "8.4": 1, "9.1": 3,
    "9.2": 4, "10.1": 2, "10.2": 2, "10.3": 4, "10.4": 11, "10.5": 5, "10.6": 2, "10.7": 3, "11.1": 2,
    "11.2": 3, "11.3": 3, "11.4": 4, "11.5": 1, "11.6": 1, "12.1": 3, "12.2": 2, "12.3": 4, "13.1": 1,
    "13.2": 5, "13.3": 2, "13.4": 5, "14.1": 2, "14.2": 4, "14.3": 3, "15.1": 3, "15.2": 3, "15.3": 7,
    "16.1": 1, "16.2": 5, "16.3": 4, "16.4": 3, "16.5": 3, "17.1": 1, "17.2": 4, "17.3": 2,
}  # fmt: skip


def test_every_requirement_has_one_line():
    told = [number for row in ROW.findall(TEXT) for number in row[0].split(", ")]
    wanted = [f"{section}.{n}" for section, count in SECTIONS.items() for n in range(1, count + 1)]
    assert len(wanted) == 253
    assert sorted(told) == sorted(wanted)


def test_every_state_is_one_that_is_explained():
    assert {state for _, _, state, _ in ROW.findall(TEXT)} == {"met", "by design", "operator", "n/a"}


def test_what_is_met_or_otherwise_by_design_says_how():
    for numbers, _, state, shown in ROW.findall(TEXT):
        if state == "by design":
            assert len(shown.split()) > 12, f"{numbers}: the reason"
            assert "::" in shown, f"{numbers}: the test of what is done instead"
        assert len(shown) >= 5 or state == "n/a", numbers


def test_every_test_named_exists():
    named = re.findall(r"`([\w/]+\.py)::(\w+)`", TEXT)
    assert len(named) > 90
    for path, name in named:
        source = (ROOT / "tests" / path).read_text(encoding="utf-8")
        assert f"def {name}(" in source, f"{path}::{name}"
