"""The structure of a formula: whether it is linear, and the weights of a weighted sum."""

import ast
from collections.abc import Mapping
from dataclasses import dataclass

from analysis.rule.evaluation import Scope, evaluate, text_of
from analysis.rule.language import Formula, called, name_of


@dataclass(frozen=True)
class Term:
    """One summand of a weighted sum: weight times the expression in `formula`."""

    weight: float
    formula: Formula

    @property
    def text(self) -> str:
        """The summand without its weight."""
        return self.formula.text


def is_affine(formula: Formula) -> bool:
    """Whether the mean of the formula's values is the formula of the means."""
    return _affine(formula.tree)


def terms_of(formula: Formula) -> tuple[Term, ...]:
    """The formula as a weighted sum without its constants; anything but a sum is one term.

    Examples
    --------
    >>> from analysis.rule.language import parse
    >>> [(term.weight, term.text) for term in terms_of(parse("0.2*s2 + 0.8*(escore + 100*u/top(u))"))]
    [(0.2, 's2'), (0.8, 'escore'), (80.0, 'u / top(u)')]
    """
    return tuple(
        Term(weight, Formula(text, node)) for text, (weight, node) in _terms(formula.tree).items() if text
    )


def _affine(node: ast.expr) -> bool:
    if _plain_number(node) is not None or name_of(node) is not None:
        return True
    if isinstance(node, ast.UnaryOp):
        return _affine(node.operand)
    if isinstance(node, ast.BinOp):
        left, right = _plain_number(node.left), _plain_number(node.right)
        match node.op:
            case ast.Add() | ast.Sub():
                return _affine(node.left) and _affine(node.right)
            case ast.Mult():
                return (left is not None and _affine(node.right)) or (
                    right is not None and _affine(node.left)
                )
            case ast.Div():
                return right is not None and _affine(node.left)
    return (
        isinstance(node, ast.Call) and called(node) == "mean_of" and all(_affine(part) for part in node.args)
    )


def _plain_number(node: ast.expr) -> float | None:
    """The value of an expression without names."""
    formula = Formula(text_of(node), node)
    if formula.names():
        return None
    value = evaluate(formula, Scope({}))
    return float(value[0]) if value.size == 1 and value[0] == value[0] else None


Sum = Mapping[str, tuple[float, ast.expr]]
"""Weights and expressions by the expression's text; "" is the constant."""


def _terms(node: ast.expr) -> Sum:
    number = _plain_number(node)
    if number is not None:
        return {"": (number, node)}
    found: Sum | None = None
    if isinstance(node, ast.UnaryOp):
        found = _times(_terms(node.operand), -1.0 if isinstance(node.op, ast.USub) else 1.0)
    elif isinstance(node, ast.BinOp):
        found = _terms_of_two(node)
    return {text_of(node): (1.0, node)} if found is None else found


def _terms_of_two(node: ast.BinOp) -> Sum | None:
    left, right = _plain_number(node.left), _plain_number(node.right)
    match node.op:
        case ast.Add() | ast.Sub():
            sign = 1.0 if isinstance(node.op, ast.Add) else -1.0
            return _plus(_terms(node.left), _times(_terms(node.right), sign))
        case ast.Mult() if left is not None:
            return _times(_terms(node.right), left)
        case ast.Mult() if right is not None:
            return _times(_terms(node.left), right)
        case ast.Div() if right is None:
            return _divided(_terms(node.left), node)
        case ast.Div() if right:
            return _times(_terms(node.left), 1 / right)
    return None


def _divided(left: Sum, node: ast.BinOp) -> Sum:
    """100*u/top(u) is 100 times u/top(u)."""
    if len(left) == 1 and "" not in left:
        ((weight, part),) = left.values()
        inner = ast.BinOp(part, node.op, node.right)
        return {text_of(inner): (weight, inner)}
    return {text_of(node): (1.0, node)}


def _plus(one: Sum, other: Sum) -> Sum:
    both = dict(one)
    for text, (weight, node) in other.items():
        both[text] = (weight + both[text][0] if text in both else weight, node)
    return both


def _times(terms: Sum, factor: float) -> Sum:
    return {text: (weight * factor, node) for text, (weight, node) in terms.items()}
