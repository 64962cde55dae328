"""Formulas evaluated on arrays: teams along the last axis, any other axes before it.

Values are never infinite: what has no value (a missing column, a division by zero, a number too large for a
float) is NaN, and `why_undefined` gives the reason.
"""

import ast
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from analysis.errors import AnalysisError
from analysis.rule.language import Formula, Gate, arguments, called, name_of
from analysis.rule.teams import Array, Better, Ends, average, highest, lowest, minmax, rank_points, ranks

_COMPARE = {
    ast.Lt: np.less,
    ast.LtE: np.less_equal,
    ast.Gt: np.greater,
    ast.GtE: np.greater_equal,
    ast.Eq: np.equal,
    ast.NotEq: np.not_equal,
}
_OPERATE = {
    ast.Add: np.add,
    ast.Sub: np.subtract,
    ast.Mult: np.multiply,
    ast.Div: np.divide,
    ast.Pow: np.power,
}
_HALF = 1e-9  # 26.895 has no float of its own; what is this close to a half is one


@dataclass(frozen=True)
class Scope:
    """What a formula is evaluated on.

    Attributes
    ----------
    columns
        Values by name, (..., N) each.
    images
        Values of each image by name, (I, N) each, for count().
    base
        For base(): the code of a team, or its values by column.
    ends
        For top(), low() and minmax() of an argument, by the argument's text: the teams to use as lowest and
        highest instead of each row's own.
    """

    columns: Mapping[str, Array]
    images: Mapping[str, Array] = field(default_factory=dict)
    base: int | Mapping[str, float] | None = None
    ends: Mapping[str, Ends] = field(default_factory=dict)


def evaluate(formula: Formula, scope: Scope) -> Array:
    """Return the formula's values, (..., N) float; NaN where undefined.

    Raises
    ------
    AnalysisError
        For a name without a column, and for base() without a base.
    """
    shapes = [np.shape(scope.columns[name]) for name in formula.names() if name in scope.columns]
    shapes = shapes or [np.shape(values) for values in scope.columns.values()]
    value = _number(formula.tree, scope)
    return np.broadcast_to(value, np.broadcast_shapes(np.shape(value), *shapes)).copy()


def passes(gate: Gate, scope: Scope, *, rounding: bool = True) -> Array:
    """Whether each team meets a gate: 1, 0, or NaN if unknown.

    Parameters
    ----------
    rounding
        Whether to round to the gate's decimals.
    """
    return _condition(gate.formula.tree, scope, gate.decimals if rounding else None)


@dataclass(frozen=True)
class Undefined:
    """Why a formula has no value for a team.

    Attributes
    ----------
    reason
        In plain language.
    position
        Of the first character of what has no value, from 1.
    name
        The column or rule that is missing; None if something cannot be computed.
    remedy
        What to write instead; empty for a missing value.
    """

    reason: str
    position: int
    name: str | None = None
    remedy: str = ""


def why_undefined(formula: Formula, scope: Scope, team: int) -> Undefined | None:
    """Say why a team has no value, or None if it has one; for columns of shape (N,) or (I, N)."""
    return _why(formula.tree, scope, team)


def text_of(node: ast.expr) -> str:
    """An expression as text."""
    return ast.unparse(node)


def _number(node: ast.expr, scope: Scope) -> Array:
    name = name_of(node)
    if name is not None:
        if name not in scope.columns:
            raise AnalysisError(f"nothing is called {name!r}")
        return np.asarray(scope.columns[name], dtype=float)
    with np.errstate(all="ignore"):
        if isinstance(node, ast.BinOp):
            value = _OPERATE[type(node.op)](_number(node.left, scope), _number(node.right, scope))
            if isinstance(node.op, ast.Pow):  # NaN**0 and 1**NaN are 1 in floats, but the value is unknown
                unknown = np.isnan(_number(node.left, scope)) | np.isnan(_number(node.right, scope))
                value = np.where(unknown, np.nan, value)
        elif isinstance(node, ast.UnaryOp):
            operand = _number(node.operand, scope)
            value = -operand if isinstance(node.op, ast.USub) else operand
        elif isinstance(node, ast.Call):
            value = _call(node, scope)
        else:
            value = np.array([float(_constant(node))])
        return np.where(np.isfinite(value), value, np.nan)


