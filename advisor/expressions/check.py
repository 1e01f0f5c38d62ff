"""Units are checked when a rule loads: what an expression yields is found out before it ever runs.

A rule whose bytes meet bytes per second must not load. Each message names both sides.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import NoReturn

from ..units import Number, power
from .algebra import add, alike, clash, product, quotient, whole_quotient
from .compile import evaluator
from .errors import EvaluationError, ExpressionError
from .exact import MAX_PLACES
from .nodes import Binary, Call, Choice, Compare, Literal, Logic, Name, Node, Path, Unary, is_constant
from .parse import Parsed
from .types import BOOLEAN, INTEGER, NUMBER, TEXT, Base, Scope, Type, describe, same_dimension


def check(parsed: Parsed, scope: Scope) -> Type:
    """The type of an expression, or ExpressionError with the place of the first contradiction."""
    return _check(parsed.tree, scope)


def type_of(node: Node, scope: Scope) -> Type:
    """The type of one part of an expression that `check` has accepted."""
    return _check(node, scope)


def _check(node: Node, scope: Scope) -> Type:
    return _CHECKS[type(node)](node, scope)


def _fail(node: Node | int, text: str, hint: str | None = None, code: str = "expression") -> NoReturn:
    raise ExpressionError(text, node if isinstance(node, int) else node.offset, hint, code)


def _number(node: Node, scope: Scope, what: str) -> Type:
    kind = _check(node, scope)
    if not kind.numeric:
        _fail(node, f"{what} needs a number, and this is {describe(kind)}")
    return kind


def _plain(node: Node, scope: Scope, what: str) -> Type:
    kind = _number(node, scope, what)
    if kind.dimension:
        _fail(node, f"{what} needs a plain number, and this is {describe(kind)}", code="unit-mismatch")
    return kind


def _boolean(node: Node, scope: Scope, what: str) -> None:
    kind = _check(node, scope)
    if kind.base != "boolean":
        _fail(node, f"{what} needs a condition, and this is {describe(kind)}")


_TRUTH_TYPES = {bool: BOOLEAN, str: TEXT}


def _literal(node: Literal, scope: Scope) -> Type:
    if type(node.value) in _TRUTH_TYPES:
        return _TRUTH_TYPES[type(node.value)]
    base: Base = "integer" if isinstance(node.value, int) else "number"
    return Type(base, node.dimension, zero=not node.value)


def _bound(look_up: Callable[..., Type], node: Name | Path, *names: str) -> Type:
    try:
        return look_up(*names)
    except KeyError as error:
        text = getattr(error, "text", f"{'.'.join(names)} is not known here")
        hint, code = getattr(error, "hint", None), getattr(error, "code", "unbound")
        raise ExpressionError(text, node.offset, hint, code) from None


def _name(node: Name, scope: Scope) -> Type:
    return _bound(scope.name, node, node.name)


def _path(node: Path, scope: Scope) -> Type:
    return _bound(scope.field, node, node.alias, node.field)


def _unary(node: Unary, scope: Scope) -> Type:
    if node.operator == "not":
        _boolean(node.operand, scope, "not")
        return BOOLEAN
    return _value(_number(node.operand, scope, node.operator))


def _value(kind: Type, base: Base | None = None) -> Type:
    return kind._replace(base=base or kind.base, optional=False)


def _binary(node: Binary, scope: Scope) -> Type:
    if node.operator == "**":
        return _power((node.left, node.right), scope)
    sides = (node.left, node.right)
    kinds = [_check(side, scope) for side in sides]
    if not all(kind.numeric for kind in kinds):
        text = f"left is {describe(kinds[0])}, right is {describe(kinds[1])}"
        _fail(node, text, f"{node.operator} works on numbers only")
    return _BINARY[node.operator](node.offset, sides, kinds)


_BINARY = {
    **{"+": add, "-": add, "%": add, "*": product},
    **{"/": quotient, "//": whole_quotient},
}


def _power(sides: tuple[Node, ...], scope: Scope) -> Type:
    left = _number(sides[0], scope, "pow")
    _plain(sides[1], scope, "an exponent")
    exponent = _fold(sides[1])
    if exponent is None:
        return _plain_power(sides[0], left)
    whole = left.base == "integer" and exponent == int(exponent) and exponent >= 0
    try:
        return Type("integer" if whole else "number", power(left.dimension, exponent))
    except ValueError as error:
        _fail(sides[1], str(error))


def _plain_power(node: Node, kind: Type) -> Type:
    if kind.dimension:
        text = f"only a plain number has a computed exponent, and this is {describe(kind)}"
        _fail(node, text, code="unit-mismatch")
    return NUMBER


def _fold(node: Node) -> Number | None:
    """The value of a constant exponent."""
    if not is_constant(node):
        return None
    try:
        return evaluator(node)({})
    except EvaluationError as error:
        _fail(node, error.text)


def _compare(node: Compare, scope: Scope) -> Type:
    kinds = [_check(operand, scope) for operand in node.operands]
    for operator, place, left, right in zip(node.operators, node.offsets, kinds, kinds[1:], strict=False):
        _comparable(operator, place, left, right)
    return BOOLEAN


def _comparable(operator: str, place: int, left: Type, right: Type) -> None:
    ordered = left.numeric and right.numeric and same_dimension(left, right)
    if not ordered and (left.numeric or left.base != right.base):
        clash(place, left, right)
    if not ordered and operator not in ("==", "!="):
        _fail(place, f"left is {left.base}, right is {right.base}", f"{operator} compares numbers")


def _logic(node: Logic, scope: Scope) -> Type:
    for operand in node.operands:
        _boolean(operand, scope, node.operator)
    return BOOLEAN


def _choice(node: Choice, scope: Scope) -> Type:
    _boolean(node.test, scope, "if")
    branches = (node.then, node.otherwise)
    return alike(node.otherwise, branches, [_check(branch, scope) for branch in branches])


def _call(node: Call, scope: Scope) -> Type:
    return _CALLS[node.function](node, scope)


def _extreme(node: Call, scope: Scope) -> Type:
    kinds = [_number(one, scope, node.function) for one in node.arguments]
    return alike(node, node.arguments, kinds)


def _to_integer(node: Call, scope: Scope) -> Type:
    return _value(_number(node.arguments[0], scope, node.function), "integer")


def _round(node: Call, scope: Scope) -> Type:
    if len(node.arguments) == 1:
        return _to_integer(node, scope)
    digits = _fold(node.arguments[1]) if is_constant(node.arguments[1]) else None
    if type(digits) is not int or abs(digits) > MAX_PLACES:
        _fail(node.arguments[1], f"round(x, n) needs a plain integer up to {MAX_PLACES} for n")
    return _value(_number(node.arguments[0], scope, "round"))


def _ceildiv(node: Call, scope: Scope) -> Type:
    kinds = [_number(one, scope, "ceildiv") for one in node.arguments]
    return whole_quotient(node.offset, node.arguments, kinds)


def _log2(node: Call, scope: Scope) -> Type:
    _plain(node.arguments[0], scope, "log2")
    return NUMBER


def _has(node: Call, scope: Scope) -> Type:
    _check(node.arguments[0], scope)
    return BOOLEAN


def _length(node: Call, scope: Scope) -> Type:
    kind = _check(node.arguments[0], scope)
    if kind.base != "list":
        _fail(node.arguments[0], f"this is {describe(kind)}", "length counts what is in a list")
    return Type("integer")


def _texts(result: Type) -> Callable[[Call, Scope], Type]:
    def check(node: Call, scope: Scope) -> Type:
        for one in node.arguments:
            if (kind := _check(one, scope)).base != "text":
                _fail(one, f"this is {describe(kind)}", f"{node.function} reads texts")
        return result

    return check


def _default(node: Call, scope: Scope) -> Type:
    kinds = [_value(_check(one, scope)) for one in node.arguments]
    return alike(node.arguments[1], node.arguments, kinds)


_CALLS = {
    **{"min": _extreme, "max": _extreme, "round": _round, "ceildiv": _ceildiv, "log2": _log2},
    **{"ceil": _to_integer, "floor": _to_integer, "has": _has, "default": _default},
    **{"length": _length, "contains": _texts(BOOLEAN), "same": _texts(BOOLEAN)},
    **{"month_of": _texts(INTEGER), "version_of": _texts(INTEGER)},
    "abs": lambda node, scope: _value(_number(node.arguments[0], scope, "abs")),
    "pow": lambda node, scope: _power(node.arguments, scope),
}
_CHECKS: dict[type, Callable[..., Type]] = {
    **{Literal: _literal, Name: _name, Path: _path, Unary: _unary, Binary: _binary},
    **{Compare: _compare, Logic: _logic, Choice: _choice, Call: _call},
}
