"""Write docs/reference/rule-terms.md from the language of rules: `python docs/tools/rule_terms.py`."""

from collections.abc import Iterable
from pathlib import Path

from analysis.rule import PRESETS, read_rule
from analysis.rule.language import FUNCTIONS, OVER_TEAMS
from analysis.rule.value import ANSWERED
from analysis.rule.words import FUNCTION_MEANINGS, KEY_MEANINGS, SCORE_MEANINGS

PAGE = Path(__file__).parents[1] / "reference" / "rule-terms.md"
INTRODUCTION = """\
# Terms of rules

You are writing a rule and want to look up a key, a name, a function or a preset. Made by `python docs/tools/rule_terms.py`
from `analysis/rule`, which evaluates rules. [Rules](../rules.md) explains how they are written.
"""


def page() -> str:
    """Return docs/reference/rule-terms.md."""
    return INTRODUCTION + "".join((_keys(), _names(), _functions(), _presets()))


def _keys() -> str:
    rows = ((f"`{key}`", meaning) for key, meaning in KEY_MEANINGS.items())
    return "\n## Keys of a score\n" + _table(("key", "meaning"), rows)


def _names() -> str:
    rows = [(f"`{name}`", SCORE_MEANINGS[name]) for name in ANSWERED]
    return (
        "\n## Names\n"
        + _table(("name", "meaning"), rows)
        + """
The other names that a formula may use:

- `s2`: the score of the paired images; metrics (`psnr`, `lpips`, ...): their means. Put a name that is not a plain word
  in quotes: `'musiq-ava'`.
- `escore`, `params_m`, `flops_g`, `time_ms` and the other columns of [measures.csv](../columns.md#measurescsv).
- Other rules of the study; in `studyapp analyse rank`, any column of the table. A column takes precedence over a rule
  of its name.

The hidden reference and anchor are never ranked.
"""
    )


def _functions() -> str:
    found = "\n## Functions\nNumbers, names, `+ - * / **`, parentheses, and:\n\n"
    over = [name for name in FUNCTIONS if name in OVER_TEAMS]
    alone = [name for name in FUNCTIONS if name not in OVER_TEAMS]
    for title, names in (("team by team", alone), ("over the teams", over)):
        rows = ((f"`{FUNCTION_MEANINGS[name][0]}`", FUNCTION_MEANINGS[name][1]) for name in names)
        found += _table((title, "gives"), rows) + "\n"
    return found.rstrip("\n") + "\n"


def _presets() -> str:
    rows = (
        (f"`{name}`", f"`{read_rule(name).text.removeprefix(f'{name}: ')}`", preset.source)
        for name, preset in PRESETS.items()
    )
    return "\n## Presets\n" + _table(("name", "rule", "source"), rows)


def _table(heads: Iterable[str], rows: Iterable[Iterable[str]]) -> str:
    head = list(heads)
    lines = (f"| {' | '.join(line)} |\n" for line in (head, *rows))
    return next(lines) + f"|{'---|' * len(head)}\n" + "".join(lines)


if __name__ == "__main__":
    PAGE.write_text(page(), encoding="utf-8")
