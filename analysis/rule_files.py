"""A rule as given on the command line or in a file."""

from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

from analysis.errors import AnalysisError
from analysis.rule import PRESETS, Rule, plain_rule, read_rule
from analysis.yaml_text import read_yaml

ENDINGS = (".json", ".yaml", ".yml")
_PLAIN = {"name", "points", "awards", "rules"}


def chosen_rule(
    text: str | None, *, points: str | None = None, awards: str | None = None, alone: str = "user-study"
) -> Rule:
    """Return the rule that options ask for.

    Parameters
    ----------
    text
        A preset's name, a formula, or the path of a file; None for `alone`.
    alone
        The rule if no other is given, also by a file.
    points, awards
        Comma-separated numbers that replace the rule's own.

    Raises
    ------
    AnalysisError
        For options that cannot be used.
    """
    text = alone if text is None else text
    is_file = text not in PRESETS and Path(text).suffix in ENDINGS
    rule = read_rule_file(Path(text), alone=alone) if is_file else read_rule(text)
    if points is not None:
        rule = replace(rule, points=_points(points))
    return rule if awards is None else replace(rule, awards=_awards(awards))


def read_rule_file(path: Path, *, alone: str = "user-study") -> Rule:
    """Read rule.json of an export, or the keys `rules` and `protocol.points` of a study.yaml.

    Raises
    ------
    AnalysisError
        If it cannot be read or is not a rule.
    """
    raw = read_yaml(path, named=f"--rule {path}")
    if not isinstance(raw, Mapping) or not ({"rules", "protocol"} & set(raw)):
        raise AnalysisError(f"--rule {path}: no key `rules`; give rule.json of an export, or a study.yaml")
    if set(raw) == _PLAIN:
        return plain_rule(raw)
    protocol = raw.get("protocol")
    points: dict[str, Any] = {}
    if isinstance(protocol, Mapping) and "points" in protocol:
        given = protocol["points"]
        points = {"points": _points(",".join(map(str, given if isinstance(given, list) else [given])))}
    return read_rule(raw.get("rules", alone), alone=alone, **points)


def _points(text: str) -> tuple[float, ...]:
    try:
        return tuple(float(part) for part in text.split(","))
    except ValueError:
        raise AnalysisError(f"points {text!r}: give numbers separated by commas, for example 3,2,1") from None


def _awards(text: str) -> tuple[int, ...]:
    try:
        return tuple(int(part) for part in text.split(","))
    except ValueError:
        raise AnalysisError(f"awards {text!r}: give counts, for example 1,2,3") from None
