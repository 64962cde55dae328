"""One named score of a rule: its formula, and for the final its gates, order and direction."""

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal

from analysis.did_you_mean import hint
from analysis.errors import AnalysisError
from analysis.rule.language import Formula, Gate, parse, parse_gate
from analysis.rule.teams import Better

Per = Literal["team", "image"]
KEYS = ("per", "score", "require", "order", "better", "base")
OWN = "score"
"""The name of the entry's own score in `require` and `order`."""

_NAME = re.compile(r"[a-z][a-z0-9_]{0,39}")


@dataclass(frozen=True)
class Entry:
    """A named score.

    Attributes
    ----------
    name
        Its name in other formulas.
    score
        Its formula.
    per
        Whether the formula is evaluated on a team's averages, or on each image and then averaged.
    require
        Gates: a team that fails one has a score but no rank.
    order
        What decides the ranks instead of the score; the second decides ties in the first, and so on.
    better
        Which value of what decides the ranks is better.
    base
        The team that base() refers to, or its values by column.
    """

    name: str
    score: Formula
    per: Per = "team"
    require: tuple[Gate, ...] = ()
    order: tuple[Formula, ...] = ()
    better: Better = "higher"
    base: str | Mapping[str, float] | None = None

    def formulas(self) -> Iterator[tuple[str, Formula]]:
        """Every formula in it, with its name in errors."""
        yield f"rule {self.name}, score", self.score
        for gate in self.require:
            yield f"rule {self.name}, require", gate.formula
        for formula in self.order:
            yield f"rule {self.name}, order", formula

    def names(self) -> set[str]:
        """The columns and rules that it needs."""
        found = set(self.score.names())
        for _, formula in self.formulas():
            found |= set(formula.names()) - ({OWN} if formula is not self.score else set())
        return found

    def plain(self) -> dict[str, Any]:
        """The entry as plain values, for JSON; `read_entry` reads it."""
        rest = {
            "require": [gate.text for gate in self.require],
            "order": [formula.text for formula in self.order],
            "base": dict(self.base) if isinstance(self.base, Mapping) else self.base,
        }
        rest["better"] = self.better if self.better == "lower" else None
        return {"per": self.per, "score": self.score.text} | {key: rest[key] for key in rest if rest[key]}

    def text(self) -> str:
        """The entry on one line, as it is shown."""
        parts = [self.score.text]
        if self.per == "image":
            parts.append("for each image, then the mean")
        if self.order:
            parts.append(f"ranked by {', then '.join(formula.text for formula in self.order)}")
        if self.better == "lower":
            parts.append("the lowest is best")
        if self.require:
            parts.append(f"required: {' and '.join(gate.text for gate in self.require)}")
        if isinstance(self.base, str):
            parts.append(f"base: {self.base}")
        elif self.base:
            parts.append("base: " + ", ".join(f"{name} {value:g}" for name, value in self.base.items()))
        return "; ".join(parts)


def read_entry(name: str, raw: Mapping[str, Any]) -> Entry:
    """Make an entry from its keys in a study file.

    Raises
    ------
    AnalysisError
        For an unknown key, a value that cannot be used, or a formula that cannot be read.
    """
    if not _NAME.fullmatch(name):
        raise AnalysisError(f"rule {name!r}: use lower-case letters, digits and _, starting with a letter")
    for key in raw:
        if key not in KEYS:
            raise AnalysisError(f"rule {name}: unknown key {key!r}; {hint(str(key), KEYS)}")
    if "score" not in raw:
        raise AnalysisError(f"rule {name} has no score; give its formula")
    order = raw.get("order") or ()
    return Entry(
        name,
        parse(raw["score"], what=f"rule {name}, score"),
        _one_of(name, "per", raw.get("per", "team"), ("team", "image")),
        tuple(
            parse_gate(text, what=f"rule {name}, require")
            for text in _listed(name, "require", raw.get("require"))
        ),
        tuple(parse(text, what=f"rule {name}, order") for text in _listed(name, "order", order)),
        _one_of(name, "better", raw.get("better", "higher"), ("higher", "lower")),
        _base(name, raw.get("base")),
    )


def _one_of(name: str, key: str, value: Any, known: tuple[Any, ...]) -> Any:
    if value not in known:
        raise AnalysisError(f"rule {name}: {key} is {value!r}; write {' or '.join(known)}")
    return value


def _listed(name: str, key: str, value: Any) -> Sequence[Any]:
    if value is None:
        return ()
    if isinstance(value, str):
        return (value,)
    if not isinstance(value, Sequence):
        raise AnalysisError(f"rule {name}: {key} is {value!r}; give a list of formulas")
    return value


def _base(name: str, value: Any) -> str | Mapping[str, float] | None:
    if value is None or isinstance(value, str):
        return value
    numbers = value.values() if isinstance(value, Mapping) else [None]
    if not all(isinstance(number, int | float) and not isinstance(number, bool) for number in numbers):
        raise AnalysisError(f"rule {name}: base is {value!r}; name a team, or give numbers by column")
    return {str(column): float(number) for column, number in value.items()}