def _constant(node: ast.expr) -> Any:
    assert isinstance(node, ast.Constant)
    return node.value


def _call(node: ast.Call, scope: Scope) -> Array:
    name = called(node)
    if name == "count":
        inner = Scope(scope.images, base=scope.base)
        return _condition(node.args[0], inner, None).sum(axis=-2)
    if name == "where":
        return _chosen(node, scope)
    values = [_number(part, scope) for part in arguments(node)]
    if name in _FOLDED:
        return _each(_FOLDED[name], values)
    return _ALONE[name](values[0]) if name in _ALONE else _among_teams(node, values, scope)


_FOLDED = {"min": np.minimum, "max": np.maximum}
_ALONE = {"exp": np.exp, "log": np.log, "sqrt": np.sqrt, "abs": np.abs, "mean": average}
_ENDS = {"top": highest, "low": lowest, "minmax": minmax}


def _among_teams(node: ast.Call, values: list[Array], scope: Scope) -> Array:
    """Functions with a second argument of their own, and those that ends may change."""
    name, first = called(node), values[0]
    if name in _ENDS:
        return _ENDS[name](first, scope.ends.get(text_of(node.args[0])))
    match name:
        case "mean_of":
            return _each(np.add, values) / len(values)
        case "clip":
            return np.minimum(np.maximum(first, values[1]), values[2])
        case "rank":
            rank = ranks(first, _direction(node.args[1]))
            return np.where(rank > 0, rank, np.nan)
        case "points":
            return rank_points(first, _direction(node.args[1]), float(_constant(node.args[2])))
    return _base(node.args[0], first, scope)


def _chosen(node: ast.Call, scope: Scope) -> Array:
    """where(): what was not chosen may be undefined."""
    condition = _condition(node.args[0], scope, None)
    chosen = np.where(condition == 1, _number(node.args[1], scope), _number(node.args[2], scope))
    return np.where(np.isnan(condition), np.nan, chosen)


def _each(operate: Any, values: list[Array]) -> Array:
    result = values[0]
    for value in values[1:]:
        result = operate(result, value)
    return result


def _direction(node: ast.expr) -> Better:
    return "lower" if isinstance(node, ast.Name) and node.id == "lower" else "higher"


def _base(node: ast.expr, values: Array, scope: Scope) -> Array:
    if scope.base is None:
        raise AnalysisError(
            "base() has no base; name the team to compare the others with: --base TEAM, or `base` in the rule"
        )
    if isinstance(scope.base, int):
        return values[..., [scope.base]]
    name = name_of(node)
    if name is None or name not in scope.base:
        raise AnalysisError(f"the base has no {text_of(node)}; it has {', '.join(scope.base)}")
    return np.array([float(scope.base[name])])


def _condition(node: ast.expr, scope: Scope, decimals: int | None) -> Array:
    assert isinstance(node, ast.Compare)
    left, right = _number(node.left, scope), _number(node.comparators[0], scope)
    if decimals is not None:
        left = np.floor(left * 10.0**decimals + 0.5 + _HALF) / 10.0**decimals
        right = np.floor(right * 10.0**decimals + 0.5 + _HALF) / 10.0**decimals
    met = _COMPARE[type(node.ops[0])](left, right)
    return np.where(np.isnan(left) | np.isnan(right), np.nan, met.astype(float))


