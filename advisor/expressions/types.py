"""What an expression yields, found out before it ever runs: its base, its dimension, its unit.

A rule whose bytes meet bytes per second must not load; that is checked here, once per rule.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from typing import Literal as OneOf
from typing import NamedTuple, NoReturn, Protocol

from ..units import NONE, Dimension, did_you_mean, dimension_name, divide, multiply, power
from .errors import EvaluationError, ExpressionError
from .nodes import Binary, Call, Choice, Compare, Literal, Logic, Name, Node, Path, Unary
from .nodes import is_constant

Base = OneOf["integer", "number", "text", "boolean", "list"]
_NUMERIC = ("integer", "number")


class Type(NamedTuple):
    """`unit` is only how it is shown. `optional`: may be absent. `zero`: 0, which fits any dimension."""

    base: Base
    dimension: Dimension = NONE
    unit: str | None = None
    optional: bool = False
    zero: bool = False

    @property
    def numeric(self) -> bool:
        return self.base in _NUMERIC


BOOLEAN = Type("boolean")
TEXT = Type("text")
INTEGER = Type("integer")
NUMBER = Type("number")


class UnboundError(KeyError):
    """A scope does not know a name; the message says what was perhaps meant."""

    def __init__(self, what: str, name: str, known: Iterable[str]) -> None:
        super().__init__(name)
        self.text = f"{what} {name!r}"
        self.hint = did_you_mean(name, known).lstrip("; ") or None


class Scope(Protocol):
    """What can be read at a place. Both raise UnboundError (or any KeyError)."""

    def field(self, alias: str, name: str) -> Type: ...

    def name(self, name: str) -> Type: ...


class TableScope:
    """A scope from two tables: the fields of each alias, and the plain names."""

    def __init__(
        self, aliases: Mapping[str, Mapping[str, Type]], names: Mapping[str, Type] | None = None
    ) -> None:
        self.aliases = aliases
        self.names = names or {}

    def field(self, alias: str, name: str) -> Type:
        fields = self.aliases.get(alias)
        if fields is None:
            raise UnboundError("no fact is bound to", alias, self.aliases)
        if name not in fields:
            raise UnboundError(f"{alias} has no field", name, fields)
        return fields[name]

    def name(self, name: str) -> Type:
        if name not in self.names:
            raise UnboundError("there is no name", name, [*self.names, *self.aliases])
        return self.names[name]


def describe(kind: Type) -> str:
    """For messages: "bytes per second", "plain number", "text"."""
    return dimension_name(kind.dimension) if kind.numeric else kind.base


def mismatch(given: Type, wanted: Type) -> str | None:
    """Why a value of one type cannot stand where the other is wanted; None where it can."""
    if given.numeric != wanted.numeric or (not given.numeric and given.base != wanted.base):
        return f"this is {describe(given)}, wanted is {describe(wanted)}"
    if not _same_dimension(given, wanted):
        return f"this is {describe(given)}, wanted is {describe(wanted)}"
    if wanted.base == "integer" and given.base == "number":
        return "this may be a fraction, wanted is an integer: write ceil(…), floor(…) or ceildiv"
    return None


def check(parsed: "Parsed", scope: Scope) -> Type:
    """The type of an expression, or ExpressionError with the place of the first contradiction."""
    return _check(parsed.tree, scope)


def type_of_node(node: Node, scope: Scope) -> Type:
    """The type of one part of an expression that `check` has accepted."""
    return _check(node, scope)


def _check(node: Node, scope: Scope) -> Type:
    return _CHECKS[type(node)](node, scope)


def _fail(node: Node | int, text: str, hint: str | None = None) -> NoReturn:
    raise ExpressionError(text, node if isinstance(node, int) else node.offset, hint)


def _same_dimension(left: Type, right: Type) -> bool:
    return left.dimension == right.dimension or left.zero or right.zero


def _clash(place: int, left: Type, right: Type) -> NoReturn:
    text = f"left is {describe(left)}, right is {describe(right)}"
    plain = NONE in (left.dimension, right.dimension) and left.numeric and right.numeric
    hint = "give the plain number its unit, as in 2 * GiB" if plain else None
    raise ExpressionError(text, place, hint)


def _number(node: Node, scope: Scope, what: str) -> Type:
    kind = _check(node, scope)
    if not kind.numeric:
        _fail(node, f"{what} needs a number, and this is {describe(kind)}")
    return kind


def _plain(node: Node, scope: Scope, what: str) -> Type:
    kind = _number(node, scope, what)
    if kind.dimension:
        _fail(node, f"{what} needs a plain number, and this is {describe(kind)}")
    return kind


def _boolean(node: Node, scope: Scope, what: str) -> None:
    kind = _check(node, scope)
    if kind.base != "boolean":
        _fail(node, f"{what} needs a condition, and this is {describe(kind)}")


def _joined(nodes: tuple[Node, ...], kinds: list[Type]) -> Type:
    """The type of a value that comes from any of these, or from their sum."""
    dimension = next((k.dimension for k in kinds if not k.zero), kinds[0].dimension)
    base = kinds[0].base if len({k.base for k in kinds}) == 1 else "number"
    return Type(base, dimension, _unit(nodes, kinds), zero=all(k.zero for k in kinds))


def _unit(nodes: tuple[Node, ...], kinds: list[Type]) -> str | None:
    """The display unit that all share; constants have none and follow."""
    units = {kind.unit for node, kind in zip(nodes, kinds, strict=True) if not is_constant(node)}
    return units.pop() if len(units) == 1 else None


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
        raise ExpressionError(text, node.offset, getattr(error, "hint", None)) from None


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


def _sum(place: int, sides: tuple[Node, ...], kinds: list[Type]) -> Type:
    if not _same_dimension(*kinds):
        _clash(place, *kinds)
    return _joined(sides, kinds)


def _product(place: int, sides: tuple[Node, ...], kinds: list[Type]) -> Type:
    left, right = kinds
    dimension = multiply(left.dimension, right.dimension)
    base: Base = "integer" if left.base == right.base == "integer" else "number"
    zero = (left.zero or right.zero) and not dimension
    return Type(base, dimension, _scaled_unit(sides, kinds, dimension), zero=zero)


def _scaled_unit(sides: tuple[Node, ...], kinds: list[Type], result: Dimension) -> str | None:
    """A constant multiple of GB/s is still shown in GB/s."""
    if not any(map(is_constant, sides)) or all(map(is_constant, sides)):
        return None
    kept = kinds[0] if is_constant(sides[1]) else kinds[1]
    return kept.unit if kept.dimension == result else None


def _quotient(place: int, sides: tuple[Node, ...], kinds: list[Type]) -> Type:
    dimension = divide(kinds[0].dimension, kinds[1].dimension)
    unit = _scaled_unit(sides, kinds, dimension) if is_constant(sides[1]) else None
    return Type("number", dimension, unit, zero=kinds[0].zero and not dimension)


def _whole_quotient(place: int, sides: tuple[Node, ...], kinds: list[Type]) -> Type:
    return _quotient(place, sides, kinds)._replace(base="integer")


_BINARY = {
    **{"+": _sum, "-": _sum, "%": _sum, "*": _product},
    **{"/": _quotient, "//": _whole_quotient},
}


def _power(sides: tuple[Node, ...], scope: Scope) -> Type:
    left, right = _number(sides[0], scope, "pow"), _plain(sides[1], scope, "an exponent")
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
        _fail(node, text)
    return NUMBER


def _fold(node: Node) -> "int | Fraction | None":
    """The value of a constant exponent."""
    from .compile import evaluator  # the compiler needs no types, but types need this one value

    if not is_constant(node):
        return None
    try:
        return evaluator(node)({})
    except EvaluationError as error:
        _fail(node, error.text)


def _compare(node: Compare, scope: Scope) -> Type:
    kinds = [_check(operand, scope) for operand in node.operands]
    for operator, place, left, right in zip(
        node.operators, node.offsets, kinds, kinds[1:], strict=False
    ):
        _comparable(operator, place, left, right)
    return BOOLEAN


def _comparable(operator: str, place: int, left: Type, right: Type) -> None:
    alike = left.numeric and right.numeric and _same_dimension(left, right)
    if not alike and (left.numeric or left.base != right.base):
        _clash(place, left, right)
    if not alike and operator not in ("==", "!="):
        _fail(place, f"left is {left.base}, right is {right.base}", f"{operator} compares numbers")


def _logic(node: Logic, scope: Scope) -> Type:
    for operand in node.operands:
        _boolean(operand, scope, node.operator)
    return BOOLEAN


def _choice(node: Choice, scope: Scope) -> Type:
    _boolean(node.test, scope, "if")
    branches = (node.then, node.otherwise)
    return _alike(node.otherwise, branches, [_check(branch, scope) for branch in branches])


def _alike(place: Node, nodes: tuple[Node, ...], kinds: list[Type]) -> Type:
    """One type for a value that is one of several."""
    first = next((kind for kind in kinds if not kind.zero), kinds[0])
    for kind in kinds:
        same = kind.base == first.base or (kind.numeric and first.numeric)
        if not same or not _same_dimension(first, kind):
            _clash(place.offset, *((first, kind) if kind is not kinds[0] else (kind, first)))
    return _joined(nodes, kinds)


def _call(node: Call, scope: Scope) -> Type:
    return _CALLS[node.function](node, scope)


def _extreme(node: Call, scope: Scope) -> Type:
    kinds = [_number(one, scope, node.function) for one in node.arguments]
    return _alike(node, node.arguments, kinds)


def _to_integer(node: Call, scope: Scope) -> Type:
    return _value(_number(node.arguments[0], scope, node.function), "integer")


def _round(node: Call, scope: Scope) -> Type:
    if len(node.arguments) == 1:
        return _to_integer(node, scope)
    digits = _fold(node.arguments[1]) if is_constant(node.arguments[1]) else None
    if type(digits) is not int or abs(digits) > 12:
        _fail(node.arguments[1], "round(x, n) needs a plain integer up to 12 for n")
    return _value(_number(node.arguments[0], scope, "round"))


def _ceildiv(node: Call, scope: Scope) -> Type:
    kinds = [_number(one, scope, "ceildiv") for one in node.arguments]
    return _whole_quotient(node.offset, node.arguments, kinds)


def _log2(node: Call, scope: Scope) -> Type:
    _plain(node.arguments[0], scope, "log2")
    return NUMBER


def _has(node: Call, scope: Scope) -> Type:
    _check(node.arguments[0], scope)
    return BOOLEAN


def _default(node: Call, scope: Scope) -> Type:
    kinds = [_value(_check(one, scope)) for one in node.arguments]
    return _alike(node.arguments[1], node.arguments, kinds)


_CALLS = {
    **{"min": _extreme, "max": _extreme, "round": _round, "ceildiv": _ceildiv, "log2": _log2},
    **{"ceil": _to_integer, "floor": _to_integer, "has": _has, "default": _default},
    "abs": lambda node, scope: _value(_number(node.arguments[0], scope, "abs")),
    "pow": lambda node, scope: _power(node.arguments, scope),
}
_CHECKS: dict[type, Callable[..., Type]] = {
    **{Literal: _literal, Name: _name, Path: _path, Unary: _unary, Binary: _binary},
    **{Compare: _compare, Logic: _logic, Choice: _choice, Call: _call},
}
