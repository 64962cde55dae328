"""docs/efficiency.md knows every option of measure, every column of measures.csv, every entry point."""

import re
from pathlib import Path

import pytest

from analysis.efficiency.measures import CHOICES, OPTIONAL, REQUIRED
from analysis.efficiency.measuring.inside.entries import FACTORIES, FOLDER_FILES
from analysis.efficiency.measuring.limits import Limits
from analysis.efficiency.measuring.reproducing import CLOSE_LEVELS, CLOSE_PSNR
from studyapp.cli.measuring import measure

DOCS = (Path(__file__).parents[3] / "docs" / "efficiency.md").read_text(encoding="utf-8")
OPTIONS = [option for parameter in measure.params for option in parameter.opts if option.startswith("--")]
WORDS = [*REQUIRED, *OPTIONAL, *CHOICES["reproduced"], *FACTORIES, *FOLDER_FILES]


@pytest.mark.parametrize("option", OPTIONS)
def test_every_option_is_documented(option):
    assert re.search(rf"`{option}\b", DOCS)


@pytest.mark.parametrize("word", WORDS)
def test_every_column_and_entry_point_is_documented(word):
    assert f"`{word}" in DOCS


def test_numbers_are_those_of_the_code():
    assert f"by more than {CLOSE_LEVELS} of 255 levels, and at least {CLOSE_PSNR:g} dB" in DOCS
    assert f"more than {Limits().processes} processes" in DOCS
    assert f"bounded at {Limits().printed_mb} MB" in DOCS
