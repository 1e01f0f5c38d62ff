"""What operations make of types: which may meet, and what comes of it."""

from __future__ import annotations

from typing import NoReturn

from ..units import NONE, Dimension, divide, multiply
from .errors import ExpressionError
from .nodes import Node, is_constant
from .types import Base, Type, describe, same_dimension


def clash(place: int, left: Type, right: Type) -> NoReturn:
    text = f"left is {describe(left)}, right is {describe(right)}"
    plain = NONE in (left.dimension, right.dimension) and left.numeric and right.numeric
    hint = "give the plain number its unit, as in 2 * GiB" if plain else None
    code = "unit-mismatch" if left.numeric and right.numeric else "expression"
    raise ExpressionError(text, place, hint, code)


def joined(nodes: tuple[Node, ...], kinds: list[Type]) -> Type:
    """The type of a value that comes from any of these, or from their sum."""
    dimension = next((k.dimension for k in kinds if not k.zero), kinds[0].dimension)
    base = kinds[0].base if len({k.base for k in kinds}) == 1 else "number"
    return Type(base, dimension, _unit(nodes, kinds), zero=all(k.zero for k in kinds))


def _unit(nodes: tuple[Node, ...], kinds: list[Type]) -> str | None:
    """The display unit that all share; constants have none and follow."""
    units = {kind.unit for node, kind in zip(nodes, kinds, strict=True) if not is_constant(node)}
    return units.pop() if len(units) == 1 else None


def add(place: int, sides: tuple[Node, ...], kinds: list[Type]) -> Type:
    if not same_dimension(*kinds):
        clash(place, *kinds)
    return joined(sides, kinds)


def product(place: int, sides: tuple[Node, ...], kinds: list[Type]) -> Type:
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


def quotient(place: int, sides: tuple[Node, ...], kinds: list[Type]) -> Type:
    dimension = divide(kinds[0].dimension, kinds[1].dimension)
    unit = _scaled_unit(sides, kinds, dimension) if is_constant(sides[1]) else None
    return Type("number", dimension, unit, zero=kinds[0].zero and not dimension)


def whole_quotient(place: int, sides: tuple[Node, ...], kinds: list[Type]) -> Type:
    return quotient(place, sides, kinds)._replace(base="integer")


def alike(place: Node, nodes: tuple[Node, ...], kinds: list[Type]) -> Type:
    """One type for a value that is one of several."""
    first = next((kind for kind in kinds if not kind.zero), kinds[0])
    for kind in kinds:
        same = kind.base == first.base or (kind.numeric and first.numeric)
        if not same or not same_dimension(first, kind):
            clash(place.offset, *((first, kind) if kind is not kinds[0] else (kind, first)))
    return joined(nodes, kinds)
