"""The rule of a study as one value: points for places, formulas, gates, order and awards."""

import re
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from typing import Any

import numpy as np

from analysis.did_you_mean import hint, misspelt
from analysis.errors import AnalysisError, FormulaError
from analysis.rule.awards import ORDINALS
from analysis.rule.entry import OWN, Entry, read_entry
from analysis.rule.evaluation import Scope, Undefined, evaluate, passes, text_of, why_undefined
from analysis.rule.language import Formula, Gate, fault, parse
from analysis.rule.presets import ESCORE, PRESETS, RAIM_SCORE
from analysis.rule.shape import Term, is_affine, terms_of
from analysis.rule.teams import Array, Ends, lexicographic
from analysis.texts import say

FINAL = "final"
POINTS = (3.0, 2.0, 1.0)
"""Points for places, by default."""

AWARDS = (1, 2, 3)
STUDY = ("u", "s3n")
"""Scores of a user study that votes: S3 (mean over the judges), and S3 normalised."""

PAIR_SCORES = ("bt", "bt_prior", "jod", "win_share")
"""Scores of one that compares pairs: log worths, the same with wins added, JOD, share of comparisons won."""

RATING_SCORES = ("mos", "dmos")
"""Scores of one that rates: the mean opinion score, and its difference to the hidden reference."""

ANSWERED = (*STUDY, *PAIR_SCORES, *RATING_SCORES)
"""Every score computed from judges' answers."""

ALONE = {"votes": "user-study", "pairs": "bt", "ratings": "mos"}
"""The default rule of a study, by its table of answers."""

_STANDARD = {
    entry.name: entry
    for entry in (
        read_entry("s3n", {"score": "minmax(u)"}),
        read_entry("s2", {"score": RAIM_SCORE, "per": "image"}),
        read_entry("escore", {"score": ESCORE}),
    )
}
"""What these names mean if a rule does not define them and no column has them."""

_PRESET = re.compile(r"[a-z]+(-[a-z0-9]+)+")
_FIRST_WORDS = {name.split("-")[0] for name in PRESETS}
_ALONE = {"s3n"} | {
    shape.format(name)
    for name in ("u", *PAIR_SCORES, *RATING_SCORES)
    for shape in ("minmax({0})", "{0}", "{0} / top({0})")
}


@dataclass(frozen=True)
class Outcome:
    """What a rule computes from scores; teams along the last axis.

    Attributes
    ----------
    final
        NaN if undefined.
    rank
        1, 2, 2, 4; 0 for a team without a rank.
    reasons
        Why a team has no rank, None if it has one; for observed scores (N,) only.
    notes
        What else a reader must know: teams that pass a gate only because of rounding.
    fault
        If nobody has a final because a formula cannot be computed: the place in it, and the remedy.
    """

    final: Array
    rank: Array
    reasons: tuple[str | None, ...] = ()
    notes: tuple[str, ...] = ()
    fault: FormulaError | None = None


