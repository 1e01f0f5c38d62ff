"""Values and formulas for readers: every number with its unit, every name with its value."""

from __future__ import annotations

from collections.abc import Callable
from fractions import Fraction
from typing import NamedTuple

from ..units import Number, show, unit
from .check import type_of
from .compile import evaluator
from .nodes import Binary, Call, Choice, Compare, Literal, Logic, Name, Node, Path, Unary
from .parse import Parsed
from .types import Scope, Type
from .values import Environment, Unknown, Value

LONGEST_TEXT = 1_000
LONGEST_NUMBER = 60
LONGEST_LIST = 100
LONGEST_IN_FORMULA = 200
LONGEST_FORMULA = 2_000  # an expression has 1,000
_TRUTH = {True: "yes", False: "no"}


def show_value(value: Value, kind: Type) -> str:
    """One value: "131.0 GiB", "yes", "1, 2 and 4", "unknown", "at least 12.0 GiB"; what is long is cut."""
    return cut(_SHOWN[type(value)](value, kind), LONGEST_TEXT)


def show_result(value: Value, kind: Type, most: int = LONGEST_TEXT) -> str:
    """One value as it stands in a formula: texts in quotes, so that an empty one shows."""
    shown = cut(show_value(value, kind), most)
    return f"'{shown}'" if type(value) is str else shown


def cut(text: str, most: int) -> str:
    """The beginning of a text that is longer than this, with its length."""
    return text if len(text) <= most else f"{text[: most - 40]}… ({len(text):,} characters)"


def _number(value: Number, kind: Type) -> str:
    return cut(show(value, unit(kind.unit) if kind.unit else None, kind.dimension), LONGEST_NUMBER)


def _unknown(value: Unknown, kind: Type) -> str:
    if value.low is None or value.low <= 0:  # at least nothing says nothing
        return "unknown"
    return f"at least {_number(value.low, kind)}"


def _list(values: tuple[Value, ...], kind: Type) -> str:
    """Plain counts in a list go without their unit, which the sentence around it says once."""
    each = kind if kind.dimension else kind._replace(unit=None)
    shown = [show_value(value, each) for value in values[:LONGEST_LIST]]
    if len(values) > LONGEST_LIST:
        return f"{', '.join(shown)}… ({len(values):,} in all)"
    *most, last = shown or ["none"]
    return f"{', '.join(most)} and {last}" if most else last


_SHOWN: dict[type, Callable[..., str]] = {
    int: _number,
    Fraction: _number,
    Unknown: _unknown,
    tuple: _list,
    str: lambda value, kind: value,
    bool: lambda value, kind: _TRUTH[value],
}


class _Place(NamedTuple):
    env: Environment
    scope: Scope


class _Shown(NamedTuple):
    """Text, and how tightly it holds together: what is looser than its place needs parentheses."""

    text: str
    rank: int

    def within(self, rank: int) -> str:
        return self.text if self.rank >= rank else f"({self.text})"


_RANKS = {
    **{"or": 2, "and": 3, "not": 4, "+": 6, "-": 6},
    **{"*": 7, "/": 7, "//": 7, "%": 7, "**": 9},
}
_CHOICE, _COMPARE, _SIGN, _ATOM = 1, 5, 8, 10


def formula(parsed: Parsed, env: Environment, scope: Scope) -> str:
    """The expression with values in place of names: "145.7 GiB - 72.0 GiB"."""
    return formula_of(parsed.tree, env, scope)


def formula_of(node: Node, env: Environment, scope: Scope) -> str:
    """The same of a part of an expression."""
    return cut(_shown(node, _Place(env, scope)).text, LONGEST_FORMULA)


def _shown(node: Node, place: _Place) -> _Shown:
    return _NODES[type(node)](node, place)


def _atom(text: str) -> _Shown:
    return _Shown(text, _SIGN if text.startswith("-") else _ATOM)


def _read(node: Name | Path, place: _Place) -> _Shown:
    value = evaluator(node)(place.env)
    return _atom(show_result(value, type_of(node, place.scope), LONGEST_IN_FORMULA))


def _literal(node: Literal, place: _Place) -> _Shown:
    if node.text == "bits_per_byte":
        return _atom(show(node.value, None, node.dimension))
    return _atom(f"1 {node.text}" if node.dimension else node.text)


def _unary(node: Unary, place: _Place) -> _Shown:
    space, rank = (" ", _RANKS["not"]) if node.operator == "not" else ("", _SIGN)
    operand = _shown(node.operand, place)
    return _Shown(f"{node.operator}{space}{operand.within(rank + (not space))}", rank)


def _binary(node: Binary, place: _Place) -> _Shown:
    if _is_measure(node):
        return _atom(f"{node.left.text} {node.right.text}")
    rank = _RANKS[node.operator]
    left, right = _shown(node.left, place), _shown(node.right, place)
    ranks = (rank + 1, _SIGN) if node.operator == "**" else (rank, _after(rank, right))
    return _Shown(f"{left.within(ranks[0])} {node.operator} {right.within(ranks[1])}", rank)


def _after(rank: int, right: _Shown) -> int:
    """`a - -3` would be right and hard to read."""
    return _ATOM if right.text.startswith("-") else rank + 1


def _is_measure(node: Binary) -> bool:
    """`2 * GiB` is how the language writes 2 GiB."""
    left, right = node.left, node.right
    if node.operator != "*" or type(left) is not Literal or type(right) is not Literal:
        return False
    return not left.dimension and bool(right.dimension) and right.text != "bits_per_byte"


def _compare(node: Compare, place: _Place) -> _Shown:
    first, *rest = [_shown(operand, place).within(_COMPARE + 1) for operand in node.operands]
    pairs = zip(node.operators, rest, strict=True)
    return _Shown(" ".join([first, *(f"{sign} {text}" for sign, text in pairs)]), _COMPARE)


def _logic(node: Logic, place: _Place) -> _Shown:
    rank = _RANKS[node.operator]
    parts = [_shown(operand, place).within(rank + 1) for operand in node.operands]
    return _Shown(f" {node.operator} ".join(parts), rank)


def _choice(node: Choice, place: _Place) -> _Shown:
    then, test = (_shown(part, place).within(_CHOICE + 1) for part in (node.then, node.test))
    return _Shown(f"{then} if {test} else {_shown(node.otherwise, place).text}", _CHOICE)


def _call(node: Call, place: _Place) -> _Shown:
    if node.function == "has":
        return _Shown(f"has({node.arguments[0].text})", _ATOM)
    if node.function == "default":
        return _default(node, place)
    arguments = ", ".join(_shown(argument, place).text for argument in node.arguments)
    return _Shown(f"{node.function}({arguments})", _ATOM)


def _default(node: Call, place: _Place) -> _Shown:
    """Says so where the default was taken; the name alone would hide that nothing was said."""
    path, otherwise = node.arguments
    if path.field in place.env[path.alias].values:
        return _read(path, place)
    return _Shown(f"default {_shown(otherwise, place).within(_ATOM)}", _CHOICE)


_NODES: dict[type, Callable[..., _Shown]] = {
    **{Literal: _literal, Name: _read, Path: _read, Unary: _unary, Binary: _binary},
    **{Compare: _compare, Logic: _logic, Choice: _choice, Call: _call},
}
