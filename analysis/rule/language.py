"""The language of rules: one expression over the available columns, parsed against a whitelist.

A formula is never run as Python: `ast` parses it, anything not listed here is refused with its position, and
`analysis.rule.evaluation` walks the tree.
"""

import ast
import re
import warnings
from collections.abc import Collection, Iterator
from dataclasses import dataclass, field
from typing import Literal

from analysis.amounts import how_many
from analysis.did_you_mean import hint
from analysis.errors import AnalysisError, FormulaError

MOST_CHARACTERS = 2000
MOST_DEPTH = 40
_AROUND = 50  # characters that an excerpt shows on either side
DIRECTIONS = ("higher", "lower")

Kind = Literal["number", "condition", "direction", "constant"]

FUNCTIONS: dict[str, tuple[Kind, ...] | None] = {
    "min": None,
    "max": None,
    "mean_of": None,
    "exp": ("number",),
    "log": ("number",),
    "sqrt": ("number",),
    "abs": ("number",),
    "clip": ("number", "number", "number"),
    "where": ("condition", "number", "number"),
    "top": ("number",),
    "low": ("number",),
    "mean": ("number",),
    "minmax": ("number",),
    "rank": ("number", "direction"),
    "points": ("number", "direction", "constant"),
    "base": ("number",),
    "count": ("condition",),
}
"""The arguments of each function; None stands for two or more numbers."""

OVER_TEAMS = ("top", "low", "mean", "minmax", "rank", "points", "base")
"""Functions whose value for a team depends on the other teams."""

_LANGUAGE = f"use numbers, names, + - * / **, and {', '.join(FUNCTIONS)}"
_EXAMPLES = {"number": "x", "condition": "x > 1", "direction": "higher", "constant": "10"}
_COMPARISONS = (ast.Lt, ast.LtE, ast.Gt, ast.GtE, ast.Eq, ast.NotEq)
_CALLED: dict[str, str] = dict.fromkeys(
    ("s3", "uscore"), "in formulas, the points of the user study are called u"
)
_CLOSING = {"(": ")", "[": "]", "{": "}"}
_READABLE = re.compile(r"[\x20-\x7e]*")
_DECIMALS = re.compile(r"(.*?)\(\s*(\d)\s+decimals?\s*\)\s*$")


@dataclass(frozen=True)
class Formula:
    """A formula that can be evaluated.

    Attributes
    ----------
    text
        As written, on one line.
    tree
        Its expression, checked.
    """

    text: str
    tree: ast.expr = field(repr=False, compare=False)

    def names(self) -> dict[str, int]:
        """The names it uses, each with the position of the first character, from 1."""
        found: dict[str, int] = {}
        for node in _operands(self.tree):
            if (name := name_of(node)) is not None:
                found.setdefault(name, node.col_offset + 1)
        return found

    def refuse_unknown(self, known: Collection[str], *, what: str) -> None:
        """Refuse an unknown name, with its position and the nearest known one.

        Raises
        ------
        AnalysisError
        """
        for name, position in self.names().items():
            if name not in known:
                remedy = _CALLED.get(name.casefold()) or hint(name, sorted(known))
                raise fault(what, self.text, position, f"nothing is called {name!r}; {remedy}")

    def calls(self, *functions: str) -> Iterator[ast.Call]:
        """The calls of these functions in it."""
        for node in ast.walk(self.tree):
            if isinstance(node, ast.Call) and called(node) in functions:
                yield node


@dataclass(frozen=True)
class Gate:
    """A condition that a team must meet to have a rank.

    Attributes
    ----------
    formula
        The comparison.
    decimals
        How many decimals its left side is rounded to first; None for no rounding.
    text
        As written, with its decimals.
    """

    formula: Formula
    decimals: int | None
    text: str


def fault(what: str, line: str, position: int, why: str) -> FormulaError:
    """Make the error for a formula that cannot be used.

    Parameters
    ----------
    what
        The formula's name.
    line
        The formula.
    position
        The character where it goes wrong, from 1.
    why
        What is wrong there, and the remedy.

    Examples
    --------
    >>> error = fault("final", "0.2*ecsore", 5, "nothing is called 'ecsore'")
    >>> print(error, *error.excerpt, sep="\\n")
    final, character 5: nothing is called 'ecsore'
        0.2*ecsore
            ^
    """
    first = max(0, position - 1 - _AROUND)
    before, after = "..." if first else "", "..." if len(line) > position + _AROUND else ""
    shown = f"    {before}{line[first : position + _AROUND]}{after}"
    caret = " " * (4 + len(before) + position - 1 - first) + "^"
    return FormulaError(f"{what}, character {position}: {why}", (shown, caret))