@dataclass(frozen=True)
class Rule:
    """Points for places, formulas by name, awards.

    Attributes
    ----------
    name
        Of the preset; empty for a custom rule.
    entries
        Formulas by name, one of them `final`, which decides the ranks.
    points
        Of the first place, the second, ...
    awards
        Number of awards of the first class, the second, ...
    """

    name: str
    entries: Mapping[str, Entry]
    points: tuple[float, ...] = POINTS
    awards: tuple[int, ...] = AWARDS

    def __post_init__(self) -> None:
        _refuse_points(self.points)
        _refuse_awards(self.awards)
        for name in self.entries:
            if name in ANSWERED or name == OWN:
                raise AnalysisError(f"rule {name!r}: this name is reserved; choose another")
        self._refuse_circle(FINAL, ())
        for name in self.entries:
            self._refuse_circle(name, ())

    @property
    def final(self) -> Entry:
        """What decides the ranks."""
        return self.entries[FINAL]

    @property
    def text(self) -> str:
        """The rule on one line, as shown: its name, its final and the scores used in it."""
        used = [name for name in self.entries if name in self._used(FINAL) and name != FINAL]
        parts = [self.final.text(), *(f"{name} = {self.entries[name].text()}" for name in used)]
        named = self.name and [self.name] != parts  # of the user study alone, both are its score
        return f"{self.name + ': ' if named else ''}{'; '.join(parts)}"

    @property
    def lower_is_better(self) -> bool:
        """Whether the lowest final is the best."""
        return self.final.better == "lower"

    def entry(self, name: str) -> Entry | None:
        """The formula by this name, the rule's own or the usual one; None if there is neither."""
        return self.entries.get(name) or _STANDARD.get(name)

    def columns(self, given: Collection[str] = ()) -> set[str]:
        """The columns that the final needs; given columns need no formula."""
        return self.columns_of(FINAL, given)

    def columns_of(self, name: str, given: Collection[str] = ()) -> set[str]:
        """The columns that an entry needs, without those that count() takes of each image."""
        entry = self._entry(name)
        found: set[str] = set()
        for used in entry.names() - _counted(entry):
            inner = used not in given and self.entry(used) is not None
            found |= self.columns_of(used, given) if inner else {used}
        return found

    def missing(self, name: str, given: Collection[str]) -> list[str]:
        """Name what an entry lacks: the whole formula if none of it is given, else its columns."""
        entry = self._entry(name)
        lacking: list[str] = []
        for used in sorted(entry.names() - _counted(entry) - set(given)):
            inner = self.missing(used, given) if self.entry(used) is not None else [used]
            whole = (
                inner and used != "s3n" and not self.columns_of(used) & set(given)
                if inner != [used]
                else False
            )
            lacking += [used] if whole else inner
        return list(dict.fromkeys(lacking))

    @property
    def counted(self) -> set[str]:
        """The columns of images that count() takes."""
        return _counted(self.final)

    def needs(self, name: str) -> bool:
        """Whether the final needs a score or column of this name."""
        return name in self._used(FINAL)

    def refuse_unknown(self, known: Collection[str]) -> None:
        """Refuse names that are neither known columns nor formulas of the rule, with position and suggestion.

        Raises
        ------
        AnalysisError
        """
        words = {*known, *self.entries, *_STANDARD} - {FINAL}
        for entry in self.entries.values():
            for what, formula in entry.formulas():
                own = set() if formula is entry.score else {OWN}
                formula.refuse_unknown(words | own, what=what)

    def values(
        self,
        name: str,
        columns: Mapping[str, Array],
        *,
        teams: Sequence[str] = (),
        images: Mapping[str, Array] | None = None,
        ends: Mapping[str, Ends] | None = None,
    ) -> Array:
        """Evaluate one entry, (..., N); NaN if undefined.

        Parameters
        ----------
        name
            Of the entry.
        columns
            Values by name, (..., N) each; a column takes precedence over a formula of its name.
        teams
            Names of the teams, for base().
        images
            Values of each image by name, (I, N) each.
        ends
            See `analysis.rule.evaluation.Scope`.

        Raises
        ------
        AnalysisError
            For a name that is neither a column nor a formula.
        """
        entry = self._entry(name)
        return self._score(entry, self.scope(entry, columns, teams, images, ends))

    def outcome(
        self,
        columns: Mapping[str, Array],
        *,
        teams: Sequence[str] = (),
        images: Mapping[str, Array] | None = None,
        ends: Mapping[str, Ends] | None = None,
    ) -> Outcome:
        """Finals and ranks, along the last axis; see `values`.

        A team that fails a gate keeps its final but has no rank. The finals of the other teams (top, rank and
        the like) still take it into account.
        """
        scope = self.scope(self.final, columns, teams, images, ends)
        final = self._score(self.final, scope)
        inner = replace(scope, columns={**scope.columns, OWN: final})
        met = [passes(gate, inner) for gate in self.final.require]
        ranked = ~np.isnan(final)
        for each in met:
            ranked = ranked & (each == 1)
        orders = [evaluate(formula, inner) for formula in self.final.order] or [final]
        rank = lexicographic([(np.where(ranked, order, np.nan), self.final.better) for order in orders])
        if final.ndim > 1:
            return Outcome(final, rank)
        why = _Why(self, inner, columns, teams)
        reasons = tuple(why.reason(team, met) if not rank[team] else None for team in range(len(final)))
        fault = why.fault() if len(final) and np.isnan(final).all() else None
        return Outcome(final, rank, reasons, tuple(self._saved(inner, met, teams)), fault)

    def compared(self, given: Collection[str] = ()) -> list[Formula]:
        """What the final compares with the highest and the lowest team, each argument once.

        Parameters
        ----------
        given
            Columns; comparisons inside their formulas are already decided.
        """
        found: dict[str, Formula] = {}
        names = [FINAL]
        for name in names:
            entry = self._entry(name)
            for call in entry.score.calls("top", "low", "minmax"):
                text = text_of(call.args[0])
                found.setdefault(text, Formula(text, call.args[0]))
            names += [inner for inner in sorted(entry.names()) if inner not in given and self.entry(inner)]
        return list(found.values())

    def evaluate(self, formula: Formula, columns: Mapping[str, Array], *, teams: Sequence[str] = ()) -> Array:
        """Evaluate any formula of the rule's names, as `values` does an entry."""
        entry = Entry("formula", formula, base=self.final.base)
        return self._score(entry, self.scope(entry, columns, teams, None, None))

    @cached_property
    def terms(self) -> tuple[Term, ...] | None:
        """The final as a weighted sum, or None if it is not one."""
        if self.final.require or self.final.order or self.final.per == "image":
            return None
        return terms_of(self.final.score)

    @property
    def user_study_alone(self) -> bool:
        """Whether the final only rescales S3."""
        terms = self.terms
        if terms is None or len(terms) != 1 or self.lower_is_better:
            return False
        return terms[0].text in _ALONE and terms[0].weight > 0

    def study_term(self, lead: str = "u") -> Formula:
        """How the user study enters the final, without its weight: as in the rule, else min-max.

        Parameters
        ----------
        lead
            The score that ranks the user study.
        """
        own = [term.formula for term in self.terms or () if term.text in _ALONE]
        return own[0] if own else parse(f"minmax({lead})")

    def plain(self) -> dict[str, Any]:
        """The whole rule as plain values, for JSON; `read_rule` reads it."""
        return {
            "name": self.name,
            "points": list(self.points),
            "awards": list(self.awards),
            "rules": {name: entry.plain() for name, entry in self.entries.items()},
        }

    @property
    def s2_of_means(self) -> bool:
        """Whether S2 must be computed from each team's means instead of its images' scores."""
        entry = self._entry("s2")
        return entry.per == "team" and not is_affine(entry.score)

    def with_usual(self, *names: str) -> "Rule":
        """The rule with the usual formulas of these names written out, if it lacks them."""
        usual = {name: _STANDARD[name] for name in names if name not in self.entries}
        return replace(self, entries={**usual, **self.entries})

    def with_base(self, team: str) -> "Rule":
        """The rule with another base for the final."""
        entries = {**self.entries, FINAL: replace(self.final, base=team)}
        return replace(self, entries=entries)

    def _entry(self, name: str) -> Entry:
        entry = self.entry(name)
        if entry is None:
            raise AnalysisError(f"the rule has no {name!r}; {hint(name, list(self.entries))}")
        return entry

    def renamed(self, names: Mapping[str, str]) -> "Rule":
        """The rule with other names for teams used as a base."""
        entries = {
            name: replace(entry, base=names.get(entry.base, entry.base))
            if isinstance(entry.base, str)
            else entry
            for name, entry in self.entries.items()
        }
        return replace(self, entries=entries)

    def _used(self, name: str) -> set[str]:
        """Names that an entry needs, directly and through others."""
        entry = self.entry(name)
        if entry is None:
            return set()
        return entry.names().union(*(self._used(inner) for inner in entry.names()))

    def _refuse_circle(self, name: str, above: tuple[str, ...]) -> None:
        if name in above:
            raise AnalysisError(f"rule {name!r} refers to itself: {' -> '.join((*above, name))}")
        if name == FINAL and above:
            raise AnalysisError(f"rule {above[-1]!r} uses final, which is computed last")
        entry = self.entry(name)
        for inner in sorted(entry.names()) if entry else ():
            self._refuse_circle(inner, (*above, name))

    def scope(
        self,
        entry: Entry,
        columns: Mapping[str, Array],
        teams: Sequence[str],
        images: Mapping[str, Array] | None,
        ends: Mapping[str, Ends] | None = None,
    ) -> Scope:
        """The columns that an entry needs, with formulas evaluated; per image if the entry needs that."""
        images, found = images or {}, {}
        names = entry.names()
        if entry.per == "image" and set(entry.score.names()) <= set(images):
            return Scope({name: images[name] for name in entry.score.names()}, base=_base(entry, teams))
        counted = _counted(entry)
        words = {*columns, *self.entries, *_STANDARD, *(counted & set(images))} - {FINAL}
        for what, formula in entry.formulas():
            own = set() if formula is entry.score else {OWN}
            formula.refuse_unknown(words | own, what=what)
        for name in sorted(names):
            if name in columns:
                found[name] = np.asarray(columns[name], dtype=float)
            elif name not in counted:
                found[name] = self.values(name, columns, teams=teams, images=images, ends=ends)
        if entry.per == "image" and not is_affine(entry.score):
            raise AnalysisError(
                f"rule {entry.name}: {entry.score.text} is computed per image, but only averages are given"
            )
        return Scope(found or dict(columns), images, _base(entry, teams), ends or {})

    def _score(self, entry: Entry, scope: Scope) -> Array:
        value = evaluate(entry.score, scope)
        by_image = entry.per == "image" and not scope.images and value.ndim == 2
        return value.mean(axis=0) if by_image else value

    def _saved(self, inner: Scope, met: list[Array], teams: Sequence[str]) -> list[str]:
        notes: list[str] = []
        teams = teams or [f"team {code + 1}" for code in range(len(inner.columns[OWN]))]
        for gate, each in zip(self.final.require, met, strict=True):
            plain = passes(gate, inner, rounding=False)
            saved = [
                name
                for name, is_met, bare in zip(teams, each, plain, strict=True)
                if is_met == 1 and bare == 0
            ]
            if saved:
                notes.append(
                    say(
                        "%(gate)s is met only because of rounding: %(teams)s",
                        gate=gate.text,
                        teams=", ".join(saved),
                    )
                )
        return notes