def _why(node: ast.expr, scope: Scope, team: int) -> Undefined | None:
    if not isinstance(node, ast.Compare) and not _undefined(_number(node, scope), team):
        return None
    name = name_of(node)
    if name is not None:
        return Undefined(f"{name} is missing", node.col_offset + 1, name)
    for part in _used(node, scope, team):
        if (reason := _why(part, scope, team)) is not None:
            return reason
    if isinstance(node, ast.Compare):
        return None
    return Undefined(_own_reason(node, scope, team), _place(node), remedy=_own_remedy(node, scope, team))


def _undefined(values: Array, team: int) -> bool:
    """Whether the team's value is undefined, on any image where there are several."""
    return bool(np.isnan(values[..., team if values.shape[-1] > 1 else 0]).any())


def _used(node: ast.expr, scope: Scope, team: int) -> list[ast.expr]:
    """The parts that a value was made of; of where() those that the team's value came from."""
    if isinstance(node, ast.BinOp):
        return [node.left, node.right]
    if isinstance(node, ast.UnaryOp):
        return [node.operand]
    if isinstance(node, ast.Compare):
        return [node.left, *node.comparators]
    if not isinstance(node, ast.Call) or called(node) == "count":
        return []
    parts = arguments(node)
    if called(node) == "where":
        met = np.atleast_1d(_condition(parts[0], scope, None))
        met = met[..., team if met.shape[-1] > 1 else 0]
        return [
            parts[0],
            *([parts[1]] if (met == 1).any() else []),
            *([parts[2]] if (met == 0).any() else []),
        ]
    return parts


_OWN_REASONS = {
    "log": "is undefined for such a small number",
    "sqrt": "is undefined for such a small number",
    "exp": "is too large for a number",
    "base": "is unknown",
    "count": "is undefined because an image has no value",
}


def _place(node: ast.expr) -> int:
    """Where the caret stands: of a division under what divides."""
    return (node.right if isinstance(node, ast.BinOp) else node).col_offset + 1


def _by_zero(node: ast.expr, scope: Scope, team: int) -> bool:
    if not (isinstance(node, ast.BinOp) and isinstance(node.op, ast.Div)):
        return False
    divisor = _number(node.right, scope)
    return bool((divisor[..., team if divisor.shape[-1] > 1 else 0] == 0).any())


def _own_remedy(node: ast.expr, scope: Scope, team: int) -> str:
    if _by_zero(node, scope, team):
        assert isinstance(node, ast.BinOp)
        divisor = text_of(node.right)
        if name_of(node.right) is None and not Formula("", node.right).names():
            return "divide by another number"
        return f"say what to use instead, as in where({divisor} == 0, 0, {text_of(node)})"
    name = called(node) if isinstance(node, ast.Call) else ""
    inner = text_of(node.args[0]) if isinstance(node, ast.Call) else ""
    remedies = {
        "log": f"keep it above 0, as in log(max({inner}, 0.001))",
        "sqrt": f"keep it at 0 or above, as in sqrt(max({inner}, 0))",
        "minmax": "use a score in which teams differ",
    }
    return remedies.get(name, "use smaller numbers")


def _own_reason(node: ast.expr, scope: Scope, team: int) -> str:
    """Why a value made of defined parts is undefined."""
    text = text_of(node)
    if isinstance(node, ast.BinOp):
        by_zero = _by_zero(node, scope, team)
        return f"division by zero in {text}" if by_zero else f"{text} is not a number, or too large for one"
    if not isinstance(node, ast.Call):
        return f"{text} is undefined"
    if called(node) == "minmax":
        return _no_spread(text_of(node.args[0]), _number(node.args[0], scope))
    return f"{text} {_OWN_REASONS.get(called(node), 'is undefined')}"


def _no_spread(text: str, values: Array) -> str:
    there = values[~np.isnan(values)]
    if len(there) == 1:
        return f"minmax({text}) is undefined: only one team has a value, but it needs two different values"
    return f"minmax({text}) is undefined: all teams have the same {text} ({there[0]:g}), so max - min is 0"