def parse(text: object, *, what: str = "formula") -> Formula:
    """Parse a formula for a number.

    Parameters
    ----------
    text
        The formula; anything but a text or a number is refused.
    what
        Its name in errors.

    Raises
    ------
    AnalysisError
        With the position of the problem.

    Examples
    --------
    >>> sorted(parse("0.2*s2 + 0.8*(escore + 100*u/top(u))").names())
    ['escore', 's2', 'u']
    """
    return _parsed(text, "number", what)


def parse_gate(text: object, *, what: str = "require") -> Gate:
    """Parse a comparison such as `psnr >= 26.90 (2 decimals)`.

    Raises
    ------
    AnalysisError
        With the position of the problem.
    """
    if not isinstance(text, str):
        raise AnalysisError(f'{what}: {text!r} is no condition; write one like "psnr >= 26.90 (2 decimals)"')
    declared = _DECIMALS.fullmatch(text)
    condition, decimals = (declared[1], int(declared[2])) if declared else (text, None)
    return Gate(_parsed(condition, "condition", what), decimals, " ".join(text.split()))


def called(node: ast.Call) -> str:
    """The function's name."""
    return node.func.id if isinstance(node.func, ast.Name) else ""


def name_of(node: ast.expr) -> str | None:
    """The column or rule that an operand names; a name that is not a plain word is in quotes."""
    if isinstance(node, ast.Name):
        return node.id
    if isinstance(node, ast.Constant) and isinstance(node.value, str):
        return node.value
    return None


def arguments(node: ast.Call) -> list[ast.expr]:
    """The arguments that are expressions, without directions."""
    kinds = FUNCTIONS[called(node)]
    if kinds is None:
        return node.args
    return [part for part, kind in zip(node.args, kinds, strict=True) if kind in ("number", "condition")]


def _operands(node: ast.expr) -> Iterator[ast.expr]:
    if isinstance(node, ast.Name | ast.Constant):
        yield node
        return
    parts = arguments(node) if isinstance(node, ast.Call) else ast.iter_child_nodes(node)
    for part in parts:
        if isinstance(part, ast.expr):
            yield from _operands(part)


def _parsed(text: object, kind: Kind, what: str) -> Formula:
    if isinstance(text, bool) or not isinstance(text, str | int | float):
        raise AnalysisError(f'{what}: {text!r} is no formula; write one as text, such as "100*minmax(u)"')
    line = " ".join(str(text).split())
    if not line:
        raise AnalysisError(f'{what} is empty; write a formula, such as "100*minmax(u)"')
    if len(line) > MOST_CHARACTERS:
        raise AnalysisError(f"{what} has {len(line)} characters; use at most {MOST_CHARACTERS}")
    readable = _READABLE.match(line)
    if readable is None or readable.end() < len(line):
        position = readable.end() if readable else 0
        raise fault(what, line, position + 1, f"{line[position]!r} is not allowed in a formula; {_LANGUAGE}")
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # Python's advice on code means nothing here
            tree = ast.parse(line, mode="eval").body
    except SyntaxError as error:
        position = min(error.offset or len(line) + 1, len(line) + 1)
        raise fault(what, line, position, _unreadable(line, position, str(error.msg))) from None
    except (ValueError, RecursionError, MemoryError, OverflowError):
        raise AnalysisError(f"{what} cannot be read: nested too deeply, or a number too long") from None
    _Checker(what, line).check(tree, kind, 1)
    return Formula(line, tree)


def _unreadable(line: str, position: int, said: str) -> str:
    """Say why Python cannot read a formula, and what to do."""
    sign = line[position - 1 : position]
    if "was never closed" in said:
        return f"this {sign} is not closed; add {_CLOSING.get(sign, sign)}"
    if "unmatched" in said:
        return f"this {sign} closes nothing; remove it, or add the one that opens"
    if "forgot a comma" in said:
        return "there is no operator between two values here; write * or another operator, or a comma"
    if not sign:
        return "the formula ends too early; complete it, or remove the last operator"
    rest = line[position - 1 :][:20]
    before = line[: position - 1].rstrip()[-1:]
    if (before.isalnum() or before in list("_)")) and (sign.isalnum() or sign in "_("):
        return f"there is no operator before {rest!r}; write * or another one"
    return f"cannot be read from here on: {rest!r}; {_LANGUAGE}"