@dataclass(frozen=True)
class _Why:
    """Why teams have no value or no rank under a rule.

    Attributes
    ----------
    inner
        Of the final, with its own score.
    given
        Columns; other names are formulas of the rule.
    """

    rule: Rule
    inner: Scope
    given: Mapping[str, Array]
    teams: Sequence[str]

    def reason(self, team: int, met: list[Array]) -> str:
        final = self.rule.final
        if (reason := self._of(final.score, team)) is not None:
            return reason
        for gate, each in zip(final.require, met, strict=True):
            value = each[team if len(each) > 1 else 0]
            if np.isnan(value):
                return f"{self._of(gate.formula, team)}, so it is unknown whether {gate.text}"
            if not value:
                return f"{gate.text} is not met{_shown(gate, self.inner, team)}"
        for formula in final.order:
            if (reason := self._of(formula, team)) is not None:
                return reason
        return "undefined"

    def fault(self) -> FormulaError | None:
        """The place where the first team's final cannot be computed."""
        found = self._found(self.rule.final, self.rule.final.score, self.inner, 0)
        if found is None or found[2].name is not None:
            return None
        entry, formula, undefined = found
        why = f"{undefined.reason}; {undefined.remedy}"
        return fault(f"rule {entry.name}, score", formula.text, undefined.position, why)

    def _of(self, formula: Formula, team: int) -> str | None:
        found = self._found(self.rule.final, formula, self.inner, team)
        if found is None:
            return None
        entry, _, undefined = found
        made = undefined.name is None and entry.name != FINAL
        return f"{undefined.reason}, in the rule's {entry.name}" if made else undefined.reason

    def _found(
        self, entry: Entry, formula: Formula, scope: Scope, team: int
    ) -> tuple[Entry, Formula, Undefined] | None:
        """What is undefined, looked for in the formulas that it is made of."""
        undefined = why_undefined(formula, scope, team)
        if undefined is None:
            return None
        inner = self.rule.entry(undefined.name or "")
        if undefined.name not in self.given and inner is not None:
            below = self.rule.scope(inner, self.given, self.teams, scope.images)
            if (found := self._found(inner, inner.score, below, team)) is not None:
                return found
        return entry, formula, undefined


