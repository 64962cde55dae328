"""The language of rules: one expression over the columns at hand, parsed against a whitelist.

A formula is never run as Python: `ast` parses it, what is not listed here is refused with its position, and
`analysis.rule.evaluation` walks the tree.
"""

import ast
import re
import warnings
from collections.abc import Collection, Iterator
from dataclasses import dataclass, field
from typing import Literal

from analysis.did_you_mean import hint
from analysis.errors import AnalysisError

MOST_CHARACTERS = 2000
MOST_DEPTH = 40
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
"""What each function takes; None stands for two or more numbers."""

OVER_TEAMS = ("top", "low", "mean", "minmax", "rank", "points", "base")
"""Functions whose value for a team depends on the other teams."""

_LANGUAGE = f"there are numbers, names, + - * / **, and {', '.join(FUNCTIONS)}"
_COMPARISONS = (ast.Lt, ast.LtE, ast.Gt, ast.GtE, ast.Eq, ast.NotEq)
_READABLE = re.compile(r"[\x20-\x7e]*")
_DECIMALS = re.compile(r"(.*?)\(\s*(\d)\s+decimals?\s*\)\s*$")


@dataclass(frozen=True)
class Formula:
    """A formula that can be evaluated.

    Attributes
    ----------
    text
        As it was written, on one line.
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
        """Refuse a name that is not among the known ones, with its position and the nearest of them.

        Raises
        ------
        AnalysisError
        """
        for name, position in self.names().items():
            if name not in known:
                raise AnalysisError(
                    f"{what}, character {position}: nothing is called {name!r}; {hint(name, sorted(known))}"
                )

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
        To how many decimals its left side is rounded first; None: not at all.
    text
        As it was written, with its decimals.
    """

    formula: Formula
    decimals: int | None
    text: str


def parse(text: object, *, what: str = "formula") -> Formula:
    """Parse a formula for a number.

    Parameters
    ----------
    text
        The formula; anything but a text or a number is refused.
    what
        What it is called in errors.

    Raises
    ------
    AnalysisError
        With the position of what cannot be used.

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
        With the position of what cannot be used.
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
    """The column or rule that an operand names; a name that is no plain word stands in quotes."""
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
        raise AnalysisError(f"{what} has {len(line)} characters; {MOST_CHARACTERS} at most")
    readable = _READABLE.match(line)
    if readable is None or readable.end() < len(line):
        position = readable.end() if readable else 0
        raise AnalysisError(f"{what}, character {position + 1}: {line[position]!r} cannot stand in a formula")
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # Python's advice on code means nothing here
            tree = ast.parse(line, mode="eval").body
    except SyntaxError as error:
        position = error.offset or len(line) + 1
        rest = f"from here on: {line[position - 1 :][:20]!r}" if position <= len(line) else "it ends too soon"
        raise AnalysisError(f"{what}, character {position}: cannot be read, {rest}") from None
    except (ValueError, RecursionError, MemoryError, OverflowError):
        raise AnalysisError(f"{what} cannot be read: nested too deeply, or a number too long") from None
    _check(tree, kind, what, 1)
    return Formula(line, tree)


def _check(node: ast.expr, kind: Kind, what: str, depth: int) -> None:
    """Refuse what is no part of the language, or stands where another kind of value must stand."""
    where = f"{what}, character {node.col_offset + 1}"
    if depth > MOST_DEPTH:
        raise AnalysisError(f"{where}: nested more than {MOST_DEPTH} deep; write it more simply")
    if kind == "condition":
        _check_condition(node, where, what, depth)
    elif kind == "direction":
        if not (isinstance(node, ast.Name) and node.id in DIRECTIONS):
            raise AnalysisError(f"{where}: write higher or lower here, whichever is better")
    elif kind == "constant":
        if not (_is_number(node) and float(ast.literal_eval(node)) > 0):
            raise AnalysisError(f"{where}: write a number above 0 here")
    else:
        _check_number(node, where, what, depth)


def _check_number(node: ast.expr, where: str, what: str, depth: int) -> None:
    match node:
        case ast.BinOp(op=ast.Add() | ast.Sub() | ast.Mult() | ast.Div() | ast.Pow()):
            _check(node.left, "number", what, depth + 1)
            _check(node.right, "number", what, depth + 1)
        case ast.UnaryOp(op=ast.USub() | ast.UAdd()):
            _check(node.operand, "number", what, depth + 1)
        case ast.Call():
            _check_call(node, where, what, depth)
        case ast.Name() if node.id in DIRECTIONS:
            raise AnalysisError(f"{where}: {node.id} can stand in rank() and points() only")
        case ast.Name():
            pass
        case ast.Constant():
            if not (_is_number(node) or isinstance(node.value, str)):
                raise AnalysisError(f"{where}: {node.value!r} is no number that can be used")
        case ast.Compare():
            raise AnalysisError(f"{where}: a comparison can stand in where(), count() and require only")
        case _:
            remedy = (
                "write ** for a power" if isinstance(getattr(node, "op", None), ast.BitXor) else _LANGUAGE
            )
            raise AnalysisError(f"{where}: this is no part of the language; {remedy}")


def _check_condition(node: ast.expr, where: str, what: str, depth: int) -> None:
    if not isinstance(node, ast.Compare):
        raise AnalysisError(f"{where}: write a comparison here, such as psnr >= 26.90")
    if len(node.ops) != 1 or not isinstance(node.ops[0], _COMPARISONS):
        raise AnalysisError(f"{where}: compare two values with one of < <= > >= == !=")
    _check(node.left, "number", what, depth + 1)
    _check(node.comparators[0], "number", what, depth + 1)


def _check_call(node: ast.Call, where: str, what: str, depth: int) -> None:
    name = called(node)
    if name not in FUNCTIONS:
        raise AnalysisError(
            f"{where}: no function {name!r}; {hint(name, FUNCTIONS)}"
            if name
            else f"{where}: this is no function"
        )
    kinds = FUNCTIONS[name]
    if node.keywords or any(isinstance(part, ast.Starred) for part in node.args):
        raise AnalysisError(f"{where}: {name}() takes plain values with commas between them")
    if kinds is None:
        if len(node.args) < 2:
            raise AnalysisError(f"{where}: {name}() takes two values or more")
        kinds = ("number",) * len(node.args)
    if len(node.args) != len(kinds):
        raise AnalysisError(f"{where}: {name}() takes {len(kinds)} values, here are {len(node.args)}")
    for part, kind in zip(node.args, kinds, strict=True):
        _check(part, kind, what, depth + 1)


def _is_number(node: ast.expr) -> bool:
    if not isinstance(node, ast.Constant) or isinstance(node.value, bool):
        return False
    if not isinstance(node.value, int | float):
        return False
    return abs(node.value) < 1e300  # an inf, as of 1e999, or a number that no float holds, is none
