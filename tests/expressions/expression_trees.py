"""Random expressions, each with what Python's own operators on fractions make of it."""

from __future__ import annotations

import math
import operator
from collections.abc import Callable, Mapping
from fractions import Fraction
from typing import NamedTuple

from hypothesis import strategies as st

from advisor.expressions import Value
from advisor.units import BYTE, NONE, SECOND, Dimension, divide, multiply, power


class Fact:
    """The least that an alias can stand for."""

    def __init__(self, label: str, **values: Value) -> None:
        self.label = label
        self.values = values


class Expr(NamedTuple):
    source: str
    compute: Callable[[Mapping[str, Fraction]], Fraction | bool]


#: Source text of what an expression may read, by the name that the reference knows it under.
FIELDS = {"a.whole": "whole", "a.part": "part", "a.vague": "vague", "a.gone": "gone", "n": "n", "m": "m"}
PRESENT = ("a.whole", "a.part", "n")


def read(source: str) -> Expr:
    return Expr(source, lambda env: env[FIELDS[source]])


def literal(text: str) -> Expr:
    return Expr(text, lambda env: Fraction(text))


literals = (st.integers(0, 40).map(str) | st.decimals(0, 40, places=2).map(str)).map(literal)
OPERATORS = {
    "+": operator.add,
    "-": operator.sub,
    "*": operator.mul,
    "/": operator.truediv,
    "//": operator.floordiv,
    "%": operator.mod,
}
COMPARISONS = {
    "<": operator.lt,
    "<=": operator.le,
    ">": operator.gt,
    ">=": operator.ge,
    "==": operator.eq,
    "!=": operator.ne,
}
FUNCTIONS = {"ceil": math.ceil, "floor": math.floor, "round": round, "abs": abs}


def binary(sign: str, left: Expr, right: Expr) -> Expr:
    return Expr(
        f"({left.source} {sign} {right.source})",
        lambda env: OPERATORS[sign](left.compute(env), Fraction(right.compute(env))),
    )


def ceildiv(left: Expr, right: Expr) -> Expr:
    return Expr(
        f"ceildiv({left.source}, {right.source})",
        lambda env: math.ceil(left.compute(env) / Fraction(right.compute(env))),
    )


def raised(base: Expr, exponent: int) -> Expr:
    return Expr(f"({base.source} ** {exponent})", lambda env: Fraction(base.compute(env)) ** exponent)


def function(name: str, argument: Expr) -> Expr:
    return Expr(f"{name}({argument.source})", lambda env: FUNCTIONS[name](argument.compute(env)))


def negative(argument: Expr) -> Expr:
    return Expr(f"(-{argument.source})", lambda env: -argument.compute(env))


def extreme(name: str, arguments: list[Expr]) -> Expr:
    find = {"min": min, "max": max}[name]
    return Expr(
        f"{name}({', '.join(a.source for a in arguments)})",
        lambda env: find(a.compute(env) for a in arguments),
    )


def choice(test: Expr, then: Expr, otherwise: Expr) -> Expr:
    return Expr(
        f"({then.source} if {test.source} else {otherwise.source})",
        lambda env: then.compute(env) if test.compute(env) else otherwise.compute(env),
    )


def compare(sign: str, left: Expr, right: Expr) -> Expr:
    return Expr(
        f"({left.source} {sign} {right.source})",
        lambda env: COMPARISONS[sign](left.compute(env), right.compute(env)),
    )


def both(left: Expr, right: Expr) -> Expr:
    return Expr(f"({left.source} and {right.source})", lambda env: left.compute(env) and right.compute(env))


def one(left: Expr, right: Expr) -> Expr:
    return Expr(f"({left.source} or {right.source})", lambda env: left.compute(env) or right.compute(env))


def neither(part: Expr) -> Expr:
    return Expr(f"(not {part.source})", lambda env: not part.compute(env))


def numbers(readable: tuple[str, ...], depth: int = 3) -> st.SearchStrategy[Expr]:
    """Numeric expressions that read some of FIELDS."""
    leaves = literals | st.sampled_from(readable).map(read)
    if not depth:
        return leaves
    part = numbers(readable, depth - 1)
    return st.one_of(
        leaves,
        st.builds(binary, st.sampled_from(sorted(OPERATORS)), part, part),
        st.builds(ceildiv, part, part),
        st.builds(raised, part, st.integers(0, 3)),
        st.builds(function, st.sampled_from(sorted(FUNCTIONS)), part),
        st.builds(negative, part),
        st.builds(extreme, st.sampled_from(("min", "max")), st.lists(part, min_size=2, max_size=3)),
        st.builds(choice, conditions(readable, depth - 1), part, part),
    )


def conditions(readable: tuple[str, ...], depth: int = 3) -> st.SearchStrategy[Expr]:
    """Conditions over the same."""
    part = numbers(readable, max(depth - 1, 0))
    comparison = st.builds(compare, st.sampled_from(sorted(COMPARISONS)), part, part)
    if not depth:
        return comparison
    inner = conditions(readable, depth - 1)
    return st.one_of(
        comparison, st.builds(both, inner, inner), st.builds(one, inner, inner), st.builds(neither, inner)
    )


class Measure(NamedTuple):
    """An expression of a dimension."""

    source: str
    dimension: Dimension


RATE = divide(BYTE, SECOND)
MEASURES = (
    Measure("m.size", BYTE),
    Measure("m.rate", RATE),
    Measure("m.time", SECOND),
    Measure("m.count", NONE),
)


def _times(left: Measure, right: Measure) -> Measure:
    return Measure(f"({left.source} * {right.source})", multiply(left.dimension, right.dimension))


def _over(left: Measure, right: Measure) -> Measure:
    return Measure(f"({left.source} / {right.source})", divide(left.dimension, right.dimension))


def _squared(base: Measure) -> Measure:
    return Measure(f"({base.source} ** 2)", power(base.dimension, 2))


def _combined(shape: str, base: Measure) -> Measure:
    return Measure(shape.format(base.source), base.dimension)


_SHAPES = ("({0} + {0})", "max({0}, 0)", "({0} * 3 - {0})", "({0} if m.count > 2 else {0} / 2)", "-{0}")


def measures(depth: int = 3) -> st.SearchStrategy[Measure]:
    """Well-typed expressions of any dimension that scale with their units (so none that round)."""
    leaves = st.sampled_from(MEASURES)
    if not depth:
        return leaves
    part = measures(depth - 1)
    return st.one_of(
        leaves,
        st.builds(_times, part, part),
        st.builds(_over, part, part),
        st.builds(_squared, measures(0)),
        st.builds(_combined, st.sampled_from(_SHAPES), part),
    )