def read_rule(
    rules: str | Mapping[str, Any],
    *,
    points: Sequence[float] = POINTS,
    alone: str = "user-study",
) -> Rule:
    """Make a rule from a preset's name, from a formula for the final, or from formulas by name.

    Parameters
    ----------
    rules
        As `rules` in study.yaml: a name or formula, or a mapping from names to a formula, a preset's
        name, or the keys per, score, require, order, better, base (and for `final` awards).
    points
        Of the first place, the second, ...
    alone
        The `final` if none is given: the user study alone, according to its table (`ALONE`).

    Raises
    ------
    AnalysisError
        For what cannot be used, with its position in the formula.

    Examples
    --------
    >>> read_rule("raim-2024").text
    'raim-2024: 0.4*s2 + 0.6*100*minmax(u)'
    """
    if not isinstance(rules, Mapping):
        rules = {FINAL: rules}
    awards: Any = AWARDS
    entries: dict[str, Entry] = {}
    preset = ""
    for name, raw in {FINAL: alone, **rules}.items():
        keys = dict(raw) if isinstance(raw, Mapping) else {"score": raw}
        if name == FINAL:
            awards = keys.pop("awards", AWARDS)
        known = keys.get("score")
        if isinstance(known, str) and known in PRESETS:
            inner = dict(PRESETS[known].rules)
            if name == FINAL and len(keys) == 1:
                preset = known
            keys = {**inner.pop(FINAL), **{key: keys[key] for key in keys if key != "score"}}
            for other, own in inner.items():
                entries.setdefault(other, read_entry(other, own))
        else:
            _refuse_misspelt(known)
        entries[str(name)] = read_entry(str(name), keys)
    return Rule(preset, entries, tuple(float(value) for value in points), _awards(awards))