@dataclass(frozen=True)
class _Checker:
    """Refuses what is no part of the language, or stands where another kind of value must stand."""

    what: str
    line: str

    def check(self, node: ast.expr, kind: Kind, depth: int) -> None:
        if depth > MOST_DEPTH:
            raise self._fault(node, f"nested more than {MOST_DEPTH} levels deep; simplify it")
        if kind == "condition":
            self._check_condition(node, depth)
        elif kind == "direction":
            if not (isinstance(node, ast.Name) and node.id in DIRECTIONS):
                raise self._fault(node, "write higher or lower here, whichever is better")
        elif kind == "constant":
            if not (_is_number(node) and float(ast.literal_eval(node)) > 0):
                raise self._fault(node, "write a number above 0 here")
        else:
            self._check_number(node, depth)

    def _fault(self, node: ast.expr, why: str) -> FormulaError:
        return fault(self.what, self.line, node.col_offset + 1, why)

    def _check_number(self, node: ast.expr, depth: int) -> None:
        match node:
            case ast.BinOp(op=ast.Add() | ast.Sub() | ast.Mult() | ast.Div() | ast.Pow()):
                self.check(node.left, "number", depth + 1)
                self.check(node.right, "number", depth + 1)
            case ast.UnaryOp(op=ast.USub() | ast.UAdd()):
                self.check(node.operand, "number", depth + 1)
            case ast.Call():
                self._check_call(node, depth)
            case ast.Name() if node.id in DIRECTIONS:
                raise self._fault(node, f"{node.id} is only allowed in rank() and points()")
            case ast.Name():
                pass
            case ast.Constant():
                if not (_is_number(node) or isinstance(node.value, str)):
                    shown = repr(node.value)[:20]
                    raise self._fault(node, f"{shown} cannot be used as a number; write one below 1e300")
            case ast.Compare():
                raise self._fault(node, "a comparison is only allowed in where(), count() and require")
            case ast.BinOp(op=ast.BitXor(), left=left):
                position = self.line.index("^", left.end_col_offset or 0) + 1
                raise fault(
                    self.what, self.line, position, "^ is not part of the language; write ** for a power"
                )
            case _:
                raise self._fault(node, f"this is not part of the language; {_remedy(node)}")

    def _check_condition(self, node: ast.expr, depth: int) -> None:
        if not isinstance(node, ast.Compare):
            raise self._fault(node, "write a comparison here, such as psnr >= 26.90")
        if len(node.ops) != 1 or not isinstance(node.ops[0], _COMPARISONS):
            raise self._fault(node, "compare two values with one of < <= > >= == !=")
        self.check(node.left, "number", depth + 1)
        self.check(node.comparators[0], "number", depth + 1)

    def _check_call(self, node: ast.Call, depth: int) -> None:
        name = called(node)
        if name not in FUNCTIONS:
            why = f"no function {name!r}; {hint(name, FUNCTIONS)}" if name else "this is not a function"
            raise self._fault(node, why if name else f"{why}; {_LANGUAGE}")
        kinds = FUNCTIONS[name]
        if node.keywords or any(isinstance(part, ast.Starred) for part in node.args):
            raise self._fault(node, f"{name}() takes only values separated by commas")
        if kinds is None:
            if len(node.args) < 2:
                raise self._fault(node, f"{name}() takes two or more values, but got {len(node.args)}")
            kinds = ("number",) * len(node.args)
        if len(node.args) != len(kinds):
            takes = how_many(len(kinds), "values")
            example = f"{name}({', '.join(_EXAMPLES[kind] for kind in kinds)})"
            raise self._fault(node, f"{name}() takes {takes}, as in {example}, but got {len(node.args)}")
        for part, kind in zip(node.args, kinds, strict=True):
            self.check(part, kind, depth + 1)


def _remedy(node: ast.expr) -> str:
    """What to write instead."""
    if isinstance(node, ast.Tuple):
        return "use a decimal point, not a comma"
    if isinstance(node, ast.IfExp | ast.BoolOp):
        return "write where(a > b, x, y) for a choice"
    return _LANGUAGE


def _is_number(node: ast.expr) -> bool:
    if not isinstance(node, ast.Constant) or isinstance(node.value, bool):
        return False
    if not isinstance(node.value, int | float):
        return False
    return abs(node.value) < 1e300  # an inf, as of 1e999, or a number that no float holds, is none
