"""One text for all ways of writing the same expression: order and names that mean nothing are left out."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import NamedTuple

from advisor.expressions.nodes import (
    Binary,
    Call,
    Choice,
    Compare,
    Literal,
    Logic,
    Name,
    Node,
    Path,
    Unary,
)

MIRROR = {">": "<", "<": ">", ">=": "<=", "<=": ">=", "==": "==", "!=": "!="}
INVERSE = {">": "<=", "<": ">=", ">=": "<", "<=": ">", "==": "!=", "!=": "=="}
_EITHER_WAY = ("+", "*", "min", "max", "same", "and", "or")


class Naming(NamedTuple):
    """What paths and names are called in a form."""

    path: Callable[[str, str], str]
    name: Callable[[str], str]


def form(node: Node, naming: Naming) -> str:
    return _FORMS[type(node)](node, naming)


def pairs(node: Compare) -> Iterator[tuple[Node, str, Node]]:
    """`a < b <= c` as a < b and b <= c."""
    yield from zip(node.operands, node.operators, node.operands[1:], strict=False)


def _applied(function: str, *arguments: str) -> str:
    ordered = sorted(arguments) if function in _EITHER_WAY else arguments
    return f"{function}({', '.join(ordered)})"


def constant(value: object) -> str:
    return repr(value) if isinstance(value, str) else str(value)


def _unary(node: Unary, naming: Naming) -> str:
    number = node.operand.value if isinstance(node.operand, Literal) and node.operator == "-" else None
    return _applied(node.operator, form(node.operand, naming)) if number is None else constant(-number)


def _compare(node: Compare, naming: Naming) -> str:
    found = [comparison(form(left, naming), sign, form(right, naming)) for left, sign, right in pairs(node)]
    return _applied("and", *found) if len(found) > 1 else found[0]


def comparison(left: str, sign: str, right: str) -> str:
    """`a > b` is `b < a`, what is equal is so either way, and `a == true` is `a`."""
    if sign == "==" and constant(True) in (left, right):
        return right if left == constant(True) else left
    turned = sign in (">", ">=") or (sign in ("==", "!=") and left > right)
    left, sign, right = (right, MIRROR[sign], left) if turned else (left, sign, right)
    return f"{sign}({left}, {right})"


_FORMS: dict[type, Callable[..., str]] = {
    Literal: lambda node, naming: constant(node.value),
    Compare: _compare,
    Path: lambda node, naming: naming.path(node.alias, node.field),
    Name: lambda node, naming: naming.name(node.name),
    Unary: _unary,
    Binary: lambda node, naming: _applied(node.operator, form(node.left, naming), form(node.right, naming)),
    Logic: lambda node, naming: _applied(node.operator, *(form(each, naming) for each in node.operands)),
    Choice: lambda node, naming: _applied(
        "if", *(form(each, naming) for each in (node.test, node.then, node.otherwise))
    ),
    Call: lambda node, naming: _applied(node.function, *(form(each, naming) for each in node.arguments)),
}