def plain_rule(raw: Mapping[str, Any]) -> Rule:
    """Read what `Rule.plain` wrote.

    Raises
    ------
    AnalysisError
        For a form that is not a rule.
    """
    try:
        entries = {name: read_entry(name, keys) for name, keys in raw["rules"].items()}
        return Rule(str(raw["name"]), entries, tuple(map(float, raw["points"])), _awards(raw["awards"]))
    except (KeyError, TypeError, ValueError, AttributeError) as error:
        raise AnalysisError(
            f"this is not the rule of an export (name, points, awards, rules): {error}"
        ) from error


def _refuse_misspelt(text: object) -> None:
    """Refuse what looks like the name of a preset: `raim-2030` would be raim minus 2030."""
    if isinstance(text, str) and _PRESET.fullmatch(text) and text.split("-")[0] in _FIRST_WORDS:
        meant = misspelt(text, PRESETS)
        remedy = f"did you mean {meant!r}?" if meant else f"choose from {', '.join(PRESETS)}"
        raise AnalysisError(f"no rule is called {text!r}; {remedy}")


def _refuse_points(points: Sequence[float]) -> None:
    given = ", ".join(f"{value:g}" for value in points)
    if not points or points[0] <= 0 or any(not np.isfinite(value) or value < 0 for value in points):
        raise AnalysisError(
            f"points {given or 'none'}: give the first place a positive number of points, and the others 0 "
            "or more"
        )
    if list(points) != sorted(points, reverse=True):
        raise AnalysisError(f"points {given} increase; a better place must not earn less")


def _refuse_awards(awards: Sequence[int]) -> None:
    if len(awards) > len(ORDINALS) or any(count < 0 for count in awards):
        raise AnalysisError(
            f"awards {list(awards)}: give up to {len(ORDINALS)} counts, none of them negative"
        )


def _awards(raw: Any) -> tuple[int, ...]:
    if not isinstance(raw, Sequence) or any(
        not isinstance(count, int) or isinstance(count, bool) for count in raw
    ):
        raise AnalysisError(f"awards {raw!r}: give whole numbers, for example [1, 2, 3]")
    return tuple(raw)


def _base(entry: Entry, teams: Sequence[str]) -> int | Mapping[str, float] | None:
    if not isinstance(entry.base, str):
        return entry.base
    if entry.base not in teams:
        raise AnalysisError(
            f"rule {entry.name}, base: no team {entry.base!r}; {hint(entry.base, list(teams))}"
        )
    return list(teams).index(entry.base)


def _counted(entry: Entry) -> set[str]:
    """Names inside count(), which are columns of images."""
    calls = (call for _, formula in entry.formulas() for call in formula.calls("count"))
    return {name for call in calls for name in Formula("", call.args[0]).names()}


def _shown(gate: Gate, inner: Scope, team: int) -> str:
    """The value that failed, where the gate's left side is more than a number."""
    left = gate.formula.tree.left  # pyright: ignore[reportAttributeAccessIssue]
    value = evaluate(Formula("", left), inner)[team]
    return f" ({text_of(left)} is {value:g})"
