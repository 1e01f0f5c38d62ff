"""Which values an expression can have, as far as the kinds and its own form tell."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import NamedTuple

from advisor.authoring.checks.intervals import (
    COUNT,
    NUMBER,
    Range,
    add,
    either,
    largest,
    less,
    multiply,
    negative,
    never_negative,
)
from advisor.expressions import EvaluationError
from advisor.expressions.compile import evaluator
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
    is_constant,
)
from advisor.facts.kinds import Field
from advisor.rules.model import Definition, Rule
from advisor.rules.scope import RuleScope

Values = Range | frozenset  # of texts or truth values
EITHER: frozenset = frozenset((True, False))


class Place(NamedTuple):
    """Where an expression stands: the aliases there, and what the names of the rule may be."""

    scope: RuleScope
    names: Mapping[str, Values | None]


def values(node: Node, place: Place) -> Values | None:
    """None: any value."""
    if is_constant(node):
        return _constant(node)
    return _VALUES[type(node)](node, place)


def names_of(rule: Rule) -> dict[str, Values | None]:
    """What the names that a rule defines may be."""
    names: dict[str, Values | None] = {}
    place = Place(rule.scope, names)
    if rule.each:
        first, last = (_range(values(end.parsed.tree, place)) for end in (rule.each.first, rule.each.last))
        names[rule.each.name] = Range(first.low, last.high)
    for definition in rule.definitions:
        names[definition.name] = _defined(definition, place)
    return names


def _defined(definition: Definition, place: Place) -> Values | None:
    if definition.how == "count":
        return COUNT
    if definition.how == "sum":
        return COUNT if definition.floor_zero else NUMBER
    if definition.how not in ("let", "min", "max") or definition.formula is None:
        return None
    pattern = definition.pattern
    inner = place._replace(scope=place.scope.with_alias(pattern.alias, pattern.kind)) if pattern else place
    return values(definition.formula.parsed.tree, inner)


def _constant(node: Node) -> Values | None:
    try:
        value = node.value if isinstance(node, Literal) else evaluator(node)({})
    except EvaluationError:
        return None
    return frozenset((value,)) if isinstance(value, bool | str) else Range(value, value)


def of_field(field: Field) -> Values | None:
    """What a kind allows of a field."""
    spec = field.spec
    if field.type.base == "boolean":
        return EITHER
    if field.type.base == "text":
        return frozenset((*spec.choices, *spec.also)) if spec.choices else None
    return Range(spec.min, spec.max) if field.type.numeric else None


def _range(found: Values | None) -> Range:
    return found if isinstance(found, Range) else NUMBER


_BINARY: dict[str, Callable[[Range, Range], Range]] = {
    "+": add,
    "-": lambda left, right: add(left, negative(right)),
    "*": multiply,
}


def _binary(node: Binary, place: Place) -> Values:
    sides = [_range(values(each, place)) for each in (node.left, node.right)]
    apply = _BINARY.get(node.operator)
    if apply:
        return apply(*sides)
    divides = node.operator in ("/", "//", "%")
    return COUNT if divides and all(map(never_negative, sides)) else NUMBER


def _unary(node: Unary, place: Place) -> Values | None:
    found = values(node.operand, place)
    if node.operator == "not":
        return _not(_truth(found))
    return negative(_range(found)) if node.operator == "-" else found


def _not(found: frozenset) -> frozenset:
    return frozenset(not each for each in found)


def _truth(found: Values | None) -> frozenset:
    return found if isinstance(found, frozenset) and found <= EITHER else EITHER


def _compare(node: Compare, place: Place) -> frozenset:
    sides = [values(each, place) for each in node.operands]
    found = [_compared(*each) for each in zip(node.operators, sides, sides[1:], strict=False)]
    return _all(found)


def _all(found: list[frozenset]) -> frozenset:
    """A whole that holds where all its parts do."""
    if frozenset((False,)) in found:
        return frozenset((False,))
    return frozenset((True,)) if all(each == {True} for each in found) else EITHER


def _compared(sign: str, left: Values | None, right: Values | None) -> frozenset:
    if sign == "!=":
        return _not(_compared("==", left, right))
    if isinstance(left, frozenset) and isinstance(right, frozenset):
        return _equal(not left & right, left == right and len(left) == 1)
    one, other = _range(left), _range(right)
    if sign == "==":
        never = less(one, other, strict=True) or less(other, one, strict=True)
        return _equal(never, one == other and one.low is not None and one.low == one.high)
    if sign in (">", ">="):
        one, other = other, one
    strict = sign in ("<", ">")
    return _equal(less(other, one, strict=not strict), less(one, other, strict=strict))


def _equal(never: bool, always: bool) -> frozenset:
    return frozenset((always,)) if never or always else EITHER


def _logic(node: Logic, place: Place) -> frozenset:
    found = [_truth(values(each, place)) for each in node.operands]
    return _all(found) if node.operator == "and" else _not(_all([_not(each) for each in found]))


def _choice(node: Choice, place: Place) -> Values | None:
    return _either(*(values(each, place) for each in (node.then, node.otherwise)))


def _either(one: Values | None, other: Values | None) -> Values | None:
    if isinstance(one, Range) and isinstance(other, Range):
        return either(one, other)
    return one | other if isinstance(one, frozenset) and isinstance(other, frozenset) else None


def _path(node: Path, place: Place) -> Values | None:
    return of_field(place.scope.field_of(node.alias, node.field))


def _call(node: Call, place: Place) -> Values | None:
    return _CALLS.get(node.function, lambda node, place: NUMBER)(node, place)


def _has(node: Call, place: Place) -> frozenset:
    path = node.arguments[0]
    return frozenset((True,)) if place.scope.field_of(path.alias, path.field).present else EITHER


def _default(node: Call, place: Place) -> Values | None:
    return _either(*(values(each, place) for each in node.arguments))


def _largest(node: Call, place: Place) -> Range:
    return largest([_range(values(each, place)) for each in node.arguments])


def _smallest(node: Call, place: Place) -> Range:
    return negative(largest([negative(_range(values(each, place))) for each in node.arguments]))


def _kept_sign(node: Call, place: Place) -> Range:
    """Rounding and the like: what is never negative stays so."""
    found = [_range(values(each, place)) for each in node.arguments]
    return COUNT if all(map(never_negative, found)) else NUMBER


_CALLS: dict[str, Callable[[Call, Place], Values | None]] = {
    **{"has": _has, "default": _default, "min": _smallest, "max": _largest},
    **dict.fromkeys(("ceil", "floor", "round", "ceildiv"), _kept_sign),
    **dict.fromkeys(("abs", "length", "month_of", "version_of"), lambda node, place: COUNT),
    **dict.fromkeys(("contains", "same"), lambda node, place: EITHER),
}
_VALUES: dict[type, Callable[..., Values | None]] = {
    **{Path: _path, Unary: _unary, Binary: _binary, Compare: _compare, Logic: _logic},
    **{Choice: _choice, Call: _call},
    Name: lambda node, place: place.names.get(node.name),
}
