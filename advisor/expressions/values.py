"""What an expression may yield, and how a missing value stands in for one."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from fractions import Fraction
from typing import NamedTuple, Protocol

from ..units import Number


class Cause(NamedTuple):
    """The fact that people know as `owner` does not say `field`."""

    owner: str
    field: str


@dataclass(frozen=True, slots=True)
class Unknown:
    """A value that exists and is not known, but for a lower bound where there is one."""

    low: Number | None = None
    causes: frozenset[Cause] = frozenset()


Value = int | Fraction | str | bool | tuple | Unknown


class Fact(Protocol):
    """What an alias stands for. A field that is not among the values is absent."""

    values: Mapping[str, Value]
    label: str


#: What an expression reads: facts by alias, values by name.
Environment = Mapping[str, object]


def normal(value: Value) -> Value:
    """A whole fraction as the integer that it is."""
    if type(value) is Fraction and value.denominator == 1:
        return value.numerator
    return value


def absent(fact: Fact, field: str) -> Unknown:
    return Unknown(None, frozenset((Cause(fact.label, field),)))


def causes_of(values: Iterable[object]) -> frozenset[Cause]:
    """Everything that is missing in any of these values."""
    return frozenset().union(*(v.causes for v in values if type(v) is Unknown))
