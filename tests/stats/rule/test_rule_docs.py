"""docs/rules.md lists what the language and the table of presets hold."""

from pathlib import Path

import pytest

from analysis.rule import PRESETS, read_rule
from analysis.rule.entry import KEYS
from analysis.rule.language import FUNCTIONS

DOCS = (Path(__file__).parents[3] / "docs" / "rules.md").read_text(encoding="utf-8")


@pytest.mark.parametrize("name", FUNCTIONS)
def test_every_function_is_described(name):
    assert f"`{name}`" in DOCS or f"`{name}(" in DOCS


@pytest.mark.parametrize("key", KEYS)
def test_every_key_is_described(key):
    assert f"| `{key}` |" in DOCS


@pytest.mark.parametrize("name", PRESETS)
def test_every_preset_stands_there_as_it_is(name):
    text = read_rule(name).text.removeprefix(f"{name}: ")
    assert f"| `{name}` | `{text}` | {PRESETS[name].source} |" in DOCS
