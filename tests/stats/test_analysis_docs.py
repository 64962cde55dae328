"""docs/analysis.md knows every command, every option, every column."""

import re
from pathlib import Path

import click
import pytest

from analysis.answers import KINDS
from analysis.cli import main
from analysis.exchange.forms import FORMS
from analysis.formats import FORMATS
from analysis.rule import PRESETS
from analysis.votes import OPTIONAL, REQUIRED

DOCS = (Path(__file__).parents[2] / "docs" / "analysis.md").read_text(encoding="utf-8")
COMMON = {"--help", "--format", "--json", "--output"}


def heading(name: str) -> str:
    found = re.search(rf"^### studyapp analyse {name}\b.*$", DOCS, re.MULTILINE)
    assert found, f"docs/analysis.md lacks a heading '### studyapp analyse {name} ...'"
    return found.group()


@pytest.mark.parametrize("name", main.entries)
def test_every_option_stands_in_the_heading_of_its_command(name):
    command = main.get_command(click.Context(main), name)
    assert command is not None
    options = {option for parameter in command.params for option in parameter.opts if option.startswith("--")}
    documented = set(re.findall(r"--[a-z0-9-]+", heading(name)))
    assert documented - COMMON == options - COMMON


def test_no_command_is_documented_that_is_not_there():
    assert set(re.findall(r"^### studyapp analyse (\w+)", DOCS, re.MULTILINE)) == set(main.entries)


@pytest.mark.parametrize("word", [*REQUIRED, *OPTIONAL, *KINDS, *PRESETS, *FORMATS, *FORMS])
def test_every_column_kind_preset_and_format_is_documented(word):
    assert re.search(rf"(?<![\w-]){re.escape(word)}(?![\w-])", DOCS)


def test_the_one_line_helps_say_what_the_commands_do():
    for name, (_, line) in main.entries.items():
        assert line.endswith("."), name
